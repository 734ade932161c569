"""docs/emulator.md: it names all there is, and its examples run as they stand there."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.emulator.faults.rules import KINDS, FaultRules
from agent.emulator.resources.chat_parameters import FOLLOWED, REFUSED, WITHOUT_EFFECT
from agent.emulator.server import controls, routes
from agent.emulator.state import settings
from agent.emulator.state.behaviour import Behaviour
from agent.emulator.state.storage import Store
from tests.contract import differences

ROOT = Path(__file__).resolve().parents[2]
MANUAL = (ROOT / "docs" / "emulator.md").read_text(encoding="utf-8")
README = (ROOT / "agent" / "emulator" / "README.md").read_text(encoding="utf-8")
SERVE = "python -m agent.emulator --port 8080 --home data/emulator\n"


def blocks(language: str, page: str = MANUAL) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def test_every_route_is_named(tmp_path: Path) -> None:
    faults = controls.list_fault_handlers(FaultRules(Store(tmp_path / "state")))
    entries = (*(entry for served in routes.SERVED for entry in served.entries), *faults)
    assert len(entries) == 61
    missing = [
        (method, path)
        for method, path, _ in entries
        if f"`{method} {path}`".replace(" `", "`") not in MANUAL
    ]
    assert missing == []


def test_every_fault_behaviour_and_setting_is_named() -> None:
    names = {*KINDS, *(field.name for field in dataclasses.fields(Behaviour))}
    assert {name for name in names if f"`{name}`" not in MANUAL} == set()
    assert settings.__file__ is not None
    source = Path(settings.__file__).read_text(encoding="utf-8")
    variables = {*re.findall(r"EMULATOR_[A-Z]+(?:_[A-Z]+)*", source)}
    variables |= {
        f"EMULATOR_{field.name.upper()}" for field in dataclasses.fields(settings.Settings)
    }
    assert {name for name in variables if f"`{name}`" not in MANUAL} == set()


def test_the_defaults_are_those_there_are() -> None:
    fields = [field for field in dataclasses.fields(settings.Settings) if field.type == "float"]
    assert len(fields) == 4
    for field in fields:
        flag = "--" + field.name.replace("_", "-")
        assert f"`EMULATOR_{field.name.upper()}` (`{flag}`) | {field.default} |" in MANUAL


def test_every_parameter_of_a_chat_is_named() -> None:
    for names in (FOLLOWED, WITHOUT_EFFECT, REFUSED):
        assert f"| {', '.join(f'`{name}`' for name in names)} |" in MANUAL


def test_every_difference_and_every_route_of_no_file_is_told() -> None:
    told = {f"{one.what} | {one.seen} |" for one in differences.DIFFERENCES}
    told |= {f"{why} |" for why in differences.UNSPECIFIED.values()}
    assert {one for one in told if one not in MANUAL} == set()
    rows = re.findall(r"^\| (?:v1|dated|chat, dated) \|.*\.\ \|", MANUAL, re.MULTILINE)
    assert len(rows) == len(differences.DIFFERENCES)


def test_its_rooms_are_those_there_are() -> None:
    [tree] = blocks("text", README)
    rooms = {path.parent.name for path in (ROOT / "agent" / "emulator").glob("*/__init__.py")}
    assert {line.split("/")[0] for line in tree.splitlines() if re.match(r"\w+/", line)} == rooms
    for name in re.findall(r"`?((?:server|faults|state|model|resources)/\w+\.py)`?", README):
        assert (ROOT / "agent" / "emulator" / name).is_file(), name


def clean() -> dict[str, str]:
    """The environment, without settings of ours or of another service."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("EMULATOR_", "OPENAI_"))}
    return {**kept, "PYTHONPATH": str(ROOT)}


def run(*command: str, folder: Path | None = None, **more: str) -> str:
    done = subprocess.run(
        command,
        env={**clean(), **more},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_its_commands_run_as_they_stand_there(launch: Callable[..., Any]) -> None:
    running = launch(EMULATOR_ENCODER="hash")
    port = running.url.rpartition(":")[2]

    def adapt(text: str) -> str:
        here = text.replace("8080", port).replace("data/emulator", str(running.home))
        return re.sub(r"^python ", f"{sys.executable} ", here, flags=re.MULTILINE)

    shell = blocks("bash")
    assert shell[0] == SERVE  # this one is running already
    assert blocks("bash", README) == [SERVE]
    told = [run("bash", "-euo", "pipefail", "-c", adapt(block)) for block in shell[1:2]]
    assert "Deployed gpt-4o-mini as base" in told[0]
    assert '"content": "return"' in told[0]
    example = blocks("python")[0]
    assert run(sys.executable, "-c", adapt(example)).startswith("succeeded gpt-4o-mini")
    for block in shell[2:]:
        run("bash", "-euo", "pipefail", "-c", adapt(block))
    assert running.ask("GET", "/_emulator/faults").body == []


def test_its_fixture_for_pytest_is_one(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(blocks("python")[1], encoding="utf-8")
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    said = run(*command, folder=tmp_path, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert "1 passed" in said


def test_its_example_for_node_runs(node_openai: list[str], tmp_path: Path) -> None:
    node, place = node_openai
    script = Path(place) / f"manual-{os.getpid()}.mjs"  # beside the SDK, which it imports
    script.write_text(blocks("javascript")[0], encoding="utf-8")
    try:
        assert run(node, str(script), PYTHON=sys.executable, TMPDIR=str(tmp_path)) == "return\n"
    finally:
        script.unlink()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_its_step_for_a_workflow_runs(tmp_path: Path) -> None:
    """But for the installation, and on another port; the process that it leaves is ended."""
    [step] = yaml.safe_load(blocks("yaml")[0])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    lines = step["run"].replace("8080", port).replace("python -m", f"{sys.executable} -m")
    kept = [line for line in lines.splitlines() if not line.startswith("pip install")]
    script = "\n".join(["trap 'kill $(jobs -p)' EXIT", *kept])
    told = {"RUNNER_TEMP": str(tmp_path), "GITHUB_ENV": str(tmp_path / "env")}
    run("bash", "-euo", "pipefail", "-c", script, **told)
    assert (tmp_path / "env").read_text() == f"AZURE_OPENAI_ENDPOINT=http://127.0.0.1:{port}\n"
    assert "gpt-4o-mini" in (tmp_path / "models.json").read_text()
