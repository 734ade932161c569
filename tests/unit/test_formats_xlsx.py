"""Workbooks made by openpyxl, and what is wrong with others."""

from __future__ import annotations

import struct
import sys
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from agent.formats.reading import read_file
from states.errors import SettingsError
from states.intents.records import Columns, Record, Table

NOTHING_SAID = Columns()
HEADER = ("Texto", "Intención")


def _write(path: Path, *rows: Sequence[Any], title: str = "Hoja1") -> Path:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def _rows(table: Table) -> list[tuple[str, str, int]]:
    return [(record.text, record.intent, record.row) for record in table.records]


def _refusal(path: Path, columns: Columns = NOTHING_SAID) -> str:
    with pytest.raises(SettingsError) as refused:
        list(read_file(path, columns).records)
    return str(refused.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ventas.xlsx"


def test_a_sheet_is_read_with_its_rows(path: Path) -> None:
    """Each message about a sentence can name the sheet and the row."""
    rows = [HEADER, ("¿Cuánto cuesta?", "precio"), (), ("Lo compro\nya", "comprar")]
    table = read_file(_write(path, *rows), NOTHING_SAID)
    assert (table.format, table.columns) == ("XLSX", {"text": "Texto", "intent": "Intención"})
    assert _rows(table) == [("¿Cuánto cuesta?", "precio", 2), ("Lo compro\nya", "comprar", 4)]
    assert _rows(table) == _rows(table)
    assert str(table.source.where(4)) == "ventas.xlsx, sheet 'Hoja1', row 4"


def test_values_are_read_as_they_are_seen(path: Path) -> None:
    """Numbers and dates among the sentences become text."""
    values = [
        12,
        12.0,
        12.5,
        0.1 + 0.2,
        date(2026, 11, 26),
        datetime(2026, 1, 2, 3, 4),
        time(9, 30),
    ]
    table = read_file(_write(path, HEADER, *((value, True) for value in values)), NOTHING_SAID)
    seen = ["12", "12", "12.5", "0.3", "2026-11-26", "2026-01-02 03:04:00", "09:30:00"]
    assert [record.text for record in table.records] == seen
    assert {record.intent for record in table.records} == {"TRUE"}


def test_the_first_sheet_that_has_the_columns_is_read(path: Path) -> None:
    """Unless a person names another one; the others are told, and hidden ones are not looked at."""
    book = Workbook()
    book.active.append(("Notas", "Fecha"))
    for title, text in (("Oculta", "no"), ("Frases", "una"), ("Más", "otra")):
        sheet = book.create_sheet(title)
        sheet.append(HEADER)
        sheet.append((text, "a"))
    book["Oculta"].sheet_state = "hidden"
    book.save(path)
    table = read_file(path, NOTHING_SAID)
    assert (table.source.sheet, _rows(table)) == ("Frases", [("una", "a", 2)])
    assert table.details == {"other sheets": "'Sheet', 'Oculta', 'Más'"}
    assert _rows(read_file(path, Columns(sheet="más"))) == [("otra", "a", 2)]
    assert _rows(read_file(path, Columns(sheet="Oculta"))) == [("no", "a", 2)]
    assert _refusal(path, Columns(sheet="Frase")) == (
        "ventas.xlsx has no sheet 'Frase', but 'Sheet', 'Oculta', 'Frases', 'Más'; did you mean"
        " `Frases`?"
    )
    assert "sheet 'Sheet': neither the column" in _refusal(path, Columns(sheet="Sheet"))


def test_a_title_above_the_header_is_passed_over(path: Path) -> None:
    """Customer care likes to say what a table is and when it was made."""
    rows = [("Frases de clientes",), (), (None, "Noviembre"), (None, *HEADER), (None, "una", "a")]
    assert _rows(read_file(_write(path, *rows), NOTHING_SAID)) == [("una", "a", 5)]


def test_a_sheet_without_header_is_read_by_numbers(path: Path) -> None:
    _write(path, ("a", 1, "una"), ("b", 2, "otra"))
    table = read_file(path, Columns(text="3", intent="1"))
    assert list(table.records) == [Record("una", "a", 1), Record("otra", "b", 2)]
    assert table.details == {"header": "none"}


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("=SUM(A1:A9)", "a cell is a formula"),
        ('=HYPERLINK("http://x", "hola")', "a cell is a formula"),
        (ArrayFormula("A3", "=A1:A9"), "a cell is a formula"),
        ("=", "a cell holds an error or an empty formula"),
        ("#N/A", "a cell holds an error or an empty formula"),
    ],
)
def test_a_formula_or_an_error_is_no_sentence(path: Path, cell: object, told: str) -> None:
    """It is refused with its row."""
    _write(path, HEADER, ("una", "a"), (cell, "b"))
    assert _refusal(path).startswith(f"ventas.xlsx, sheet 'Hoja1', row 3: {told}")


