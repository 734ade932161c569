"""Where everything in a person's JSON file stands: the standard library's parser keeps no lines.

annotated_json.py reads it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from states.intents.forms import tidy

Path = tuple[str | int, ...]  # names and numbers (from 0), from the outside in

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+')


def lines_by_path(text: str) -> Iterator[tuple[Path, int]]:
    """(path, line) of each name of an object and item of a list in valid JSON, in reading order."""
    path: list[str | int] = []
    last = ""
    for mark, line in tokens(text):
        if mark == "," and isinstance(path[-1], int):
            path[-1] += 1
        elif mark in ("]", "}"):
            path.pop()
        elif mark not in (",", ":"):
            if path and isinstance(path[-1], str) and last in ("{", ","):
                path[-1] = tidy(str(json.loads(mark))).strip()
                yield tuple(path), line
            elif path and isinstance(path[-1], int):
                yield tuple(path), line
            if mark in ("[", "{"):
                path.append(0 if mark == "[" else "")
        last = mark


def tokens(text: str) -> Iterator[tuple[str, int]]:
    """(token, line) in reading order."""
    line, counted = 1, 0
    for token in _TOKEN.finditer(text):
        line, counted = line + text.count("\n", counted, token.start()), token.start()
        yield token[0], line
