"""XLSX: the sheet that a person names, or the first one that has the columns.

reading.py calls `read`. Values are taken as a person sees them; a formula is refused, since what it
says is not in the file unless a spreadsheet program has computed it. Hidden rows are rows.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from zipfile import ZipFile

from agent.formats.archive import check_archive, damaged, unfold
from agent.formats.cells import check_record
from agent.formats.extras import missing
from agent.formats.files import Document
from agent.formats.header import TITLES, find_header
from agent.formats.refusal import listed, refusal, refusal_of_file
from agent.formats.roles import Chosen
from agent.formats.values import as_text
from states.errors import SettingsError
from states.intents.records import Columns, Record, Source, Table
from states.text import say, with_suggestion

if TYPE_CHECKING:
    from openpyxl import Workbook

_LAST_ROW = 1_048_576  # of a sheet in Excel; a file may claim any
_MOST_COLUMNS = 1_000
_FORMULA = "=()"  # stands for one over many cells, of which the library makes an object
_NO_TEXT = frozenset(
    ["=", "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#SPILL!", "#VALUE!"]
)


def read(document: Document, columns: Columns) -> Table:
    source = Source(document.name, unit="row")
    check_archive(document, source)
    with _open(document, source) as book:
        sheets = _candidates(book, columns, source)
        place, above, chosen = _find_sheet(book, sheets, columns, source)
        others = [title for title in book.sheetnames if title != place.sheet]
    details = {} if chosen.has_header else {"header": "none"}
    if others:
        details["other sheets"] = listed(others)
    records = _Records(document, place, chosen, above)
    return Table(place, "XLSX", records, chosen.columns(), chosen.ignored(), details)


@contextmanager
def _open(document: Document, source: Source) -> Iterator[Workbook]:
    """The workbook. Whatever goes wrong in the library means that the file is damaged."""
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise missing("openpyxl", source) from error
    # It warns of what would be lost by saving, which nobody does here.
    warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
    try:
        with document.open() as file:
            book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
            with closing(book):
                yield book
    except (SettingsError, MemoryError):
        raise
    except Exception as error:
        raise damaged(source) from error


def _candidates(book: Workbook, columns: Columns, source: Source) -> list[str]:
    """The titles of the sheets that may be read, in their order."""
    titles = [sheet.title for sheet in book.worksheets]
    if columns.sheet is None:
        visible = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
        return visible or titles
    wanted = columns.sheet.strip().casefold()
    named = [title for title in titles if title.strip().casefold() == wanted]
    if not named:
        complaint = say(
            "{file} has no sheet {sheet}, but {sheets}",
            file=source.file,
            sheet=repr(columns.sheet),
            sheets=listed(titles),
        )
        raise SettingsError(with_suggestion(complaint, columns.sheet, titles))
    return [columns.sheet] if columns.sheet in named else named[:1]


def _find_sheet(
    book: Workbook, titles: list[str], columns: Columns, source: Source
) -> tuple[Source, int, Chosen]:
    """The sheet, how many of its rows come before the data, and its columns."""
    refused: list[SettingsError] = []
    for title in titles:
        place = Source(source.file, title, "row")
        filled = list(islice(_filled_rows(book, title, _MOST_COLUMNS), TITLES + 2))
        try:
            named = [(row, _without_end(cells)) for row, cells in filled]
            return place, *find_header(named, columns, place)
        except SettingsError as error:
            refused += [error] if filled else []
    if not refused:
        raise refusal_of_file(source, say("all rows are blank: give a file with sentences"))
    raise refused[0]


def _without_end(cells: list[str]) -> list[str]:
    """Without the blank ones at the end."""
    width = max(at for at, cell in enumerate(cells, 1) if cell.strip())
    return cells[:width]


def _filled_rows(book: Workbook, title: str, width: int) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with its number."""
    sheet = book[title]
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()  # what the file says of its size may be wrong
    rows = sheet.iter_rows(max_row=_LAST_ROW, max_col=width, values_only=True)
    blank: tuple[object, ...] = ()
    for number, values in enumerate(rows, 1):
        if values is blank:  # the library fills gaps, of perhaps a million rows, with one object
            continue
        if values.count(None) == len(values):
            blank = values
        else:
            cells = [_FORMULA if (text := as_text(v)) is None else text for v in values]
            if any(cell.strip() for cell in cells):
                yield number, cells


@dataclass(frozen=True)
class _Records:
    """`above`: rows before the data, the header among them."""

    document: Document
    source: Source
    chosen: Chosen
    above: int

    def __iter__(self) -> Iterator[Record]:
        chosen = self.chosen
        taken = (chosen.text, chosen.intent, chosen.kind, chosen.id)
        has_merged: bool | None = None
        with _open(self.document, Source(self.source.file)) as book:
            width = len(chosen.names)
            for row, cells in _filled_rows(book, self.source.sheet, width):
                if row <= self.above:
                    continue
                text, intent, kind, key = ("" if at is None else cells[at] for at in taken)
                record = Record(text, intent, row, kind, key)
                if not (text.strip() and intent.strip()):
                    if has_merged is None:
                        has_merged = self._has_merged_cells()
                    if has_merged:
                        raise self._merged(row)
                yield self._check(record)

    def _check(self, record: Record) -> Record:
        if not _NO_TEXT.isdisjoint((record.text, record.intent)):
            problem = say("a cell holds an error or an empty formula: put text there")
            raise refusal(self.source, record.row, problem)
        return check_record(record, self.source, may_be_formula=True)

    def _merged(self, row: int) -> SettingsError:
        problem = say(
            "no sentence or no intent, and the sheet has merged cells, of which only the first has"
            " a value: unmerge them, and fill in each row"
        )
        return refusal(self.source, row, problem)

    def _has_merged_cells(self) -> bool:
        """Told by the XML of the sheets, where it stands behind all rows."""
        with self.document.open() as file, ZipFile(file) as archive:
            return any(
                b"mergeCell" in before + piece
                for name in archive.namelist()
                if name.startswith("xl/worksheets/") and name.endswith(".xml")
                for before, piece in _overlapping(archive, name)
            )


def _overlapping(archive: ZipFile, name: str) -> Iterator[tuple[bytes, bytes]]:
    """Each piece, and the end of the one before it."""
    before = b""
    for piece in unfold(archive, name):
        yield before, piece
        before = piece[-16:]
