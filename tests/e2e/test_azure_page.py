"""docs/azure.md from its first command of ours to its last, with an emulator in Azure's place."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from agent.cli.parser import CommandLine
from tests.emulator_process import RunningEmulator
from tests.small_set import SMALL, SMALL_CASES

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("docs/azure.md", "docs/es/azure.md")
OURS = ".venv/bin/python -m agent "


def _blocks(page: str, kind: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def _commands(page: str) -> list[str]:
    """Those of the agent, in the order of the page."""
    lines = "".join(_blocks(page, "bash")).splitlines()
    return [line.removeprefix(OURS) for line in lines if line.startswith(OURS)]


def _settings() -> dict[str, str]:
    [block] = _blocks(PAGES[0], "ini")
    return dict(line.split("=", 1) for line in block.splitlines())


def _split(command: str, home: Path) -> list[str]:
    """Its words; a file is looked for where the person stands, which is the home here."""
    words = [part.strip('"') for part in re.findall(r'"[^"]*"|\S+', command)]
    return [str(home / word) if word.endswith(".csv") else word for word in words]


@pytest.fixture
def azure(start_emulator: Any) -> RunningEmulator:
    pytest.importorskip("azure.identity")
    emulator: RunningEmulator = start_emulator()
    emulator.behave(keys_disabled=True)
    return emulator


def _environment(emulator: RunningEmulator, **more: str) -> dict[str, str]:
    """The settings of the page, but for where the emulator stands in for Azure."""
    here = {
        **{"AGENT_PROVIDER": "azure", "AZURE_OPENAI_KEY": "", "AZURE_ARM_TOKEN": ""},
        **{"AZURE_OPENAI_ENDPOINT": emulator.url, "AZURE_ARM_ENDPOINT": emulator.url},
        **{"IDENTITY_ENDPOINT": f"{emulator.url}/msi/token", "IDENTITY_HEADER": "any"},
        **{"AGENT_REQUEST_TIMEOUT_SECONDS": "5", "AGENT_LISTING_LAG_SECONDS": "0"},
        **{"AGENT_SETTLE_SECONDS": "6", "AGENT_LANGUAGE": "en"},
    }
    return {**_settings(), **here, **more}


def _write_files(home: Path) -> None:
    for name, rows in (
        ("sentences.csv", [(text, intent) for intent, texts in SMALL.items() for text in texts]),
        ("cases.csv", [(case["text"], case["expected"]) for case in SMALL_CASES]),
    ):
        with (home / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("text", "intent"), *rows])


def test_both_languages_give_the_same_commands_and_settings() -> None:
    english, spanish = PAGES
    for kind in ("ini", "bash"):
        told = [re.sub(r"#.*|URL.*", "", "".join(_blocks(page, kind))) for page in PAGES]
        assert told[0] == told[1]
    assert _commands(english) == _commands(spanish) != []
    numbers = [re.findall(r"^## (\d)", (ROOT / page).read_text("utf-8"), re.M) for page in PAGES]
    assert numbers[0] == numbers[1]


def test_every_command_of_the_page_is_one() -> None:
    """With its arguments; that it does what the page says is tested below."""
    parse = CommandLine("en").parse
    assert all(parse(_split(command, Path())) for command in _commands(PAGES[0]))


@pytest.mark.slow  # some twenty commands, each a process
def test_the_page_leads_from_nothing_to_a_model_and_back(
    home: Path, cli: Any, azure: RunningEmulator
) -> None:
    """Every command of it as it stands there; in the end nothing of ours is at the service."""
    _write_files(home)
    env = _environment(azure)
    told: dict[str, list[str]] = {}
    for command in _commands(PAGES[0]):
        if command.startswith("advance"):
            continue  # of those who deploy by hand: below
        ended = cli(home, *_split(command, home), env=env)
        assert ended.code == 0, f"{command}: {ended.text}"
        told.setdefault(command, []).append(ended.text)
    before, after = told["deployments"]
    assert "lights" in before and "There is no deployment of a fine-tuned model" in after
    assert "deleted at the service" in told["cleanup lights"][0]
    counts = azure.counts()
    assert (counts["create_job"], counts["create_deployment"]) == (1, 1)
    assert (counts["delete_deployment"], counts["delete_job"], counts["delete_file"]) == (1, 1, 3)


@pytest.mark.slow
def test_who_deploys_by_hand_goes_on_as_the_page_says(
    home: Path, cli: Any, azure: RunningEmulator
) -> None:
    _write_files(home)
    env = _environment(azure, AGENT_DEPLOY="manual")
    commands = _commands(PAGES[0])
    [new] = [one for one in commands if one.startswith("new")]
    [advance] = [one for one in commands if one.startswith("advance")]
    assert cli(home, *_split(new, home), env=env).code == 0
    waiting = cli(home, "run", "--project", "lights", "--until", "AWAITING_DEPLOY", env=env)
    assert waiting.code == 0, waiting.text
    [project] = cli(home, "status", "--json", env=env).json["projects"]
    azure.behave(keys_disabled=False)  # a person with a login of their own
    azure.deploy("lights-1", project["model"])
    ended = cli(home, *_split(advance, home), env=env)
    assert ended.code == 0, ended.text
    [project] = cli(home, "status", "--json", env=env).json["projects"]
    assert (project["state"], project["deployment"]) == ("DEPLOYED", "lights-1")
