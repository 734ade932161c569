"""What the check of the data found, for one screen of a terminal, worst first.

The whole of it is data_preparation_summary.json, which this renders.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from agent.views.language import Translate
from agent.views.layout import print_wrapped
from agent.views.screen import Screen, Styled
from agent.views.understood import count_intents
from states.money.estimate import count_epochs
from states.text import dollars, say

MOST = 8  # findings shown
LINES = 3  # of one finding: the first says what it is, the others where
ROWS = 3  # named where the finding quotes none
LONGEST = 320  # characters of a line
QUOTED = 60  # characters of a sentence in it

_QUOTE = re.compile(rf"«([^»]{{{QUOTED},}})»")


def render_data_report(screen: Screen, summary: Mapping[str, Any], translate: Translate) -> None:
    """The size of the data, its price, and the findings; `summary` is the file's content."""
    if "files" in summary:
        for line in (_size, _price):
            print_wrapped(screen, Styled(line(summary, translate)))
    if "estimated_cost_of_questions" in summary:  # not in those of older versions
        print_wrapped(screen, Styled(_price_of_questions(summary, translate)))
    texts = [*summary["errors"], *summary["warnings"]]
    if texts:
        screen.print()
    findings = zip_longest(texts, summary["findings"][: len(texts)])
    for number, (text, finding) in enumerate(findings):
        if number < MOST:
            style = "bold red" if number < len(summary["errors"]) else ""
            rows = finding["rows"] if finding else ()
            print_wrapped(screen, Styled(_shorten(text, rows), style=style), "    ")
    if len(texts) > MOST:
        more = say(
            "… and {count} more finding; {place} has them all.",
            "… and {count} more findings; {place} has them all.",
            count=len(texts) - MOST,
            place=summary["place"] or "`--json`",
        )
        print_wrapped(screen, Styled(translate(more)))
    screen.print()


def _shorten(text: str, rows: Sequence[str]) -> str:
    """The finding as an item of a list, with the first rows where it does not tell them itself."""
    first, *others = text.splitlines()
    if not others and rows and rows[0] not in first:
        others = [f"  - {'; '.join(rows[:ROWS])}{'; …' if len(rows) > ROWS else ''}"]
    lines = [_cut(line) for line in (first, *others[: LINES - 1])]
    if len(others) >= LINES:
        lines.append("  - …")
    return "\n".join([f"- {lines[0]}", *lines[1:]])


def _cut(line: str) -> str:
    """Of a long line the quoted sentences are cut first: the rows are what a person looks for."""
    line = _QUOTE.sub(lambda found: f"«{_cut_at_word(found[1], QUOTED)}»", line)
    return _cut_at_word(line, LONGEST)


def _cut_at_word(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    start = text[: longest - 1]
    return f"{start.rpartition(' ')[0] or start}…"


def _size(summary: Mapping[str, Any], translate: Translate) -> str:
    training, validation = list(summary["files"].values())[:2]
    return translate(
        say(
            "{count} sentence to train on, {validation} to validate, {intents}.",
            "{count} sentences to train on, {validation} to validate, {intents}.",
            count=training["examples"],
            validation=validation["examples"],
            intents=count_intents(len(training["per_intent"])),
        )
    )


def _price(summary: Mapping[str, Any], translate: Translate) -> str:
    """What the training would cost, or that nobody knows."""
    cost = summary["estimated_cost"]
    tokens = say(
        "{model}, {epochs}: {tokens} tokens",
        model=summary["base_model"],
        epochs=count_epochs(summary["epochs"]),
        tokens=summary["estimated_training_tokens"],
    )
    if cost["amount"] is None:
        return translate(say("{tokens}; no price is known.", tokens=tokens))
    return translate(
        say(
            "{tokens}, about {amount} {currency} (list price of {date}).",
            tokens=tokens,
            amount=dollars(cost["amount"]),
            currency=cost["currency"],
            date=cost["date"],
        )
    )


def _price_of_questions(summary: Mapping[str, Any], translate: Translate) -> str:
    """What asking the test cases would cost, of the tuned model and those it is compared with."""
    cost = summary["estimated_cost_of_questions"]
    asked = say(
        "{count} question to be asked (candidates: {candidates}): {tokens} tokens",
        "{count} questions to be asked (candidates: {candidates}): {tokens} tokens",
        count=cost["questions"],
        candidates=len(cost["candidates"]),
        tokens=cost["tokens"],
    )
    if cost["amount"] is None:
        return translate(say("{tokens}; no price is known.", tokens=asked))
    return translate(
        say(
            "{tokens}, about {amount} {currency} (list price of {date}).",
            tokens=asked,
            amount=dollars(cost["amount"]),
            currency=cost["currency"],
            date=cost["date"],
        )
    )
