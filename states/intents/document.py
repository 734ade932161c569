"""A person's file as far as its mistakes go: all of them are refused at once, each with its line.

annotated_json.py reads one of any form, example_lines.py a large one of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from states.errors import Mistake
from states.intents.json_lines import Path
from states.text import Text, say

SHOWN = 10  # mistakes, or warnings of one kind: more at once are not read
_KEPT = 1000  # mistakes whose text is made; of more only the number is


class Document:
    """What the file says, `data`, and where."""

    data: Any

    def __init__(self, place: str) -> None:
        self.place = place
        self._mistakes: list[tuple[int, Text]] = []
        self._count = 0

    def line(self, path: Path) -> int:
        """The line of what stands at `path`."""
        raise NotImplementedError

    def warnings(self) -> Sequence[Text]:
        """What was left out of it."""
        raise NotImplementedError

    def add_mistake(self, path: Path, problem: Text) -> None:
        """`problem` is a mistake at `path`."""
        self._count += 1
        if self._count <= _KEPT:
            self._mistakes.append((self.line(path), problem))

    def refuse_mistakes(self) -> None:
        """Mistake, with every mistake so far and its line; nothing if there was none."""
        found = sorted(self._mistakes, key=lambda mistake: mistake[0])
        if self._count == 1:
            [(line, problem)] = found
            raise Mistake(
                say(
                    "{place}, line {line}: {problem}.", place=self.place, line=line, problem=problem
                )
            )
        if found:
            told = [
                say("line {line}: {problem}", line=line, problem=problem)
                for line, problem in found[:SHOWN]
            ]
            if self._count > SHOWN:
                told.append(say("and {count} more", count=self._count - SHOWN))
            raise Mistake(
                say(
                    "{place} has {count} mistake:\n{mistakes}",
                    "{place} has {count} mistakes:\n{mistakes}",
                    place=self.place,
                    count=self._count,
                    mistakes=tuple(told),
                )
            )
