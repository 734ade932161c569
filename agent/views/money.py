"""What things cost, for a terminal: `estimate`. The figures are states/money's."""

from __future__ import annotations

from collections.abc import Iterator

from agent.views.language import Translate
from agent.views.layout import print_wrapped
from agent.views.screen import Screen, Styled
from states.money.estimate import Estimate, QuestionsEstimate
from states.text import Text, dollars, say


def render_estimate(
    screen: Screen, found: Estimate, translate: Translate, *, charges_money: bool
) -> None:
    """A line for each thing that is paid for, with the source of its price."""
    for line in _describe(found):
        print_wrapped(screen, Styled(translate(line)))
    if not charges_money:
        free = say("The emulator charges nothing: these are the prices of Azure.")
        print_wrapped(screen, Styled(translate(free)))


def _describe(found: Estimate) -> Iterator[Text]:
    yield found.training.text
    for one in found.questions:
        yield _describe_questions(one)
    yield found.hosting.text


def _describe_questions(one: QuestionsEstimate) -> Text:
    asked = say(
        "questions to {candidate}: {count}, {tokens} tokens",
        candidate=one.candidate,
        count=one.questions,
        tokens=one.tokens,
    )
    if one.usd is None or one.price is None:
        return say("{asked}; no price is known", asked=asked)
    return say(
        "{asked}, about {usd} USD ({input} and {output} USD a million: {source})",
        asked=asked,
        usd=dollars(one.usd),
        input=dollars(one.price.input_usd),
        output=dollars(one.price.output_usd),
        source=one.price.source.text,
    )
