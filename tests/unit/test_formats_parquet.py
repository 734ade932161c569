"""Parquet as pyarrow writes it, and as the hub of public data sets has it."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agent.formats import parquet
from agent.formats.reading import read_file
from states.errors import SettingsError
from states.intents.records import Columns, Record

NOTHING_SAID = Columns()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ventas.parquet"


def _refusal(path: Path, columns: Columns = NOTHING_SAID) -> str:
    with pytest.raises(SettingsError) as refused:
        list(read_file(path, columns).records)
    return str(refused.value)


def test_the_columns_are_read_in_batches(path: Path) -> None:
    """As often as one likes; what is not taken is not read."""
    count = 10_000
    texts = [f"frase {number}" for number in range(count)]
    data = {"Texto": texts, "x": [[1]] * count, "label": ["a"] * count}
    pq.write_table(pa.table(data), path, row_group_size=3_000)
    table = read_file(path, NOTHING_SAID)
    expected = [Record(text, "a", row) for row, text in enumerate(texts, 1)]
    assert list(table.records) == list(table.records) == expected
    assert (table.format, table.ignored) == ("Parquet", ("x",))
    assert str(table.source.where(3)) == "ventas.parquet, row 3"
    by_number = read_file(path, Columns(text="1", intent="3"))
    assert next(iter(by_number.records)) == expected[0]
    assert by_number.columns == {"text": "Texto", "intent": "label"}


def test_numbers_of_a_public_set_become_their_names(path: Path) -> None:
    """The names stand in the file, and a number that has none stays one."""
    feature = {"names": ["alta", "baja"], "_type": "ClassLabel"}
    info = {"info": {"features": {"label": feature, "text": {"dtype": "string"}}}}
    data = pa.table({"text": ["una", "otra", "más"], "label": [1, 0, 7]})
    pq.write_table(data.replace_schema_metadata({"huggingface": json.dumps(info)}), path)
    records = read_file(path, NOTHING_SAID).records
    assert [record.intent for record in records] == ["baja", "alta", "7"]


def test_missing_values_are_empty_and_blank_rows_skipped(path: Path) -> None:
    pq.write_table(pa.table({"text": ["una", None, "otra"], "intent": ["a", None, None]}), path)
    assert list(read_file(path, NOTHING_SAID).records) == [
        Record("una", "a", 1),
        Record("otra", "", 3),
    ]


def test_bad_parquet_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Damaged, without rows, of lists, or of pieces too large for the memory."""
    path.write_bytes(b"PAR1" + bytes(100))
    assert "the file is damaged: make it anew" in _refusal(path)
    pq.write_table(pa.table({"text": pa.array([], pa.string()), "intent": []}), path)
    assert "no row has a sentence" in _refusal(path)
    pq.write_table(pa.table({"text": ["una", "b\0"], "intent": ["a", "b"]}), path)
    assert "ventas.parquet, row 2: the character U+0000" in _refusal(path)
    pq.write_table(pa.table({"text": [["una"]], "intent": ["a"]}), path)
    assert "row 1: a sentence or an intent is not text" in _refusal(path)
    pq.write_table(pa.table({"text": ["x" * 1_000_001], "intent": ["a"]}), path)
    assert "row 1: a sentence or an intent is not text, or without end" in _refusal(path)
    monkeypatch.setattr(parquet, "_LARGEST_GROUP", 100)
    assert "a row group of more than" in _refusal(path)


@pytest.mark.parametrize("bit", [1, 2])
def test_no_wrong_bit_ends_the_process(path: Path, bit: int) -> None:
    """For some the library would, asked for the sizes of the columns."""
    data = pa.table({"text": ["una", "otra"], "intent": ["a", "b"]})
    pq.write_table(data, path, store_schema=False)
    content = path.read_bytes()
    for at in range(4, len(content)):
        path.write_bytes(content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :])
        with suppress(SettingsError):
            assert len(list(read_file(path, NOTHING_SAID).records)) <= 2


def test_without_pyarrow_the_command_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else needs it."""
    pq.write_table(pa.table({"text": ["una"], "intent": ["a"]}), path)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert _refusal(path) == (
        "ventas.parquet: pyarrow, which reads such files, is not installed: `pip install pyarrow`,"
        " or save the data as CSV."
    )
