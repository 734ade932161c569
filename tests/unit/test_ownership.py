"""Which projects are ours, and how a cancellation is carried to its end."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from agent.emulator.state.home import Home
from agent.engine.backoff import FIRST_CONTACT_PATIENCE, PATIENCE, patience_for, seconds_to_retry
from agent.engine.cancellation import finish_cancellation
from agent.engine.heartbeat import read_heartbeat
from agent.engine.ownership import claim, select_projects
from agent.engine.recovery import recover
from agent.settings.services import Service, identity_of, make_identity
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


ONE, ANOTHER = Service("emulator", "0000aaaa"), Service("emulator", "0000bbbb")


def test_two_emulators_have_two_names() -> None:
    """So the database tells them apart, and the name is enough to know which."""
    assert ONE.name != ANOTHER.name
    assert [Service.named(service.name) for service in (ONE, ANOTHER)] == [ONE, ANOTHER]


def test_two_emulators_are_two_services(desk: Desk) -> None:
    """What one has begun, the other leaves alone, with a sentence that names both."""
    [project] = select_projects(desk.store, None, ONE, 0.0)
    assert (project.service, Service.named(project.service)) == ("emulator/0000aaaa", ONE)
    desk.go(State.UPLOADED)
    for name in (None, "tienda"):
        with pytest.raises(SettingsError, match=r"another emulator \(emulator/0000aaaa\)"):
            select_projects(desk.store, name, ANOTHER, 0.0)
    with pytest.raises(SettingsError, match="lives at emulator/0000aaaa"):
        claim(desk.store, desk.project(), ANOTHER)
    assert desk.project().version == desk.go(State.UPLOADED).version
    desk.store.create("otra", "00c0ffee", ANOTHER.name, 0.0)
    assert [p.name for p in select_projects(desk.store, None, ANOTHER, 0.0)] == ["otra"]


def test_a_project_without_an_emulators_identity_is_never_begun_anew(desk: Desk) -> None:
    """One that nobody knows yet takes the first emulator's; what is somewhere stays there."""
    desk.go(State.SPLIT)
    [project] = select_projects(desk.store, None, ONE, 0.0)
    assert (project.service, project.state, project.generation) == (ONE.name, State.SPLIT, 1)
    desk.create("vieja")
    desk.go(State.TRAINING, "vieja")
    assert [p.name for p in select_projects(desk.store, None, ONE, 0.0)] == ["tienda"]
    with pytest.raises(SettingsError, match="another emulator"):
        select_projects(desk.store, "vieja", ONE, 0.0)
    assert [p.name for p in select_projects(desk.store, None, OURS, 0.0)] == ["vieja"]


def test_an_emulator_has_its_identity_before_its_first_project(tmp_path: Path) -> None:
    """It keeps it; one that an earlier version has served has none, as its projects say."""
    new, old = tmp_path / "new", tmp_path / "old"
    make_identity(new)
    identity = identity_of(new)
    make_identity(new)
    assert (len(identity), identity_of(new)) == (8, identity)
    assert Home(new).identity == identity
    old.mkdir()
    (old / "emulator.sqlite3").touch()
    make_identity(old)
    Home(old).lock().release()
    assert identity_of(old) == ""
    lone = tmp_path / "lone"
    Home(lone).lock().release()
    assert len(identity_of(lone)) == 8


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
