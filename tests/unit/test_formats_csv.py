"""CSV and TSV, as spreadsheets and programs write them, are read as they were meant."""

from __future__ import annotations

import csv
import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.reading import read_file
from states.errors import SettingsError
from states.intents.records import Columns, Record, Table
from states.intents.spreadsheet import unguard

NOTHING_SAID = Columns()
BY_NUMBER = Columns(text="1", intent="2")
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "cp1252",
}


def _read(path: Path, content: str | bytes, columns: Columns = NOTHING_SAID) -> Table:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_file(path, columns)


def _rows(table: Table) -> list[tuple[str, str, int]]:
    return [(record.text, record.intent, record.row) for record in table.records]


def _refusal(path: Path, content: str | bytes, columns: Columns = NOTHING_SAID) -> str:
    with pytest.raises(SettingsError) as refused:
        list(_read(path, content, columns).records)
    return str(refused.value)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    return tmp_path / "ventas.csv"


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_delimiter_in_every_encoding(sheet: Path, encoding: str, delimiter: str) -> None:
    """What was found is told, and the words are those that were written."""
    lines = [("Texto", "Intención"), ("¿Cuánto cuesta? ¡Cien años!", "precio")]
    content = "".join(f"{delimiter.join(line)}\r\n" for line in lines)
    table = _read(sheet, content.encode(encoding))
    assert table.details["encoding"] == ENCODINGS[encoding]
    assert table.details["delimiter"] == {"\t": "tab"}.get(delimiter, delimiter)
    assert table.format == ("TSV" if delimiter == "\t" else "CSV")
    assert table.columns == {"text": "Texto", "intent": "Intención"}
    assert list(table.records) == [Record("¿Cuánto cuesta? ¡Cien años!", "precio", 2)]


def test_spanish_excel_has_semicolons_and_decimal_commas(sheet: Path) -> None:
    """The commas inside the cells are more than the semicolons between them."""
    content = "sep=;\r\nfrase;categoría\r\nCuesta 12,50, no 13,75;precio\r\nSí, 1,5 kg;peso\r\n"
    table = _read(sheet, content.encode("cp1252"))
    assert table.details == {"encoding": "cp1252", "delimiter": ";"}
    assert _rows(table) == [("Cuesta 12,50, no 13,75", "precio", 2), ("Sí, 1,5 kg", "peso", 3)]


def test_rows_are_counted_as_the_spreadsheet_shows_them(sheet: Path) -> None:
    """Blank rows count, and cells with line breaks are one row."""
    content = '\r\ntext,intent\r\n"una\nfrase\nlarga",a\r\n,\r\n\r\notra,b\r\n'
    table = _read(sheet, content)
    assert _rows(table) == [("una\nfrase\nlarga", "a", 3), ("otra", "b", 6)]
    assert str(table.source.where(6)) == "ventas.csv, row 6"


def test_records_can_be_read_again_and_only_in_part(sheet: Path) -> None:
    """Each iteration begins at the first row."""
    table = _read(sheet, "text,intent\nuna,a\notra,b\n")
    assert next(iter(table.records)).text == "una"
    assert _rows(table) == _rows(table) == [("una", "a", 2), ("otra", "b", 3)]


def test_a_missing_cell_is_empty(sheet: Path) -> None:
    """Whoever imports says which rows lack something."""
    table = _read(sheet, "text,intent\nuna\n,b\n otra , b \n")
    assert _rows(table) == [("una", "", 2), ("", "b", 3), (" otra ", " b ", 4)]


def test_kind_and_id_are_taken_where_there_are_such_columns(sheet: Path) -> None:
    """And what is not taken is told."""
    table = _read(sheet, "Id;Frase;Tipo;Intención;Notas\n7;hola;difícil;saludo;x\n")
    assert list(table.records) == [Record("hola", "saludo", 2, "difícil", "7")]
    assert table.columns == {"text": "Frase", "intent": "Intención", "kind": "Tipo", "id": "Id"}
    assert table.ignored == ("Notas",)


def test_a_file_without_header_is_read_by_numbers(sheet: Path) -> None:
    """Its first row is data; where it names the columns after all, it is the header."""
    columns = Columns(text="3", intent="1")
    table = _read(sheet, "alarm/set\tx\tPon una alarma\nweather/find\ty\tLlueve\n", columns)
    assert _rows(table) == [("Pon una alarma", "alarm/set", 1), ("Llueve", "weather/find", 2)]
    assert table.details["header"] == "none"
    assert table.columns == {"text": "3", "intent": "1"}
    assert _rows(_read(sheet, "label\tx\tquery\na\ty\tb\n", columns)) == [("b", "a", 2)]


def test_quotes_in_a_tsv_can_be_letters(sheet: Path) -> None:
    """Where they are not closed as CSV demands, and the cells fit without them."""
    table = _read(sheet, 'text\tintent\n"Hola" dijo\ta\n"Adiós\tb\n')
    assert table.details["quotes"] == "none"
    assert _rows(table) == [('"Hola" dijo', "a", 2), ('"Adiós', "b", 3)]
    told = _refusal(sheet, 'text\tintent\n"Dijo ""hola"""\ta\n"Adiós\tb\n')
    assert told.startswith("ventas.csv, row 3: a quote is opened and not closed")


def test_spaces_before_quotes_are_none_of_the_text(sheet: Path) -> None:
    """As people write by hand; a space inside the quotes stays."""
    table = _read(sheet, 'text, intent\n"hola, tú", "saludo"\n" ""x""", b\n')
    assert _rows(table) == [("hola, tú", "saludo", 2), (' "x"', "b", 3)]
    table = _read(sheet, 'text, intent\n" ""x""", b\n')
    assert _rows(table) == [(' "x"', " b", 2)]


