"""A terminal or what stands in for one: lines, a few styles, how wide it is, and tables.

Every view prints through this. rich, which draws the bars of `run`, is not used for it: to load
that takes longer than to show what `status` has found.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TextIO
from unicodedata import combining, east_asian_width

_CODES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
    "grey": "90",
}
_USUAL_WIDTH = 80  # columns, where nobody knows
# A terminal would obey them: bell, backspace, two feeds and the carriage return.
_OBEYED = dict.fromkeys((7, 8, 11, 12, 13))
_INVISIBLE = ("\u200b", "\u200c", "\u200d", "\ufe0f")


@dataclass(frozen=True)
class Styled:
    """A text and its style: words of _CODES, or none."""

    plain: str
    style: str = ""
    # What follows it in another style.
    more: tuple[Styled, ...] = ()

    @staticmethod
    def join(*parts: str | Styled) -> Styled:
        """One line of several styles."""
        return Styled("", "", tuple(Styled(one) if isinstance(one, str) else one for one in parts))

    def render(self, is_coloured: bool) -> str:
        """As a terminal takes it."""
        text = self.plain.translate(_OBEYED)
        codes = ";".join(_CODES[word] for word in self.style.split())
        if codes and text and is_coloured:
            # Each line for itself: a pager may show any of them alone.
            text = "\n".join(f"\x1b[{codes}m{line}\x1b[0m" for line in text.split("\n"))
        return text + "".join(part.render(is_coloured) for part in self.more)


class Screen:
    """Where to print. `width`: columns; None: as wide as the terminal is."""

    def __init__(self, file: TextIO | None = None, width: int | None = None) -> None:
        self._file = file or sys.stdout
        self.width = width or _find_width(self._file)
        self._is_coloured = _takes_colours(self._file)
        encoding = (getattr(self._file, "encoding", None) or "utf-8").lower()
        self._rule = "─" if encoding.startswith("utf") else "-"

    def print(self, text: str | Styled = "", end: str = "\n") -> None:
        """One line or more, as they are: nothing is cut or wrapped."""
        styled = Styled(text) if isinstance(text, str) else text
        self._file.write(styled.render(self._is_coloured) + end)

    def print_columns(
        self, titles: Sequence[str], rows: Sequence[Sequence[Styled]], gap: int
    ) -> None:
        """A table: the titles in bold above a rule, each column as wide as its widest line."""
        table = [[Styled(title, "bold") for title in titles], *rows]
        widths = [
            max(measure(line) for row in table for line in row[index].plain.split("\n"))
            for index in range(len(titles))
        ]
        self.print()
        self._print_row(table[0], widths, gap)
        self.print(f" {self._rule * (sum(widths) + gap * (len(widths) - 1))}")
        for row in table[1:]:
            self._print_row(row, widths, gap)
        self.print()

    def _print_row(self, row: Sequence[Styled], widths: Sequence[int], gap: int) -> None:
        columns = [cell.plain.split("\n") for cell in row]
        styles = [cell.style for cell in row]
        for lines in zip_longest(*columns, fillvalue=""):
            found, blank = [" "], 0
            for line, style, width in zip(lines, styles, widths, strict=True):
                if line:
                    found.append(" " * blank + Styled(line, style).render(self._is_coloured))
                    blank = 0
                blank += width - measure(line) + gap
            self.print("".join(found))


def measure(text: str) -> int:
    """The columns that a line takes: none for an accent of its own, two for a Chinese letter."""
    if text.isascii():
        return len(text)
    return sum(map(_measure_letter, text))


def _measure_letter(letter: str) -> int:
    if letter < "\u0300":
        return 1
    if combining(letter) or letter in _INVISIBLE:
        return 0
    return 2 if east_asian_width(letter) in "WF" else 1


def _find_width(file: TextIO) -> int:
    chosen = os.environ.get("COLUMNS", "")
    if chosen.isdecimal() and int(chosen):
        return int(chosen)
    try:
        return os.get_terminal_size(file.fileno()).columns or _USUAL_WIDTH
    except (AttributeError, OSError, ValueError):  # no terminal, or not even a file
        return _USUAL_WIDTH


def _takes_colours(file: TextIO) -> bool:
    """By the two variables that are agreed upon (no-color.org, force-color.org), or a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return file.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "unknown")
