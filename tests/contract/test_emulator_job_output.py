"""The emulator: what a job leaves behind (events, results, checkpoints), or why it fails."""

from __future__ import annotations

from typing import Any

import pytest


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


def test_a_byte_order_mark_and_empty_lines_are_no_fault(plain: Any, few_rows: bytes) -> None:
    assert (
        plain.train(b"\xef\xbb\xbf" + few_rows.replace(b"\n", b"\r\n\n") + b"\n\n").status
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
    assert lines[0] == (
        "step,train_loss,train_mean_token_accuracy,valid_loss,valid_mean_token_accuracy,"
        "full_valid_loss,full_valid_mean_token_accuracy"
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


def test_only_the_last_three_checkpoints_are_kept(plain: Any, few_rows: bytes) -> None:
    job = plain.train(few_rows, hyperparameters={"n_epochs": 5})
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


def test_trained_tokens_are_those_of_the_file_times_the_epochs(plain: Any, few_rows: bytes) -> None:
    once = plain.train(few_rows, hyperparameters={"n_epochs": 1}).trained_tokens
    assert plain.train(few_rows, hyperparameters={"n_epochs": 4}).trained_tokens == 4 * once


def test_models_list_the_base_models_and_what_was_trained(plain: Any, few_rows: bytes) -> None:
    job = plain.train(few_rows)
    names = {model.id for model in plain.sdk.models.list()}
    assert {"gpt-4o-mini-2024-07-18", job.fine_tuned_model} <= names
    assert plain.v1.models.retrieve(job.fine_tuned_model).id == job.fine_tuned_model
