"""What the service makes of files, jobs and cases, and what the project makes of that."""

from __future__ import annotations

import pytest

from states.errors import Permanent
from states.stages import Progress
from states.state import State
from tests.unit.desk import Desk


@pytest.mark.parametrize(
    ("status", "error", "told"),
    [
        ("failed", "bad row 3", "bad row 3"),
        ("failed", None, "no reason given"),
        ("cancelled", None, "was cancelled"),
    ],
)
def test_a_training_that_ends_badly_is_failed_with_its_reason(
    desk: Desk, status: str, error: str | None, told: str
) -> None:
    """Remotely, so that a retry is a new job."""
    desk.cloud.job_status, desk.cloud.job_error = status, error
    failed = desk.go(State.FAILED)
    assert told in str(failed.last_error)
    assert failed.facts.failure.is_remote
    desk.cloud.job_status = "succeeded"
    desk.decisions.retry("tienda", restore=False, restart=False)
    desk.go(State.ANALYZED)
    assert len(desk.cloud.jobs) == 2


def test_a_file_the_service_cannot_read_is_failed_with_its_reason(desk: Desk) -> None:
    """Never trained on."""
    desk.cloud.file_status = "error"
    assert "bad line 3" in str(desk.go(State.FAILED).last_error)
    assert desk.cloud.jobs == {}


def test_a_training_that_goes_on_shows_its_progress(desk: Desk) -> None:
    """The newest step and its loss; after a month, a hint to look in the portal."""
    desk.cloud.job_status = "running"
    desk.go(State.TRAINING)
    waiting = desk.tick().after
    assert str(waiting.waiting_for) == "the training job (running, step 10)"
    assert waiting.facts.created.progress == Progress(10, 0.5)
    desk.clock.spend(31 * 86400)
    assert "look at it in the portal" in str(desk.tick().after.waiting_for)


def test_answers_that_are_paid_for_are_not_asked_again(desk: Desk) -> None:
    """A fault in the middle of the cases; afterwards only those that are missing are asked."""
    desk.create(cases=8)
    desk.cloud.batch = 5
    desk.go(State.DEPLOYED)
    for _ in range(2):
        desk.tick()
    kept = desk.store.memory("tienda").answers(desk.project().facts.trained.model)
    assert len(kept) == 5
    desk.cloud.before["chat"] = [Permanent("no use")]
    desk.tick()
    desk.decisions.retry("tienda", restore=False, restart=False)
    desk.go(State.ANALYZED)
    assert (
        kept.items()
        <= desk.store.memory("tienda").answers(desk.project().facts.trained.model).items()
    )
