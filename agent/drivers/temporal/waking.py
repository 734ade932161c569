"""What a command decides is known to Temporal at once: it wakes the workflows of the projects.

Called by bootstrap at the end of a command. Should it not succeed, the survey of the workers
(workflows.py) finds the projects within a minute.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from temporalio.service import RPCError

from agent.drivers.temporal.service import Workflows, connect, unreachable
from agent.settings.temporal import Temporal
from states.model import Project

PATIENCE = 5.0  # seconds; a person waits


def wake(settings: Temporal, service: str, projects: Sequence[Project]) -> None:
    """Unreachable says why they were not woken."""
    asyncio.run(_wake(settings, service, projects))


async def _wake(settings: Temporal, service: str, projects: Sequence[Project]) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            client = await connect(settings)
            await Workflows(client, Workflows.queue_of(settings, service)).wake(projects)
    except (RPCError, TimeoutError) as error:
        raise unreachable(settings, error) from error
