"""What people get wrong: each a clear message, the right exit code, no traceback, and nothing half-written."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from store.engine import open_engine
from store.migrate import upgrade
from store.sql import SqlStore

BROKEN = {
    "json": (
        b'{\n "a": ["uno", "dos"]\n "b": []}',
        "data/projects/json/raw/intent_examples.json, línea 3, columna 2",
    ),
    "shape": (b'["uno", "dos"]', "data/projects/shape/raw/intent_examples.json"),
    "empty": (b"", "data/projects/empty/raw/intent_examples.json"),
    "latin": ('{"a": ["sí", "no"]}'.encode("latin-1"), "UTF-8"),
    "one": (b'{"a": ["uno"], "b": ["dos", "tres"]}', "línea 1"),
    "few": (b'{"a": ["uno", "dos"], "b": ["tres", "cuatro"]}', "10"),
}


def test_broken_examples_fail_their_own_project_only(
    home: Path, cli: Any, azure: Any, digests: Any, small_set: Any
) -> None:
    """Bad JSON, wrong shape, empty, not UTF-8, one sentence, too few: each is told with its file, beside a sound project."""
    small_set(home, project="sano")
    for name, (content, _) in BROKEN.items():
        path = home / "data" / "projects" / name / "raw" / "intent_examples.json"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    before, made = digests(home), azure.counts()
    engine = open_engine(f"sqlite:///{home}/data/agent.db")
    upgrade(engine)
    for name in [*BROKEN, "sano"]:
        # As `run --project NAME` does, without seven processes.
        SqlStore(engine).create(name, "00c0ffee", azure.url.removeprefix("http://"), 0.0)
    engine.dispose()
    ended = cli(home, "run", "--until", "VALIDATED", env=azure.azure)
    assert ended.code == 1
    assert "Traceback" not in ended.text
    for name, (_, told) in BROKEN.items():
        row = next(line for line in ended.out.splitlines() if line.strip().startswith(f"{name} "))
        assert "FAILED" in row
        assert told in " ".join(
            line for line in ended.err.splitlines() if f"  {name}  FAILED" in line
        )
    assert "VALIDATED" in next(line for line in ended.out.splitlines() if "sano" in line)
    after = digests(home)
    assert {path for path in after if path not in before and "/sano/" not in path} == set()
    assert {path: after[path] for path in before} == before
    assert azure.counts() == made


def test_a_mended_file_goes_on_after_retry(
    home: Path, cli: Any, azure: Any, small_set: Any, state_of: Any
) -> None:
    """FAILED, mended, `retry`, and the run goes on from there."""
    (home / "data" / "raw").mkdir(parents=True)
    (home / "data" / "raw" / "intent_examples.json").write_text("[]")
    assert cli(home, "run", "--until", "VALIDATED", env=azure.azure).code == 1
    small_set(home)
    again = cli(home, "retry", "tienda", env=azure.azure)
    assert again.code == 0
    assert cli(home, "run", "--until", "VALIDATED", env=azure.azure).code == 0
    assert state_of(home) == "VALIDATED"


def test_all_bad_settings_are_told_at_once(home: Path, cli: Any) -> None:
    """Exit 2, every name, and nothing was made."""
    bad = {
        "AGENT_PROVIDER": "azure",
        "AZURE_OPENAI_ENDPOINT": "recurso",
        "FINE_TUNING_EPOCHS": "muchas",
        "TRAIN_SPLIT": "0.9",
        "AGENT_SETTLE_SECONDS": "1",
        "AGENT_LANGUAGE": "fr",
        "AGENT_DEPLOY": "quizás",
    }
    ended = cli(home, "run", "--until", "ANALYZED", env=bad)
    assert ended.code == 2
    for name in ("AZURE_OPENAI_KEY", *(name for name in bad if name != "AGENT_PROVIDER")):
        assert name in ended.err, name
    assert "Traceback" not in ended.err
    assert list(home.iterdir()) == []


def test_an_unreachable_endpoint_is_told_soon(home: Path, cli: Any, small_set: Any) -> None:
    """An endpoint that never answered is probably mistyped: the project is held, with the address, after a few seconds."""
    small_set(home)
    env = {
        "AZURE_OPENAI_ENDPOINT": "http://127.0.0.1:9",
        "AZURE_OPENAI_KEY": "clave",
        "AGENT_REQUEST_TIMEOUT_SECONDS": "2",
        "AGENT_LISTING_LAG_SECONDS": "0",
        "AGENT_SETTLE_SECONDS": "3",
    }
    ended = cli(home, "run", "--until", "ANALYZED", env=env)
    assert ended.code == 1
    assert "http://127.0.0.1:9" in ended.out
    assert "AZURE_OPENAI_ENDPOINT" in ended.out
    assert "Traceback" not in ended.text
    document = cli(home, "status", "--json", env=env)
    assert document.code == 1
    assert document.json["projects"][0]["state"] == "VALIDATED"
    assert "cannot be reached" in document.json["projects"][0]["hold"]


@pytest.mark.parametrize("again", [["--until", "AWAITING_DEPLOY"], ["--once"]])
def test_a_wrong_key_holds_and_the_right_one_heals(
    again: list[str], home: Path, cli: Any, azure: Any, small_set: Any
) -> None:
    """HTTP 401: told at once, nothing uploaded; with the right key the same command goes on, without `retry`."""
    small_set(home)
    before = azure.counts()
    wrong = {**azure.azure, "AZURE_OPENAI_KEY": "una-clave-equivocada"}
    ended = cli(home, "run", "--until", "AWAITING_DEPLOY", env=wrong)
    assert ended.code == 1
    assert "HTTP 401" in ended.out
    assert "AZURE_OPENAI_KEY" in ended.out
    assert "una-clave-equivocada" not in ended.text
    assert "Traceback" not in ended.text
    assert azure.counts() == before
    healed = cli(home, "run", *again, env=azure.azure)
    assert healed.code == 0, healed.text
    assert "HTTP 401" not in healed.text
    assert azure.counts()["upload"] == before["upload"] + 2


def test_secrets_are_nowhere_even_in_debug_logs_and_errors(
    home: Path, cli: Any, start_emulator: Any, small_set: Any
) -> None:
    """The key and the ARM token, in everything an Azure run wrote or printed: requests, faults and their tracebacks included."""
    small_set(home)
    azure = start_emulator()  # of its own: it keeps the fault, and the key in it, in its files
    azure.fault(
        {
            "kind": "answer",
            "status": 500,
            "body": {"error": {"message": "your key was clave-de-prueba-7f3a91"}},
        },
        "GET",
    )
    env = {**azure.azure, "AGENT_DEPLOY": "auto", "AGENT_LOG_LEVEL": "debug"}
    ended = cli(home, "run", "--until", "ANALYZED", env=env)
    assert ended.code == 0, ended.out
    secrets = (env["AZURE_OPENAI_KEY"], env["AZURE_ARM_TOKEN"])
    log = (home / "logs" / "agent.jsonl").read_text()
    assert "[secret]" in log
    for secret in secrets:
        assert secret not in ended.text
        for path in home.rglob("*"):
            if path.is_file():
                assert secret.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("kind", ["foreign", "garbage", "newer", "folder"])
def test_a_database_that_is_not_ours_is_refused_untouched(
    kind: str, home: Path, cli: Any, azure: Any
) -> None:
    """Another program's, a broken one, a newer version's, or no file at all: exit 2 with its path."""
    path = home / "data" / "agent.db"
    path.parent.mkdir()
    if kind == "folder":
        path.mkdir()
    elif kind == "garbage":
        path.write_bytes(b"this is not a database at all, whatever its name says" * 100)
    else:
        with sqlite3.connect(path) as connection:
            if kind == "foreign":
                connection.execute("CREATE TABLE recipes (name TEXT)")
            else:
                connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
                connection.execute("INSERT INTO alembic_version VALUES ('9999')")
        connection.close()
    before = path.read_bytes() if path.is_file() else b""
    ended = cli(home, "run", "--until", "ANALYZED", env=azure.azure)
    assert ended.code == 2
    assert str(path) in ended.err
    assert "Traceback" not in ended.text
    if path.is_file() and kind != "newer":
        assert (
            path.read_bytes()[100:] == before[100:]
        )  # the header may say WAL from now on; the content is whole


def test_a_project_never_leaves_its_azure_resource(
    home: Path, cli: Any, azure: Any, small_set: Any, state_of: Any
) -> None:
    """Begun on Azure, the emulator's settings are refused, and so are those of another resource; reading is allowed."""
    small_set(home)
    assert cli(home, "run", "--until", "AWAITING_DEPLOY", env=azure.azure).code == 0
    host = azure.url.removeprefix("http://")
    for other in ({}, {**azure.azure, "AZURE_OPENAI_ENDPOINT": "http://127.0.0.1:9"}):
        for command in (("run", "--until", "ANALYZED"), ("advance",)):
            ended = cli(home, *command, env=other)
            assert ended.code == 2
            assert host in ended.err
    assert cli(home, "status").code == 0
    assert state_of(home) == "AWAITING_DEPLOY"


