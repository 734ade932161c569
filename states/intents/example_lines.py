"""Example sets in the form that `import` writes: one sentence a line, as json.dumps with indent=2.

However large, such a file is read in about the memory that its sentences take; the line of each
follows from its number. A file of any other form is read by annotated_json.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from states.errors import Mistake
from states.intents import annotated_json
from states.intents.annotated_json import MEGABYTE, AnnotatedJson
from states.intents.document import Document
from states.intents.forms import is_simple, tidy
from states.intents.json_lines import Path
from states.intents.row_lines import lines_of
from states.intents.texts import Texts
from states.text import Text, say

_ALIKE = re.compile(rb'(?:    "[^"\\\n]+",\n)*+    "[^"\\\n]+",')
_TOGETHER = 64  # lines that are looked at as one


def open_examples(read: Callable[[], Iterator[bytes]], size: int, place: str) -> Document:
    """A person's example set; `read` gives it piece by piece, `size` is in bytes.

    Mistake if it is not JSON, or too large for its form.
    """
    found = read_lines(read(), place)
    if found is not None:
        return found
    if size > annotated_json.LARGEST:
        raise Mistake(
            say(
                "{place} is larger than {limit} MB and not as `import` writes it, so it is not"
                " read. Make it smaller, or `import` it.",
                place=place,
                limit=annotated_json.LARGEST // MEGABYTE,
            )
        )
    return AnnotatedJson(b"".join(read()), place)


def read_lines(pieces: Iterable[bytes], place: str) -> ExampleLines | None:
    """None for a file of another form, or with anything in it that has to be tidied."""
    document = ExampleLines(place)
    try:
        return document if document.read(pieces) else None
    except (ValueError, StopIteration, RecursionError):
        return None


class ExampleLines(Document):
    """`data`: intent -> sentences."""

    data: dict[str, Texts]

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.data = {}
        self._lines: dict[str, int] = {}

    def line(self, path: Path) -> int:
        intent, *index = path
        return self._lines[str(intent)] + (1 + int(index[0]) if index else 0)

    def warnings(self) -> list[Text]:
        return []

    def read(self, pieces: Iterable[bytes]) -> bool:
        """False, or ValueError or StopIteration, where the form is another."""
        lines = _Lines(pieces)
        line, end = 2, b"  ],"
        if lines.next() != b"{":
            return False
        while end == b"  ],":
            head = lines.next()
            name = _read_text(head[2:-3])
            if not (name and head[:2] == b"  " and head[-3:] == b": [") or name in self.data:
                return False
            texts = _read_texts(lines)
            if texts is None:
                return False
            self.data[name], self._lines[name] = texts, line
            line += len(texts) + 2
            end = lines.next()
        return end == b"  ]" and lines.next() == b"}" and lines.are_over()


class _Lines:
    """Lines, some of which may be put back."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._lines = lines_of(pieces)
        self._back: list[bytes] = []  # the last is the next

    def next(self) -> bytes:
        return self._back.pop() if self._back else next(self._lines)

    def take(self, most: int) -> list[bytes]:
        taken = self._back[: -most - 1 : -1]
        del self._back[-most:]
        return taken + list(islice(self._lines, most - len(taken)))

    def put_back(self, lines: list[bytes]) -> None:
        self._back += reversed(lines)

    def are_over(self) -> bool:
        return not any(self._back) and not any(self._lines)


def _read_texts(lines: _Lines) -> Texts | None:
    """Those of one intent, up to the last."""
    texts = Texts()
    while some := lines.take(_TOGETHER):
        plain = _read_alike(some)
        if plain is not None:
            texts += plain
            continue
        for number, line in enumerate(some, 1):
            is_last = line[-1:] != b","
            text = _read_text(line[4:] if is_last else line[4:-1])
            if text is None or line[:4] != b"    ":
                return None
            texts.append(text)
            if is_last:
                lines.put_back(some[number:])
                return texts
    return None


def _read_alike(lines: list[bytes]) -> list[str] | None:
    """The texts of lines that have no escape and are simple, which are nearly all: many at one
    look. None if any of them is another, or the last of an intent.
    """
    block = b"\n".join(lines)
    if _ALIKE.fullmatch(block) is None:
        return None
    texts = block[5:-2].decode().split('",\n    "')
    is_plain = is_simple("".join(texts)) and all(text.strip() == text for text in texts)
    return texts if is_plain else None


def _read_text(literal: bytes) -> str | None:
    """A JSON string whose text is tidy and without spaces around it; ValueError for no JSON."""
    text = literal[1:-1].decode()
    is_plain = literal[:1] == literal[-1:] == b'"' and '"' not in text and "\\" not in text
    if not (is_plain and is_simple(text)):
        text = json.loads(literal)
        if not isinstance(text, str) or tidy(text) != text:
            return None
    return text if text and text.strip() == text else None
