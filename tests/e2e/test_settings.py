"""Settings and addresses that are wrong, right again, or of another service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def test_all_bad_settings_are_told_at_once(home: Path, cli: Any) -> None:
    """Exit 2, every name, and nothing was made."""
    bad = {
        "AGENT_PROVIDER": "azure",
        "AZURE_OPENAI_ENDPOINT": "recurso",
        "AZURE_OPENAI_AUTH": "llave",
        "FINE_TUNING_EPOCHS": "muchas",
        "TRAIN_SPLIT": "0.9",
        "AGENT_SETTLE_SECONDS": "1",
        "AGENT_LANGUAGE": "fr",
        "AGENT_DEPLOY": "quizás",
    }
    ended = cli(home, "run", "--until", "ANALYZED", env=bad)
    assert ended.code == 2
    for name in (name for name in bad if name != "AGENT_PROVIDER"):
        assert name in ended.err, name
    assert "Traceback" not in ended.err
    assert list(home.iterdir()) == []


@pytest.mark.slow
def test_an_unreachable_endpoint_is_told_soon(home: Path, cli: Any, small_set: Any) -> None:
    """An endpoint that never answered is probably mistyped: the project is held, with the address,
    after a few seconds.
    """
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


@pytest.mark.slow
@pytest.mark.parametrize("again", [["--until", "AWAITING_DEPLOY"], ["--once"]])
def test_a_wrong_key_holds_and_the_right_one_heals(
    again: list[str], home: Path, cli: Any, azure: Any, small_set: Any
) -> None:
    """HTTP 401: told at once, nothing uploaded; with the right key the same command goes on,
    without `retry`.
    """
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
    assert "HTTP 401" not in cli(home, "status", env=azure.azure).text
    assert azure.counts()["upload"] == before["upload"] + 2


def test_secrets_are_nowhere_even_in_debug_logs_and_errors(
    home: Path, cli: Any, start_emulator: Any, small_set: Any
) -> None:
    """The key and the ARM token, in everything an Azure run wrote or printed: requests, faults and
    their tracebacks included.
    """
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


@pytest.mark.slow
def test_a_project_never_leaves_its_azure_resource(
    home: Path, cli: Any, azure: Any, small_set: Any, state_of: Any
) -> None:
    """Begun on Azure, the emulator's settings are refused, and so are those of another resource;
    reading is allowed.
    """
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


@pytest.mark.slow
def test_from_the_emulator_to_azure_begins_a_new_generation(
    home: Path, cli: Any, azure: Any, small_set: Any, column_of: Any
) -> None:
    """The same examples, from DRAFT, with keys of their own; nothing of the emulator's is taken for
    Azure's.
    """
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


def test_dot_env_is_read_and_the_environment_wins(home: Path, cli: Any) -> None:
    """Mistakes of both are told together; a set variable covers the file's, and the demo's empty
    file covers everything.
    """
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


@pytest.mark.slow
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
    ended = cli(home, "run", "--until", "UPLOADED", env={**proxy})
    assert ended.code == 0, ended.text
