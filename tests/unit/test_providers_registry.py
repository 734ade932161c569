"""A provider is one file and one line: registered, it is served by the application as it stands."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import structlog

from agent.bootstrap import Application
from agent.redactor import Redactor
from agent.settings.config import Settings, load
from agent.settings.services import KINDS, Kind, Service
from states.remote import JobSpec, Phase, RemoteFile, RemoteModel
from states.state import State


class InMemory:
    """As much of a Provider as the way to a training job needs."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self.jobs: list[JobSpec] = []
        self.is_closed = False

    def upload(self, filename: str, content: bytes) -> str:
        assert content
        self.files[f"file-{len(self.files)}"] = filename
        return f"file-{len(self.files) - 1}"

    def files_named(self, prefix: str, ending: str, size: int | None = None) -> Sequence[str]:
        return [i for i, n in self.files.items() if n.startswith(prefix) and n.endswith(ending)]

    def file(self, file_id: str) -> RemoteFile:
        return RemoteFile(file_id, self.files[file_id], "processed", Phase.READY, 0)

    def file_glimpse(self, _file_id: str, _within: float) -> str | None:
        return None  # it has no listing that would answer for many

    def create_job(self, spec: JobSpec, suffix: str) -> str:
        assert suffix
        self.jobs.append(spec)
        return f"job-{len(self.jobs)}"

    def jobs_like(self, spec: JobSpec, suffix: str) -> Sequence[str]:
        return []

    def model(self, _name: str) -> RemoteModel | None:
        return None

    # The connection as well: it serves itself.

    def provider(self) -> InMemory:
        return self

    def get_ready(self) -> None:
        pass

    def close(self) -> None:
        self.is_closed = True


MADE: list[InMemory] = []


def connect(settings: Settings, redactor: Redactor) -> InMemory:
    """What the registry calls."""
    assert settings.provider == "memory"
    assert redactor("x") == "x"
    MADE.append(InMemory())
    return MADE[-1]


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """An Application configures the logging of its process: other tests get theirs back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    root.handlers.clear()
    yield
    structlog.reset_defaults()
    for handler in set(root.handlers) - set(handlers):
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> str:
    """The one line."""
    kind = Kind("memory", __name__, charges_money=False, runs_locally=True)
    monkeypatch.setitem(KINDS, "memory", kind)
    return "memory"


def test_a_registered_provider_takes_a_project_to_its_training(memory: str, tmp_path: Path) -> None:
    """Chosen by its name in the settings; bootstrap, engine and steps know nothing of it."""
    values = {
        "AGENT_ENV_FILE": os.devnull,
        "AGENT_HOME": str(tmp_path),
        "AGENT_PROVIDER": memory,
        "AGENT_DATA_CHECK": "rules",
        "AZURE_OPENAI_BASE_DEPLOYMENT": "none",
    }
    app = Application(load(values), is_daemon=True)
    try:
        app.store.create("tienda", "00c0ffee", app.settings.service.name, time.time())
        for _ in range(20):
            project = app.ticker.tick("tienda").after
            assert project.hold is None, project.hold
            if project.state is State.TRAINING:
                break
        assert (project.state, project.service, project.facts.created.id) == (
            State.TRAINING,
            "memory",
            "job-1",
        )
    finally:
        app.close()
    assert MADE[-1].is_closed
    assert not (tmp_path / "data" / "emulator").exists()


def test_every_registered_kind_can_be_connected_to() -> None:
    """Its module is named by a string, which no type checker reads."""
    for kind in KINDS.values():
        assert callable(import_module(kind.module).connect)


@pytest.mark.parametrize(
    ("service", "name"),
    [
        (Service("emulator"), "emulator"),
        (Service("azure", "contoso.openai.azure.com"), "contoso.openai.azure.com"),
        (Service("azure", "127.0.0.1:8080"), "127.0.0.1:8080"),
        (Service("other", "api.example.com"), "other/api.example.com"),
    ],
)
def test_a_service_has_the_name_that_the_database_holds(
    monkeypatch: pytest.MonkeyPatch, service: Service, name: str
) -> None:
    """As it always was for the first two kinds; and the name is enough to know the kind."""
    monkeypatch.setitem(KINDS, "other", Kind("other", __name__))
    assert service.name == name
    assert Service.named(name) == service


def test_what_is_known_of_the_two_kinds() -> None:
    """Only one costs money, only one is started here."""

    def facts(service: Any) -> tuple[bool, bool, bool]:
        return service.charges_money, service.runs_locally, service.is_stand_in

    assert facts(Service.named("emulator")) == (False, True, True)
    assert facts(Service.named("contoso.openai.azure.com")) == (True, False, False)