def test_merged_cells_are_told_where_they_leave_a_row_without_intent(path: Path) -> None:
    """Only the first has the value. Without merged cells the row is simply incomplete."""
    book = Workbook()
    for row in (HEADER, ("una", "a"), ("otra", None)):
        book.active.append(row)
    book.save(path)
    assert _rows(read_file(path, NOTHING_SAID)) == [("una", "a", 2), ("otra", "", 3)]
    book.active.merge_cells("B2:B3")
    book.save(path)
    assert "row 3: no sentence or no intent, and the sheet has merged cells" in _refusal(path)


def test_a_blank_sheet_and_one_with_a_header_alone_are_told(path: Path) -> None:
    assert _refusal(_write(path)) == "ventas.xlsx: all rows are blank: give a file with sentences."
    assert "sheet 'Hoja1': no row has a sentence" in _refusal(_write(path, HEADER))


def test_without_openpyxl_the_command_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    _write(path, HEADER, ("una", "a"))
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert _refusal(path) == (
        "ventas.xlsx: openpyxl, which reads such files, is not installed: `pip install"
        ' "afinador[data]"`, or save the data as CSV.'
    )


def _replace_part(path: Path, name: str, content: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, old in parts.items():
            archive.writestr(part, content if part == name else old)


SHEET = "xl/worksheets/sheet1.xml"
BEGINNING = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)


@pytest.mark.parametrize(
    "content",
    [
        BEGINNING + b"<row/>" * 1_000_000,
        BEGINNING + bytes(range(33, 60)) * 100_000,
        BEGINNING + b"".join(b'<c r="A%d"/>' % number for number in range(1_200_000)),
    ],
    ids=["it unfolds too far", "text without end", "a row without end"],
)
def test_a_bomb_is_refused_unopened(path: Path, content: bytes) -> None:
    """A few kilobytes that become gigabytes, or a tree that a parser would keep whole."""
    _replace_part(_write(path, HEADER, ("una", "a")), SHEET, content)
    assert "unfolds to far more than a sheet of sentences would" in _refusal(path)


def test_a_size_that_is_a_lie_does_not_help_a_bomb(path: Path) -> None:
    """No more is unfolded than the archive states, and what is cut off is damaged."""
    content = BEGINNING + b"<row/>" * 1_000_000
    _replace_part(_write(path, HEADER, ("una", "a")), SHEET, content)
    stated, lie = struct.pack("<L", len(content)), struct.pack("<L", 100_000)
    path.write_bytes(path.read_bytes().replace(stated, lie))
    assert "the workbook is damaged" in _refusal(path)


def test_entities_are_refused(path: Path) -> None:
    """No workbook declares any, and a few of them can stand for gigabytes."""
    content = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>' + BEGINNING
    _replace_part(_write(path, HEADER, ("una", "a")), SHEET, content)
    assert "the workbook is damaged" in _refusal(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (BEGINNING + b"<row><c><v>1</v>", "is damaged or made in an unknown way"),
        (BEGINNING + b'<row r="x"><c r="?"/></row></sheetData></worksheet>', "is damaged"),
        (
            BEGINNING
            + b'<row r="2000000000"><c r="A2000000000" t="inlineStr"><is><t>a</t></is></c>'
            b"</row></sheetData></worksheet>",
            "all rows are blank",
        ),
    ],
)
def test_a_broken_sheet_is_told(path: Path, content: bytes, told: str) -> None:
    """Whatever the library raises about it. A row beyond all rows is not waited for."""
    _replace_part(_write(path, HEADER, ("una", "a")), SHEET, content)
    assert told in _refusal(path)


def test_other_archives_and_old_workbooks_are_told(path: Path) -> None:
    """With what to do about them."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ventas.csv", "text,intent\n")
    assert "this is an archive: unpack it" in _refusal(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", "<x/>")
    assert "save it as .xlsx or CSV" in _refusal(path)
    path.write_bytes(b"PK\x03\x04" + bytes(range(256)) * 9)
    assert "the workbook is damaged" in _refusal(path)
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500))
    assert "an old or an encrypted workbook: save it as .xlsx, without password" in _refusal(path)
