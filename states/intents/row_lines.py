"""The rows of a JSONL file, line by line, in a few MB of memory however large the file is.

Nearly all rows of a file differ in the sentence alone: what stands around it is read once, as a
`Shape`. A row of any other form goes through dataset.py, and so does every mistake. build_prompts
writes with this; split_data and check_data read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from json.encoder import encode_basestring as quote
from typing import cast

from states.intents.dataset import LINE_ENDS, Message, Row, decode_line, encode
from states.intents.forms import is_simple, tidy

_LITERAL = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')
# What stands before the intent, and behind it.
_ANSWER, _END = b'}, {"role": "assistant", "content": ', b"}]}"
_REST = re.compile(
    rb'^("[^"\\\n]+")(' + re.escape(_ANSWER) + rb'"[^"\\\n]+"' + re.escape(_END) + rb")$",
    re.MULTILINE,
)
_TOGETHER = 64  # lines that are looked at as one
_LINE_END = re.compile("[\x85\u2028\u2029]")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Shape:
    """What stands around the sentence in a line. Head and tail are empty where a row is of a form
    of its own: then the whole line counts as the literal.
    """

    head: bytes
    tail: bytes
    intent: str
    others: tuple[Message, ...] = field(compare=False)  # all but that of the sentence
    hidden: str = field(default="", compare=False)  # as Row.hidden


ReadRow = tuple[int, Shape, str, bytes]  # line from 1, shape, sentence, literal of the sentence


def shape_of(instruction: str, intent: str) -> Shape:
    """That of our own rows."""
    system = Message("system", instruction)
    messages = b'{"messages": [{"role": "system", "content": '
    head = messages + literal_of(instruction) + b'}, {"role": "user", "content": '
    return with_intent(Shape(head, b"", "", (system,)), intent)


def with_intent(shape: Shape, intent: str) -> Shape:
    """The shape of a row of our own with the same instruction."""
    tail = _ANSWER + literal_of(intent) + _END + b"\n"
    return Shape(shape.head, tail, intent, (shape.others[0], Message("assistant", intent)))


def literal_of(text: str) -> bytes:
    """The JSON string of a text as it stands in a line."""
    quoted = quote(text)
    if not text.isascii() and _LINE_END.search(quoted):
        quoted = quoted.translate(LINE_ENDS)
    return quoted.encode()


def lines_of(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a file that comes in pieces, without their ends."""
    held: list[bytes] = []
    for piece in pieces:
        first, *rest = piece.split(b"\n")
        held.append(first)
        if rest:
            yield b"".join(held)
            held = [rest.pop()]
            yield from rest
    yield b"".join(held)


class RowLines:
    """Every row of a file, tidied: `shape.head + literal + shape.tail` is its line as `encode`
    writes it. It is read once, while it is iterated.

    `is_tidy`: all lines so far were so already. Raises RowError or UnicodeDecodeError as `decode`
    does, once it comes there.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._lines = lines_of(pieces)
        self._shapes: dict[bytes, Shape] = {}  # by the end of the line; all have the same head
        self._head = b""
        self._empty = 0  # lines
        self.is_tidy = True

    def __iter__(self) -> Iterator[ReadRow]:
        first, line = 1, b""
        while lines := list(islice(self._lines, _TOGETHER)):
            yield from self._read_alike(first, lines) or self._read_each(first, lines)
            first, line = first + len(lines), lines[-1]
        # The one after the last end of a line, which nothing follows.
        self.is_tidy = self.is_tidy and self._empty == 1 and not line

    def _read_alike(self, first: int, lines: list[bytes]) -> Iterable[ReadRow] | None:
        """Rows of our own that nothing has to be done to, as nearly all are: many at one look, so
        that none costs more than a microsecond. None if any of them is another.
        """
        head, start = self._head, len(self._head)
        rests = [line[start:] for line in lines if line.startswith(head)] if start else []
        found = _REST.findall(b"\n".join(rests))
        if not len(found) == len(rests) == len(lines):
            return None
        literals, ends = zip(*found, strict=True)
        if sum(map(len, literals)) + sum(map(len, ends)) != sum(map(len, rests)):
            return None
        sentences = b"".join(literals)[1:-1].decode(errors="replace").split('""')
        shapes = [self._shapes.get(end) or _learn_end(self._shapes, end) for end in ends]
        is_plain = is_simple("".join(sentences)) and all(map(str.strip, sentences))
        if not is_plain or None in shapes:
            return None
        return zip(count(first), cast("list[Shape]", shapes), sentences, literals)

    def _read_each(self, first: int, lines: list[bytes]) -> Iterator[ReadRow]:
        for number, line in enumerate(lines, first):
            if self._head and line.startswith(self._head):
                found = self._read_escaped(line, len(self._head))
                if found is not None:
                    yield number, *found
                    continue
            text = line.removeprefix(_BOM if number == 1 else b"").decode()
            if text.strip():
                yield self._read_slowly(number, text, line)
            else:
                self._empty += 1

    def _read_escaped(self, line: bytes, start: int) -> tuple[Shape, str, bytes] | None:
        """A row of our own whatever is in its sentence; None for any other."""
        literal = _literal_at(line, start)
        sentence = _read_literal(literal)
        if sentence is None:
            return None
        end = line[start + len(literal) :]
        shape = self._shapes.get(end) or _learn_end(self._shapes, end)
        return None if shape is None else (shape, sentence, literal)

    def _read_slowly(self, number: int, text: str, line: bytes) -> ReadRow:
        row = decode_line(number, text)
        written = encode([row])
        self.is_tidy = self.is_tidy and written == line + b"\n"
        if not _is_ours(row):
            return number, _shape_of_another(row), row.sentence, written
        shape = shape_of(row.instruction, row.intent)
        if shape.head != self._head:
            self._head, self._shapes = shape.head, {}
        self._shapes[shape.tail[:-1]] = shape
        return number, shape, row.sentence, literal_of(row.sentence)


def _literal_at(line: bytes, start: int) -> bytes:
    """The JSON string that begins there; empty where there is none."""
    literal = line[start : line.find(b'"', start + 1) + 1]
    if b"\\" not in literal:
        return literal if literal[:1] == b'"' else b""
    found = _LITERAL.match(line, start)
    return b"" if found is None else found[0]


def _read_literal(literal: bytes) -> str | None:
    """The text, where the literal is what we would write for it; None for any other."""
    try:
        text = literal[1:-1].decode()
        if is_simple(text) and b"\\" not in literal:
            return text if text.strip() else None
        text = json.loads(literal)
    except ValueError:
        return None
    return text if text.strip() and tidy(text) == text and literal_of(text) == literal else None


def _learn_end(shapes: dict[bytes, Shape], end: bytes) -> Shape | None:
    """The shape of a line that ends so, where that is how our own lines end."""
    if not (end.startswith(_ANSWER) and end.endswith(_END)):
        return None
    intent = _read_literal(_literal_at(end, len(_ANSWER)))
    known = next(iter(shapes.values()))
    shape = None if intent is None else with_intent(known, intent)
    if shape is None or shape.tail[:-1] != end:
        return None
    shapes[end] = shape
    return shape


def _is_ours(row: Row) -> bool:
    """It has nothing but what our own rows have."""
    roles = [message.role for message in row.messages]
    has_more = row.extra or row.hidden or any(message.extra for message in row.messages)
    return roles == ["system", "user", "assistant"] and not has_more


def _shape_of_another(row: Row) -> Shape:
    asked = next(message for message in row.messages if message.role == "user")
    others = tuple(message for message in row.messages if message is not asked)
    return Shape(b"", b"", row.intent, others, row.hidden)
