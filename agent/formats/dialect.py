"""What separates the cells of a CSV file, and whether they stand in quotes.

delimited.py reads with what is found here. The names of the columns decide where they can, else the
delimiter that cuts the first rows into equally many cells.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from agent.formats.encoding import LONGEST_LINE, Survey
from agent.formats.header import TITLES
from agent.formats.roles import fits
from states.intents.records import Columns, Source

DELIMITERS = (",", ";", "\t", "|")
_LONGEST_ROW = 2 * LONGEST_LINE  # characters, over all the lines of its cells
_SAMPLE = 1 << 16  # characters; less than csv allows in one cell
_ROWS = 200  # of the sample
# Excel obeys such a first line and does not show it: the header stays row 1.
_DIRECTIVE = re.compile(r'"?sep=(?P<delimiter>[^\r\n])"?(?P=delimiter)*(?:\r?\n|\r)', re.IGNORECASE)


class EndlessRow(Exception):
    """A row goes on over so many lines that a quote is probably not closed."""


class Lines:
    """The lines of a file. `length`: characters since it was last set to 0, which has a bound."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = lines
        self.length = 0

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.length += len(line)
            if self.length > _LONGEST_ROW:
                raise EndlessRow
            yield line


@dataclass(frozen=True)
class Dialect:
    """`start`: characters of a first line that only names the delimiter, and is no row.

    `has_spaces`: after a delimiter, before the quote that opens a cell.
    """

    delimiter: str
    start: int = 0
    is_quoted: bool = True
    has_spaces: bool = False

    def rows(self, lines: Iterable[str], strict: bool = True) -> Iterator[list[str]]:
        """csv.Error for a broken quote, if `strict`. Calls nothing of ours for each row."""
        if self.is_quoted:
            return csv.reader(
                lines,
                delimiter=self.delimiter,
                strict=strict,
                skipinitialspace=self.has_spaces,
            )
        return csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE)


def find_dialect(survey: Survey, columns: Columns) -> Dialect:
    with survey.open() as file:
        sample = file.read(_SAMPLE)
        is_whole = not file.read(1)
    directive = _DIRECTIVE.match(sample)
    if directive:
        dialect = Dialect(directive["delimiter"], directive.end())
    else:
        order = sorted(DELIMITERS, key=lambda mark: mark == "\t", reverse=_is_tsv(survey))
        dialect = max(
            (Dialect(mark) for mark in order),
            key=lambda tried: _rate(tried, sample, is_whole, columns, survey),
        )
    if dialect.delimiter in "\t|" and _has_bare_quotes(survey, dialect):
        return replace(dialect, is_quoted=False)
    spaced = replace(dialect, has_spaces=True)
    has_fewer = _count_spaced(spaced, sample) < _count_spaced(dialect, sample)
    return spaced if has_fewer else dialect


def _is_tsv(survey: Survey) -> bool:
    return survey.document.suffix in (".tsv", ".tab")


def _rate(
    dialect: Dialect, sample: str, is_whole: bool, columns: Columns, survey: Survey
) -> tuple[bool, bool, float]:
    """The greater, the likelier it is."""
    read = list(islice(dialect.rows(io.StringIO(sample, newline=""), strict=False), _ROWS))
    if not is_whole and 1 < len(read) < _ROWS:
        read.pop()  # cut off in the middle
    rows = [row for row in read if any(cell.strip() for cell in row)]
    if not rows:
        return False, any(len(row) > 1 for row in read), 0
    source = Source(survey.document.name)
    headers = [row for row in rows[: TITLES + 1] if len(row) > 1 and fits(row, columns, source)]
    width = len((headers or rows)[0])
    alike = sum(len(row) == width for row in rows) / len(rows)
    return bool(headers), width > 1, alike


def _count_spaced(dialect: Dialect, sample: str) -> int:
    """Cells that begin with a space and a quote: they say so, or their quotes were not seen."""
    rows = islice(dialect.rows(io.StringIO(sample, newline=""), strict=False), _ROWS)
    return sum(cell[:1] == " " and cell.lstrip(" ")[:1] == '"' for row in rows for cell in row)


def _has_bare_quotes(survey: Survey, dialect: Dialect) -> bool:
    """Quotes are letters like all others: not closed as CSV demands, and doubled in no cell.

    Programs write TSV so. Known by reading all of it, where it has quotes at all.
    """
    if not survey.has_quotes:
        return False
    try:
        with survey.open() as file:
            lines = Lines(file)
            for _ in dialect.rows(lines):
                lines.length = 0
    except (csv.Error, EndlessRow):
        return _is_even_without_quotes(survey, replace(dialect, is_quoted=False))
    return False


def _is_even_without_quotes(survey: Survey, dialect: Dialect) -> bool:
    widths = set()
    with survey.open() as file:
        file.read(dialect.start)
        for row in dialect.rows(file):
            if any(cell[:1] == '"' == cell[-1:] and '""' in cell[1:-1] for cell in row):
                return False
            if row:
                widths.add(len(row))
            if len(widths) > 1:
                return False
    return True
