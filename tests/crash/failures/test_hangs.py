"""Services that hang: each request has its end, and no project stops another."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.drivers.local import WORKERS, LocalDriver, Pace
from agent.engine.exactly_once import Timing
from agent.engine.mutations import Mutations
from agent.engine.ownership import new_uid
from agent.engine.send_deadline import leaving_within
from agent.engine.sweep import Sweep
from agent.engine.tick import Ticker
from agent.providers.azure import AzureService
from agent.providers.azure_client import Endpoint
from agent.providers.errors import Errors
from agent.redactor import Redactor
from states.errors import Throttled, Unclear
from states.model import Project
from states.ports import Ports
from tests.crash.failures.agent import Agent
from tests.crash.failures.dripper import HEAD, Dripper
from tests.crash.failures.driven import Nobody
from tests.crash.failures.remote import Service


@pytest.fixture(params=["headers", "body"])
def dripper(request: pytest.FixtureRequest) -> Iterator[Dripper]:
    found = Dripper(HEAD if request.param == "body" else b"")
    yield found
    found.close()


@pytest.fixture
def dripping(dripper: Dripper) -> Iterator[AzureService]:
    service = AzureService(
        Endpoint(dripper.url, "no-key", "2024-12-01-preview", 0.4),
        None,
        Errors(dripper.url, Redactor([])),
    )
    yield service
    service.close()


def test_an_answer_that_drips_is_given_up_within_the_time_out(dripping: AzureService) -> None:
    """The libraries' time-outs begin anew with every byte; ours does not."""
    began = time.monotonic()
    with pytest.raises(Unclear, match="did not answer in time"):
        dripping.file("file-x")
    assert 0.3 < time.monotonic() - began < 1.5


def test_a_request_that_cannot_leave_in_time_never_leaves(service: Service, azure: Any) -> None:
    """The connection was made too late: nothing is sent, so nothing has to settle, and no later
    process is overtaken.
    """
    key = azure.azure["AZURE_OPENAI_KEY"]
    with closing(
        AzureService(Endpoint(service.url, key, "v1", 5.0), None, Errors(service.url, Redactor([])))
    ) as provider:
        for left in (0.0, -3.0):
            with (
                pytest.raises(Throttled, match="too long to be sent"),
                leaving_within(lambda left=left: left),
            ):
                provider.upload("late.jsonl", b"{}")
        assert (service.spent("upload"), provider.files_named("late", ".jsonl")) == (0, [])


def test_a_request_that_is_taken_too_slowly_is_broken_off() -> None:
    """Somebody accepts the connection and reads nothing: a large file would be under way for as
    long as that lasts.
    """
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        content = bytes(32 * 2**20)
        errors = Errors(url, Redactor([]))
        with closing(AzureService(Endpoint(url, "a-key", "v1", 5.0), None, errors)) as provider:
            end = time.monotonic() + 1.5  # a busy machine needs half of it to begin
            with (
                pytest.raises(Unclear, match="AGENT_SETTLE_SECONDS"),
                leaving_within(lambda: end - time.monotonic()),
            ):
                provider.upload("large.jsonl", content)


@pytest.mark.parametrize("dripper", ["body"], indirect=True)
def test_projects_that_hang_do_not_stop_the_others(
    agent: Agent, service: Service, dripping: AzureService, small_set: Any
) -> None:
    """More of them than there are threads, and one whose service is well."""
    app, clock = agent.app, agent.clock
    for number in range(WORKERS + 2):
        small_set(agent.home, project=f"drip-{number}")
        app.store.create(f"drip-{number}", new_uid(), app.settings.service.name, clock.wall())

    def ports_for(project: Project) -> Ports:
        ports = app.ports_for(project)
        if not project.name.startswith("drip-"):
            return ports
        return replace(
            ports,
            read=dripping,
            do=Mutations(project, app.store, dripping, Timing(6, 1), clock.now),
        )

    ticker = Ticker(app.store, ports_for, lambda project: None, clock.wall)
    end = time.monotonic() + 20
    driver = LocalDriver(Sweep(ticker, app.store, clock.wall), Pace(0.05, 60), Nobody())
    assert driver.run(lambda: agent.project.state.value == "ANALYZED" or time.monotonic() > end)
    assert agent.project.state.value == "ANALYZED"
    dripped = [p for p in app.store.all() if p.name.startswith("drip-")]
    assert {p.state.value for p in dripped} == {"VALIDATED"}
    assert all(
        p.last_error is not None and "did not answer in time" in str(p.last_error) for p in dripped
    )


@pytest.mark.slow
def test_a_daemon_that_is_told_to_end_waits_for_no_answer(
    daemon: Any, home: Path, small_set: Any, environment: dict[str, str]
) -> None:
    """Nor for a listing without end, nor for large files: a tick in hand has a few seconds."""
    small_set(home)
    with closing(Dripper(HEAD, seconds=60)) as dripper:
        running = daemon(
            home,
            env={
                **environment,
                "AZURE_OPENAI_ENDPOINT": dripper.url,
                "AGENT_REQUEST_TIMEOUT_SECONDS": "60",
                "AGENT_SETTLE_SECONDS": "200",
            },
        )
        end = time.monotonic() + 20
        while not dripper.is_asked and time.monotonic() < end:
            time.sleep(0.05)
        assert running.end(signal.SIGTERM, seconds=15).code == 0
