"""`run --driver temporal`: a worker as a real process, for a real server of Temporal."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.temporal_server import TemporalServer, make_server

pytest.importorskip("temporalio")

from temporalio import workflow
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.worker import Worker
from temporalio.workflow import NondeterminismError

from agent.drivers.temporal.service import Workflows
from agent.drivers.temporal.workflows import ProjectWorkflow, Subject

DEPLOYS = {"AGENT_DEPLOY": "auto"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TemporalServer]:
    made = make_server(tmp_path / "temporal")
    made.start()
    yield made
    made.kill()


@pytest.fixture
def settings(server: TemporalServer, azure: Any) -> dict[str, str]:
    return {**azure.azure, **DEPLOYS, "AGENT_TEMPORAL_ADDRESS": server.address}


def _state_of(cli: Any, home: Path, project: str) -> str:
    return str(cli(home, "status", project, "--json").json["projects"][0]["state"])


def _events(home: Path) -> list[dict[str, Any]]:
    lines = (home / "logs" / "agent.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.slow
def test_a_worker_takes_every_project_to_its_end(
    home: Path,
    cli: Any,
    daemon: Any,
    eventually: Callable[..., Any],
    small_set: Any,
    settings: dict[str, str],
) -> None:
    """The one that is there when it starts, and the one that a command makes while it runs: that
    wakes its workflow, so no survey has to find it."""
    for project in ("una", "otra"):
        small_set(home, project=project)
    assert cli(home, "run", "--project", "una", "--until", "DRAFT", env=settings).code == 0
    worker = daemon(home, "--driver", "temporal", env=settings)
    eventually(lambda: _state_of(cli, home, "una") == "ANALYZED")
    raw = home / "data" / "projects" / "otra" / "raw" / "intent_examples.json"
    made = cli(home, "new", "nueva", "--examples", str(raw), env=settings)
    assert made.code == 0, made.text
    eventually(lambda: _state_of(cli, home, "nueva") == "ANALYZED")
    told = cli(home, "status", "--json").json["daemon"]
    assert (told["pid"], told["running"]) == (worker.pid, True)
    ended = worker.end(signal.SIGTERM)
    assert (ended.code, ended.err.count("Traceback")) == (0, 0)
    assert [e for e in _events(home) if e["event"] in ("woken", "tick_failed", "worker_died")] == []


@pytest.mark.slow
def test_a_worker_of_a_namespace_that_is_unknown_is_refused(
    home: Path, cli: Any, small_set: Any, settings: dict[str, str]
) -> None:
    """In a sentence, and not by the SDK's words for its end."""
    small_set(home, project="una")
    wrong = {**settings, "AGENT_TEMPORAL_NAMESPACE": "nadie", "AGENT_LANGUAGE": "en"}
    refused = cli(home, "run", "--driver", "temporal", env=wrong)
    assert refused.code == 2, refused.text
    assert "has no namespace nadie. Check AGENT_TEMPORAL_NAMESPACE" in refused.err
    assert "Traceback" not in refused.err


@pytest.mark.slow
def test_once_begins_the_workflows_and_ticks_nothing(
    home: Path, cli: Any, small_set: Any, server: TemporalServer, settings: dict[str, str]
) -> None:
    """For cron, say, beside workers elsewhere."""
    small_set(home, project="una")
    assert cli(home, "run", "--project", "una", "--until", "DRAFT", env=settings).code == 0
    ended = cli(home, "run", "--driver", "temporal", "--once", env=settings)
    assert ended.code == 0, ended.text
    assert "AGENT_DATABASE_URL" in ended.err  # nobody else sees its projects
    assert _state_of(cli, home, "una") == "DRAFT"

    async def begun() -> list[str]:
        client = await Client.connect(server.address)
        return sorted([found.workflow_type async for found in client.list_workflows("")])

    deadline = time.monotonic() + 20  # its listing lags behind
    while (found := asyncio.run(begun())) != ["afinador-project", "afinador-survey"]:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)


def test_a_decision_is_made_whether_temporal_hears_of_it_or_not(
    home: Path, cli: Any, small_set: Any, azure: Any
) -> None:
    """It is in the store; the person is told who has not heard of it yet."""
    small_set(home, project="otra")
    raw = home / "data" / "projects" / "otra" / "raw" / "intent_examples.json"
    deaf = {**azure.azure, "AGENT_LANGUAGE": "en", "AGENT_TEMPORAL_ADDRESS": "127.0.0.1:1"}
    made = cli(home, "new", "nueva", "--examples", str(raw), env=deaf)
    assert made.code == 0, made.text
    assert "Temporal cannot be reached at 127.0.0.1:1" in made.err
    assert _state_of(cli, home, "nueva") == "VALIDATED"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--driver", "temporal"), "AGENT_TEMPORAL_ADDRESS"),
        (("--driver", "temporal", "--until", "ANALYZED"), "--until"),
    ],
)
def test_what_no_worker_can_do_is_refused(
    home: Path, cli: Any, given: tuple[str, ...], said: str
) -> None:
    address = {} if said.startswith("AGENT") else {"AGENT_TEMPORAL_ADDRESS": "127.0.0.1:1"}
    refused = cli(home, "run", *given, env=address)
    assert refused.code == 2
    assert said in refused.err


@workflow.defn(name="afinador-project")
class AnotherVersion:
    """A program that was written before, or after, this one."""

    @workflow.signal
    def wake(self) -> None: ...

    @workflow.run
    async def run(self, subject: Subject) -> None:
        await workflow.sleep(timedelta(days=9))


def test_a_workflow_of_another_version_ends_and_does_not_hang(server: TemporalServer) -> None:
    """It knows nothing that the store does not: the survey begins it anew."""

    def worker(client: Client, version: type) -> Worker:
        return Worker(
            client,
            task_queue="tests",
            workflows=[version],
            workflow_failure_exception_types=[NondeterminismError],
            sticky_queue_schedule_to_start_timeout=timedelta(milliseconds=100),
        )

    async def play() -> WorkflowExecutionStatus | None:
        client = await Client.connect(server.address)
        handle = await client.start_workflow(
            AnotherVersion.run, Subject("tienda", "1"), id="one", task_queue="tests"
        )
        async with worker(client, AnotherVersion):
            while len((await handle.fetch_history()).events) < 5:
                await asyncio.sleep(0.01)
        async with worker(client, ProjectWorkflow):
            await handle.signal(AnotherVersion.wake)
            while (told := (await handle.describe()).status) is WorkflowExecutionStatus.RUNNING:
                await asyncio.sleep(0.01)
        return told

    assert asyncio.run(play()) is WorkflowExecutionStatus.FAILED


def test_each_service_has_a_queue_of_its_own() -> None:
    """A worker that is told of another resource never gets the project."""

    class Given:
        task_queue = "afinador"

    queues = {Workflows.queue_of(Given(), service) for service in ("a.example", "b.example")}  # type: ignore[arg-type]
    assert len(queues) == 2


def test_the_health_check_follows_the_signs_of_life(
    home: Path, cli: Any, store: Any, tmp_path: Path
) -> None:
    """Of a container: nothing but an exit code."""
    env = {"AGENT_DATABASE_URL": f"sqlite:///{tmp_path / 'datos' / 'agent.db'}"}

    def check() -> int:
        ended = cli(home, "status", "--check", env=env)
        assert ended.out == ""
        return int(ended.code)

    assert check() == 1
    store.beat(os.getpid(), socket.gethostname(), time.time())
    assert check() == 0
    store.beat(os.getpid(), socket.gethostname(), time.time() - 121)
    assert check() == 1
