"""JSON: `{intent: [sentence, …]}`, columns, or a list of records or pairs; read item by item.

reading.py calls `read`. The text of the file is in memory, so it has a bound; what it says is not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agent.formats.cells import check_record
from agent.formats.encoding import Survey, survey
from agent.formats.files import Document
from agent.formats.json_lines import not_json
from agent.formats.refusal import listed, refusal, refusal_of_file
from agent.formats.roles import fits
from agent.formats.structured import understand
from states.errors import SettingsError
from states.intents.records import Columns, Record, Source, Table
from states.text import say

MIB = 1 << 20
LARGEST = 64 * MIB
_SPACE = re.compile(r"[ \t\r\n]*")


def read(document: Document, columns: Columns) -> Table:
    source = Source(document.name)
    if document.size > LARGEST:
        problem = say(
            "JSON of more than {limit} MiB is not read: save it as JSONL or CSV, which have no"
            " limit",
            limit=LARGEST // MIB,
        )
        raise refusal_of_file(source, problem)
    seen = survey(document, LARGEST)
    details = {"encoding": seen.name}
    walk = _Walk(_text(seen), source)
    if walk.next_mark() != "{":
        return understand(_Items(seen, source), columns, source, "JSON", details)
    names = _names_of_lists(seen, source)
    if len(names) > 1 and fits(names, columns, source):
        return understand(_Columns(seen, source), columns, source, "JSON", details)
    if next(iter(_Records(seen, source)), None) is None:
        raise refusal_of_file(source, say("no row has a sentence: fill it"))
    return Table(source, "JSON", _Records(seen, source), details=details)


def _text(seen: Survey) -> str:
    with seen.open() as file:
        return file.read()


@dataclass(frozen=True)
class _Items:
    """The items of a list."""

    seen: Survey
    source: Source

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        walk = _Walk(_text(self.seen), self.source)
        yield from walk.items()
        walk.end()


def _names_of_lists(seen: Survey, source: Source) -> list[str]:
    """The names in an object, if each stands before a list; else none."""
    walk, names = _Walk(_text(seen), source), []
    try:
        for _, name in walk.names():
            if walk.next_mark() != "[":
                return []
            names.append(name)
            for _ in walk.items():
                pass
    except SettingsError:  # told with its line by whoever reads the sentences
        return []
    return names


@dataclass(frozen=True)
class _Columns:
    """The rows of an object of columns: {"text": [sentence, …], "intent": [intent, …]}."""

    seen: Survey
    source: Source

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        walk = _Walk(_text(self.seen), self.source)
        table: dict[str, list[tuple[int, Any]]] = {}
        for line, name in walk.names():
            table[name] = list(walk.items())
            if len(table[name]) != len(next(iter(table.values()))):
                problem = say(
                    "column {name} is not as long as the first one: each must have a value for"
                    " each row",
                    name=listed([name]),
                )
                raise refusal(self.source, line, problem)
        walk.end()
        for row in zip(*table.values(), strict=True):
            values = dict(zip(table, (value for _, value in row), strict=True))
            yield row[0][0], values


@dataclass(frozen=True)
class _Records:
    """The sentences of an object of lists. A name that comes twice is one intent."""

    seen: Survey
    source: Source

    def __iter__(self) -> Iterator[Record]:
        walk = _Walk(_text(self.seen), self.source)
        for line, intent in walk.names():
            if walk.next_mark() != "[":
                problem = say(
                    "{intent} must be a list of sentences, as in {{intent: [sentence, …]}}",
                    intent=listed([intent]),
                )
                raise refusal(self.source, line, problem)
            for row, sentence in walk.items():
                if not isinstance(sentence, str):
                    problem = say(
                        "a sentence of {intent} is not text. Expected {{intent: [sentence, …]}}, or"
                        ' a list of records [{{"text": …, "intent": …}}, …] alone in the file',
                        intent=listed([intent]),
                    )
                    raise refusal(self.source, row, problem)
                yield check_record(Record(sentence, intent, row), self.source)
        walk.end()


class _Walk:
    """Goes through a JSON text, a value at a time, and knows the line of each."""

    def __init__(self, text: str, source: Source) -> None:
        self.text, self.source = text, source
        self.at = 0
        self._line, self._counted = 1, 0
        self._decode = json.JSONDecoder().raw_decode

    def next_mark(self) -> str:
        """The next character that is no space; empty at the end."""
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space else self.at
        return self.text[self.at : self.at + 1]

    def items(self) -> Iterator[tuple[int, Any]]:
        """(line, value) of each item of the list that is next."""
        yield from ((line, self._value()) for line in self._members("[", "]"))

    def names(self) -> Iterator[tuple[int, str]]:
        """(line, name) of each value of the object that is next. Whoever asks takes the value."""
        for line in self._members("{", "}"):
            name = self._value()
            if not isinstance(name, str):
                self._refuse("Expecting property name enclosed in double quotes")
            self._take(":", "Expecting ':' delimiter")
            yield line, name

    def end(self) -> None:
        if self.next_mark():
            self._refuse("Extra data")

    def _members(self, opening: str, closing: str) -> Iterator[int]:
        self._take(opening, "Expecting value")
        if self.next_mark() == closing:
            self.at += 1
            return
        while True:
            self.next_mark()
            yield self._line_here()
            if self.next_mark() == closing:
                self.at += 1
                return
            self._take(",", "Expecting ',' delimiter")

    def _value(self) -> Any:
        self.next_mark()
        try:
            value, self.at = self._decode(self.text, self.at)
        except json.JSONDecodeError as error:
            raise not_json(self.source, error.lineno, error) from error
        except (ValueError, RecursionError) as error:
            raise not_json(self.source, self._line_here(), error) from error
        return value

    def _take(self, mark: str, complaint: str) -> None:
        if self.next_mark() != mark:
            self._refuse(complaint)
        self.at += 1

    def _refuse(self, complaint: str) -> None:
        error = json.JSONDecodeError(complaint, self.text, self.at)
        raise not_json(self.source, error.lineno, error)

    def _line_here(self) -> int:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line
