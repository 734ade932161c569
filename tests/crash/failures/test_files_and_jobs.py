"""What becomes of files and jobs at the service, and what other people do to them."""

from __future__ import annotations

import json

import pytest

from states.steps.upload_files import FRESH
from tests.crash.failures.agent import Agent
from tests.crash.failures.remote import Service


def test_statuses_nobody_has_heard_of_count_as_going_on(agent: Agent, service: Service) -> None:
    agent.run("VALIDATED")
    service.behave(
        file_status_script=["importing", "thinking"],
        job_status_script=["enqueued", "paused", "resuming", "canceling"],
    )
    said = set()
    while not agent.project.state.has_reached(type(agent.project.state)("TRAINED")):
        agent.run_once()
        said.add(str(agent.project.waiting_for))
    assert any("importing" in text for text in said)
    assert any("paused" in text for text in said)
    assert (service.spent("upload"), service.spent("create_job")) == (2, 1)


def test_a_job_that_stays_in_the_queue_is_explained_once_and_not_sent_again(
    agent: Agent, service: Service
) -> None:
    """No capacity in the region: for days, and only a person can do something about it."""
    agent.run("TRAINING")
    service.behave(job_status_script=["pending"] * 4)
    agent.run_once()
    assert str(agent.project.waiting_for).startswith("the training job (pending")
    for hours in (13, 1, 1):
        agent.clock.skip(hours * 3600)
        agent.tick()
        assert "has stood in the queue (pending)" in str(agent.project.waiting_for)
    assert "15 h" in str(agent.project.waiting_for)
    assert "Do not send it again" in str(agent.project.waiting_for)
    assert (agent.home / "logs/agent.jsonl").read_text().count("unusual_wait") == 1
    agent.run("TRAINED")
    assert service.spent("create_job") == 1


def test_a_file_in_error_fails_with_its_detail_and_a_retry_uploads_it_again(
    agent: Agent, service: Service
) -> None:
    agent.run("VALIDATED")
    service.behave(file_error=True)
    reason = agent.run_to_failure()
    assert "status error: The import of the file failed." in reason
    service.reset()
    agent.retry()
    agent.run("TRAINED")
    assert (service.spent("upload"), service.spent("create_job")) == (4, 1)


def test_a_file_that_somebody_deleted_is_uploaded_again_by_a_retry(
    agent: Agent, service: Service
) -> None:
    service.behave(file_seconds=0.5)
    agent.run("VALIDATED")
    agent.tick()
    service.ask(
        "DELETE",
        f"/openai/files/{agent.project.facts.uploaded.training_file}?api-version=2024-12-01-preview",
    )
    service.reset()
    agent.clock.skip(FRESH)
    assert "is gone from the service" in agent.run_to_failure()
    agent.retry()
    agent.run("UPLOADED")
    assert service.spent("upload") == 3  # the validation file was still there


def test_a_file_not_known_for_a_moment_is_looked_for_again(agent: Agent, service: Service) -> None:
    agent.run("VALIDATED")
    service.fault(
        "GET",
        r"/files/",
        "answer",
        times=2,
        status=404,
        body={"error": {"code": "404", "message": "Resource not found"}},
    )
    agent.run("UPLOADED")
    assert service.faults_left() == 0
    assert service.spent("upload") == 2


def test_a_failed_job_tells_why_and_a_retry_trains_anew_without_uploading_again(
    agent: Agent, service: Service
) -> None:
    """Items 2 and 7: generation 2 is a new job on the same two files."""
    service.behave(
        fail_job={"code": "RaiCheckFailed", "message": "The data failed the safety checks."}
    )
    reason = agent.run_to_failure()
    assert "RaiCheckFailed: The data failed the safety checks." in reason
    assert "not billed" in reason
    service.reset()
    agent.retry()
    agent.run("ANALYZED")
    assert agent.project.generation == 2
    assert (service.spent("upload"), service.spent("create_job")) == (2, 2)
    first, second = [job for job in service.jobs() if agent.project.uid in job["suffix"]]
    assert first["training_file"] == second["training_file"]
    assert first["suffix"] != second["suffix"]


def test_a_job_that_failed_without_a_reason_is_told_by_its_events(
    agent: Agent, service: Service
) -> None:
    """Its last error event is quoted, and all of them are in fine_tuning_info.json."""
    told = [(3, "error", "Too many rows are unsafe."), (2, "error", "Retrying."), (1, "info", "Go")]
    events = [
        {"id": f"ftevent-{at}", "created_at": at, "level": level, "message": message}
        for at, level, message in told
    ]
    service.behave(fail_job={"code": "", "message": ""})
    listing = {"object": "list", "has_more": False, "data": events}
    service.fault("GET", r"/events", "answer", times=None, status=200, body=listing)
    assert "failed: Too many rows are unsafe." in agent.run_to_failure()
    info = json.loads((agent.home / "results" / "fine_tuning_info.json").read_text())
    assert [event["message"] for event in info["events"]] == [m for _, _, m in reversed(told)]
    assert info["status"] == "failed"


