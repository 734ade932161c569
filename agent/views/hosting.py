"""The deployments of an account, for a terminal. cli/deployments.py calls this."""

from __future__ import annotations

from collections.abc import Sequence

from agent.engine.hosting import HOUR, Hosted
from agent.views.language import Translate
from agent.views.layout import print_table, print_wrapped
from agent.views.screen import Screen, Styled
from agent.views.times import span, until
from states.text import Text, dollars, say

NOTHING = "—"
TITLES = (
    say("deployment"),
    say("project"),
    say("made by"),
    say("SKU"),
    say("age"),
    say("USD so far"),
    say("USD a day"),
    say("model, status"),
)
AGENT, PERSON, NOBODY = say("the agent"), say("a person"), say("nobody's")


def render_hosted(
    screen: Screen, found: Sequence[Hosted], translate: Translate, *, charges_money: bool
) -> None:
    """A table where it fits, else a paragraph for each; what all of them cost; where from."""
    titles = [translate(title) for title in TITLES]
    rows = [_row(one, translate) for one in found]
    if not print_table(screen, titles, rows):
        for row in rows:
            cells = zip(titles[1:], row[1:], strict=True)
            told = "; ".join(f"{title}: {cell.plain}" for title, cell in cells)
            print_wrapped(screen, Styled(f"{row[0].plain}: {told}"))
    for line in _describe(found, charges_money):
        print_wrapped(screen, Styled(translate(line)))


def _row(one: Hosted, translate: Translate) -> list[Styled]:
    made_by = AGENT if one.is_ours else PERSON if one.project else None
    return [
        Styled(one.remote.name),
        Styled(one.project or translate(NOBODY)),
        Styled(NOTHING if made_by is None else translate(made_by)),
        Styled(one.remote.sku or NOTHING),
        Styled(NOTHING if one.hours is None else span(one.hours * HOUR)),
        Styled(_amount(one.usd, translate)),
        Styled(_amount(one.usd_per_day, translate)),
        Styled(f"{one.remote.model}, {one.remote.status}{_end(one, translate)}"),
    ]


def _end(one: Hosted, translate: Translate) -> str:
    """Of a Developer deployment."""
    if one.ends is None:
        return ""
    return ", " + translate(say("ends by itself in {time}", time=until(one.ends)))


def _amount(usd: float | None, translate: Translate) -> str:
    return NOTHING if usd is None else translate(say("{usd}", usd=dollars(usd)))


def _describe(found: Sequence[Hosted], charges_money: bool) -> list[Text]:
    told = [
        say(
            "All of them: {usd} USD a day, as far as their prices are known.",
            usd=dollars(sum(one.usd_per_day or 0 for one in found)),
        )
    ]
    priced = next((one.price for one in found if one.price is not None), None)
    if priced is not None:
        told.append(say("Price of an hour: {source}.", source=priced.source.text))
    if any(one.is_ours for one in found):
        told.append(say("`teardown PROJECT` deletes what the agent has made for a project."))
    if any(not one.is_ours for one in found):
        told.append(say("What a person has made, a person deletes: in the portal."))
    if not charges_money:
        told.append(say("The emulator charges nothing: these are the prices of Azure."))
    return told
