"""What every driver shares: what is due, how far it goes, and the rest after trouble."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from agent.engine.heartbeat import read_heartbeat
from agent.engine.sweep import (
    BEAT,
    LONGEST_REST,
    PREPARED_AT_ONCE,
    SHORTEST_REST,
    Sweep,
    is_due,
)
from agent.engine.tick import LONGEST_WAIT, Ticked
from states.errors import StoreError, Transient
from states.state import State
from states.store_port import Pause


@pytest.fixture
def sweep(desk: Any) -> Callable[..., Sweep]:
    def made(**given: Any) -> Sweep:
        wall, steady = desk.clock.wall, lambda: desk.clock.ticks
        return Sweep(desk.ticker, desk.store, wall, steady=steady, **given)

    return made


def test_a_second_driver_needs_ten_lines(desk: Any, sweep: Any) -> None:
    """No clock but the loop, no threads: the same project, the same end."""
    desk.create()
    every = sweep()
    for _ in range(100):
        for name in every.begin():
            every.advance(name)
        desk.clock.spend(1)
    assert desk.project().state is State.ANALYZED
    assert desk.cloud.sent.count("create_job") == 1


def test_a_project_goes_on_while_it_is_due_at_once(desk: Any, sweep: Any) -> None:
    """Several states in one call; it ends where something has to be waited for."""
    desk.create()
    desk.cloud.file_status = "running"
    ticked = sweep().advance("tienda")
    assert (ticked.outcome, ticked.after.state) == ("waiting", State.VALIDATED)


def test_a_project_goes_no_further_than_it_is_wanted(desk: Any, sweep: Any) -> None:
    """The next step may be the one that is paid for."""
    desk.create()
    wanted = sweep(wanted=lambda p: not p.state.has_reached(State.UPLOADED))
    assert wanted.advance("tienda").after.state is State.UPLOADED
    assert list(wanted.begin()) == []
    assert "create_job" not in desk.cloud.sent


def test_a_project_that_another_thread_has_taken_on_goes_no_further(desk: Any, sweep: Any) -> None:
    """It was found due while it was still on its way; by now it is where it should be."""
    desk.create()
    wanted = sweep(wanted=lambda p: not p.state.has_reached(State.UPLOADED))
    names = wanted.begin()
    assert list(names) == ["tienda"]
    desk.go(State.UPLOADED)
    assert [wanted.advance(name) for name in names] == [None]
    assert desk.project().state is State.UPLOADED
    assert "create_job" not in desk.cloud.sent


def test_a_driver_that_is_told_to_stop_ends_after_the_tick_in_hand(desk: Any, sweep: Any) -> None:
    desk.create()
    assert sweep().advance("tienda", lambda: False).after.state is State.PROMPTED


def test_only_a_few_projects_prepare_their_data_at_once(desk: Any) -> None:
    """From however many threads; what waits for its turn ends where it is told to."""
    at_once, most, lock = [0], [0], threading.Lock()

    def tick(project: Any) -> Ticked:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        time.sleep(0.5)
        with lock:
            at_once[0] -= 1
        return Ticked(project, project, "waiting")

    names = [desk.create(f"p{number}").name for number in range(3 * PREPARED_AT_ONCE)]
    every = Sweep(SimpleNamespace(tick_loaded=tick), desk.store, desk.clock.wall)  # type: ignore[arg-type]
    with ThreadPoolExecutor(len(names)) as pool:
        ended = list(pool.map(lambda name: every.advance(name, lambda: False), names))
    assert most[0] == PREPARED_AT_ONCE
    assert None in ended  # it was told to end before its turn came
    assert len([one for one in ended if one]) >= PREPARED_AT_ONCE


@pytest.mark.parametrize(
    ("ahead", "due"),
    [(-1, True), (0, True), (1, False), (LONGEST_WAIT, False), (LONGEST_WAIT + 1, True)],
)
def test_what_is_due_further_off_than_anything_waits_is_due(
    desk: Any, sweep: Any, ahead: float, due: bool
) -> None:
    """The clock has been set back since: nobody would tick it for a day."""
    project = desk.store.pause(desk.create(), Pause(desk.clock.wall() + ahead, None, 0, None))
    assert is_due(project, desk.clock.wall()) is due
    assert list(sweep().due()) == (["tienda"] if due else [])


def test_what_waits_for_a_person_is_not_due(desk: Any, sweep: Any) -> None:
    desk.store.pause(desk.create(), Pause(None, None, 0, None))
    assert list(sweep().begin()) == []


@pytest.mark.parametrize("trouble", [StoreError("disk full"), RuntimeError("a bug")])
def test_after_trouble_a_project_rests_ever_longer(
    desk: Any, sweep: Any, trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its step may be paid for, and its outcome could not be written down."""
    desk.create()
    troubled = sweep()

    def breaks(*_: Any) -> Any:
        raise trouble

    with monkeypatch.context() as patch:
        patch.setattr("agent.engine.tick.Ticker.tick_loaded", breaks)
        assert troubled.advance("tienda") is None
    assert list(troubled.begin()) == []
    desk.clock.spend(SHORTEST_REST)
    assert list(troubled.begin()) == ["tienda"]
    assert [troubled.rest("tienda") for _ in range(7)] == [
        2,
        4,
        8,
        16,
        32,
        LONGEST_REST,
        LONGEST_REST,
    ]
    assert troubled.advance("tienda") is not None
    assert list(troubled.begin()) == ["tienda"] or desk.project().state is State.ANALYZED


def test_a_store_in_trouble_is_told_now_and_then(desk: Any, sweep: Any, capfd: Any) -> None:
    """Nobody is advanced meanwhile, and nothing is raised: the next sweep tries again."""
    desk.create()

    class Full:
        def beat(self, *_: Any) -> None:
            raise StoreError("disk full")

    troubled = Sweep(desk.ticker, Full(), desk.clock.wall, steady=lambda: desk.clock.ticks)  # type: ignore[arg-type]
    for _ in range(20):
        assert list(troubled.begin()) == []
        desk.clock.spend(60)
    assert capfd.readouterr().out.count("store_trouble") == 2


def test_sweeps_give_a_sign_of_life_now_and_then(desk: Any, sweep: Any) -> None:
    """Of this very process, which `status` shows; each is a commit."""
    assert read_heartbeat(desk.store) is None
    began, sweeping = desk.clock.wall(), sweep()
    for passed, shown in ((0, 0), (BEAT - 1, 0), (1, BEAT), (1, BEAT)):
        desk.clock.spend(passed)
        sweeping.begin()
        last = read_heartbeat(desk.store)
        assert (last["last_tick"], last["running"]) == (began + shown, True)


def test_a_fault_of_the_service_is_no_trouble(desk: Any, sweep: Any) -> None:
    """The tick has recorded when to look again: no rest on top of it."""
    desk.create()
    desk.fault.append(Transient("a moment"))
    patient = sweep()
    assert patient.advance("tienda").outcome == "retrying"
    desk.clock.spend(1)
    assert list(patient.begin()) == ["tienda"]
