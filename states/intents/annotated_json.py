"""A person's JSON file, read with the line of everything in it.

All its mistakes are refused at once, each with its line. examples.py and cases.py read with it. The
standard library's parser keeps no positions, hence `_lines_by_path`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from states.errors import Permanent
from states.text import Text, say

Path = tuple[str | int, ...]  # names and numbers (from 0), from the outside in
SHOWN = 10  # mistakes: more at once are not read

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+')
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


class AnnotatedJson:
    """`data` is what the file says. Permanent, with the line, if it is not JSON at all."""

    def __init__(self, content: bytes, place: str) -> None:
        self.place = place
        text = _decode_utf8(content, place)
        self.data = _parse(text, place)
        self._mistakes: list[tuple[int, Text]] = []
        self._lines: dict[Path, int] = {}
        for path, line in _lines_by_path(text):
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

    def line(self, path: Path) -> int:
        return self._lines.get(path, 1)

    def add_mistake(self, path: Path, problem: Text) -> None:
        """`problem` is a mistake at `path`."""
        self._mistakes.append((self.line(path), problem))

    def refuse_mistakes(self) -> None:
        """Permanent, with every mistake so far and its line; nothing if there was none."""
        found = sorted(self._mistakes, key=lambda mistake: mistake[0])
        if len(found) == 1:
            [(line, problem)] = found
            raise Permanent(
                say(
                    "{place}, line {line}: {problem}. Mend it and `retry`.",
                    place=self.place,
                    line=line,
                    problem=problem,
                )
            )
        if found:
            told = [
                say("line {line}: {problem}", line=line, problem=problem)
                for line, problem in found[:SHOWN]
            ]
            if len(found) > SHOWN:
                told.append(say("and {count} more", count=len(found) - SHOWN))
            raise Permanent(
                say(
                    "{place} has {count} mistake. Mend it and `retry`.\n{mistakes}",
                    "{place} has {count} mistakes. Mend them and `retry`.\n{mistakes}",
                    place=self.place,
                    count=len(found),
                    mistakes=tuple(told),
                )
            )


def _decode_utf8(content: bytes, place: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Permanent(
            say(
                "{place}, line {line}: this is not UTF-8 text. Save the file as UTF-8 and `retry`.",
                place=place,
                line=line,
            )
        ) from error
    if not text.strip():
        raise Permanent(
            say(
                "{place} is empty. Fill it (or delete it, to start from the example set) and"
                " `retry`.",
                place=place,
            )
        )
    return text


def _parse(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Permanent(
            say(
                "{place}, line {line}, column {column}: not valid JSON ({problem}). Mend it and"
                " `retry`.",
                place=place,
                line=error.lineno,
                column=error.colno,
                problem=_describe_with_hint(error),
            )
        ) from error
    except RecursionError as error:
        raise Permanent(
            say("{place}: nested too deeply to be an example set.", place=place)
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


def _lines_by_path(text: str) -> Iterator[tuple[Path, int]]:
    """(path, line) of each name of an object and item of a list in valid JSON, in reading order."""
    path: list[str | int] = []
    line, counted, last = 1, 0, ""
    for token in _TOKEN.finditer(text):
        line, counted = line + text.count("\n", counted, token.start()), token.start()
        mark = token[0]
        if mark == "," and isinstance(path[-1], int):
            path[-1] += 1
        elif mark in ("]", "}"):
            path.pop()
        elif mark not in (",", ":"):
            if path and isinstance(path[-1], str) and last in ("{", ","):
                path[-1] = str(json.loads(mark))
                yield tuple(path), line
            elif path and isinstance(path[-1], int):
                yield tuple(path), line
            if mark in ("[", "{"):
                path.append(0 if mark == "[" else "")
        last = mark