def test_from_the_emulator_to_azure_begins_a_new_generation(
    home: Path, cli: Any, azure: Any, small_set: Any, column_of: Any
) -> None:
    """The same examples, from DRAFT, with keys of their own; nothing of the emulator's is taken for Azure's."""
    small_set(home)
    assert cli(home, "run", "--until", "VALIDATED").code == 0
    before = azure.counts()
    assert cli(home, "run", "--until", "AWAITING_DEPLOY", env=azure.azure).code == 0
    assert column_of(home, "tienda", "generation") == 2
    assert column_of(home, "tienda", "service") == azure.url.removeprefix("http://")
    after = azure.counts()
    assert (after["upload"] - before["upload"], after["create_job"] - before["create_job"]) == (
        2,
        1,
    )


def test_there_is_nothing_to_see_in_an_empty_folder(home: Path, cli: Any) -> None:
    """`status` is fine and makes nothing; the other commands say that `run` makes the first project."""
    assert cli(home, "status").code == 0
    assert cli(home, "status", "--json").json["projects"] == []
    for command in (("advance",), ("history",), ("retry", "tienda"), ("cancel", "tienda")):
        ended = cli(home, *command)
        assert ended.code == 2
        assert "`run`" in ended.err
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["walk"],
        [],
        ["run", "--until", "SOMEWHERE"],
        ["run", "--until", "FAILED"],
        ["run", "--until", "cancelled"],
        ["status", "--yaml"],
        ["retry"],
        ["retry", "tienda", "--restore", "--restart"],
        ["run", "--project"],
    ],
)
def test_wrong_usage_is_two(arguments: list[str], home: Path, cli: Any) -> None:
    """As every command line does, with the usage on stderr, in the language of the person."""
    ended = cli(home, *arguments)
    assert ended.code == 2
    assert ended.err.startswith("uso: ")
    assert not re.search("usage|argument[s ]|required|choose|invalid|expected", ended.err)
    assert "Traceback" not in ended.err
    assert cli(home, *arguments, env={"AGENT_LANGUAGE": "en"}).err.startswith("usage: ")


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path, cli: Any, azure: Any) -> None:
    """A file where the folder should be: exit 2 with its path."""
    home = tmp_path / "fichero"
    home.write_text("not a folder")
    ended = cli(home, "run", "--once", env=azure.azure)
    assert ended.code == 2
    assert str(home) in ended.err
    assert "Traceback" not in ended.text


