"""The emulator's files and jobs, through the real SDK over real HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import openai
import pytest

V = "api-version=2024-12-01-preview"
NEW = "api-version=2025-04-01-preview"
FEW = {
    "sí": ["uno", "dos", "tres", "cuatro", "cinco"],
    "no": ["seis", "siete", "ocho", "nueve", "diez"],
}


def test_a_dated_create_answers_201_with_a_location_and_v1_answers_200(
    plain: Any, training_rows: Callable[..., bytes]
) -> None:
    raw = plain.sdk.files.with_raw_response.create(file=("a.jsonl", b"{}"), purpose="fine-tune")
    file = raw.parse()
    assert raw.status_code == 201
    assert raw.headers["location"].startswith(f"{plain.url}/openai/files/{file.id}")
    assert re.fullmatch(r"file-[0-9a-f]{32}", file.id)
    assert (
        plain.v1.files.with_raw_response.create(
            file=("b.jsonl", b"{}"), purpose="fine-tune"
        ).status_code
        == 200
    )
    asked = {"model": "gpt-4o-mini", "training_file": plain.upload(training_rows(FEW))}
    assert plain.ask("POST", f"/openai/fine_tuning/jobs?{V}", asked).status == 201
    assert plain.ask("POST", "/openai/v1/fine_tuning/jobs", asked).status == 200


def test_a_file_is_pending_then_running_then_processed(
    launch: Callable[..., Any], until: Callable[..., None]
) -> None:
    slow = launch("--file-seconds", "0.6", EMULATOR_ENCODER="hash")
    seen = [slow.sdk.files.create(file=("a.jsonl", b"{}"), purpose="fine-tune")]
    client = slow.sdk

    def look() -> bool:
        seen.append(client.files.retrieve(seen[0].id))
        return seen[-1].status == "processed"

    until(look)
    assert list(dict.fromkeys(file.status for file in seen)) == ["pending", "running", "processed"]


def test_a_job_on_a_file_that_is_not_ready_is_refused(
    plain: Any, training_rows: Callable[..., bytes]
) -> None:
    plain.behave(file_seconds=30)
    file = plain.sdk.files.create(file=("a.jsonl", training_rows(FEW)), purpose="fine-tune")
    with pytest.raises(openai.BadRequestError) as caught:
        plain.sdk.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=file.id)
    assert caught.value.code == "invalidPayload"


def test_deleting_a_file_answers_as_its_api_version_does(plain: Any) -> None:
    first, second, third = (plain.upload(b"{}") for _ in range(3))
    assert plain.ask("DELETE", f"/openai/files/{first}?{V}").status == 204
    assert plain.sdk.files.delete(second) == ""
    newer = plain.ask("DELETE", f"/openai/files/{third}?{NEW}")
    assert newer.status == 200
    assert newer.body == {"object": "file", "id": third, "deleted": True}
    with pytest.raises(openai.NotFoundError):
        plain.sdk.files.retrieve(first)
    with pytest.raises(openai.BadRequestError):
        plain.sdk.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=first)


def test_a_file_comes_back_byte_for_byte(plain: Any) -> None:
    content = '{"messages": ["ñandú"]}\r\n'.encode() + bytes(range(256))
    assert plain.sdk.files.content(plain.upload(content)).content == content


def test_a_purpose_that_is_not_known_is_refused(plain: Any) -> None:
    with pytest.raises(openai.BadRequestError):
        plain.sdk.files.create(file=("a", b"{}"), purpose="nonsense")  # type: ignore[arg-type]


def test_files_and_jobs_are_listed_page_by_page(
    plain: Any, training_rows: Callable[..., bytes]
) -> None:
    uploaded = {plain.upload(b"{}", f"{number}.jsonl") for number in range(5)}
    assert uploaded <= {file.id for file in plain.sdk.files.list(limit=2)}
    assert uploaded <= {file.id for file in plain.v1.files.list(limit=2)}
    file = plain.upload(training_rows(FEW))
    jobs = [
        plain.sdk.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=file).id
        for _ in range(5)
    ]
    assert [job.id for job in plain.sdk.fine_tuning.jobs.list(limit=2)][:5] == jobs[::-1]
    first = plain.ask("GET", f"/openai/fine_tuning/jobs?{V}&limit=2").body
    assert first["has_more"] is True
    assert len(first["data"]) == 2
    second = plain.ask(
        "GET", f"/openai/fine_tuning/jobs?{V}&limit=2&after={first['data'][-1]['id']}"
    ).body
    assert [job["id"] for job in second["data"]] == [jobs[2], jobs[1]]
    for job in jobs:
        plain.over(job)


def test_v1_listings_name_their_first_and_last(plain: Any) -> None:
    plain.upload(b"{}")
    body = plain.ask("GET", "/openai/v1/files").body
    assert body["first_id"] == body["data"][0]["id"]
    assert body["last_id"] == body["data"][-1]["id"]
    assert body["has_more"] is False
    assert "first_id" not in plain.ask("GET", f"/openai/files?{V}").body


def test_a_bad_limit_or_cursor_is_refused(plain: Any) -> None:
    assert plain.ask("GET", f"/openai/fine_tuning/jobs?{V}&limit=0").status == 400
    assert plain.ask("GET", f"/openai/fine_tuning/jobs?{V}&after=ftjob-nobody").status == 400


def test_a_new_job_shows_nulls_and_automatic_values_until_they_are_resolved(
    plain: Any, training_rows: Callable[..., bytes]
) -> None:
    plain.behave(queue_seconds=0.3)
    file = plain.upload(training_rows(FEW))
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


def test_v1_takes_hyperparameters_under_method_and_auto(
    plain: Any, training_rows: Callable[..., bytes]
) -> None:
    wanted = {"n_epochs": 2, "batch_size": "auto"}
    method = {"type": "supervised", "supervised": {"hyperparameters": wanted}}
    job = plain.v1.fine_tuning.jobs.create(
        model="gpt-4o-mini", training_file=plain.upload(training_rows(FEW)), method=method
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
    ],
)
def test_a_job_that_makes_no_sense_is_refused_at_once(
    plain: Any, training_rows: Callable[..., bytes], changed: dict[str, Any], field: str
) -> None:
    before = plain.counts()["create_job"]
    asked = {"model": "gpt-4o-mini", "training_file": plain.upload(training_rows(FEW)), **changed}
    reply = plain.ask("POST", f"/openai/fine_tuning/jobs?{V}", asked)
    assert reply.status == 400
    assert reply.body["error"]["code"] == "invalidPayload"
    assert reply.body["error"]["target"] == field
    assert plain.counts()["create_job"] == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not json", "not valid JSON"),
        (b'{"messages": [{"role": "user", "content": "a"}]}', "2 to 2048 messages"),
        (
            (
                b'{"messages": [{"role": "assistant", "content": "a"}, {"role": "user", "content":'
                b' "b"}]}'
            ),
            "last message",
        ),
        (
            (
                b'{"messages": [{"role": "cat", "content": "a"}, {"role": "assistant", "content":'
                b' "b"}]}'
            ),
            "role",
        ),
        (
            (
                b'{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content":'
                b' ""}]}'
            ),
            "not empty",
        ),
        (
            (
                b'{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content":'
                b' "b"}]}'
            ),
            "at least 10",
        ),
        (b"\xff\xfe\xfa", "UTF-8"),
    ],
)
def test_bad_rows_are_found_only_when_the_job_runs(plain: Any, content: bytes, said: str) -> None:
    job = plain.train(content)
    assert job.status == "failed"
    assert job.error.code == "jsonlValidationFailed"
    assert job.error.param == "training_file"
    assert said in job.error.message
    assert job.fine_tuned_model is None
    assert plain.sdk.fine_tuning.jobs.list_events(job.id).data[0].level == "error"


def test_a_byte_order_mark_and_empty_lines_are_no_fault(
    plain: Any, training_rows: Callable[..., bytes]
) -> None:
    assert (
        plain.train(b"\xef\xbb\xbf" + training_rows(FEW).replace(b"\n", b"\r\n\n") + b"\n\n").status
        == "succeeded"
    )


def test_events_come_newest_first_in_the_order_of_a_real_run(emulator: Any, trained: Any) -> None:
    told = [
        event.message for event in emulator.sdk.fine_tuning.jobs.list_events(trained.id, limit=5)
    ]
    expected = [
        "Job enqueued. Waiting for jobs ahead to complete.",
        "Preprocessing running for file training file.",
        "Preprocessing completed for file training file.",
        "Preprocessing completed for file validation file.",
        "Job started.",
        "Data Import started.",
        "Finetuning started.",
        "Job queued, waiting for GPUs.",
        "Training started.",
        f"Created results file: {trained.result_files[0]}",
        "Job succeeded.",
        "Model Evaluation Passed.",
        f"Completed results file: {trained.result_files[0]}",
        f"Training tokens billed: {trained.trained_tokens}",
    ]
    told.reverse()
    assert [
        message for message in told if not message.startswith(("Step ", "Emulator: "))
    ] == expected
    steps = [int(message.split()[1].rstrip(":")) for message in told if message.startswith("Step ")]
    assert steps == [1, *range(10, 109, 10)]
    assert any("use-multilingual-v3+hash4096" in message for message in told)


def test_the_results_table_has_the_seven_columns_and_empty_cells(
    emulator: Any, trained: Any
) -> None:
    lines = emulator.sdk.files.content(trained.result_files[0]).text.splitlines()
    assert (
        lines[0]
        == "step,train_loss,train_mean_token_accuracy,valid_loss,valid_mean_token_accuracy,full_valid_loss,full_valid_mean_token_accuracy"
    )
    assert len(lines) == 1 + 3 * 36
    assert lines[2].endswith(",,,,")
    assert "" not in lines[36].split(",")
    losses = [float(line.split(",")[5]) for line in (lines[36], lines[72], lines[108])]
    assert losses == sorted(losses, reverse=True)
    file = emulator.sdk.files.retrieve(trained.result_files[0])
    assert (file.purpose, file.status, file.filename) == (
        "fine-tune-results",
        "processed",
        "results.csv",
    )


def test_only_the_last_three_checkpoints_are_kept(
    plain: Any, training_rows: Callable[..., bytes]
) -> None:
    job = plain.train(training_rows(FEW), hyperparameters={"n_epochs": 5})
    found = plain.sdk.fine_tuning.jobs.checkpoints.list(job.id).data
    name = job.fine_tuned_model
    assert [one.fine_tuned_model_checkpoint for one in found] == [
        name,
        f"{name}:ckpt-step-40",
        f"{name}:ckpt-step-30",
    ]
    assert plain.put("old", f"{name}:ckpt-step-20").status == 400
    plain.deploy("kept", f"{name}:ckpt-step-30")
    paged = plain.sdk.fine_tuning.jobs.checkpoints.list(job.id, limit=1)
    assert [one.step_number for one in paged] == [50, 40, 30]


def test_trained_tokens_are_those_of_the_file_times_the_epochs(
    plain: Any, training_rows: Callable[..., bytes]
) -> None:
    once = plain.train(training_rows(FEW), hyperparameters={"n_epochs": 1}).trained_tokens
    assert (
        plain.train(training_rows(FEW), hyperparameters={"n_epochs": 4}).trained_tokens == 4 * once
    )


def test_a_job_can_be_cancelled_until_it_is_over(
    plain: Any, training_rows: Callable[..., bytes]
) -> None:
    plain.behave(train_seconds=60)
    job = plain.sdk.fine_tuning.jobs.create(
        model="gpt-4o-mini", training_file=plain.upload(training_rows(FEW))
    )
    assert plain.sdk.fine_tuning.jobs.cancel(job.id).status == "cancelled"
    assert plain.over(job.id).status == "cancelled"
    assert plain.counts()["cancel_job"] >= 1
    with pytest.raises(openai.BadRequestError) as caught:
        plain.sdk.fine_tuning.jobs.cancel(job.id)
    assert caught.value.code == "unexpectedEntityState"


def test_a_job_is_deleted_only_when_nothing_needs_it(
    plain: Any, training_rows: Callable[..., bytes]
) -> None:
    job = plain.train(training_rows(FEW))
    place = f"/openai/fine_tuning/jobs/{job.id}?{V}"
    plain.deploy("in-use", job.fine_tuned_model)
    assert plain.ask("DELETE", place).status == 409
    assert plain.arm("DELETE", "in-use").status == 200
    assert plain.ask("DELETE", place).status == 204
    assert plain.ask("GET", place).status == 404
    assert plain.put("gone", job.fine_tuned_model).status == 400


def test_more_than_twenty_jobs_in_the_queue_are_refused(
    launch: Callable[..., Any], training_rows: Callable[..., bytes]
) -> None:
    running = launch("--queue-seconds", "60", EMULATOR_ENCODER="hash")
    asked = {"model": "gpt-4o-mini", "training_file": running.upload(training_rows(FEW))}
    answers = [
        running.ask("POST", f"/openai/fine_tuning/jobs?{V}", asked).status for _ in range(21)
    ]
    assert answers == [201] * 20 + [429]
    running.behave(job_limit_status=400)
    assert (
        running.ask("POST", f"/openai/fine_tuning/jobs?{V}", asked).body["error"]["code"]
        == "quotaExceeded"
    )


def test_models_list_the_base_models_and_what_was_trained(
    plain: Any, training_rows: Callable[..., bytes]
) -> None:
    job = plain.train(training_rows(FEW))
    names = {model.id for model in plain.sdk.models.list()}
    assert {"gpt-4o-mini-2024-07-18", job.fine_tuned_model} <= names
    assert plain.v1.models.retrieve(job.fine_tuned_model).id == job.fine_tuned_model


def test_the_key_the_version_and_the_address_are_looked_at(launch: Callable[..., Any]) -> None:
    locked = launch(EMULATOR_API_KEY="secreta-123", EMULATOR_ENCODER="hash")
    with pytest.raises(openai.AuthenticationError) as caught:
        locked.client(key="otra").files.list()
    assert caught.value.code == "401"
    locked.client(key="secreta-123").files.list()
    assert (
        locked.ask(
            "GET", f"/openai/files?{V}", **{"api-key": "", "authorization": "Bearer secreta-123"}
        ).status
        == 200
    )
    assert (
        locked.ask("GET", f"/openai/files?{V}", **{"api-key": "", "authorization": ""}).status
        == 401
    )
    good = {"api-key": "secreta-123"}
    assert locked.ask("GET", "/openai/files", **good).status == 400
    assert locked.ask("GET", "/openai/files?api-version=yesterday", **good).status == 404
    assert locked.ask("GET", f"/openai/v1/files?{V}", **good).status == 400
    assert locked.ask("GET", f"/openai/nothing?{V}", **good).body == {
        "error": {"code": "404", "message": "Resource not found"}
    }
    assert (
        locked.ask("GET", "/_emulator/ledger", **{"api-key": "", "authorization": ""}).status == 200
    )
    locked.kill()
    for path in locked.home.rglob("*"):
        if path.is_file():
            assert b"secreta-123" not in path.read_bytes(), path
            assert path.stat().st_mode & 0o077 == 0, path


def test_v1_errors_carry_a_type(plain: Any) -> None:
    body = plain.ask("GET", "/openai/v1/files/file-nobody").body
    assert body["error"]["type"] == "error"
    assert set(body["error"]) == {"code", "message", "param", "type", "inner_error"}
    assert "type" not in plain.ask("GET", f"/openai/files/file-nobody?{V}").body["error"]


def test_a_body_that_is_not_json_is_refused(plain: Any) -> None:
    assert plain.ask("POST", f"/openai/fine_tuning/jobs?{V}", b"{").status == 400
    assert (
        plain.ask("POST", f"/openai/fine_tuning/jobs?{V}", json.dumps([1]).encode()).status == 400
    )
    assert plain.ask("POST", f"/openai/fine_tuning/jobs?{V}", b"[" * 100_000).status == 400
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        assert (
            plain.ask(
                "POST", f"/openai/files?{V}", b"--y\r\nnonsense", **{"content-type": kind}
            ).status
            == 400
        )
