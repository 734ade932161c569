"""Rows for a person's terminal: a table where it fits, else each row on lines of its own.

status.py and history.py call this. Nothing is cut and no word is broken: a command in backticks, a
path or an event can be copied as it stands, at any width."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import TextWrapper

from agent.views.screen import Screen, Styled, measure

NARROWEST_PROSE = 30  # columns; prose that is narrower than this is easier to read below the row
GAP = 3  # columns between two columns of a table
MARGIN = 2  # and at its outer edges
GLUE = "\x00"  # stands for a space where no line may end
# A command in backticks, and a number with its percent sign.
_TOGETHER = re.compile(r"`[^`\n]*`|\d %")

Row = Sequence[Styled]


def wrap(text: str, width: int, indent: str = "") -> str:
    """The text in lines of at most `width` columns. A word that is longer stays whole."""
    wrapper = TextWrapper(
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
    return "\n".join(
        wrapper.fill(_glue(line)).replace(GLUE, " ") for line in text.splitlines() or [""]
    )


def _glue(text: str) -> str:
    return _TOGETHER.sub(lambda found: found[0].replace(" ", GLUE), text)


def _longest_word(text: str) -> int:
    return max((len(word) for word in _glue(text).split()), default=0)


def print_table(screen: Screen, titles: Sequence[str], rows: Sequence[Row]) -> bool:
    """Prints the rows as a table whose last column is prose. False if it is too wide to print."""
    fixed = [
        max(measure(cell.plain) for cell in (Styled(title), *(row[index] for row in rows)))
        for index, title in enumerate(titles[:-1])
    ]
    room = screen.width - sum(fixed) - GAP * len(fixed) - MARGIN
    longest = max((_longest_word(row[-1].plain) for row in rows), default=0)
    if room < max(longest, measure(titles[-1]), min(NARROWEST_PROSE, _widest(rows))):
        return False
    wrapped = [[*row[:-1], Styled(wrap(row[-1].plain, room), row[-1].style)] for row in rows]
    screen.print_columns(titles, wrapped, GAP)
    return True


def _widest(rows: Sequence[Row]) -> int:
    """The width of the prose if it were not wrapped."""
    return max((measure(row[-1].plain) for row in rows), default=0)


def print_wrapped(screen: Screen, text: Styled, indent: str = "  ") -> None:
    """One paragraph at the full width, its further lines indented."""
    screen.print(Styled(wrap(text.plain, screen.width, indent), text.style))
