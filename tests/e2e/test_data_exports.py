"""What is exported is what an import reads, whatever it says."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.cli.export import write_rows
from agent.formats.reading import read_file
from states.intents.records import Columns

ROWS = [
    *((f"Quiero comprar {n},5 metros de tela", "comprar") for n in range(12)),
    *((f"¿Cómo devuelvo el pedido número {n}?", "devolución") for n in range(12)),
]
CASES = [
    ("Me llevo tres", "comprar", "difícil"),
    ("Esto va de vuelta", "devolución", ""),
    ("¿Qué hora es en Quito?", "Ninguna", ""),
]


def test_an_export_is_what_an_import_reads(home: Path, cli: Any, tmp_path: Path) -> None:
    for name, head, rows in (("f", "text,intent", ROWS), ("c", "text,intent,kind", CASES)):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head.split(","), *rows])
    given = (str(tmp_path / "f.csv"), "--cases", str(tmp_path / "c.csv"))
    told = cli(home, "new", "tela", "--examples", *given)
    assert told.code == 0
    assert "3 casos de prueba. De ellos, 1 espera que no se nombre ninguna intención:" in told.out
    for chosen in ("csv", "jsonl"):
        out = tmp_path / f"fuera.{chosen}"
        told = cli(home, "export", "tela", "--format", chosen, "--out", str(out))
        assert (told.code, told.out) == (0, f"{out}: {len(ROWS)} filas.\n")
        records = list(read_file(out, Columns()).records)
        assert [(one.text, one.intent) for one in records] == ROWS
    ended = cli(home, "export", "tela", "--cases")
    # A Spanish Excel takes a comma for a decimal one.
    rows = list(csv.reader(io.StringIO(ended.out), delimiter=";"))
    assert rows[1] == ["Me llevo tres", "comprar", "difícil", "row-2"]
    assert rows[3] == ["¿Qué hora es en Quito?", "(none)", "typical", "row-4"]
    ended = cli(home, "export", "tela", "--cases", "--format", "jsonl")
    assert json.loads(ended.out.splitlines()[2])["intent"] is None


def test_a_pipe_in_the_place_of_the_sentences_is_not_waited_for(home: Path, cli: Any) -> None:
    assert cli(home, "new", "tela", "--sample").code == 0
    sentences = home / "data/projects/tela/raw/intent_examples.json"
    sentences.unlink()
    os.mkfifo(sentences)
    ended = cli(home, "export", "tela")
    assert ended.code == 2 and "no es un archivo" in ended.err


# Neither characters that no file of text has, nor white space at the ends, which is left out.
TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cf"), exclude_characters="\u2028\u2029"),
    min_size=1,
).filter(lambda text: text == text.strip() and text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.tuples(TEXTS, TEXTS), min_size=1), chosen=st.sampled_from(["csv", "jsonl"]))
def test_whatever_is_exported_is_imported_as_it_was(
    tmp_path: Path, rows: list[tuple[str, str]], chosen: str
) -> None:
    """And no cell of a CSV begins with what a spreadsheet computes."""
    out = tmp_path / f"fuera.{chosen}"
    encoding = "utf-8-sig" if chosen == "csv" else "utf-8"
    with out.open("w", encoding=encoding, newline="") as file:
        write_rows(file, ({"text": t, "intent": i} for t, i in rows), chosen, is_of_cases=False)
    if chosen == "csv":
        with out.open(encoding=encoding, newline="") as file:
            assert not any(cell[0] in "=+-@" for row in csv.reader(file) for cell in row)
    records = list(read_file(out, Columns()).records)
    assert [(one.text, one.intent) for one in records] == rows
