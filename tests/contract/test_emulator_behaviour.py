"""Behaviour that a test orders, and the ledger: each key does what it says, as the SDK sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest

V = "api-version=2024-12-01-preview"
HI = [{"role": "user", "content": "hola"}]


def test_new_things_can_be_missing_from_listings_for_a_while(
    plain: Any, few_rows: bytes, until: Callable[..., None]
) -> None:
    plain.behave(listing_lag_seconds=60)
    file = plain.upload(few_rows)
    job = plain.sdk.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=file)
    assert plain.put("lagging", "gpt-4o-mini").status == 201

    def listed() -> list[bool]:
        return [
            file in [one.id for one in plain.sdk.files.list()],
            job.id in [one.id for one in plain.sdk.fine_tuning.jobs.list()],
            "lagging" in [one["name"] for one in plain.arm("GET").body["value"]],
            "lagging"
            in [
                one["id"]
                for one in plain.ask(
                    "GET", "/openai/deployments?api-version=2023-03-15-preview"
                ).body["data"]
            ],
        ]

    assert listed() == [False] * 4
    assert plain.sdk.files.retrieve(file).id == file
    assert plain.sdk.fine_tuning.jobs.retrieve(job.id).id == job.id
    assert plain.arm("GET", "lagging").status == 200
    plain.behave(listing_lag_seconds=0.1)
    until(lambda: listed() == [True] * 4)


def test_statuses_follow_their_script_and_then_the_truth(plain: Any, few_rows: bytes) -> None:
    job = plain.train(few_rows)
    plain.behave(
        job_status_script=["notRunning", "paused", "weird"], file_status_script=["uploaded"]
    )
    look = plain.sdk.fine_tuning.jobs.retrieve
    assert [look(job.id).status for _ in range(4)] == ["notRunning", "paused", "weird", "succeeded"]
    assert [plain.sdk.files.retrieve(job.training_file).status for _ in range(2)] == [
        "uploaded",
        "processed",
    ]


def test_a_deployments_states_follow_their_script_as_well(plain: Any) -> None:
    plain.deploy("scripted", "gpt-4o-mini")
    plain.behave(deployment_status_script=["Accepted", "Updating"])
    seen = [plain.arm("GET", "scripted").body["properties"]["provisioningState"] for _ in range(3)]
    assert seen == ["Accepted", "Updating", "Succeeded"]
    assert plain.answer("scripted", "hola")


def test_jobs_can_fail_be_cancelled_or_be_hidden(plain: Any, few_rows: bytes) -> None:
    plain.behave(fail_job={"code": "contentFilter", "message": "The data did not pass the checks."})
    failed = plain.train(few_rows)
    assert (failed.status, failed.error.code, failed.error.message) == (
        "failed",
        "contentFilter",
        "The data did not pass the checks.",
    )
    plain.behave(fail_job=None, cancel_jobs=True)
    assert plain.train(few_rows).status == "cancelled"
    plain.behave(cancel_jobs=False, hide_job=True)
    with pytest.raises(openai.NotFoundError):
        plain.sdk.fine_tuning.jobs.retrieve(failed.id)


def test_a_file_can_end_in_error(plain: Any, until: Callable[..., None]) -> None:
    plain.behave(file_error=True)
    file = plain.sdk.files.create(file=("a.jsonl", b"{}"), purpose="fine-tune")
    until(lambda: plain.sdk.files.retrieve(file.id).status == "error")
    assert plain.sdk.files.retrieve(file.id).status_details


def test_the_content_filter_stops_a_prompt(plain: Any) -> None:
    plain.deploy("filtered", "gpt-4o-mini")
    plain.behave(content_filter_substring="hola")
    with pytest.raises(openai.BadRequestError) as caught:
        plain.sdk.chat.completions.create(model="filtered", messages=HI)
    assert caught.value.code == "content_filter"
    assert caught.value.body["innererror"]["code"] == "ResponsibleAIPolicyViolation"  # type: ignore[index]


def test_capacity_can_be_enforced(plain: Any) -> None:
    assert plain.put("small", "gpt-4o-mini", capacity=1).status == 201
    plain.behave(capacity_429=True)
    plain.sdk.chat.completions.create(model="small", messages=HI)
    with pytest.raises(openai.RateLimitError) as caught:
        plain.sdk.chat.completions.create(model="small", messages=HI)
    headers = caught.value.response.headers
    assert 0 < int(headers["retry-after"]) <= 10
    assert 0 < int(headers["retry-after-ms"]) <= 10_000
    assert headers["x-ratelimit-remaining-requests"] == "0"


def test_the_ledger_records_every_act_and_no_text(plain: Any, few_rows: bytes) -> None:
    before = plain.counts()
    job = plain.train(few_rows)
    plain.deploy("counted", job.fine_tuned_model)
    plain.answer("counted", "siete")
    assert plain.arm("DELETE", "counted").status == 200
    plain.sdk.files.delete(job.training_file)
    ledger = plain.ask("GET", "/_emulator/ledger")
    grown = {
        kind: count - before[kind]
        for kind, count in ledger.body["counts"].items()
        if count != before[kind]
    }
    expected = (
        "upload",
        "create_job",
        "create_deployment",
        "chat",
        "delete_deployment",
        "delete_file",
    )
    assert grown == dict.fromkeys(expected, 1)
    numbers = [entry["n"] for entry in ledger.body["entries"]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert set(ledger.body["entries"][-1]) == {"n", "at", "kind", "id", "detail"}
    assert b"siete" not in ledger.raw
    assert plain.ask("GET", f"/openai/files/{job.training_file}?{V}").status == 404