def test_custom_intents_without_cases_are_tested_on_the_validation_rows(
    home: Path, cli: Any, azure: Any, small_set: Any
) -> None:
    """The shop's cases are not offered to other intents; the report says where its cases come from."""
    small_set(home, cases=False)
    env = {**azure.azure, "AGENT_DEPLOY": "auto", "FINE_TUNED_MODEL_DEPLOYMENT": "luces.v1"}
    ended = cli(home, "run", "--until", "ANALYZED", env=env)
    assert ended.code == 0, ended.text
    assert not (home / "data" / "raw" / "test_cases.json").exists()
    results = json.loads((home / "results" / "test_results.json").read_text())
    assert results["cases_from"] == "validation"
    assert results["cases"] == 4
    assert set(results["per_intent"]) == {"encender", "apagar"}
    assert results["deployment"] == "luces.v1"
    shutil.rmtree(home)


def test_other_training_data_gives_other_answers(
    home: Path, cli: Any, azure: Any, small_set: Any
) -> None:
    """The same cases, the labels swapped, `retry --restart`: the model says the opposite. Only the uploaded rows teach it."""
    small_set(home)
    env = {**azure.azure, "AGENT_DEPLOY": "auto"}
    assert cli(home, "run", "--until", "ANALYZED", env=env).code == 0
    first = _answers(home)
    examples = json.loads((home / "data" / "raw" / "intent_examples.json").read_text())
    small_set(home, examples={"encender": examples["apagar"], "apagar": examples["encender"]})
    assert cli(home, "retry", "tienda", "--restart", env=env).code == 0
    assert cli(home, "run", "--until", "ANALYZED", env=env).code == 0
    second = _answers(home)
    assert first == {"Enciende todas las luces": "encender", "Apaga todas las luces": "apagar"}
    assert second == {"Enciende todas las luces": "apagar", "Apaga todas las luces": "encender"}


def _answers(home: Path) -> dict[str, str]:
    results = json.loads((home / "results" / "test_results.json").read_text())
    return {case["text"]: case["answer"] for case in results["cases_answered"]}


def test_dot_env_is_read_and_the_environment_wins(home: Path, cli: Any) -> None:
    """Mistakes of both are told together; a set variable covers the file's, and the demo's empty file covers everything."""
    env_file = home.parent / ".env"
    env_file.write_text(
        "\ufeffFINE_TUNING_EPOCHS=cero\nAGENT_SEED=x\nAZURE_OPENAI_KEY='la clave'\n",
        encoding="utf-8",
    )
    ended = cli(
        home, "status", env={"AGENT_ENV_FILE": "", "AGENT_SEED": "7", "FINE_TUNING_BATCH_SIZE": "0"}
    )
    assert ended.code == 2
    assert "FINE_TUNING_EPOCHS" in ended.err
    assert "FINE_TUNING_BATCH_SIZE" in ended.err
    assert "AGENT_SEED" not in ended.err
    assert cli(home, "status").code == 0


def test_a_proxy_of_the_company_is_not_asked_for_the_emulator(
    home: Path, cli: Any, small_set: Any
) -> None:
    """With HTTP_PROXY set, as on many laptops, loopback is still reached directly."""
    small_set(home)
    proxy = {
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
    }
    ended = cli(home, "run", "--until", "UPLOADED", env={**proxy, "EMULATOR_ENCODER": "hash"})
    assert ended.code == 0, ended.text
