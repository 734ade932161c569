"""Which projects are ours, and how a cancellation is carried to its end."""

from __future__ import annotations

import math
from typing import Any

import pytest

from agent.engine.backoff import FIRST_CONTACT_PATIENCE, PATIENCE, patience_for, seconds_to_retry
from agent.engine.cancellation import finish_cancellation
from agent.engine.heartbeat import read_heartbeat
from agent.engine.ownership import claim, select_projects
from agent.engine.recovery import recover
from agent.settings.services import Service
from states.errors import SettingsError, Transient, Unclear, Unreachable
from states.places import Artifact, place_of
from states.state import State
from states.store_port import Instant
from tests.unit.desk import Desk

OURS, THEIRS = Service.named("emulator"), Service.named("contoso.openai.azure.com")


def test_the_first_run_creates_a_project(desk: Desk) -> None:
    """Under the name of the shop, or under the one that was given."""
    assert [p.name for p in select_projects(desk.store, None, OURS, 0.0)] == ["tienda"]
    assert [p.name for p in select_projects(desk.store, "otra", OURS, 0.0)] == ["otra"]


def test_of_several_projects_those_that_live_elsewhere_are_left_alone(desk: Desk) -> None:
    """Nothing is ever sent to another service than theirs."""
    for name, service in (("una", OURS), ("otra", THEIRS)):
        desk.store.create(name, "00c0ffee", service.name, 0.0)
    assert [p.name for p in select_projects(desk.store, None, OURS, 0.0)] == ["una"]
    with pytest.raises(SettingsError, match=r"otra lives at contoso\.openai\.azure\.com"):
        claim(desk.store, desk.project("otra"), OURS)
    assert claim(desk.store, desk.project("una"), OURS) == desk.project("una")


def test_a_cancellation_is_waited_for_to_its_end(desk: Desk) -> None:
    """What is waited for is told; no pause is longer than a person's patience."""
    desk.go(State.TRAINING)
    desk.cloud.job_status = "running"
    desk.cloud.before["cancel_job"] = [Unclear("in trouble")]
    told: list[Any] = []
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        desk.clock.spend(seconds)

    cancelled = desk.decisions.cancel("tienda", False)
    project = finish_cancellation(cancelled, desk.ticker, told.append, desk.clock.wall, sleep)
    assert (project.state, project.due_at, project.hold) == (State.CANCELLED, None, None)
    assert desk.cloud.job_status == "cancelled"
    assert "in trouble" in str(told[0])
    assert max(naps) <= 5


def test_a_start_puts_back_what_was_lost_and_shows_every_project(desk: Desk) -> None:
    """As the store remembers it, file by file."""
    project = desk.go(State.SPLIT)
    lost = desk.home / place_of(Artifact.TRAINING, "tienda")
    content = lost.read_bytes()
    lost.unlink()
    shown: list[Any] = []
    recover([project], lambda p: desk.ports_for(p).artifacts, shown.append)
    assert lost.read_bytes() == content
    assert shown == [project]


def test_a_daemon_of_another_machine_may_be_alive_or_not(desk: Desk) -> None:
    """Nobody here can tell; of this machine, a process that is gone is gone."""
    desk.store.beat(2**22 + 1, "another-host", 1.0)
    last = read_heartbeat(desk.store)
    assert last is not None
    assert last["running"] is None


@pytest.mark.parametrize(
    ("fault", "answered", "patience"),
    [
        (Transient("x"), False, PATIENCE),
        (Unreachable("x"), False, FIRST_CONTACT_PATIENCE),
        (Unreachable("x"), True, math.inf),
    ],
)
def test_a_network_that_was_seen_to_work_deserves_patience(
    fault: Transient, answered: bool, patience: float
) -> None:
    assert patience_for(fault, lambda: answered) == patience


def test_what_the_service_asks_for_counts_more_than_the_back_off() -> None:
    assert seconds_to_retry(Transient("x", 7.0), 9) == 7.0
    assert seconds_to_retry(Transient("x", 0.0), 9) == 1.0


def test_the_latest_of_several_moments_is_told_by_the_clock_that_nobody_sets() -> None:
    """Within one start of the machine; the wall may have been set back in between."""
    earlier, later = Instant(2_000.0, "boot", 10.0), Instant(1_000.0, "boot", 20.0)
    assert Instant.latest([earlier, later]) == later
    assert Instant.latest([later, earlier]) == later
    assert Instant.latest([]) is None
