"""A command on one project reads no other: beside ten thousand it costs what it costs alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.cli import main
from agent.drivers.errand import Errand
from agent.drivers.progress import Progress
from agent.engine import finding
from agent.engine.finding import find_project
from agent.engine.ownership import select_projects
from agent.engine.standing import StandingWaits
from agent.engine.sweep import Sweep
from agent.settings.services import Service
from states.errors import SettingsError
from states.state import State
from store.engine import open_engine
from store.migrate import upgrade
from store.overview import SqlOverview
from store.sql import SqlStore
from tests.restored_logging import restored_logging
from tests.unit.desk import Desk

HOST = "127.0.0.1:9"
OURS = Service.named("emulator")


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on, whoever goes through all projects is caught."""

    def read_all(*_: Any) -> Any:
        raise AssertionError("all projects were read")

    def begin() -> None:
        for name in ("all", "each", "marks", "due", "due_marks"):
            monkeypatch.setattr(SqlOverview, name, read_all)

    return begin


def test_a_named_project_is_found_among_many(desk: Desk, alone: Callable[[], None]) -> None:
    for name in ("una", "tienda", "zeta"):
        desk.store.create(name, "00c0ffee", OURS.name, 0.0)
    alone()
    assert find_project(desk.store, "tienda").name == "tienda"
    with pytest.raises(SettingsError, match=r"no project tiendo \(there are: tienda, una, zeta\)"):
        find_project(desk.store, "tiendo")
    with pytest.raises(SettingsError, match="Name one of the projects: tienda, una, zeta"):
        find_project(desk.store, None)
    for name in ("tienda", "nueva"):
        assert [p.name for p in select_projects(desk.store, name, OURS, 0.0)] == [name]


def test_of_very_many_projects_some_are_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MANY", 2)
    for name in ("una", "dos", "tres"):
        desk.store.create(name, "00c0ffee", OURS.name, 0.0)
    with pytest.raises(SettingsError, match="Name one of the projects: dos, tres, …"):
        find_project(desk.store, None)
    with pytest.raises(SettingsError, match="did you mean `una`"):
        find_project(desk.store, "unaa")


def test_a_run_about_one_project_looks_at_no_other(desk: Desk, alone: Callable[[], None]) -> None:
    """Neither its sweeps, nor what tells of it."""
    for name in ("una", "tienda", "zeta"):
        desk.store.create(name, "00c0ffee", OURS.name, 0.0)
    alone()
    errand = Errand("tienda", State.ANALYZED, once=False, service=OURS.name)
    told: list[str] = []
    progress = Progress(desk.store, errand, lambda p, _: told.append(p.name), lambda: None)
    progress.observe()
    assert told == ["tienda"]
    assert not progress.is_over()
    for standing in (None, StandingWaits(desk.store, lambda: desk.cloud, desk.clock.wall)):
        sweep = Sweep(desk.ticker, desk.store, desk.clock.wall, errand.wants, standing=standing)
        assert sweep.only_at(OURS.name, "tienda").begin() == ["tienda"]
    sweep = Sweep(desk.ticker, desk.store, desk.clock.wall).only_at("elsewhere", "tienda")
    assert list(sweep.begin()) == []


@pytest.fixture
def many(
    home: Path, small_set: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A home with some projects; no command reaches the service."""
    own = {
        "AGENT_HOME": str(home),
        "AGENT_ENV_FILE": os.devnull,
        "AGENT_PROVIDER": "azure",
        "AGENT_LANGUAGE": "en",
        "AGENT_DATA_CHECK": "rules",
        "AZURE_OPENAI_ENDPOINT": f"http://{HOST}",
        "AZURE_OPENAI_KEY": "una-clave-de-prueba",
    }
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    small_set(home)
    (home / "data").mkdir(exist_ok=True)
    store = SqlStore(open_engine(f"sqlite:///{home}/data/agent.db"))
    upgrade(store.engine)
    for name in ("una", "tienda", "zeta"):
        store.create(name, "00c0ffee", HOST, 0.0)
    store.close()
    with restored_logging():
        yield home


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # sdnotify's socket
@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("status", "tienda"), 0),
        (("history", "tienda"), 0),
        (("cancel", "tiend"), 2),
        (("run", "--project", "tienda", "--until", "SPLIT"), 0),
        (("run", "--project", "tienda", "--until", "SPLIT", "--once"), 0),
    ],
)
def test_a_command_on_one_project_reads_no_other(
    command: tuple[str, ...], code: int, many: Path, alone: Callable[[], None]
) -> None:
    alone()
    assert main(command) == code
