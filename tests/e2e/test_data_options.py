"""What a person says of their files is obeyed or refused, and never passed over in silence."""

from __future__ import annotations

import errno
import json
import sqlite3
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from agent.cli.export import open_new
from agent.cli.main import main
from states.errors import SettingsError
from tests.restored_logging import restored_logging

ENGLISH = {"AGENT_LANGUAGE": "en"}
ROWS = [
    *((f"Quiero comprar {n},5 metros de tela", "comprar") for n in range(12)),
    *((f"¿Cómo devuelvo el pedido número {n}?", "devolución") for n in range(12)),
]


@pytest.fixture
def examples(tmp_path: Path) -> str:
    path = tmp_path / "frases.json"
    path.write_text(json.dumps(ROWS), "utf-8")
    return str(path)


def _first_instruction(home: Path) -> str:
    prompts = (home / "data/projects/tela/processed/training_prompts.jsonl").read_text("utf-8")
    instruction: str = json.loads(prompts.splitlines()[0])["messages"][0]["content"]
    return instruction


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_an_instruction_is_read_in_the_encoding_of_its_editor(
    home: Path, cli: Any, examples: str, tmp_path: Path, encoding: str
) -> None:
    """A broken letter would be trained, and paid."""
    (tmp_path / "p.txt").write_bytes("Di la intención.\r\n".encode(encoding))
    given = ("--examples", examples, "--system-prompt", str(tmp_path / "p.txt"))
    assert cli(home, "new", "tela", *given, env=ENGLISH).code == 0
    assert _first_instruction(home) == "Di la intención."


def test_descriptions_beside_an_instruction_of_ones_own_are_told_to_have_no_effect(
    home: Path, cli: Any, examples: str, tmp_path: Path
) -> None:
    (tmp_path / "p.txt").write_text("Di la intención.")
    (tmp_path / "i.json").write_text("{}")
    files = ("--system-prompt", str(tmp_path / "p.txt"), "--intents", str(tmp_path / "i.json"))
    ended = cli(home, "new", "tela", "--examples", examples, *files, env=ENGLISH)
    assert ended.code == 0, ended.text
    assert "the descriptions of `--intents` are not put into it" in ended.out
    assert _first_instruction(home) == "Di la intención."


@pytest.mark.parametrize(
    ("content", "told"), [(b" \n", "has no instruction"), (bytes(range(256)) * 9, "binary file")]
)
def test_a_file_that_holds_no_instruction_is_refused(
    home: Path, cli: Any, examples: str, tmp_path: Path, content: bytes, told: str
) -> None:
    (tmp_path / "p.txt").write_bytes(content)
    given = ("--examples", examples, "--system-prompt", str(tmp_path / "p.txt"))
    ended = cli(home, "new", "tela", *given, env=ENGLISH)
    assert ended.code == 2
    assert told in ended.err
    assert not (home / "data").exists()


def test_an_option_about_a_file_is_refused_where_none_is_read(
    home: Path, cli: Any, examples: str, tmp_path: Path
) -> None:
    """The cases of a person would be left out, and their repaired file not written."""
    ended = cli(home, "new", "tela", "--sample", "--cases", examples, env=ENGLISH)
    assert ended.code == 2
    assert "--sample takes no files of yours, for which these options are: --cases." in ended.err
    assert cli(home, "new", "tela", "--sample", env=ENGLISH).code == 0
    out = tmp_path / "bien.csv"
    ended = cli(home, "check", "tela", "--fix", str(out), "--merge-labels", env=ENGLISH)
    assert ended.code == 2
    assert (
        "tela is a project, and these options are for a file: --fix, --merge-labels." in ended.err
    )
    assert not out.exists()


