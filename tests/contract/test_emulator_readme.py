"""The emulator's own README: it names all there is, and its commands run as they stand there."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.emulator.faults.rules import KINDS, FaultRules
from agent.emulator.server import controls, routes
from agent.emulator.state import settings
from agent.emulator.state.behaviour import Behaviour
from agent.emulator.state.storage import Store

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "agent" / "emulator" / "README.md").read_text(encoding="utf-8")
SERVE = "python -m agent.emulator --port 8080 --home data/emulator\n"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_every_route_is_named(tmp_path: Path) -> None:
    faults = controls.list_fault_handlers(FaultRules(Store(tmp_path / "state")))
    entries = (*(entry for served in routes.SERVED for entry in served.entries), *faults)
    assert len(entries) == 61
    missing = [
        (method, path)
        for method, path, _ in entries
        if f"`{method} {path}`".replace(" `", "`") not in README
    ]
    assert missing == []


def test_every_fault_behaviour_and_setting_is_named() -> None:
    names = {*KINDS, *(field.name for field in dataclasses.fields(Behaviour))}
    assert {name for name in names if f"`{name}`" not in README} == set()
    assert settings.__file__ is not None
    source = Path(settings.__file__).read_text(encoding="utf-8")
    variables = {*re.findall(r"EMULATOR_[A-Z]+(?:_[A-Z]+)*", source)}
    variables |= {
        f"EMULATOR_{field.name.upper()}" for field in dataclasses.fields(settings.Settings)
    }
    assert {name for name in variables if f"`{name}`" not in README} == set()


def test_the_defaults_are_those_there_are() -> None:
    fields = [field for field in dataclasses.fields(settings.Settings) if field.type == "float"]
    assert len(fields) == 4
    for field in fields:
        flag = "--" + field.name.replace("_", "-")
        assert f"`EMULATOR_{field.name.upper()}` (`{flag}`) | {field.default} |" in README


def test_its_rooms_are_those_there_are() -> None:
    [tree] = blocks("text")
    rooms = {path.parent.name for path in (ROOT / "agent" / "emulator").glob("*/__init__.py")}
    assert {line.split("/")[0] for line in tree.splitlines() if re.match(r"\w+/", line)} == rooms
    for name in re.findall(r"`?((?:server|faults|state|model|resources)/\w+\.py)`?", README):
        assert (ROOT / "agent" / "emulator" / name).is_file(), name


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_its_commands_run_as_they_stand_there(launch: Callable[..., Any]) -> None:
    running = launch(EMULATOR_ENCODER="hash")
    port = running.url.rpartition(":")[2]

    def adapt(text: str) -> str:
        here = text.replace("8080", port).replace("data/emulator", str(running.home))
        return re.sub(r"^python ", f"{sys.executable} ", here, flags=re.MULTILINE)

    def run(*command: str) -> str:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("EMULATOR_", "OPENAI_"))}
        clean["PYTHONPATH"] = str(ROOT)
        done = subprocess.run(
            command, env=clean, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout

    shell = blocks("bash")
    assert shell[0] == SERVE  # this one is running already
    told = [run("bash", "-euo", "pipefail", "-c", adapt(block)) for block in shell[1:2]]
    assert "Deployed gpt-4o-mini as base" in told[0]
    assert '"content": "return"' in told[0]
    [example] = blocks("python")
    assert run(sys.executable, "-c", adapt(example)).startswith("succeeded gpt-4o-mini")
    for block in shell[2:]:
        run("bash", "-euo", "pipefail", "-c", adapt(block))
    assert running.ask("GET", "/_emulator/faults").body == []
