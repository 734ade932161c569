"""Gathers the rows of a person's files into one example set, and finds what is wrong with them.

`new`, `import` and `check` call it before anything is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from states.intents.annotated_json import has_half_a_pair
from states.intents.example_set import ROWS, Choices, ExampleSet, Group
from states.intents.findings import Tally
from states.intents.forms import tidy
from states.intents.records import Record, Source, Table
from states.intents.set_rules import check_set
from states.text import Text, say

LONGEST_SENTENCE = 100_000  # characters; a model takes no more tokens than that
LONGEST_NAME = 200


def gather(
    tables: Iterable[Table],
    choices: Choices,
    tick: Callable[[], None] = lambda: None,
) -> ExampleSet:
    """The example set of all tables, after what the person chose. `tick` is called for each row.

    Mistakes are findings: `refuse_mistakes` raises them.
    """
    found = ExampleSet()
    _Reading(found, tick).read(tables)
    check_set(found, choices)
    return found


class _Reading:
    """Rows into groups, tidied. A mistake of a row is a finding with its place."""

    def __init__(self, found: ExampleSet, tick: Callable[[], None]) -> None:
        self._found, self._tick = found, tick
        self._names: dict[str, str] = {}
        self._mistakes = Tally()

    def read(self, tables: Iterable[Table]) -> None:
        for number, table in enumerate(tables):
            self._found.sources.append(table.source)
            count = 0
            for record in table.records:
                count += 1
                self._tick()
                self._add(record, table.source, number * ROWS + record.row)
            self._found.rows.append(count)
        self._found.findings += self._mistakes.findings()

    def _add(self, record: Record, source: Source, place: int) -> None:
        text, intent = tidy(record.text).strip(), self._names.get(record.intent)
        if intent is None:
            intent = self._names[record.intent] = tidy(record.intent).strip()
        problem = _find_problem(record, text, intent)
        if problem is not None:
            self._mistakes.add(problem, source.where(record.row))
            return
        group = self._found.groups.get(intent)
        if group is None:
            group = self._found.groups[intent] = Group()
        group.add(text, place)


_NO_TEXT = say("there is no sentence")
_NO_INTENT = say("there is no intent")
_BROKEN = say("there is a broken character (half of a surrogate pair)")
_LONG = say("the sentence is longer than {count} characters", count=LONGEST_SENTENCE)
_LONG_NAME = say("the intent's name is longer than {count} characters", count=LONGEST_NAME)


def _find_problem(record: Record, text: str, intent: str) -> Text | None:
    if not text:
        return _NO_TEXT
    if not intent:
        return _NO_INTENT
    if len(text) > LONGEST_SENTENCE:
        return _LONG
    if len(intent) > LONGEST_NAME:
        return _LONG_NAME
    if (not record.text.isascii() and has_half_a_pair(record.text)) or has_half_a_pair(
        record.intent
    ):
        return _BROKEN
    return None
