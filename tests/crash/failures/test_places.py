"""Places that cannot be used or written: named, and mending them is enough."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.engine.ownership import select_projects
from agent.settings import services
from states.errors import SettingsError
from tests.commands import environment_of
from tests.crash.failures.agent import Agent
from tests.crash.failures.driven import slowly
from tests.crash.failures.observed import spent
from tests.crash.failures.remote import Service


@pytest.mark.parametrize("place", [slowly(""), "data", slowly("data/agent.db")])
def test_a_place_that_cannot_be_used_is_named_and_nothing_is_begun(
    place: str, cli: Any, tmp_path: Path, service: Service, environment: dict[str, str]
) -> None:
    """A file where the folder should be; a folder where the database should be."""
    home = tmp_path / "taken"
    if place == "data/agent.db":
        (home / place).mkdir(parents=True)
    else:
        (home / place).parent.mkdir(parents=True, exist_ok=True)
        (home / place).write_text("a file")
    ended = cli(home, "run", "--until", "ANALYZED", env={**environment, "AGENT_HOME": str(home)})
    assert ended.code == 2
    assert "Traceback" not in ended.err
    assert str(home) in ended.err
    assert spent(service) == (0, 0, 0)


@pytest.mark.parametrize(
    "command", [("run", "--once"), ("status",), ("new", "tienda", "--sample"), ("export", "tienda")]
)
@pytest.mark.parametrize("place", ["/dev/null", "file", "file/below", "home/data"])
def test_what_can_be_no_home_is_a_wrong_setting_of_every_command(
    place: str, command: tuple[str, ...], cli: Any, home: Path
) -> None:
    """It says which file is in the way, and what AGENT_HOME should be."""
    file = home.parent / place
    if place == "file/below":
        file = file.parent
    if place == "home/data":
        file = home / "data"
    if place != "/dev/null":
        file.write_text("a file")
    chosen = str(home if place == "home/data" else home.parent / place)
    ended = cli(home, *command, env={"AGENT_HOME": chosen, "AGENT_LANGUAGE": "en"})
    assert ended.code == 2
    assert f"AGENT_HOME: {file} is not a folder" in ended.err
    assert "Set it to a folder" in ended.err
    assert "Traceback" not in ended.err


@pytest.fixture
def obeying() -> list[str]:
    """In front of a command: permissions count, also for root."""
    if os.geteuid() != 0:
        return []
    command = [
        "setpriv",
        "--inh-caps=-dac_override,-dac_read_search",
        "--bounding-set=-dac_override,-dac_read_search",
    ]
    if (
        shutil.which("setpriv") is None
        or subprocess.run([*command, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("root is above permissions here, and setpriv cannot take that away")
    return command


def obedient(
    obeying: list[str], home: Path, environment: dict[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*obeying, sys.executable, "-m", "agent", *arguments],
        env=environment,
        cwd=home.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("mode", "command", "told"),
    [
        (0o500, ("run", "--once"), "data cannot be written: Permission denied. Check AGENT_HOME"),
        (0o500, ("new", "tienda", "--sample"), "Check AGENT_HOME and its permissions"),
        (0o000, ("status",), "cannot be used: Permission denied. Set another one"),
        (0o000, ("run", "--once"), "cannot be used: Permission denied. Set another one"),
    ],
)
def test_a_home_that_is_closed_to_this_user_is_named_with_what_to_do(
    mode: int,
    command: tuple[str, ...],
    told: str,
    home: Path,
    clean_environment: dict[str, str],
    obeying: list[str],
) -> None:
    environment = environment_of(home, clean_environment, {"AGENT_LANGUAGE": "en"})
    home.chmod(mode)
    try:
        ended = obedient(obeying, home, environment, *command)
    finally:
        home.chmod(0o700)
    assert ended.returncode == 2
    assert str(home) in ended.stderr
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "log_unavailable" not in ended.stderr


def test_a_file_in_the_place_of_the_emulators_folder_is_named(cli: Any, home: Path) -> None:
    """A command that needs it says so; so does the project, which goes on once it is mended."""
    place = home / "data" / "emulator"
    place.parent.mkdir()
    place.write_text("a file")
    env = {"AGENT_LANGUAGE": "en"}
    assert cli(home, "new", "tienda", "--sample", env=env).code == 0
    ended = cli(home, "deployments", env=env)
    assert ended.code == 1
    assert f"cannot keep anything in {place}: File exists" in ended.err
    cli(home, "run", "--once", env=env)
    [project] = cli(home, "status", "--json", env=env).json["projects"]
    assert str(place) in str(project)
    place.unlink()
    assert cli(home, "run", "--until", "UPLOADED", env=env).code == 0


@pytest.mark.slow
@pytest.mark.parametrize("place", [slowly("."), slowly("data"), "data/agent.db"])
def test_what_is_read_only_is_named_and_mending_it_is_enough(
    place: str,
    home: Path,
    small_set: Any,
    service: Service,
    environment: dict[str, str],
    clean_environment: dict[str, str],
    obeying: list[str],
) -> None:
    environment = {**clean_environment, **environment}
    if place != ".":
        small_set(home)
    if place == "data/agent.db":
        assert obedient(obeying, home, environment, "run", "--until", "SPLIT").returncode == 0
    path = home / place
    path.chmod(0o500 if path.is_dir() else 0o400)
    ended = obedient(obeying, home, environment, "run", "--until", "ANALYZED")
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert str(home) in ended.stderr
    assert "permissions" in ended.stderr
    assert spent(service) == (0, 0, 0)
    for mended in (
        path,
        *(home / "data").glob("agent.db-*"),
    ):  # SQLite makes the files beside it as closed as the first one
        mended.chmod(0o700 if mended.is_dir() else 0o600)
    small_set(home)
    assert obedient(obeying, home, environment, "run", "--until", "ANALYZED").returncode == 0
    assert spent(service) == (2, 1, 1)


def test_a_project_of_another_emulator_is_left_alone(agent: Agent) -> None:
    """Something of it is there, and would be made a second time here."""
    store = agent.app.store
    project = store.create("ajena", "00c0ffee", "emulator/0000aaaa", 1.0)
    store.intend(project, "ajena.g1.upload", "upload", {"filename": "x"}, 2.0)
    store.receive("ajena.g1.upload", "file-1", 3.0)
    with pytest.raises(
        SettingsError, match=r"another emulator \(emulator/0000aaaa\); that of this"
    ):
        select_projects(store, "ajena", services.Service.named("emulator/0000bbbb"), 4.0)
    assert store.load("ajena") == project