def test_events_of_a_failed_job_that_cannot_be_read_change_nothing(
    agent: Agent, service: Service
) -> None:
    """They only decorate."""
    service.behave(fail_job={"code": "RaiCheckFailed", "message": "Unsafe."})
    service.fault("GET", r"/events", "answer", times=None, status=403, body={})
    assert "RaiCheckFailed: Unsafe." in agent.run_to_failure()


def test_a_job_cancelled_by_somebody_else_is_not_started_again_without_being_asked(
    agent: Agent, service: Service
) -> None:
    service.behave(train_seconds=60)
    agent.run("TRAINING")
    service.cancel(agent.project.facts.created.id)
    assert "was cancelled at the service" in agent.run_to_failure()
    assert service.spent("create_job") == 1
    service.reset()
    agent.retry()
    agent.run("TRAINED")
    assert (service.spent("upload"), service.spent("create_job")) == (2, 2)


def test_a_vanished_job_holds_and_is_taken_up_when_it_is_back(
    agent: Agent, service: Service
) -> None:
    """A 404 may be the gateway's mistake, and starting anew is paid again: only a person decides
    that.
    """
    agent.run("TRAINING")
    service.behave(hide_job=True)
    agent.clock.skip(3600)  # for so long it might just be new
    hold = agent.run_to_hold()
    assert str(agent.project.facts.created.id) in hold
    assert "by itself" in hold
    service.reset()
    agent.run("ANALYZED")
    assert service.spent("create_job") == 1


def test_a_job_not_known_for_a_moment_is_looked_for_again(agent: Agent, service: Service) -> None:
    agent.run("TRAINING")
    service.fault(
        "GET",
        r"/jobs/[^/]+$",
        "answer",
        times=2,
        status=404,
        body={"statusCode": 404, "message": "Resource not found"},
    )
    agent.run("TRAINED")
    assert service.faults_left() == 0
    assert [c.event.value for c in agent.app.store.history(agent.name)].count("HELD") == 0


def test_a_vanished_job_can_be_given_up(agent: Agent, service: Service) -> None:
    agent.run("TRAINING")
    service.behave(hide_job=True)
    agent.clock.skip(3600)
    agent.run_to_hold()
    agent.run_to_cancelled()
    service.reset()
    agent.retry()
    agent.run("ANALYZED")
    assert (service.spent("upload"), service.spent("create_job")) == (2, 2)


def test_a_job_that_ends_while_it_is_being_cancelled_bothers_nobody(
    agent: Agent, service: Service
) -> None:
    service.behave(train_seconds=60)
    agent.run("TRAINING")
    late = {
        "error": {
            "code": "unexpectedEntityState",
            "message": "The job is over and cannot be cancelled.",
        }
    }
    service.fault("POST", r"/cancel$", "answer", status=400, body=late, after_act=True)
    agent.run_to_cancelled()
    assert agent.project.hold is None


def test_a_job_that_is_not_found_for_a_moment_is_cancelled_all_the_same(
    agent: Agent, service: Service
) -> None:
    """A gateway's 404 is no proof that nothing goes on, and nothing is billed."""
    service.behave(train_seconds=3600)
    agent.run("TRAINING")
    job = agent.project.facts.created.id
    nowhere = {"status": 404, "body": {"statusCode": 404, "message": "Resource not found"}}
    service.fault("GET", r"/jobs/[^/]+$", "answer", **nowhere)
    agent.run_to_cancelled()
    assert service.spent("cancel_job") == 1
    assert [found["status"] for found in service.jobs() if found["id"] == job] == ["cancelled"]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": {"code": "invalidPayload", "message": "File f is still being processed"
                         " and is not ready. Please try again later."}}),
        (404, {"error": {"code": "404", "message": "No such file object."}}),
    ],
)  # fmt: skip
def test_a_job_whose_files_are_not_ready_everywhere_is_created_when_they_are(
    status: int, body: object, agent: Agent, service: Service
) -> None:
    agent.run("UPLOADED")
    service.fault("POST", r"/jobs$", "answer", times=3, status=status, body=body)
    agent.run("TRAINED")
    assert service.faults_left() == 0
    assert (agent.project.generation, service.spent("create_job")) == (1, 1)
