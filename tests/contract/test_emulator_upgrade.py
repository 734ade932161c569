"""A home that an earlier emulator wrote goes on under this one; its jobs run to their end."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

DUMP = Path(__file__).with_name("emulator_home_0_1_0.sql")
DONE, KILLED, QUEUED, CANCELLED = (f"ftjob-{digit * 32}" for digit in "1234")
TRAINING_FILE = "file-" + "a" * 32


@pytest.fixture
def upgraded(launch: Callable[..., Any], tmp_path: Path, few_rows: bytes) -> Any:
    """Today's emulator on the home of an emulator of version 0.1.0."""
    home = tmp_path / "home"
    (home / "blobs").mkdir(parents=True)
    with closing(sqlite3.connect(home / "emulator.sqlite3")) as db:
        db.executescript(DUMP.read_text(encoding="utf-8"))
    (home / "blobs" / TRAINING_FILE).write_bytes(few_rows)
    head = np.zeros((4097, 2), dtype=np.float32)
    head[-1] = [0, 5]  # a model that prefers its second answer
    np.save(home / "blobs" / f"{'1' * 32}-30.npy", head)
    return launch(home=home, EMULATOR_ENCODER="hash")


def test_jobs_of_an_earlier_emulator_run_to_their_end(upgraded: Any) -> None:
    upgraded.behave(train_seconds=0, job_status_script=None)
    jobs = upgraded.sdk.fine_tuning.jobs
    assert upgraded.over(KILLED).status == "succeeded"
    assert upgraded.over(QUEUED).status == "succeeded"
    assert jobs.retrieve(CANCELLED).status == "cancelled"
    done = jobs.retrieve(DONE)
    assert (done.status, done.trained_tokens) == ("succeeded", 1284)
    messages = [event.message for event in jobs.list_events(KILLED, limit=100)]
    assert messages.count("Training started.") == 1
    killed, queued = (jobs.retrieve(job) for job in (KILLED, QUEUED))
    first, second = (
        upgraded.sdk.files.content(job.result_files[0]).text for job in (killed, queued)
    )
    assert first == second


def test_models_deployments_and_the_ledger_of_an_earlier_emulator_stay(upgraded: Any) -> None:
    assert upgraded.answer("kept", "hola") == "no"
    shown = {
        one["name"]: one["properties"]["provisioningState"]
        for one in upgraded.arm("GET").body["value"]
    }
    assert shown == dict.fromkeys(("kept", "base", "creating"), "Succeeded")
    counts = upgraded.counts()
    assert (counts["upload"], counts["create_job"], counts["create_deployment"]) == (2, 1, 2)


def test_what_a_test_had_ordered_of_an_earlier_emulator_still_happens(upgraded: Any) -> None:
    assert upgraded.ask("GET", "/openai/models?api-version=2024-06-01").status == 503
    assert upgraded.ask("GET", "/openai/models?api-version=2024-06-01").status == 200
    behaviour = upgraded.ask("GET", "/_emulator/behaviour").body
    assert (behaviour["file_seconds"], behaviour["deployment_status_script"]) == (3, [])
    statuses = [upgraded.sdk.fine_tuning.jobs.retrieve(DONE).status for _ in range(2)]
    assert statuses == ["weird", "succeeded"]
    assert upgraded.sdk.files.retrieve(TRAINING_FILE).status == "uploaded"
    assert upgraded.sdk.files.retrieve(TRAINING_FILE).status == "processed"
    assert upgraded.sdk.files.retrieve("file-" + "b" * 32).status == "error"
