"""A training is paused, or goes on: how that is asked for, and how it is seen that it was done.

mutations.py makes each order happen once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from states.errors import NotFound, Permanent, TooSoon
from states.remote import Phase
from states.stages import PAUSE, Order
from states.text import say

if TYPE_CHECKING:
    from agent.providers.contract import Provider

log = structlog.get_logger()


def obeys(service: Provider, job_id: str, order: Order) -> bool:
    """Nothing is left to do: the job is over, or as the order wants it."""
    try:
        job = service.job(job_id)
    except NotFound:
        return False  # gateways err
    rests = job.paused or job.pausing
    return job.phase is not Phase.WORKING or rests == (order.wants == PAUSE)


def send_order(service: Provider, job_id: str, order: Order) -> str:
    """Returns the job's id. Permanent where the service refuses, or cannot do that at all."""
    act = service.pause_job if order.wants == PAUSE else service.resume_job
    try:
        act(job_id)
    except NotFound as error:
        # The job was there a moment ago: it is the order that the service does not know.
        raise Permanent(
            say(
                "This service cannot pause or resume a training here ({problem}): only the v1"
                " surface of Azure can (…/openai/v1/). Do it in the portal.",
                problem=error.text,
            ),
            remote=True,
        ) from error
    except (Permanent, TooSoon):  # it is being paused, say
        if not obeys(service, job_id, order):
            raise
        log.info("obeyed_already", job=job_id, order=order.wants)
    return job_id