def test_an_import_looks_where_the_project_stands_once_the_file_is_read(
    home: Path,
    cli: Any,
    examples: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A daemon may have begun the training meanwhile: nothing is begun anew unasked."""
    assert cli(home, "new", "tela", "--examples", examples, env=ENGLISH).code == 0
    command = import_module("agent.cli.joined")
    read_given = command.read_given

    def read_slowly(*given: Any) -> Any:
        with closing(sqlite3.connect(home / "data/agent.db")) as database:
            database.execute("UPDATE projects SET state = 'TRAINED', version = version + 1")
            database.commit()
        return read_given(*given)

    monkeypatch.setattr(command, "read_given", read_slowly)
    for name, value in {**ENGLISH, "AGENT_HOME": str(home), "AGENT_PROVIDER": "emulator"}.items():
        monkeypatch.setenv(name, value)
    with restored_logging():
        assert main(["import", "tela", examples, "--replace"]) == 0
    assert "tela is in TRAINED: it goes on with the sentences it has." in capsys.readouterr().out
    assert cli(home, "status", "--json").json["projects"][0]["state"] == "TRAINED"


@pytest.mark.slow
def test_beside_a_daemon_a_new_project_does_not_wait(
    home: Path, cli: Any, examples: str, daemon: Any, eventually: Any, state_of: Any
) -> None:
    """Who is told that nothing has been sent would wonder at the bill."""
    assert cli(home, "new", "otra", "--examples", examples, env=ENGLISH).code == 0
    daemon(home, env={"EMULATOR_TRAIN_SECONDS": "30"})
    eventually(lambda: state_of(home, "otra") == "TRAINING")
    ended = cli(home, "new", "tela", "--examples", examples, env=ENGLISH)
    assert "Ready. A daemon is running" in ended.out
    assert "nothing has been sent" not in ended.out


def test_half_a_file_is_not_left_where_the_disk_is_full(
    tmp_path: Path,
) -> None:
    """The next attempt would be refused: it is there already."""
    out = tmp_path / "fuera.csv"
    with pytest.raises(SettingsError, match="No space left"), open_new(str(out), "csv") as file:
        file.write("text,intent\n")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert not out.exists()
    out.write_text("de otro")
    with pytest.raises(SettingsError, match="is there already"), open_new(str(out), "csv"):
        pass
    assert out.read_text() == "de otro"


def test_the_columns_of_the_cases_may_go_by_other_names_than_those_that_are_named(
    home: Path, cli: Any, tmp_path: Path
) -> None:
    for name, head in (("odd", "Dicho;Motivo"), ("cases", "Mensaje;Etiqueta"), ("bad", "c;d")):
        rows = ROWS[:: 1 if name == "odd" else 8]
        lines = [head, *(f"{text} ({name});{intent}" for text, intent in rows)]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines), "utf-8")
    given = ("--examples", str(tmp_path / "odd.csv"), "--text", "dicho", "--intent", "motivo")
    refused = cli(home, "new", "dos", *given, "--cases", str(tmp_path / "bad.csv"), env=ENGLISH)
    assert refused.code == 2 and "bad.csv has no column 'dicho'" in refused.err
    ended = cli(home, "new", "tela", *given, "--cases", str(tmp_path / "cases.csv"), env=ENGLISH)
    assert ended.code == 0, ended.text
    assert "sentence ← Mensaje; intent ← Etiqueta" in ended.out


def test_a_mistake_of_the_command_line_is_told_by_the_name_that_was_typed(
    home: Path, cli: Any, tmp_path: Path, examples: str
) -> None:
    new = ("new", "tela", "--examples", examples)
    refused = cli(home, *new, "--target", "90", env=ENGLISH)
    assert refused.code == 2
    assert "--target is '90'; it must be a number from 0 to 1" in refused.err
    (tmp_path / "words.json").write_text('{"compra": "x"}', "utf-8")
    refused = cli(home, *new, "--intents", str(tmp_path / "words.json"), env=ENGLISH)
    assert refused.code == 2
    assert "no intent 'compra' (did you mean `comprar`?).\n" in refused.err
    refused = cli(home, "check", "tele", env=ENGLISH)
    assert refused.code == 2 and "neither a file nor a project tele" in refused.err


@pytest.mark.slow
def test_an_import_does_not_say_that_it_keeps_a_system_prompt(
    home: Path, cli: Any, examples: str, tmp_path: Path
) -> None:
    """The instruction is that of the project; nor do test cases have one."""
    spoken = [
        [("system", "Classify."), ("user", text), ("assistant", intent)] for text, intent in ROWS
    ]
    records = [
        {"messages": [{"role": role, "content": said} for role, said in one]} for one in spoken
    ]
    chat = tmp_path / "chat.jsonl"
    chat.write_text("\n".join(map(json.dumps, records)), "utf-8")
    ended = cli(home, "new", "tela", "--examples", examples, "--cases", str(chat), env=ENGLISH)
    assert ended.code == 0, ended.text
    assert "system prompt" not in ended.out
    ended = cli(home, "import", "tela", str(chat), "--dry-run", env=ENGLISH)
    assert "which is kept" not in ended.out
    assert "The system prompt of the file is not taken: a project keeps its own." in ended.out
    assert cli(home, "new", "otra", "--examples", str(chat), env=ENGLISH).code == 0
    ended = cli(home, "import", "otra", str(chat), "--replace", "--dry-run", env=ENGLISH)
    assert "system prompt, which is kept: Classify." in ended.out
