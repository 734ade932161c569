"""The base models that can be trained, for a terminal: `models` shows what offers.py found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.views.language import Translate
from agent.views.layout import print_wrapped
from agent.views.screen import Screen, Styled
from states.bases.lifetime import Lifetime, days_left
from states.bases.table import skus_of, training_types_of
from states.money.offers import Offer
from states.text import Text, dollars, say


def render_models(
    screen: Screen, offers: Sequence[Offer], source: Text, translate: Translate, now: float
) -> None:
    """A paragraph for each that can be trained, then a line for each that cannot."""
    print_wrapped(screen, Styled(translate(source), style="dim"))
    for one in offers:
        if one.why_not is None:
            _print_offer(screen, one, translate, now)
    others = [(one.name, one.why_not) for one in offers if one.why_not is not None]
    if others:
        screen.print()
        print_wrapped(screen, Styled(translate(say("Not trained by this program here:"))))
    for name, why_not in others:
        print_wrapped(screen, Styled(f"  {name}: {translate(why_not)}"), "    ")


def _print_offer(screen: Screen, one: Offer, translate: Translate, now: float) -> None:
    screen.print()
    known = one.lifetime is not None and one.lifetime.lifecycle
    screen.print(Styled.join(Styled(one.name, "bold"), f"  {known}" if known else ""))
    if one.recommended is not None:
        text = say("recommended: {reason}", reason=one.recommended)
        print_wrapped(screen, Styled(f"  {translate(text)}", style="green"), "    ")
    for line in _describe(one, now):
        print_wrapped(screen, Styled(f"  {translate(line)}"), "    ")


def _describe(one: Offer, now: float) -> Iterator[Text]:
    if not one.entry:
        yield say("the service trains it; this program's catalogue does not know it")
    else:
        yield say(
            "by examples ({methods}); trained as {types}; deployed as {skus}",
            methods=", ".join(one.entry["methods"]),
            types=", ".join(training_types_of(one.entry)),
            skus=", ".join(skus_of(one.entry)),
        )
    if one.is_doubted:
        yield say("unverified: the service's list denies it, as it does of open weights it trains")
    if one.price is None:
        yield say("no price is known")
    else:
        yield say(
            "{usd} USD a million tokens ({source})",
            usd=dollars(one.price.usd),
            source=one.price.source.text,
        )
    yield from _describe_ends(one.lifetime, now)


def _describe_ends(found: Lifetime | None, now: float) -> Iterator[Text]:
    ends = [found.training_ends, found.deployment_ends] if found else [None, None]
    days = [days_left(end, now) for end in ends]
    if found is None or days == [None, None]:
        yield say("nobody says until when")
        return
    training, deployment = (
        say("?")
        if left is None
        else say("{date}, {count} day", "{date}, {count} days", date=str(end), count=left)
        for end, left in zip(ends, days, strict=True)
    )
    yield say(
        "trained until {training}; deployed until {deployment} ({source})",
        training=training,
        deployment=deployment,
        source=found.source_text,
    )
