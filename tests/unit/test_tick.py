"""One tick: each ending of a step, and what becomes of the project.

Longer than most files: every ending of a step is one of its tests.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

import agent
from agent.engine.backoff import FIRST_CONTACT_PATIENCE, LONGEST_BACKOFF, PATIENCE
from agent.engine.tick import LONGEST_WAIT, Ticker
from states.errors import (
    NeedsOperator,
    NotYet,
    Permanent,
    StoreBusy,
    StoreError,
    Throttled,
    Transient,
    Unclear,
    Unreachable,
)
from states.state import Event, State
from states.store_port import Move, Pause
from tests.unit.desk import Desk


def test_done_is_a_checkpoint_and_due_at_once(desk: Desk) -> None:
    """The move, its time and its publication."""
    desk.create()
    ticked = desk.tick()
    assert (ticked.outcome, ticked.after.state, ticked.after.version) == (
        "moved",
        State.PROMPTED,
        1,
    )
    assert ticked.after.due_at == desk.clock.wall()
    assert desk.published == [ticked.after]
    assert [c.event for c in desk.store.history("tienda")] == [Event.PROMPTS_BUILT]


def test_wait_is_a_pause_without_an_attempt(desk: Desk) -> None:
    """The note and when to look again; no checkpoint; attempts begin anew."""
    desk.cloud.file_status = "running"
    desk.go(State.VALIDATED)
    desk.fault.append(Transient("a moment"))
    assert desk.tick().after.attempts == 1
    ticked = desk.tick()
    assert ticked.outcome == "waiting"
    assert ticked.after.attempts == 0
    assert ticked.after.last_error is None
    assert ticked.after.due_at == desk.clock.wall() + 1.0
    assert "running" in str(ticked.after.waiting_for)
    assert ticked.after.version == 3


def test_a_fault_backs_off_longer_each_time(desk: Desk) -> None:
    """One, two, four … seconds, each up to a quarter less, never above the longest."""
    desk.create()
    for attempt in range(1, 15):
        desk.fault.append(Transient("a moment"))
        after = desk.tick().after
        full = min(2.0 ** (attempt - 1), LONGEST_BACKOFF)
        assert 0.75 * full <= after.due_at - desk.clock.wall() <= full
        assert after.attempts == attempt
        assert str(after.last_error) == "a moment"
        assert after.hold is None


def test_after_enough_faults_a_person_is_told_and_it_heals_by_itself(desk: Desk) -> None:
    """Held, but looked at again: once the cause is gone, the hold is, too."""
    desk.create()
    for _ in range(PATIENCE):
        desk.fault.append(Unclear("in trouble"))
        ticked = desk.tick()
    assert ticked.outcome == "held"
    assert str(ticked.after.hold) == "in trouble"
    assert ticked.after.due_at == desk.clock.wall() + LONGEST_BACKOFF
    healed = desk.tick()
    assert healed.outcome == "moved"
    assert healed.after.hold is None


def test_a_hold_that_heals_into_waiting_is_released(desk: Desk) -> None:
    """Its end is a checkpoint as well."""
    desk.cloud.file_status = "running"
    desk.go(State.VALIDATED)
    desk.fault.append(NeedsOperator("wrong key", heals=True))
    assert desk.tick().after.hold is not None
    after = desk.tick().after
    assert after.hold is None
    assert after.due_at == desk.clock.wall() + 1.0
    assert [c.event for c in desk.store.history("tienda")][-2:] == [Event.HELD, Event.RELEASED]


def test_the_same_hold_is_not_told_twice(desk: Desk) -> None:
    """A key that stays wrong makes one line of history, not one every five minutes."""
    desk.create()
    for _ in range(4):
        desk.fault.append(NeedsOperator("wrong key", heals=True))
        after = desk.tick().after
        assert after.due_at == desk.clock.wall() + LONGEST_BACKOFF
    assert [c.event for c in desk.store.history("tienda")] == [Event.HELD]


def test_first_contact_has_little_patience(desk: Desk) -> None:
    """An endpoint that never answered is probably mistyped."""
    desk.create()
    for attempt in range(1, FIRST_CONTACT_PATIENCE + 1):
        desk.fault.append(Unreachable("no route"))
        ticked = desk.tick()
        assert ticked.outcome == ("held" if attempt == FIRST_CONTACT_PATIENCE else "retrying")


def test_a_network_that_was_seen_to_work_is_waited_for_without_end(desk: Desk) -> None:
    """Once the service has answered a mutation, an outage of days holds nothing."""
    desk.go(State.TRAINING)
    for attempts in (PATIENCE, 5000):
        desk.store.pause(desk.project(), Pause(0.0, None, attempts, None))
        desk.fault.append(Unreachable("no route"))
        after = desk.tick().after
        assert (after.attempts, after.hold) == (attempts + 1, None)
        assert after.due_at <= desk.clock.wall() + LONGEST_BACKOFF


@pytest.mark.parametrize(
    ("asked", "waited"),
    [(0.5, 1.0), (2.5, 2.5), (180.0, 180.0), (7200.0, 7200.0), (30 * 86400.0, LONGEST_WAIT)],
)
def test_the_service_is_given_the_time_it_asks_for(desk: Desk, asked: float, waited: float) -> None:
    """Also above the two minutes at which the SDK stops listening, up to six hours."""
    desk.create()
    desk.fault.append(Throttled("busy", asked))
    assert desk.tick().after.due_at == desk.clock.wall() + waited


def test_a_wait_of_no_time_is_still_a_wait(desk: Desk) -> None:
    """`Retry-After: 0`, thirty times in a blink, would be a hold for nothing."""
    desk.create()
    desk.fault.append(Throttled("busy", 0.0))
    assert desk.tick().after.due_at >= desk.clock.wall() + 1.0


def test_settling_counts_no_attempt(desk: Desk) -> None:
    """It is not a fault; the number of faults so far stays."""
    desk.create()
    desk.fault.append(Transient("a moment"))
    desk.tick()
    desk.fault.append(NotYet("to settle", 7.0))
    after = desk.tick().after
    assert after.attempts == 1
    assert after.due_at == desk.clock.wall() + 7.0
    assert str(after.waiting_for) == "to settle"


@pytest.mark.parametrize("remote", [True, False])
def test_permanent_is_failed_with_its_reason(desk: Desk, remote: bool) -> None:
    """Where it failed and whose fault it was are kept for `retry`; it is not ticked again."""
    desk.create()
    desk.fault.append(Permanent("no use", remote=remote))
    ticked = desk.tick()
    assert (ticked.outcome, ticked.after.state, ticked.after.due_at) == (
        "failed",
        State.FAILED,
        None,
    )
    assert (ticked.after.facts.failure.state, ticked.after.facts.failure.is_remote) == (
        "DRAFT",
        remote,
    )
    assert str(ticked.after.last_error) == "no use"
    assert desk.tick().outcome == "idle"


def test_a_bug_holds_its_own_project_only(desk: Desk) -> None:
    """The daemon and the other projects go on."""
    desk.create("una")
    desk.create("otra")
    desk.fault.append(ZeroDivisionError("division by zero"))
    held = desk.tick("una")
    assert held.outcome == "held"
    assert "ZeroDivisionError" in str(held.after.hold)
    assert held.after.due_at is None
    assert held.after.state is State.DRAFT
    assert desk.tick("otra").outcome == "moved"


@pytest.mark.parametrize(
    ("number", "outcome"),
    [(errno.EMFILE, "retrying"), (errno.ENOSPC, "retrying"), (errno.EISDIR, "held")],
)
def test_what_the_machine_runs_out_of_is_no_bug(desk: Desk, number: int, outcome: str) -> None:
    """File handles, room, memory: there may be some again in a moment.

    What is simply not so is still a bug.
    """
    desk.create()
    desk.fault.append(OSError(number, "no luck"))
    ticked = desk.tick()
    assert ticked.outcome == outcome
    assert "no luck" in str(ticked.text)


@pytest.mark.parametrize(
    "error",
    [
        ImportError("cannot import name 'chat' from 'agent.providers'"),
        ModuleNotFoundError("No module named 'states.steps.probe'"),
        SyntaxError("unterminated string literal"),
        FileNotFoundError(2, "", str(Path(agent.__file__).parent / "resources" / "prices.json")),
    ],
)
def test_an_update_beneath_a_running_daemon_holds_nothing(desk: Desk, error: Exception) -> None:
    """Thousands of projects would wait for a person each, though a moment later all is there."""
    desk.create()
    desk.fault.append(error)
    ticked = desk.tick()
    assert ticked.outcome == "retrying"
    assert "start `run` anew" in str(ticked.after.last_error)
    assert desk.tick().outcome == "moved"


def test_a_move_made_meanwhile_wins(desk: Desk) -> None:
    """The tick that comes second changes nothing and says so."""
    project = desk.create()
    original = desk.ports_for

    def meanwhile(found: Any) -> Any:
        desk.store.move(
            project,
            Move(Event.CANCELLED, State.CANCELLED, project.facts, None, 1),
            desk.clock.wall(),
        )
        return original(found)

    desk.ports_for = meanwhile
    ticked = desk.tick()
    assert ticked.outcome == "superseded"
    assert ticked.after.state is State.CANCELLED
    assert [c.event for c in desk.store.history("tienda")] == [Event.CANCELLED]


def test_trouble_with_the_memory_is_not_the_projects(desk: Desk) -> None:
    """A StoreError goes up to the driver; nothing is recorded but the error, where it can be, and
    not for long.
    """
    before = desk.create()
    desk.fault.append(StoreError("disk full"))
    with pytest.raises(StoreError):
        desk.tick()
    after = desk.project()
    assert (after.version, after.due_at, after.attempts, str(after.last_error)) == (
        0,
        before.due_at,
        0,
        "disk full",
    )
    assert desk.tick().after.last_error is None
    desk.fault.append(StoreBusy("locked"))
    with pytest.raises(StoreError):
        desk.tick()
    assert desk.project().last_error is None


def test_results_that_cannot_be_written_stop_nothing(desk: Desk) -> None:
    """They are tried again by the driver's next sweep."""
    full = [StoreError("disk full")]

    def publish(project: Any) -> None:
        if full:
            raise full.pop()
        desk.published.append(project)

    ticker = Ticker(desk.store, desk.ports_for, publish, desk.clock.wall)
    desk.create()
    assert ticker.tick("tienda").outcome == "moved"
    assert desk.published == []
    ticker.publish_pending()
    ticker.publish_pending()
    assert [p.state for p in desk.published] == [State.PROMPTED]


def test_results_that_break_stop_nobody(desk: Desk, capfd: Any) -> None:
    """A bug in the view of one project: its state goes on, and so do the others' views.

    Told once, with its traceback.
    """

    def publish(project: Any) -> None:
        if project.name == "rota":
            raise LookupError("no plan")
        desk.published.append(project)

    ticker = Ticker(desk.store, desk.ports_for, publish, desk.clock.wall)
    for name in ("rota", "sana"):
        desk.create(name)
        assert ticker.tick(name).outcome == "moved"
    ticker.publish_pending()
    ticker.publish_pending()
    assert [p.name for p in desk.published] == ["sana"]
    said = capfd.readouterr().out
    assert said.count("not_published") == 1
    assert "LookupError: no plan" in said


def test_what_rests_is_not_ticked(desk: Desk) -> None:
    """ANALYZED, FAILED, and CANCELLED once it has tidied up."""
    desk.go(State.ANALYZED)
    assert desk.tick().outcome == "idle"
    with pytest.raises(LookupError):
        desk.tick("nadie")
