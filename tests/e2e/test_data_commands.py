"""new, import, check, export: from the file a person has to a project that is checked."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

ENGLISH = {"AGENT_LANGUAGE": "en"}
ROWS = [
    *((f"Quiero comprar {n},5 metros de tela", "comprar") for n in range(12)),
    *((f"¿Cómo devuelvo el pedido número {n}?", "devolución") for n in range(12)),
]
CASES = [("Me llevo tres", "comprar"), ("Esto va de vuelta", "devolución")]
RAW = "data/projects/tela/raw"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """What a Spanish Excel saves, and a workbook with the cases on its second sheet."""
    with (tmp_path / "frases.csv").open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerows([("Frase", "Intención"), *ROWS])
    book = openpyxl.Workbook()
    book.active.title = "Notas"
    sheet = book.create_sheet("Casos")
    for row in (("Mensaje", "Etiqueta", "Tipo"), *((*case, "difícil") for case in CASES)):
        sheet.append(row)
    book.save(tmp_path / "casos.xlsx")
    return tmp_path


def new(cli: Any, home: Path, files: Path, *more: str) -> Any:
    return cli(home, "new", "tela", "--examples", str(files / "frases.csv"), *more, env=ENGLISH)


def test_one_command_takes_a_spanish_csv_and_a_workbook_to_validated(
    home: Path, cli: Any, files: Path
) -> None:
    """What was understood, the price, and nothing sent: there is no emulator yet."""
    ended = new(cli, home, files, "--cases", str(files / "casos.xlsx"), "--epochs", "2")
    assert ended.code == 0, ended.text
    for told in (
        "frases.csv: CSV, cp1252, separated by ';', 24 rows",
        "sentence ← Frase; intent ← Intención",
        "casos.xlsx, sheet 'Casos': XLSX, other sheets: 'Notas', 2 rows",
        "24 sentences of 2 intents: comprar, devolución",
        "Instruction: in Spanish",
        "gpt-4.1-mini-2025-04-14, 2 epochs",
        "USD (list price of",
        "`run --project tela --until ANALYZED`",
    ):
        assert told in ended.out
    assert cli(home, "status", "--json").json["projects"][0]["state"] == "VALIDATED"
    cases = json.loads((home / RAW / "test_cases.json").read_text())
    assert cases[0] == {
        "text": "Me llevo tres", "expected": "comprar", "kind": "difícil", "id": "row-2"
    }  # fmt: skip
    assert not (home / "data/emulator/emulator.sqlite3").exists()


def test_two_commands_take_it_to_analyzed(home: Path, cli: Any, files: Path) -> None:
    assert new(cli, home, files, "--cases", str(files / "casos.xlsx")).code == 0
    ended = cli(home, "run", "--project", "tela", "--until", "ANALYZED", env=ENGLISH)
    assert ended.code == 0, ended.text
    results = json.loads((home / "results/projects/tela/test_results.json").read_text())
    assert [case["id"] for case in results["cases_answered"]] == ["row-2", "row-3"]


def test_a_file_that_cannot_be_used_leaves_nothing_behind(
    home: Path, cli: Any, files: Path
) -> None:
    (files / "frases.csv").write_text("Frase;Intención\nhola;a\nHola;b\n;a\n")
    ended = new(cli, home, files)
    assert ended.code == 2
    assert (
        "'hola' stands under 'a' (frases.csv, row 2) and under 'b' (frases.csv, row 3)" in ended.err
    )
    assert "there is no sentence: 1 row (frases.csv, row 4)" in ended.err
    assert "Traceback" not in ended.text
    assert not (home / "data").exists()


def test_a_dry_run_and_a_check_write_nothing(home: Path, cli: Any, files: Path) -> None:
    assert "Nothing was written" in new(cli, home, files, "--dry-run").out
    ended = cli(home, "check", str(files / "frases.csv"), "--json", env=ENGLISH)
    assert ended.code == 0, ended.text
    assert ended.json["ready"] is True
    assert ended.json["estimated_cost"]["currency"] == "USD"
    assert not (home / "data").exists()


def test_a_check_tells_everything_at_once_and_its_fix_can_be_used(
    home: Path, cli: Any, files: Path
) -> None:
    more = "Quiero comprar 0,5 metros de tela;devolución\nComo este;Comprar\nComo ese;Comprar\n"
    path = files / "frases.csv"
    path.write_bytes(path.read_bytes() + more.encode("cp1252"))
    out = files / "bien.csv"
    ended = cli(home, "check", str(path), "--fix", str(out), env=ENGLISH)
    assert ended.code == 1
    assert "1 sentence stands under two intents" in ended.out
    assert "the names 'Comprar' (frases.csv, row 27) and 'comprar'" in ended.out
    assert "sentences to train on" in ended.out
    checked = cli(home, "check", str(out), env=ENGLISH)
    assert checked.code == 0 and "serve as test cases" not in checked.out
    again = cli(home, "check", str(path), "--fix", str(out), env=ENGLISH)
    assert again.code == 2
    assert "is there already" in again.err


def test_later_messages_name_the_row_of_the_persons_own_file(
    home: Path, cli: Any, files: Path
) -> None:
    path = files / "frases.csv"
    path.write_bytes(path.read_bytes() + "Pago ya;comprar\n¿Pagó ya?;devolución\n".encode("cp1252"))
    assert new(cli, home, files).code == 0
    summary = json.loads(
        (home / "data/projects/tela/processed/data_preparation_summary.json").read_text()
    )
    [close] = [one for one in summary["findings"] if one["kind"] == "close_sentences"]
    assert close["rows"] == ["frases.csv, row 26", "frases.csv, row 27"]


@pytest.mark.slow
def test_an_import_adds_what_is_new_and_replaces_on_request(
    home: Path, cli: Any, files: Path
) -> None:
    """What the project had keeps its rows; what it has already is not added again."""
    assert new(cli, home, files).code == 0
    more = files / "más.jsonl"
    rows = [{"text": "Ponme dos", "intent": "comprar"}, {"text": ROWS[0][0], "intent": "comprar"}]
    more.write_text("".join(json.dumps(row) + "\n" for row in rows))
    ended = cli(home, "import", "tela", str(more), env=ENGLISH)
    assert ended.code == 0, ended.text
    assert "1 sentence is added to 24: 25 now." in ended.out
    sources = json.loads((home / RAW / "intent_examples.sources.json").read_text())
    assert [file["file"] for file in sources["files"]] == ["frases.csv", "más.jsonl"]
    dropped = (home / RAW / "dropped.csv").read_text("utf-8-sig")
    assert "más.jsonl,,2,duplicate,comprar" in dropped
    history = cli(home, "history", "--json").json
    again = cli(home, "import", "tela", str(more), env=ENGLISH)
    assert again.code == 0 and "The project has all of it already" in again.out
    assert cli(home, "history", "--json").json == history
    assert cli(home, "status", "--json").json["projects"][0]["state"] == "VALIDATED"
    ended = cli(home, "import", "tela", str(files / "frases.csv"), "--replace", env=ENGLISH)
    assert "25 sentences are replaced by 24." in ended.out
    cases = cli(home, "import", "tela", "--cases", str(files / "casos.xlsx"), env=ENGLISH)
    assert cases.code == 0, cases.text
    assert "2 test cases." in cases.out


@pytest.mark.slow
def test_an_import_after_the_training_says_what_it_takes(home: Path, cli: Any, files: Path) -> None:
    assert new(cli, home, files, "--cases", str(files / "casos.xlsx")).code == 0
    assert cli(home, "run", "--project", "tela", "--until", "ANALYZED").code == 0
    ended = cli(home, "import", "tela", str(files / "frases.csv"), "--replace", env=ENGLISH)
    assert ended.code == 0
    assert "(paid again): `retry tela --restart`" in ended.out
    assert cli(home, "status", "--json").json["projects"][0]["state"] == "ANALYZED"


def test_chat_records_keep_their_system_prompt(home: Path, cli: Any, files: Path) -> None:
    path = files / "chat.jsonl"
    system = {"role": "system", "content": "Classify, please."}
    path.write_text(
        "".join(
            json.dumps(
                {
                    "messages": [
                        system,
                        {"role": "user", "content": text},
                        {"role": "assistant", "content": intent},
                    ]
                }
            )
            + "\n"
            for text, intent in ROWS
        )
    )
    ended = cli(home, "new", "tela", "--examples", str(path), env=ENGLISH)
    assert ended.code == 0, ended.text
    assert "system prompt, which is kept: Classify, please." in ended.out
    prompts = (home / "data/projects/tela/processed/training_prompts.jsonl").read_text()
    assert json.loads(prompts.splitlines()[0])["messages"][0] == system


def test_options_of_a_project_are_checked_before_anything_is_made(
    home: Path, cli: Any, files: Path
) -> None:
    ended = new(cli, home, files, "--epochs", "500", "--target", "90")
    assert ended.code == 2
    assert "epochs is '500'" in ended.err
    assert "target is '90'" in ended.err
    assert not (home / "data").exists()
    assert new(cli, home, files).code == 0
    ended = new(cli, home, files)
    assert ended.code == 2
    assert "There is a project tela already." in ended.err
    missing = cli(home, "new", "otra", env=ENGLISH)
    assert missing.code == 2
    assert "--sample" in missing.err


def test_what_a_person_put_there_is_not_overwritten(home: Path, cli: Any, files: Path) -> None:
    own = home / RAW / "intent_examples.json"
    own.parent.mkdir(parents=True)
    own.write_text('{"mío": ["uno", "dos"]}')
    ended = new(cli, home, files)
    assert ended.code == 2
    assert "is there already, and says something else" in ended.err
    assert own.read_text() == '{"mío": ["uno", "dos"]}'


def test_the_sample_is_trained_where_it_costs_money_only_when_asked_for(
    home: Path, cli: Any, azure: Any
) -> None:
    env = {**azure.azure, **ENGLISH}
    ended = cli(home, "run", "--until", "VALIDATED", env=env)
    assert ended.code == 1
    assert "There are no sentences for tienda yet: `import tienda FILE…`" in ended.text
    assert not (home / "data/raw/intent_examples.json").exists()
    ended = cli(home, "new", "muestra", "--sample", env=env)
    assert ended.code == 0, ended.text
    assert (home / "data/projects/muestra/raw/intent_examples.json").exists()


def test_an_example_too_long_for_the_model_is_told_with_its_own_row(
    home: Path, cli: Any, files: Path
) -> None:
    """It is refused before the upload, by the count of tokens."""
    path = files / "frases.csv"
    lines = [
        "text,intent",
        *(f'"{text}",{intent}' for text, intent in ROWS),
        "𒀀" * 30_000 + ",comprar",
    ]
    path.write_text("\n".join(lines), "utf-8")
    ended = new(cli, home, files)
    assert ended.code == 1
    assert "frases.csv, row 26: " in ended.text
    assert "tokens, with the instruction" in ended.text
