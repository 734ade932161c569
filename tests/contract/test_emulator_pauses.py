"""The emulator: a job is paused, and goes on from the step where it stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest

from tests.contract.running import Running, wait_for

SLOW = 12.0  # seconds that a training lasts which a test stops


def begin(running: Running, rows: bytes, seconds: float = SLOW) -> str:
    """A job that has done a step."""
    running.behave(train_seconds=seconds)
    job = running.v1.fine_tuning.jobs.create(
        model="gpt-4o-mini",
        training_file=running.upload(rows),
        validation_file=running.upload(rows, "validation.jsonl"),
        seed=42,
        method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3}}},
    )
    wait_for(lambda: bool(steps(running, job.id)))
    return job.id


def steps(running: Running, job: str) -> list[int]:
    """Those that the events tell of, in their order."""
    told = running.v1.fine_tuning.jobs.list_events(job, limit=100).data
    return [int(one.data["step"]) for one in reversed(told) if one.type == "metrics"]


def messages(running: Running, job: str) -> list[str]:
    told = running.v1.fine_tuning.jobs.list_events(job, limit=100).data
    return [one.message for one in reversed(told)]


def pause(running: Running, job: str) -> Any:
    assert running.v1.fine_tuning.jobs.pause(job).status == "pausing"
    wait_for(lambda: running.v1.fine_tuning.jobs.retrieve(job).status == "paused")
    [checkpoint] = running.v1.fine_tuning.jobs.checkpoints.list(job).data
    return checkpoint


def test_a_paused_job_rests_with_a_checkpoint_that_answers(plain: Running, few_rows: bytes) -> None:
    """It stops within the first epoch of thirty steps; its model is deployed by its id as well."""
    job = begin(plain, few_rows)
    checkpoint = pause(plain, job)
    assert 1 <= checkpoint.step_number < 10
    assert checkpoint.fine_tuned_model_checkpoint.endswith(f":ckpt-step-{checkpoint.step_number}")
    assert checkpoint.metrics.full_valid_loss is not None
    assert messages(plain, job)[-1] == "Job paused."
    plain.deploy("by-name", checkpoint.fine_tuned_model_checkpoint)
    plain.deploy("by-id", checkpoint.id)
    assert plain.answer("by-name", "hola") == plain.answer("by-id", "hola")
    assert plain.v1.fine_tuning.jobs.retrieve(job).fine_tuned_model is None
    assert plain.v1.fine_tuning.jobs.cancel(job).status == "cancelled"


def test_what_is_resumed_ends_as_if_it_had_never_rested(plain: Running, few_rows: bytes) -> None:
    """The same numbers to the last digit, every step told of once, and no time trained twice."""
    whole = plain.train(few_rows, few_rows, hyperparameters={"n_epochs": 3})
    table = plain.v1.files.content(whole.result_files[0]).content
    job = begin(plain, few_rows)
    step = pause(plain, job).step_number
    plain.behave(train_seconds=0)
    assert plain.v1.fine_tuning.jobs.resume(job).status == "resuming"
    done = plain.over(job)
    assert done.status == "succeeded"
    assert plain.v1.files.content(done.result_files[0]).content == table
    assert steps(plain, job) == [1, 10, 20, 30]
    told = messages(plain, job)
    assert [one for one in told if one in ("Job paused.", "Job resumed.", "Job started.")] == [
        "Job started.",
        "Job paused.",
        "Job resumed.",
    ]
    assert told.index("Job resumed.") < told.index(next(t for t in told if "Step 10" in t))
    kept = [one.step_number for one in plain.v1.fine_tuning.jobs.checkpoints.list(job).data]
    assert kept == [30, 20, 10] and step not in kept
    counts = plain.counts()
    assert counts["pause_job"] and counts["resume_job"]


def test_a_deployed_checkpoint_outlives_the_three_that_are_kept(
    plain: Running, few_rows: bytes
) -> None:
    """What answers is not taken away by a training that goes on."""
    job = begin(plain, few_rows)
    checkpoint = pause(plain, job)
    plain.deploy("early", checkpoint.fine_tuned_model_checkpoint)
    before = plain.answer("early", "hola")
    plain.behave(train_seconds=0)
    plain.v1.fine_tuning.jobs.resume(job)
    assert plain.over(job).status == "succeeded"
    assert plain.answer("early", "hola") == before


def test_the_file_of_a_paused_job_is_in_use(plain: Running, few_rows: bytes) -> None:
    """It is read again when the job goes on."""
    job = begin(plain, few_rows)
    pause(plain, job)
    file = plain.v1.fine_tuning.jobs.retrieve(job).training_file
    with pytest.raises(openai.ConflictError):
        plain.v1.files.delete(file)
    plain.v1.fine_tuning.jobs.cancel(job)
    assert plain.v1.files.delete(file).deleted


def test_only_what_trains_is_paused_and_only_what_rests_is_resumed(
    plain: Running, few_rows: bytes
) -> None:
    """Neither before the first step, nor twice, nor once it is over."""
    plain.behave(queue_seconds=30)
    waiting = plain.v1.fine_tuning.jobs.create(
        model="gpt-4o-mini", training_file=plain.upload(few_rows)
    )
    for act in (plain.v1.fine_tuning.jobs.pause, plain.v1.fine_tuning.jobs.resume):
        with pytest.raises(openai.BadRequestError) as caught:
            act(waiting.id)
        assert caught.value.code == "unexpectedEntityState"
    plain.v1.fine_tuning.jobs.cancel(waiting.id)
    plain.behave(queue_seconds=0)
    job = begin(plain, few_rows)
    pause(plain, job)
    with pytest.raises(openai.BadRequestError):
        plain.v1.fine_tuning.jobs.pause(job)
    plain.v1.fine_tuning.jobs.cancel(job)
    with pytest.raises(openai.BadRequestError):
        plain.v1.fine_tuning.jobs.resume(job)
    with pytest.raises(openai.NotFoundError):
        plain.v1.fine_tuning.jobs.pause("ftjob-nobody")


def test_a_dated_surface_knows_neither(plain: Running, few_rows: bytes) -> None:
    """As the gateway answers for an address that there is not."""
    job = begin(plain, few_rows)
    with pytest.raises(openai.NotFoundError) as caught:
        plain.sdk.fine_tuning.jobs.pause(job)
    assert caught.value.body == {"code": "404", "message": "Resource not found"}
    plain.v1.fine_tuning.jobs.cancel(job)


def test_a_kill_while_it_rests_and_while_it_goes_on_again_changes_nothing(
    launch: Callable[..., Running], few_rows: bytes
) -> None:
    """It still rests after the start, and ends as one that was never touched."""
    first = launch(EMULATOR_ENCODER="hash")
    whole = first.train(few_rows, few_rows, hyperparameters={"n_epochs": 3})
    table = first.v1.files.content(whole.result_files[0]).content
    job = begin(first, few_rows)
    pause(first, job)
    first.kill()
    second = launch(EMULATOR_ENCODER="hash")
    assert second.v1.fine_tuning.jobs.retrieve(job).status == "paused"
    second.v1.fine_tuning.jobs.resume(job)
    wait_for(lambda: second.v1.fine_tuning.jobs.retrieve(job).status == "running")
    second.kill()
    third = launch(EMULATOR_ENCODER="hash")
    third.behave(train_seconds=0)
    wait_for(lambda: third.v1.fine_tuning.jobs.retrieve(job).status in ("running", "succeeded"))
    third.kill()
    last = launch(EMULATOR_ENCODER="hash")
    done = last.over(job)
    assert done.status == "succeeded"
    assert last.v1.files.content(done.result_files[0]).content == table
