"""Rows held for the split, each as little as it needs: its sentence, its shape and its place.

split_data reads the prompts into them and writes both halves.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence

from states.intents.row_lines import ReadRow, Shape


class Rows:
    """The rows of a file. A million of them with sentences of 60 characters take 80 MB."""

    def __init__(self, rows: Iterable[ReadRow]) -> None:
        self.hidden: list[tuple[int, str]] = []  # line, characters that were left out
        self._shapes: list[Shape] = []
        self._literals = bytearray()
        self._ends, self._shape_of = array("Q", [0]), array("I")
        self._read(rows)

    def _read(self, rows: Iterable[ReadRow]) -> None:
        numbers: dict[Shape, int] = {}
        last, number = None, 0
        for line, shape, _, literal in rows:
            if shape is not last:
                number = numbers.setdefault(shape, len(numbers))
                last = shape
            if shape.hidden:
                self.hidden.append((line, shape.hidden))
            self._shape_of.append(number)
            self._literals += literal
            self._ends.append(len(self._literals))
        self._shapes = list(numbers)

    def split(
        self, train_share: float, seed: int, former: Collection[bytes] = ()
    ) -> tuple[Sequence[int], Sequence[int]]:
        """The numbers of the training and the validation rows. Each intent is cut at
        `train_share` (0..1).

        At least one row of each intent is on either side. The same seed gives the same split.
        `former`: sentences, as JSON, that stay validation rows as far as there is room.
        """
        training = array("I")
        validation = array("I")
        for intent, rows in self._by_intent().items():
            random.Random(f"{seed}:{intent}").shuffle(rows)
            own = sorted(rows, key=lambda row: self._literal(row) in former) if former else rows
            # Rounded down: 12 sentences at 0.8 are 9 + 3; a validation of 2 says almost nothing.
            count = min(max(int(len(own) * train_share), 1), len(own) - 1)
            training.extend(own[:count])
            validation.extend(own[count:])
        random.Random(f"{seed}:order").shuffle(training)
        return training, validation

    def _literal(self, row: int) -> bytes:
        return bytes(self._literals[self._ends[row] : self._ends[row + 1]])

    def lines(self, numbers: Iterable[int]) -> Iterator[bytes]:
        """The JSONL file of these rows, line by line."""
        literals, ends, shape_of = self._literals, self._ends, self._shape_of
        around = [(shape.head, shape.tail) for shape in self._shapes]
        for number in numbers:
            head, tail = around[shape_of[number]]
            yield b"".join((head, literals[ends[number] : ends[number + 1]], tail))

    def _by_intent(self) -> dict[str, array[int]]:
        """The numbers of the rows of each intent, in order of appearance."""
        found: dict[str, array[int]] = {shape.intent: array("I") for shape in self._shapes}
        own = [found[shape.intent] for shape in self._shapes]
        for number, shape in enumerate(self._shape_of):
            own[shape].append(number)
        return found
