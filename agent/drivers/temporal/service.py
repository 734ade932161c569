"""What is asked of Temporal from outside: connections, and workflows that are begun or woken.

Used by driver.py and activities.py, and by waking.py for the commands.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

from agent.drivers.temporal.workflows import ProjectWorkflow, Subject, SurveyWorkflow
from agent.settings.named_file import read_named
from agent.settings.temporal import LARGEST, Temporal
from states.errors import SettingsError, Unreachable, problem_of
from states.model import Project
from states.text import Text, say

AT_ONCE = 16  # requests on their way to Temporal
# A worker that dies in the middle of deciding what comes next (milliseconds) is not waited for.
TASK_TIMEOUT = timedelta(seconds=5)
ANSWER = timedelta(seconds=10)  # for one request


async def connect(settings: Temporal) -> Client:
    """Unreachable where nobody answers there, or refuses us."""
    try:
        return await Client.connect(
            settings.address,
            namespace=settings.namespace,
            api_key=settings.api_key,
            tls=_read_tls(settings),
            connect_timeout=ANSWER,
            runtime=_runtime(),
        )
    except (RPCError, RuntimeError, ValueError, OSError, SettingsError) as error:
        raise unreachable(settings, error) from error


async def refuse_unknown_namespace(client: Client, settings: Temporal) -> None:
    """SettingsError where Temporal has none of that name. A worker would only say so by its end."""
    asked = DescribeNamespaceRequest(namespace=settings.namespace)
    try:
        await client.workflow_service.describe_namespace(asked, timeout=ANSWER)
    except RPCError as error:  # not everyone who may work there may ask this
        if error.status is RPCStatusCode.NOT_FOUND:
            raise SettingsError(
                say(
                    "Temporal at {address} has no namespace {namespace}. Check"
                    " AGENT_TEMPORAL_NAMESPACE, or have it created.",
                    address=settings.address,
                    namespace=settings.namespace,
                )
            ) from error


def unreachable(settings: Temporal, error: Exception) -> Unreachable:
    """With what the server, or the SDK, says of it."""
    return Unreachable(
        say(
            "Temporal cannot be reached at {address}: {problem}. Check AGENT_TEMPORAL_ADDRESS,"
            " AGENT_TEMPORAL_NAMESPACE and the settings of TLS.",
            address=settings.address,
            problem=problem_in(error),
        )
    )


def problem_in(error: Exception) -> Text | str:
    """In a few words. The SDK wraps the cause in the names of Rust's types: the innermost tells."""
    if isinstance(error, RPCError):
        return error.message
    if isinstance(error, SettingsError):  # a file of certificates
        return error.text
    if isinstance(error, OSError) and error.strerror:
        return problem_of(error)
    quoted = re.findall(r'"([^"]+)"', str(error))
    inner = quoted[-1:] or re.findall(r"(\w+)\)", str(error))[:1]
    return inner[0] if inner else str(error) or type(error).__name__


@cache
def _runtime() -> Runtime:
    """Its complaints go into our log, redacted, and not to the terminal."""
    forwarding = LogForwardingConfig(logger=logging.getLogger("temporalio"))
    levels = TelemetryFilter(core_level="WARN", other_level="ERROR")
    logs = LoggingConfig(filter=levels, forwarding=forwarding)
    return Runtime(telemetry=TelemetryConfig(logging=logs))


def _read_tls(settings: Temporal) -> bool | TLSConfig:
    if not settings.uses_tls:
        return False
    return TLSConfig(
        server_root_ca_cert=_read(settings.ca),
        client_cert=_read(settings.cert),
        client_private_key=_read(settings.key),
    )


def _read(path: str | None) -> bytes | None:
    return None if path is None else read_named(Path(path), LARGEST)


@dataclass(frozen=True)
class Workflows:
    """The workflows of the projects of one service. `queue`: where their workers listen."""

    client: Client
    queue: str

    @staticmethod
    def queue_of(settings: Temporal, service: str) -> str:
        """A worker of another service must never be given a project: it would send it elsewhere."""
        return f"{settings.task_queue}@{service}"

    async def wake(self, projects: Iterable[Project]) -> None:
        """Each of them is ticked now, by its workflow, which is begun if it does not run."""
        await self._for_each(projects, "wake")

    async def begin(self, projects: Sequence[Project]) -> None:
        """Each of them has its workflow. One that runs is left as it is."""
        query = f"TaskQueue = '{self.queue}' AND ExecutionStatus = 'Running'"
        running = {found.id async for found in self.client.list_workflows(query)}
        missing = [project for project in projects if self._id_of(project) not in running]
        await self._for_each(missing, None)

    async def begin_survey(self) -> None:
        """There is one survey on this queue."""
        await self.client.start_workflow(
            SurveyWorkflow.run,
            id=f"survey@{self.queue}",
            task_queue=self.queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            task_timeout=TASK_TIMEOUT,
            rpc_timeout=ANSWER,
        )

    async def _for_each(self, projects: Iterable[Project], signal: str | None) -> None:
        turn = asyncio.Semaphore(AT_ONCE)

        async def start(project: Project) -> None:
            async with turn:
                await self._start(project, signal)

        await asyncio.gather(*map(start, projects))

    async def _start(self, project: Project, signal: str | None) -> None:
        await self.client.start_workflow(
            ProjectWorkflow.run,
            Subject(project.name, project.uid),
            id=self._id_of(project),
            task_queue=self.queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=signal,
            static_summary=project.name,
            task_timeout=TASK_TIMEOUT,
            rpc_timeout=ANSWER,
        )

    def _id_of(self, project: Project) -> str:
        """With the service, since a project may move to another, where another worker takes it."""
        return f"{project.uid}@{self.queue}"
