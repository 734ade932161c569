"""The states in which a project can still be decided about, and how one of them fails."""

from __future__ import annotations

from states.errors import Permanent
from states.state import Event, State
from tests.unit.desk import Desk

LIVING = [
    State.DRAFT,
    State.PROMPTED,
    State.SPLIT,
    State.VALIDATED,
    State.UPLOADED,
    State.TRAINING,
    State.TRAINED,
    State.AWAITING_DEPLOY,
    State.DEPLOYED,
    State.EVALUATED,
]


def events(desk: Desk) -> list[Event]:
    return [checkpoint.event for checkpoint in desk.store.history("tienda")]


def fail(desk: Desk, state: State, *, remote: bool) -> None:
    desk.go(state)
    desk.fault.append(Permanent("no use", remote=remote))
    desk.tick()
    assert desk.project().state is State.FAILED
