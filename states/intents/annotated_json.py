"""A person's JSON file, tidied, and read with the line of everything in it.

All its mistakes are refused at once, each with its line; what nobody could see in it is told.
examples.py and cases.py read with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from states.errors import Mistake
from states.foreign import hidden_in
from states.intents.document import SHOWN, Document
from states.intents.forms import tidy
from states.intents.json_lines import Path, lines_by_path, tokens
from states.text import Text, say

MEGABYTE = 1_000_000  # bytes
LARGEST = 5 * MEGABYTE  # bytes: with the line of everything in it that takes 0.4 GB of memory

_HALF_A_PAIR = re.compile("[\ud800-\udfff]")
# Python's own words, so that they can be searched for; it has no others that a person would meet.
_SYNTAX = (
    say("Expecting value"),
    say("Expecting ',' delimiter"),
    say("Expecting ':' delimiter"),
    say("Expecting property name enclosed in double quotes"),
    say("Illegal trailing comma before end of array"),
    say("Illegal trailing comma before end of object"),
    say("Extra data"),
    say("Unterminated string starting at"),
    say("Invalid control character at"),
    say("Invalid \\escape"),
    say("Invalid \\uXXXX escape"),
)


class AnnotatedJson(Document):
    """`data` is what the file says, every string and name in it tidied and stripped.

    Mistake, with the line, if it is not JSON at all.
    """

    def __init__(self, content: bytes, place: str) -> None:
        super().__init__(place)
        text = _decode_utf8(content, place)
        self._hidden: list[tuple[Path, str]] = []
        self._lines: dict[Path, int] = {}
        try:
            data = _parse(text, place)
            self._find_lines(text)
            self.data = self._tidy(data, ())
        except RecursionError as error:
            raise Mistake(say("{place} is nested too deeply to be read.", place=place)) from error

    def _find_lines(self, text: str) -> None:
        for path, line in lines_by_path(text):
            first = self._lines.get(path)
            # The last one, as json does: it silently keeps the second of two equal names.
            self._lines[path] = line
            if first is not None and isinstance(path[-1], str):
                self.add_mistake(
                    path,
                    say(
                        "the name {key} stands in line {first} already: join the two",
                        key=repr(path[-1]),
                        first=first,
                    ),
                )

    def _tidy(self, value: Any, path: Path) -> Any:
        if isinstance(value, str):
            return self._tidy_text(value, path)
        if isinstance(value, list):
            return [self._tidy(item, (*path, index)) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        tidied = {}
        for key, item in value.items():
            below = (*path, _tidy_name(key))
            tidied[self._tidy_text(key, below)] = self._tidy(item, below)
        return tidied

    def _tidy_text(self, text: str, path: Path) -> str:
        if has_half_a_pair(text):
            problem = say(
                "{sentence} has a broken character (half of a surrogate pair)", sentence=repr(text)
            )
            self.add_mistake(path, problem)
        elif unseen := hidden_in(text):
            self._hidden.append((path, unseen))
        return _tidy_name(text)

    def line(self, path: Path) -> int:
        return self._lines.get(path, 1)

    def warnings(self) -> list[Text]:
        """Which characters that nobody sees stood where, and were left out."""
        found = sorted((self.line(path), unseen) for path, unseen in self._hidden)
        return describe_hidden(self.place, found)


def describe_hidden(place: str, found: Sequence[tuple[int, str]]) -> list[Text]:
    """One warning for each (line, characters), and no more than are read."""
    told = [
        say(
            "{place}, line {line}: {characters} cannot be seen and is left out.",
            place=place,
            line=line,
            characters=characters,
        )
        for line, characters in found[:SHOWN]
    ]
    if len(found) > SHOWN:
        told.append(
            say(
                "{place}: characters that cannot be seen are left out in {count} more place.",
                "{place}: characters that cannot be seen are left out in {count} more places.",
                place=place,
                count=len(found) - SHOWN,
            )
        )
    return told


def has_half_a_pair(text: str) -> bool:
    """Such a string can stand in JSON, but in no file."""
    return not text.isascii() and _HALF_A_PAIR.search(text) is not None


def _tidy_name(text: str) -> str:
    return tidy(text).strip()


def _decode_utf8(content: bytes, place: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Mistake(
            say(
                "{place}, line {line}: this is not UTF-8 text. Save the file as UTF-8.",
                place=place,
                line=line,
            )
        ) from error
    if not text.strip():
        raise Mistake(say("{place} is empty.", place=place))
    return text


def _parse(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Mistake(
            say(
                "{place}, line {line}, column {column}: not valid JSON ({problem}).",
                place=place,
                line=error.lineno,
                column=error.colno,
                problem=_describe_with_hint(error),
            )
        ) from error
    except ValueError as error:  # Python reads no number of thousands of digits
        line = next(line for mark, line in tokens(text) if mark[0] != '"' and len(mark) > 4000)
        raise Mistake(
            say(
                "{place}, line {line}: a number of so many digits cannot be read.",
                place=place,
                line=line,
            )
        ) from error


def describe_syntax_error(error: json.JSONDecodeError) -> Text | str:
    """What is wrong, for the {problem} of a message."""
    return next((known for known in _SYNTAX if known.template == error.msg), error.msg)


def _describe_with_hint(error: json.JSONDecodeError) -> Text | str:
    """The parser notices what is missing only at what follows.

    Where that begins its line, the mistake is at the end of the line before.
    """
    before = error.doc[: error.pos].rstrip()
    line = before.count("\n") + 1
    if not before or line == error.lineno:
        return describe_syntax_error(error)
    problem = describe_syntax_error(error)
    return say("{problem}; look at the end of line {line} first", problem=problem, line=line)
