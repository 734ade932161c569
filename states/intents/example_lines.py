"""Example sets in the form that `import` writes: one sentence a line, as json.dumps with indent=2.

However large, such a file is read in about the memory that its sentences take; the line of each
follows from its number. A file of any other form is read by annotated_json.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator

from states.errors import Mistake
from states.intents import annotated_json
from states.intents.annotated_json import MEGABYTE, AnnotatedJson
from states.intents.document import Document
from states.intents.forms import is_simple, tidy
from states.intents.json_lines import Path
from states.intents.row_lines import lines_of
from states.intents.texts import Texts
from states.text import Text, say


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
        return document if document.read(lines_of(pieces)) else None
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

    def read(self, lines: Iterator[bytes]) -> bool:
        """False, or ValueError or StopIteration, where the form is another."""
        line, end = 2, b"  ],"
        if next(lines) != b"{":
            return False
        while end == b"  ],":
            head = next(lines)
            name = _read_text(head[2:-3])
            if not (name and head[:2] == b"  " and head[-3:] == b": [") or name in self.data:
                return False
            texts = _read_texts(lines)
            if texts is None:
                return False
            self.data[name], self._lines[name] = texts, line
            line += len(texts) + 2
            end = next(lines)
        return end == b"  ]" and next(lines) == b"}" and not any(lines)


def _read_texts(lines: Iterator[bytes]) -> Texts | None:
    """Those of one intent, up to the last."""
    texts = Texts()
    for line in lines:
        is_last = line[-1:] != b","
        text = _read_text(line[4:] if is_last else line[4:-1])
        if text is None or line[:4] != b"    ":
            return None
        texts.append(text)
        if is_last:
            return texts
    return None


def _read_text(literal: bytes) -> str | None:
    """A JSON string whose text is tidy and without spaces around it; ValueError for no JSON."""
    text = literal[1:-1].decode()
    is_plain = literal[:1] == literal[-1:] == b'"' and '"' not in text and "\\" not in text
    if not (is_plain and is_simple(text)):
        text = json.loads(literal)
        if not isinstance(text, str) or tidy(text) != text:
            return None
    return text if text and text.strip() == text else None
