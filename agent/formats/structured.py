"""What JSON and JSONL have in common: items, each a record, a row or a conversation.

json_file.py and json_lines.py call `understand` with the items and the line of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from agent.formats.cells import check_record
from agent.formats.chat import read_conversation
from agent.formats.refusal import refusal, refusal_of_file
from agent.formats.roles import Chosen, choose, fits
from agent.formats.values import as_text
from states.errors import SettingsError
from states.intents.records import Columns, Record, Source, Table
from states.text import say

Items = Iterable[tuple[int, Any]]  # line, value; can be iterated again
_Pick = Callable[[int, Any], Record]
_FIRST = 1_000  # items whose names are looked at: not every record has every one


@dataclass(frozen=True)
class _Records:
    """`above`: how many items come before the data."""

    items: Items
    source: Source
    pick: _Pick
    above: int = 0

    def __iter__(self) -> Iterator[Record]:
        for line, value in islice(self.items, self.above, None):
            yield check_record(self.pick(line, value), self.source)


def understand(
    items: Items, columns: Columns, source: Source, name: str, details: Mapping[str, str]
) -> Table:
    """`name`: of the format. SettingsError for items that are nothing of the kind."""
    line, first = next(iter(items), (0, None))
    if not line:
        raise refusal_of_file(source, say("no row has a sentence: fill it"))
    if isinstance(first, dict) and "messages" in first:
        return _conversations(items, source, f"chat {name}", details)
    if isinstance(first, dict):
        return _mappings(items, columns, source, name, details)
    if isinstance(first, list):
        return _lists(items, columns, source, name, details)
    raise unlike(source, line)


def unlike(source: Source, line: int) -> SettingsError:
    problem = say(
        'this is neither a record {{"text": …, "intent": …}}, nor a pair [text, intent], nor a'
        " conversation with messages: write one of them, the same throughout"
    )
    return refusal(source, line, problem)


def _conversations(items: Items, source: Source, name: str, details: Mapping[str, str]) -> Table:
    line, first = next(iter(items))
    system = read_conversation(first, line, source).system

    def pick(row: int, value: Any) -> Record:
        spoken = read_conversation(value, row, source)
        if spoken.system != system:
            problem = say(
                "its system prompt is not that of line {line}, and a project has one: make them the"
                " same, or leave them all out",
                line=line,
            )
            raise refusal(source, row, problem)
        return Record(spoken.user, spoken.assistant, row)

    taken = {"text": "user", "intent": "assistant"}
    records = _Records(items, source, pick)
    return Table(source, name, records, taken, (), details, system)


def _mappings(
    items: Items, columns: Columns, source: Source, name: str, details: Mapping[str, str]
) -> Table:
    names: dict[str, None] = {}
    for _, value in islice(items, _FIRST):
        names.update(dict.fromkeys(value if isinstance(value, dict) else ()))
    chosen = replace(choose(tuple(names), columns, source), has_header=True)
    keys = [None if at is None else chosen.names[at] for at in _taken(chosen)]

    def pick(row: int, value: Any) -> Record:
        if not isinstance(value, dict) or "messages" in value:
            raise unlike(source, row)
        text, intent, kind, key = (
            "" if key is None else _cell(value.get(key), row, source) for key in keys
        )
        return Record(text, intent, row, kind, key, value.get(keys[1], "") is None)

    records = _Records(items, source, pick)
    return Table(source, name, records, chosen.columns(), chosen.ignored(), details)


def _lists(
    items: Items, columns: Columns, source: Source, name: str, details: Mapping[str, str]
) -> Table:
    """Sentence first, intent second, unless a person or a first item says otherwise."""
    _, first = next(iter(items))
    names = [as_text(value) or "" for value in first]
    if not fits(names, columns, source):
        columns = replace(columns, text=columns.text or "1", intent=columns.intent or "2")
    chosen = choose(names, columns, source)

    def pick(row: int, value: Any) -> Record:
        if not isinstance(value, list):
            raise unlike(source, row)
        if len(value) > len(names):
            problem = say(
                "{count} values, where the first item has {width}: write as many in each",
                count=len(value),
                width=len(names),
            )
            raise refusal(source, row, problem)
        text, intent, kind, key = (
            _cell(value[at], row, source) if at is not None and at < len(value) else ""
            for at in _taken(chosen)
        )
        is_null = chosen.intent < len(value) and value[chosen.intent] is None
        return Record(text, intent, row, kind, key, is_null)

    records = _Records(items, source, pick, 1 if chosen.has_header else 0)
    return Table(source, name, records, chosen.columns(), chosen.ignored(), details)


def _taken(chosen: Chosen) -> Sequence[int | None]:
    return (chosen.text, chosen.intent, chosen.kind, chosen.id)


def _cell(value: Any, row: int, source: Source) -> str:
    text = as_text(value)
    if text is None:
        problem = say("a sentence or an intent is a list or an object: put text there")
        raise refusal(source, row, problem)
    return text
