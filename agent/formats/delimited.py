"""CSV and TSV, as spreadsheets and programs write them, row by row.

reading.py calls `read`. A row is counted as the spreadsheet shows it: the header is row 1, a blank
row counts, and a cell with line breaks is still one row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NoReturn

from agent.formats.cells import check_record
from agent.formats.dialect import Dialect, EndlessRow, Lines, find_dialect
from agent.formats.encoding import Survey, survey
from agent.formats.files import Document
from agent.formats.header import TITLES, find_header
from agent.formats.refusal import refusal, refusal_of_file
from agent.formats.roles import Chosen
from states.errors import SettingsError
from states.intents.records import Columns, Record, Source, Table
from states.intents.spreadsheet import unguard
from states.text import say


def read(document: Document, columns: Columns) -> Table:
    seen = survey(document)
    dialect = find_dialect(seen, columns)
    source = Source(document.name, unit="row")
    filled = list(islice(_rows(seen, dialect, source), TITLES + 2))
    if not filled:
        raise refusal_of_file(source, say("all rows are blank: give a file with sentences"))
    above, chosen = find_header(filled, columns, source)
    delimiter = "tab" if dialect.delimiter == "\t" else dialect.delimiter
    details = {"encoding": seen.name, "delimiter": delimiter}
    if not dialect.is_quoted:
        details["quotes"] = "none"
    if not chosen.has_header:
        details["header"] = "none"
    return Table(
        source,
        "TSV" if dialect.delimiter == "\t" else "CSV",
        _Records(seen, dialect, source, chosen, above),
        chosen.columns(),
        chosen.ignored(),
        details,
    )


def _rows(seen: Survey, dialect: Dialect, source: Source) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with its number."""
    row = 0
    with seen.open() as file:
        file.read(dialect.start)
        lines = Lines(file)
        try:
            for row, cells in enumerate(dialect.rows(lines), 1):
                lines.length = 0
                if _is_filled(cells):
                    yield row, cells
        except (csv.Error, EndlessRow) as error:
            _refuse_row(source, row + 1, error)


@dataclass(frozen=True)
class _Records:
    """`above`: rows before the data, the header among them."""

    seen: Survey
    dialect: Dialect
    source: Source
    chosen: Chosen
    above: int

    def __iter__(self) -> Iterator[Record]:
        """A million rows go through here: a plain row costs two look-ups and four comparisons."""
        text_at, intent_at = self.chosen.text, self.chosen.intent
        width = len(self.chosen.names)
        is_plain = self.seen.is_plain and self.chosen.kind is None and self.chosen.id is None
        row = 0
        with self.seen.open() as file:
            file.read(self.dialect.start)
            lines = Lines(file)
            try:
                for row, cells in enumerate(self.dialect.rows(lines), 1):
                    lines.length = 0
                    if row <= self.above:
                        continue
                    if is_plain and len(cells) == width:
                        text, intent = cells[text_at], cells[intent_at]
                        if text[:1] > "'" and intent[:1] > "'":
                            yield Record(text, intent, row)
                            continue
                    if _is_filled(cells):
                        yield self._examine(row, cells)
            except (csv.Error, EndlessRow) as error:
                _refuse_row(self.source, row + 1, error)

    def _examine(self, row: int, cells: Sequence[str]) -> Record:
        """The record of a row that is less plain."""
        width = len(self.chosen.names)
        if _is_filled(cells[width:]):
            raise self._too_wide(row, len(cells), width)

        def cell(at: int | None) -> str:
            return cells[at] if at is not None and at < len(cells) else ""

        chosen = self.chosen
        text, intent = cell(chosen.text), cell(chosen.intent)
        found = Record(text, intent, row, cell(chosen.kind), cell(chosen.id))
        check_record(found, self.source, may_be_formula=True)
        return Record(unguard(text), unguard(intent), row, unguard(found.kind), unguard(found.id))

    def _too_wide(self, row: int, count: int, width: int) -> SettingsError:
        problem = say(
            "{count} cells, where the first row has {width}: a sentence with {delimiter} in it must"
            " stand in quotes",
            count=count,
            width=width,
            delimiter=repr(self.dialect.delimiter),
        )
        return refusal(self.source, row, problem)


def _is_filled(cells: Sequence[str]) -> bool:
    return any(cell.strip() for cell in cells)


def _refuse_row(source: Source, row: int, error: Exception) -> NoReturn:
    if "field limit" in str(error) or "unexpected end" in str(error):
        error = EndlessRow()
    problem = (
        say("a quote is opened and not closed before the text becomes too long: close it")
        if isinstance(error, EndlessRow)
        else say("a quote stands inside a text in quotes: double it, or close the one before it")
    )
    raise refusal(source, row, problem) from error
