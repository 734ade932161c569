"""What the rules need of one JSONL file of rows, gathered in one pass and a few MB of memory.

check_data reads both files with it; data_rules.py looks at the outcome.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from states.intents.dataset import RowError, describe_refusal
from states.intents.document import SHOWN
from states.intents.forms import form_number
from states.intents.row_lines import RowLines, Shape
from states.text import Text


@dataclass(frozen=True)
class Counting:
    """How the service counts tokens: `count` those of a text, the others are added to them.

    `longest`: tokens of one example that the model takes.
    """

    count: Callable[[str], int]
    per_message: int
    per_example: int
    longest: int

    def around(self, shape: Shape) -> int:
        """The tokens of a row of this shape, but for its sentence."""
        texts = sum(self.count(one.role) + self.count(one.content) for one in shape.others)
        messages = len(shape.others) + 1
        return texts + self.count("user") + self.per_message * messages + self.per_example


@dataclass
class DataFile:
    """One JSONL file as far as it can be read. `size` in bytes, as it will be uploaded."""

    place: str
    size: int = 0
    per_intent: Counter[str] = field(default_factory=Counter)
    tokens: int = 0
    of_sentences: int = 0  # tokens, without instruction, name and framing
    longest: int = 0
    too_long: list[tuple[int, int, int]] = field(default_factory=list)  # line, tokens, form
    too_long_count: int = 0
    hidden: list[tuple[int, str]] = field(default_factory=list)  # line, characters left out
    refusal: Text | None = None  # why no further
    is_tidy: bool = True  # the file is already as it will be uploaded
    # Of its sentences; of the validation file, only of those that are trained on as well.
    forms: set[int] = field(default_factory=set)
    leaked: list[str] = field(default_factory=list)  # the first of these

    @property
    def examples(self) -> int:
        return self.per_intent.total()

    def as_json(self) -> dict[str, Any]:
        return {
            "examples": self.examples,
            "per_intent": dict(self.per_intent),
            "tokens": self.tokens,
            "longest_example_tokens": self.longest,
            "bytes": self.size,
        }


@dataclass
class _Around:
    """What all rows of a shape have in common, and how many there are."""

    intent: str
    size: int
    tokens: int
    shape: Shape  # kept, so that no other one can have its id
    count: int = 0


def read_data_file(
    place: str, pieces: Iterable[bytes], counting: Counting, trained: DataFile | None = None
) -> DataFile:
    """The file of these pieces. `trained`: the one that no sentence of this may be in."""
    file = DataFile(place)
    counted = _counted(pieces, file)
    rows = RowLines(counted)
    try:
        _gather(file, rows, counting, None if trained is None else trained.forms)
    except (RowError, UnicodeDecodeError) as error:
        for _ in counted:
            pass  # its size is told all the same
        return DataFile(place, file.size, refusal=describe_refusal(place, error))
    file.is_tidy = rows.is_tidy
    return file


def tidied(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same file as it will be uploaded."""
    for _, shape, _, literal in RowLines(pieces):
        yield b"".join((shape.head, literal, shape.tail))


def _counted(pieces: Iterable[bytes], file: DataFile) -> Iterator[bytes]:
    for piece in pieces:
        file.size += len(piece)
        yield piece


def _gather(file: DataFile, rows: RowLines, counting: Counting, trained: set[int] | None) -> None:
    known: dict[int, _Around] = {}  # by the id of the shape
    count_tokens, forms, size, total, longest = counting.count, file.forms, 0, 0, 0
    repeated = 0  # tokens of all but the sentences
    for line, shape, sentence, literal in rows:
        around = known.get(id(shape)) or _look_around(shape, counting, file, known)
        around.count += 1
        size += len(literal)
        tokens = around.tokens + count_tokens(sentence)
        total += tokens
        if tokens > longest:  # noqa: PLR1730  max takes four times as long
            longest = tokens
        if tokens > counting.longest:
            _note(file, line, tokens, form_number(sentence))
        if shape.hidden:
            file.hidden.append((line, shape.hidden))
        form = form_number(sentence)
        if trained is None:
            forms.add(form)
        elif form in trained and form not in forms:
            forms.add(form)
            if len(file.leaked) < SHOWN:
                file.leaked.append(sentence)
    for around in known.values():
        size += around.size * around.count
        repeated += around.tokens * around.count
        file.per_intent[around.intent] += around.count
    file.size, file.tokens, file.longest = size, total, longest
    file.of_sentences = total - repeated


def _look_around(
    shape: Shape, counting: Counting, file: DataFile, known: dict[int, _Around]
) -> _Around:
    size = len(shape.head) + len(shape.tail)
    around = _Around(shape.intent, size, counting.around(shape), shape)
    if shape.head:
        known[id(shape)] = around
        file.per_intent[shape.intent] += 0  # the intents in order of appearance
    else:  # one of a form of its own comes once
        file.per_intent[shape.intent] += 1
    return around


def _note(file: DataFile, line: int, tokens: int, form: int) -> None:
    file.too_long_count += 1
    if len(file.too_long) < SHOWN:
        file.too_long.append((line, tokens, form))
