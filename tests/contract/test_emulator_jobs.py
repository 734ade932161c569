"""The emulator: jobs: what may be asked for, what a job shows, cancelling and deleting one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest

V = "api-version=2024-12-01-preview"


def test_a_job_on_a_file_that_is_not_ready_is_refused(plain: Any, few_rows: bytes) -> None:
    plain.behave(file_seconds=30)
    file = plain.sdk.files.create(file=("a.jsonl", few_rows), purpose="fine-tune")
    with pytest.raises(openai.BadRequestError) as caught:
        plain.sdk.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=file.id)
    assert caught.value.code == "invalidPayload"


def test_a_new_job_shows_nulls_and_automatic_values_until_they_are_resolved(
    plain: Any, few_rows: bytes
) -> None:
    plain.behave(queue_seconds=0.3)
    file = plain.upload(few_rows)
    asked = {
        "model": "gpt-4o-mini",
        "training_file": file,
        "suffix": "tienda-1",
        "seed": 7,
        "trainingType": "GlobalStandard",
    }
    new = plain.ask("POST", f"/openai/fine_tuning/jobs?{V}", asked).body
    assert new["status"] == "pending"
    assert new["model"] == "gpt-4o-mini-2024-07-18"
    assert (new["suffix"], new["seed"], new["trainingType"]) == ("tienda-1", 7, "globalStandard")
    assert new["hyperparameters"] == {
        "n_epochs": -1,
        "batch_size": -1,
        "learning_rate_multiplier": 0.1,
    }
    for name in (
        "fine_tuned_model",
        "finished_at",
        "result_files",
        "trained_tokens",
        "error",
        "estimated_finish",
        "organization_id",
    ):
        assert new[name] is None, name
    done = plain.over(new["id"])
    assert done.status == "succeeded"
    assert done.hyperparameters.to_dict() == {
        "n_epochs": 3,
        "batch_size": 1,
        "learning_rate_multiplier": 0.1,
    }
    assert (
        done.fine_tuned_model
        == f"gpt-4o-mini-2024-07-18.ft-{new['id'].removeprefix('ftjob-')}-tienda-1"
    )
    assert (
        plain.ask("GET", f"/openai/v1/fine_tuning/jobs/{new['id']}").body["user_provided_suffix"]
        == "tienda-1"
    )


def test_v1_takes_hyperparameters_under_method_and_auto(plain: Any, few_rows: bytes) -> None:
    wanted = {"n_epochs": 2, "batch_size": "auto"}
    method = {"type": "supervised", "supervised": {"hyperparameters": wanted}}
    job = plain.v1.fine_tuning.jobs.create(
        model="gpt-4o-mini", training_file=plain.upload(few_rows), method=method
    )
    assert job.metadata == {}
    done = plain.over(job.id)
    assert done.hyperparameters.n_epochs == 2
    assert done.method.supervised.hyperparameters.n_epochs == 2


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"model": "gpt-nobody"}, "model"),
        ({"suffix": "a.b"}, "suffix"),
        ({"suffix": "a" * 41}, "suffix"),
        ({"seed": -1}, "seed"),
        ({"seed": "seven"}, "seed"),
        ({"hyperparameters": {"n_epochs": 0}}, "n_epochs"),
        ({"hyperparameters": {"n_epochs": 1.5}}, "n_epochs"),
        ({"hyperparameters": {"n_epochs": "auto"}}, "n_epochs"),
        ({"hyperparameters": {"batch_size": -3}}, "batch_size"),
        ({"hyperparameters": {"learning_rate_multiplier": 0}}, "learning_rate_multiplier"),
        ({"hyperparameters": {"learning_rate_multiplier": 1e9}}, "learning_rate_multiplier"),
        ({"hyperparameters": {"learning_rate_multiplier": True}}, "learning_rate_multiplier"),
        ({"hyperparameters": []}, "hyperparameters"),
        ({"trainingType": "Developer"}, "trainingType"),
        ({"training_file": None}, "training_file"),
        ({"training_file": "file-nobody"}, "training_file"),
        ({"validation_file": "file-nobody"}, "validation_file"),
        ({"method": {"type": "dpo"}}, "method"),
        ({"model": "Qwen3-32B"}, "model"),  # trained as GlobalStandard only
        ({"model": "Qwen3-32B", "trainingType": "developerTier"}, "model"),
    ],
)
def test_a_job_that_makes_no_sense_is_refused_at_once(
    plain: Any, few_rows: bytes, changed: dict[str, Any], field: str
) -> None:
    before = plain.counts()["create_job"]
    asked = {"model": "gpt-4o-mini", "training_file": plain.upload(few_rows), **changed}
    reply = plain.ask("POST", f"/openai/fine_tuning/jobs?{V}", asked)
    assert reply.status == 400
    assert reply.body["error"]["code"] == "invalidPayload"
    assert reply.body["error"]["target"] == field
    assert plain.counts()["create_job"] == before


def test_a_job_can_be_cancelled_until_it_is_over(plain: Any, few_rows: bytes) -> None:
    plain.behave(train_seconds=60)
    job = plain.sdk.fine_tuning.jobs.create(
        model="gpt-4o-mini", training_file=plain.upload(few_rows)
    )
    assert plain.sdk.fine_tuning.jobs.cancel(job.id).status == "cancelled"
    assert plain.over(job.id).status == "cancelled"
    assert plain.counts()["cancel_job"] >= 1
    with pytest.raises(openai.BadRequestError) as caught:
        plain.sdk.fine_tuning.jobs.cancel(job.id)
    assert caught.value.code == "unexpectedEntityState"


def test_a_job_is_deleted_only_when_nothing_needs_it(plain: Any, few_rows: bytes) -> None:
    job = plain.train(few_rows)
    place = f"/openai/fine_tuning/jobs/{job.id}?{V}"
    plain.deploy("in-use", job.fine_tuned_model)
    assert plain.ask("DELETE", place).status == 409
    assert plain.arm("DELETE", "in-use").status == 200
    assert plain.ask("DELETE", place).status == 204
    assert plain.ask("GET", place).status == 404
    assert plain.put("gone", job.fine_tuned_model).status == 400


def test_more_than_twenty_jobs_in_the_queue_are_refused(
    launch: Callable[..., Any], few_rows: bytes
) -> None:
    running = launch("--queue-seconds", "60", EMULATOR_ENCODER="hash")
    asked = {"model": "gpt-4o-mini", "training_file": running.upload(few_rows)}
    answers = [
        running.ask("POST", f"/openai/fine_tuning/jobs?{V}", asked).status for _ in range(21)
    ]
    assert answers == [201] * 20 + [429]
    running.behave(job_limit_status=400)
    assert (
        running.ask("POST", f"/openai/fine_tuning/jobs?{V}", asked).body["error"]["code"]
        == "quotaExceeded"
    )
