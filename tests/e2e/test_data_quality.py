"""What the whole check tells of a file with planted faults, from the command to the summary."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

FULL = {"AGENT_LANGUAGE": "en", "AGENT_DATA_CHECK": "full"}
VERBS = ("Quiero", "Necesito", "Me gustaría", "Quisiera", "Deseo", "Ponme por favor")
WANTED = {
    "comprar": ("comprar una silla", "encargar un sofá", "adquirir la mesa", "pedir una cama"),
    "devolver": ("devolver el pedido", "un reembolso", "anular la compra", "mi dinero de vuelta"),
    "horario": ("saber cuándo abrís", "vuestro horario", "saber si cerráis hoy", "ir el domingo"),
}
PLANTED = [
    ("Necesito devolver la compra", "horario"),  # a slip: row 74
    ("Escríbeme a ana.perez@example.com cuando abráis", "horario"),  # personal data: row 75
]


def write(path: Path, rows: list[tuple[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("texto", "etiqueta"), *rows])
    return path


@pytest.mark.slow
def test_planted_faults_are_told_with_their_rows_and_nothing_personal_is_kept(
    home: Path, cli: Any, tmp_path: Path
) -> None:
    rows = [
        (f"{verb} {end}", intent)
        for intent, ends in WANTED.items()
        for verb in VERBS
        for end in ends
    ]
    frases = write(tmp_path / "frases.csv", [*rows, *PLANTED])
    casos = write(tmp_path / "casos.csv", [("quisiera comprar una silla", "comprar")])
    ended = cli(home, "new", "tela", "--examples", str(frases), "--cases", str(casos), env=FULL)
    assert ended.code == 0, ended.text
    place = home / "data/projects/tela/processed/data_preparation_summary.json"
    summary = json.loads(place.read_text("utf-8"))
    found = {one["kind"]: one for one in summary["findings"]}
    assert found["label_errors"]["rows"] == ["frases.csv, row 74"]
    assert found["personal_data"]["rows"] == ["frases.csv, row 75"]
    assert found["leakage"]["rows"] == ["casos.csv, row 2"]
    assert set(found["intents_without_cases"]["text"].split("'")) >= {"devolver", "horario"}
    assert summary["local_classifier"]["local_accuracy"]["n"] == 74
    # Worst first, on the terminal as in the file.
    assert summary["findings"][0]["kind"] == "personal_data"
    assert "frases.csv, row 74" in ended.out
    log = (home / "logs/agent.jsonl").read_text("utf-8") if (home / "logs").exists() else ""
    for text in (place.read_text("utf-8"), ended.text, log):
        assert "ana.perez" not in text
