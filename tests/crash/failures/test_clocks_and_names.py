"""Clocks that jump, and names that cannot be resolved."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from agent.drivers.local import LocalDriver, Pace
from agent.engine.backoff import PATIENCE
from agent.engine.sweep import Sweep
from tests.crash.failures.agent import Agent
from tests.crash.failures.driven import driven, slowly
from tests.crash.failures.observed import spent
from tests.crash.failures.remote import Service

DAY = 86400.0


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_clock_that_jumps_neither_shortens_nor_lengthens_the_settling(
    jump: float, agent: Agent, service: Service
) -> None:
    """A day more on the wall does not make an unanswered request any older."""
    agent.run("UPLOADED")
    service.fault("POST", r"/jobs$", "drop_before")
    agent.tick()
    agent.clock.set_wall(jump)
    for ticked in agent.ticks(3):
        assert ticked.outcome == "waiting"
    assert service.spent("create_job") == 0
    agent.clock.skip(agent.app.settings.settle_seconds)
    agent.tick()
    assert service.spent("create_job") == 1


@pytest.mark.parametrize("jump", [DAY, -DAY])
@pytest.mark.parametrize(
    "state", ["VALIDATED", slowly("DRAFT"), slowly("TRAINING"), slowly("DEPLOYED")]
)
def test_a_clock_that_jumps_keeps_no_project_waiting(
    jump: float, state: str, agent: Agent, service: Service
) -> None:
    """What was due tomorrow by the old clock is due now."""
    agent.run(state)
    agent.clock.set_wall(jump)
    driven(agent, lambda: agent.project.state.value == "ANALYZED")
    assert spent(service) == (2, 1, 1)
    times = [checkpoint.version for checkpoint in agent.app.store.history(agent.name)]
    assert times == sorted(times)


def test_hours_without_names_are_waited_out(
    agent: Agent, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the service has been reached, a network that is gone is never a reason to hold."""
    agent.run("UPLOADED")
    service.behave(train_seconds=0)
    real = socket.getaddrinfo

    def gone(*_arguments: Any, **_more: Any) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    agent.app.close()  # no connection is left from before
    monkeypatch.setattr(socket, "getaddrinfo", gone)
    began = agent.clock.wall()
    while (
        agent.project.attempts <= PATIENCE + 3
    ):  # two hours: whatever is not waited for without end is held by then
        assert agent.run_once().outcome == "retrying"
        assert agent.project.hold is None
        assert "cannot be reached" in str(agent.project.last_error)
        assert "name resolution" in str(agent.project.last_error)
    assert agent.clock.wall() - began > 1.5 * 3600  # the pauses have grown
    monkeypatch.setattr(socket, "getaddrinfo", real)
    agent.run("ANALYZED")
    assert spent(service) == (2, 1, 1)
    assert "HELD" not in [
        checkpoint.event.value for checkpoint in agent.app.store.history(agent.name)
    ]


def test_an_endpoint_that_never_answered_is_questioned_soon_and_still_heals(
    launch: Callable[..., Agent], service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Probably mistyped; but perhaps the machine just came up before its network."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}"
    agent = launch(AZURE_OPENAI_ENDPOINT=nobody)
    hold = agent.run_to_hold()
    assert nobody in hold
    assert "Check AZURE_OPENAI_ENDPOINT" in hold
    assert agent.project.due_at is not None


def test_a_scheduler_survives_a_clock_set_back(
    agent: Agent, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """APScheduler plans by the wall: a day back, and its next sweep would be tomorrow."""
    import datetime as real

    shift = real.timedelta()

    class Shifted(real.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return real.datetime.now(tz) + shift

    for module in ("schedulers.base", "triggers.interval", "executors.base"):
        monkeypatch.setattr(f"apscheduler.{module}.datetime", Shifted)
    sweeps: list[float] = []

    class Counting:
        def alive(self) -> None:
            sweeps.append(time.monotonic())

    driver = LocalDriver(
        Sweep(agent.ticker, agent.app.store, time.time), Pace(0.05, 2.0), Counting()
    )
    result: list[bool] = []
    thread = threading.Thread(target=lambda: result.append(driver.run(lambda: False)))
    thread.start()
    try:
        time.sleep(0.3)
        shift = real.timedelta(days=-1)
        time.sleep(0.2)
        before = len(sweeps)
        end = time.monotonic() + 4
        while len(sweeps) < before + 3 and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        driver.stop()
        thread.join(10)
    assert result == [True]
    assert len(sweeps) >= before + 3
