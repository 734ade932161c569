"""What the check of the data found, for one screen of a terminal, worst first.

The whole of it is data_preparation_summary.json, which this renders.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text as Styled

from agent.views.language import Translate
from agent.views.layout import print_wrapped
from states.text import Rounded, say

MOST = 8  # findings shown
LINES = 2  # of one finding
LONGEST = 160  # characters of a line


def render_data_report(console: Console, summary: Mapping[str, Any], translate: Translate) -> None:
    """The size of the data, its price, and the findings; `summary` is the file's content."""
    if "files" in summary:
        for line in (_size(summary, translate), _price(summary, translate)):
            print_wrapped(console, Styled(line))
    errors = [Styled(text, style="bold red") for text in summary["errors"]]
    warnings = [Styled(text) for text in summary["warnings"]]
    found = [*errors, *warnings]
    if found:
        console.print()
    for text in found[:MOST]:
        print_wrapped(console, _shorten(text), "    ")
    if len(found) > MOST:
        more = say(
            "… and {count} more finding; {place} has them all.",
            "… and {count} more findings; {place} has them all.",
            count=len(found) - MOST,
            place=summary["place"] or "`--json`",
        )
        print_wrapped(console, Styled(translate(more)))
    console.print()


def _shorten(text: Styled) -> Styled:
    lines = [
        line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
        for line in text.plain.splitlines()
    ]
    shown = [*lines[: LINES - 1], f"{lines[LINES - 1]} …"] if len(lines) > LINES else lines
    return Styled("\n".join([f"- {shown[0]}", *shown[1:]]), style=text.style)


def _size(summary: Mapping[str, Any], translate: Translate) -> str:
    training, validation = list(summary["files"].values())[:2]
    return translate(
        say(
            "{training} sentences to train on, {validation} to validate, {intents} intents.",
            training=training["examples"],
            validation=validation["examples"],
            intents=len(training["per_intent"]),
        )
    )


def _price(summary: Mapping[str, Any], translate: Translate) -> str:
    """What the training would cost, or that nobody knows."""
    cost = summary["estimated_cost"]
    tokens = say(
        "{model}, {epochs} epochs: {tokens} tokens",
        model=summary["base_model"],
        epochs=summary["epochs"],
        tokens=summary["estimated_training_tokens"],
    )
    if cost["amount"] is None:
        return translate(say("{tokens}; no price is known.", tokens=tokens))
    return translate(
        say(
            "{tokens}, about {amount} {currency} (list price of {date}).",
            tokens=tokens,
            amount=Rounded(cost["amount"], 2),
            currency=cost["currency"],
            date=cost["date"],
        )
    )
