"""What is typed: commands are found, nothing is guessed, a mistyped word gets the right one."""

from __future__ import annotations

import argparse
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from agent.bootstrap import Application
from agent.cli import main
from agent.cli.commands import COMMANDS, load_command
from agent.cli.exit_codes import WRONG_USAGE
from agent.cli.parser import CommandLine, options_of
from agent.cli.status import COMMAND as STATUS
from states.errors import StoreError
from tests.restored_logging import restored_logging

FOLDER = Path(__file__).resolve().parents[2] / "agent" / "cli"
ENGLISH, SPANISH = CommandLine("en"), CommandLine("es")


def refusal(
    capsys: pytest.CaptureFixture[str], *arguments: str, line: CommandLine = SPANISH
) -> str:
    """What stderr says, once this was refused as wrong usage."""
    with pytest.raises(SystemExit) as ended:
        line.parse(arguments)
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_every_file_that_declares_a_command_is_registered() -> None:
    """One file and one line: whoever forgets the line is told."""
    declaring = {
        path.stem.replace("_", "-")
        for path in FOLDER.glob("*.py")
        if re.search(r"^COMMAND = ", path.read_text(), re.MULTILINE)
    }
    assert declaring == set(COMMANDS)
    assert all(map(load_command, COMMANDS))


@pytest.mark.parametrize("name", COMMANDS)
def test_no_option_can_be_abbreviated(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--restar` is not `--restart`, which is paid for: it is refused, and the option is named."""
    options = options_of(SPANISH.parsers[name])
    for option in options:
        short = option[:-1]
        if option.startswith("--") and short not in options:
            told = refusal(capsys, name, "tienda", short)
            assert f"¿querías decir `{option}`?" in told
            assert f"uso: afinador {name}" in told


def test_a_mistyped_command_is_answered_with_the_right_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And with the list of all; a word that is like none of them, with the list alone."""
    assert "did you mean `status`?" in refusal(capsys, "statsu", line=ENGLISH)
    told = refusal(capsys, "walk", line=ENGLISH)
    assert "did you mean" not in told
    assert all(name in told for name in COMMANDS)


def test_a_mistyped_option_is_answered_with_the_right_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whether or not a value follows it, before the command as well."""
    assert "`--until`" in refusal(capsys, "run", "--unti", "ANALYZED")
    assert "`--until`" in refusal(capsys, "run", "--untill=ANALYZED")
    assert "`--version`" in refusal(capsys, "--versio")
    assert "no hay ninguna opción --yaml" in refusal(capsys, "status", "--yaml")


def test_a_mistyped_state_is_answered_with_the_right_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Beside the list of all that can be reached."""
    told = refusal(capsys, "run", "--until", "analised")
    assert "`ANALYZED`" in told
    assert "AWAITING_DEPLOY" in told
    assert "CANCELLED" not in told


@pytest.mark.parametrize(
    "arguments",
    [
        ["walk"],
        ["run", "--until", "SOMEWHERE"],
        ["run", "--until", "FAILED"],
        ["run", "--until", "cancelled"],
        ["status", "--yaml"],
        ["retry"],
        ["retry", "tienda", "--restore", "--restart"],
        ["run", "--project"],
    ],
)
def test_wrong_usage_is_told_in_the_language_of_the_person(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """As every command line does: exit code 2, with the usage on stderr."""
    told = refusal(capsys, *arguments)
    assert told.startswith("uso: ")
    assert not re.search("usage|argument[s ]|required|choose|invalid|expected", told)
    assert refusal(capsys, *arguments, line=ENGLISH).startswith("usage: ")


def test_what_is_left_over_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A second project is not silently dropped."""
    assert "otra" in refusal(capsys, "cancel", "tienda", "otra")


def test_without_arguments_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr and with the code of wrong usage: a script that forgot its command notices."""
    told = refusal(capsys)
    assert told.startswith("uso: ")
    assert all(name in told for name in COMMANDS)


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"]])
def test_help_is_no_mistake(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """It goes to stdout, and the code is 0."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    assert capsys.readouterr().out


def test_a_complaint_tells_no_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The redactor of the logs goes over it, and knows a bearer token when it sees one."""
    key, token = "clave-de-prueba-7f3a91", "eyJhbGciOiJI.eyJzdWIiOiIx.c2ln"

    def fail(_app: Application, _given: argparse.Namespace) -> int:
        raise StoreError(f"the answer was {key}, {token}")

    for name, value in {
        "AGENT_HOME": str(tmp_path),
        "AGENT_ENV_FILE": os.devnull,
        "AGENT_PROVIDER": "azure",
        "AZURE_OPENAI_ENDPOINT": "https://recurso.openai.azure.com",
        "AZURE_OPENAI_KEY": key,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("agent.cli.status.COMMAND", replace(STATUS, action=fail))
    with restored_logging():
        assert main(["status"]) == WRONG_USAGE
    told = capsys.readouterr().err
    assert "the answer was" in told
    assert key not in told
    assert token not in told