def test_what_begins_like_a_sign_is_text_but_a_formula_is_refused(sheet: Path) -> None:
    """A spreadsheet would compute it: the export must never meet one."""
    content = "text,intent\n- No quiero,a\n+34 es España,a\n@ana hola,a\n=) hola,a\n"
    assert [row[2] for row in _rows(_read(sheet, content))] == [2, 3, 4, 5]
    for formula in ('=HYPERLINK("http://x")', "=SUM(A1:A9)", "=1+1", "= A1", "=-2"):
        quoted = formula.replace('"', '""')
        told = _refusal(sheet, f'text,intent\nhola,a\n"{quoted}",b\n')
        assert told == (
            "ventas.csv, row 3: a cell is a formula, which is no sentence: put its value there as"
            " text."
        )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('text,intent\nuna,a\n"otra,b\ntercera,c\n', "row 3: a quote is opened and not closed"),
        ('text,intent\nuna,a\n"otra" más,b\n', "row 3: a quote stands inside a text in quotes"),
        ('text,intent\n"otra,b\n"x",c\n', "row 2: a quote stands inside a text in quotes"),
        ('text,intent\n"otra,b\n' + "frase larga,c\n" * 20_000, "row 2: a quote is opened"),
        ("text,intent\n" + '"x\nx",' * 500_000, "row 2: a quote is opened and not closed"),
        ("text,intent\nuna, otra,b\n", "row 2: 3 cells, where the first row has 2"),
        ("text,intent\nu\0na,b\n", "row 2: the character U+0000"),
        ("text,intent\nuna,b\x1b[2J\n", "row 2: the character U+001B"),
        ("text,intent\n" + "x" * 1_100_000, "line 2: a line of more than 1000000 characters"),
        (b"text,intent\n\xc3\xa1,a\n\xe1,b\n", "line 3: this line is not UTF-8, and others are"),
        (b"\xef\xbb\xbftext,intent\nya,a\n\xe1,b\n", "line 3: this line is not UTF-8, as the"),
        (
            "\ufefftext,intent\n".encode("utf-16-le") + b"\x00\xdc\n\x00",
            "line 2: this is neither UTF-8 nor UTF-16 nor cp1252",
        ),
        (b"text,intent\nsi\x81,a\n", "line 2: this is neither UTF-8 nor UTF-16 nor cp1252"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "this is no text but a binary file"),
        (bytes(range(1, 256)), "this is no text but a binary file"),
        ("\n\n,,\n", "all rows are blank"),
    ],
    ids=range(16),
)
def test_bad_input_is_refused_with_its_place(sheet: Path, content: str | bytes, told: str) -> None:
    """What is wrong, where, and after the colon what to do."""
    assert told in _refusal(sheet, content)
    assert _refusal(sheet, content).startswith("ventas.csv")


def test_a_file_that_changes_while_it_is_read_is_refused(sheet: Path) -> None:
    """Rows of two files would be mixed, under the encoding of one."""
    table = _read(sheet, "text,intent\nuna,a\n")
    sheet.write_text("text,intent\nuna,a\notra,b\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"ventas\.csv was changed while it was read"):
        list(table.records)


def test_a_file_that_is_written_while_it_is_read_is_refused(sheet: Path) -> None:
    """At its end, when nobody can tell of which file the last rows are."""
    table = _read(sheet, "text,intent\nuna,a\notra,b\n")
    records = iter(table.records)
    next(records)
    with sheet.open("a", encoding="utf-8") as file:
        file.write("tercera,c\n")
    with pytest.raises(SettingsError, match="was changed while it was read"):
        list(records)


def test_a_large_file_needs_little_memory(sheet: Path) -> None:
    """However many rows it has: none is kept."""
    sheet.write_text("text,intent\n" + "Quiero comprar un artículo,comprar\n" * 100_000, "utf-8")
    tracemalloc.start()
    try:
        count = sum(1 for _ in read_file(sheet, NOTHING_SAID).records)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (count, peak < sheet.stat().st_size) == (100_000, True)


CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from('\n",;|\t ')
).filter(lambda cell: cell.strip() and cell.lstrip()[0] != "=" and unguard(cell) == cell)
DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t|"),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
        "lineterminator": st.sampled_from(["\n", "\r\n"]),
    }
)


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8),
    dialect=DIALECTS,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_csv_writes_is_read_back_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str]],
    dialect: dict[str, str],
    encoding: str,
) -> None:
    """In every dialect and encoding, whatever the cells hold."""
    written = io.StringIO(newline="")
    csv.writer(written, **dialect).writerows([("text", "intent"), *rows])
    path = tmp_path_factory.getbasetemp() / "any.csv"
    table = _read(path, written.getvalue().encode(encoding))
    expected = [(*row, number) for number, row in enumerate(rows, 2)]
    assert _rows(table) == expected
    assert _rows(table) == expected


@pytest.mark.parametrize(
    "title", ["Frases de la tienda;;\n;;\n", "# exportado hoy\n", "a;b;c\nd\n"]
)
def test_a_title_above_the_header_is_no_header(sheet: Path, title: str) -> None:
    """As in a workbook that is saved as CSV. Rows count as the spreadsheet shows them."""
    above = title.count("\n")
    content = f"{title}Frase;Intención;\nuna;a;\notra, más;b;nota\n"
    assert _rows(_read(sheet, content)) == [("una", "a", above + 2), ("otra, más", "b", above + 3)]
    told = _refusal(sheet, "Frases;;\nuno;dos;tres\n")
    assert "the column of the intents is not known. It has 'Frases'" in told
    assert "no row has a sentence" in _refusal(sheet, f"{title}Frase;Intención;\n")
