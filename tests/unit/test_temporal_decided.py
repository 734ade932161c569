"""Whatever a command decides wakes the workflows of its projects, once it ends."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

pytest.importorskip("temporalio")

from agent.bootstrap import Application
from agent.drivers.temporal import waking
from agent.engine.cleanup import plan_cleanup
from agent.engine.pausing import plan_order
from agent.engine.teardown import plan_teardown
from agent.settings.config import load
from states.model import Project
from states.places import Artifact
from states.stages import PAUSE, RESUME
from states.state import State
from tests.crash.shop import EXAMPLES
from tests.restored_logging import restored_logging
from tests.unit.desk import Desk

HOST = "recurso.openai.azure.com"
Decide = Callable[[Application], object]


def _order(wants: str) -> Decide:
    return lambda app: app.decisions.make("tienda", lambda one: plan_order(one, wants, 1.0))


def _clean(app: Application) -> object:
    memory = app.store.memory("tienda")
    return app.decisions.make("tienda", lambda one: plan_cleanup(one, (), memory, 1.0))


# In which state it is decided, and what.
DECISIONS: dict[str, tuple[State, Decide]] = {
    "cancel": (State.TRAINING, lambda app: app.decisions.cancel("tienda", delete_files=False)),
    "cleanup": (State.CANCELLED, _clean),
    "evaluate": (
        State.ANALYZED,
        lambda app: app.decisions.evaluate("tienda", deploys=False, robustness=True),
    ),
    "iterate": (State.ANALYZED, lambda app: app.decisions.iterate("tienda", {"epochs": 2})),
    "pause": (State.TRAINING, _order(PAUSE)),
    "resume": (State.TRAINING, _order(RESUME)),
    "retry": (
        State.CANCELLED,
        lambda app: app.decisions.retry("tienda", restore=False, restart=False),
    ),
    "teardown": (
        State.ANALYZED,
        lambda app: app.decisions.make("tienda", lambda one: plan_teardown(one, 1.0)),
    ),
}


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The projects whose workflows are woken."""
    names: list[str] = []

    def wake(_settings: Any, service: str, projects: Sequence[Project]) -> None:
        assert service == HOST
        names.extend(project.name for project in projects)

    monkeypatch.setattr(waking, "wake", wake)
    return names


@pytest.fixture
def app(desk: Desk) -> Iterator[Application]:
    """As a command has it, on the home of the desk; nothing of the service is asked."""
    with restored_logging():
        made = Application(
            load(
                {
                    "AGENT_ENV_FILE": os.devnull,
                    "AGENT_HOME": str(desk.home),
                    "AGENT_DATABASE_URL": str(desk.store.engine.url),
                    "AGENT_TEMPORAL_ADDRESS": "127.0.0.1:1",
                    "AZURE_OPENAI_ENDPOINT": f"https://{HOST}",
                    "AZURE_OPENAI_KEY": "clave",
                }
            )
        )
        yield made
        made.close()


def create(desk: Desk, *, is_training: bool) -> None:
    desk.cloud.job_status = "running" if is_training else "succeeded"
    desk.write(Artifact.EXAMPLES, EXAMPLES)
    desk.write(Artifact.CASES, [{"text": "Que haya luz", "expected": "encender"}])
    desk.store.create("tienda", "00c0ffee", HOST, desk.clock.wall())


@pytest.mark.parametrize("decision", DECISIONS)
def test_every_decision_wakes_the_workflow(
    decision: str, desk: Desk, app: Application, woken: list[str]
) -> None:
    state, decide = DECISIONS[decision]
    create(desk, is_training=state is State.TRAINING)
    if state is State.CANCELLED:
        desk.go(State.TRAINED)
        desk.decisions.cancel("tienda", delete_files=False)
        while desk.project().due_at is not None:
            desk.tick()
    else:
        desk.go(state)
    before = desk.project().version
    decide(app)
    assert desk.project().version > before
    assert woken == [], "not before the command ends"
    app.tell_workers()
    assert woken == ["tienda"]


def test_a_worker_wakes_nobody_by_what_it_does_itself(
    desk: Desk, app: Application, woken: list[str]
) -> None:
    """Its moves are those of the workflows."""
    create(desk, is_training=True)
    desk.go(State.TRAINING)
    app.decided.become_worker()
    app.decisions.cancel("tienda", delete_files=False)
    app.tell_workers()
    assert woken == []
