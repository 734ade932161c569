"""The words of the service for how far something is. Called by translate.py and azure_client.py."""

from __future__ import annotations

from typing import Any

from states.remote import Glimpse, Phase

LONGEST_NAME = 300  # characters of a status, or of the name of a file or a model
ENDED = 2  # what job_rank and file_rank say of what changes no more

# Every other status, known or not, is "still going": the service has new words before its
# documents do.
FILE_READY, FILE_DEAD = {"processed", "succeeded"}, {"error", "failed", "deleted", "deleting"}
JOB_READY, JOB_DEAD = {"succeeded"}, {"failed", "cancelled", "canceled"}
JOB_QUEUED = {"created", "notrunning", "pending", "validating_files", "queued"}
DEPLOYMENT_READY, DEPLOYMENT_DEAD = (
    {"succeeded"},
    {
        "failed",
        "canceled",
        "cancelled",
        "disabled",
        "deleting",
        "deleted",
    },
)


def to_phase(status: str, ready: set[str], dead: set[str]) -> Phase:
    """As `ready` and `dead` say; else WORKING."""
    return Phase.READY if status in ready else Phase.DEAD if status in dead else Phase.WORKING


def to_status(value: Any) -> str:
    """As the service spelt it, lower case."""
    return str(value or "unknown").strip().lower()[:LONGEST_NAME]


def job_rank(status: str) -> int:
    """How far that is: 0 in the queue, 1 at work, ENDED at its end."""
    if status in JOB_READY or status in JOB_DEAD:
        return ENDED
    return 0 if status in JOB_QUEUED else 1


def file_rank(status: str) -> int:
    """As job_rank, and a file knows no queue."""
    return ENDED if status in FILE_READY or status in FILE_DEAD else 0


def to_glimpse(job_id: str, status: str) -> Glimpse:
    """A job, of which a listing told the status."""
    return Glimpse(
        job_id,
        status,
        queued=status in JOB_QUEUED,
        paused=status == "paused",
        pausing=status == "pausing",
    )


def thin_page(answer: Any) -> Any:
    """Of a page of a listing only where it goes on, and of each item its id and status."""
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
        return answer
    items = (item if isinstance(item, dict) else {} for item in answer["data"])
    data = [{"id": item.get("id"), "status": item.get("status")} for item in items]
    return {"data": data, "has_more": answer.get("has_more")}
