"""Faults and behaviour made to order: each does what it says, as the real SDK sees it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import openai
import pytest

V = "api-version=2024-12-01-preview"
FEW = {
    "sí": ["uno", "dos", "tres", "cuatro", "cinco"],
    "no": ["seis", "siete", "ocho", "nueve", "diez"],
}
HI = [{"role": "user", "content": "hola"}]


def upload(client: Any) -> Any:
    return client.files.create(file=("a.jsonl", b"{}"), purpose="fine-tune")


def uploads(plain: Any) -> int:
    return int(plain.counts()["upload"])


def test_drop_before_closes_the_connection_and_nothing_happened(plain: Any) -> None:
    before = uploads(plain)
    plain.fault({"kind": "drop_before"}, path="/files$")
    with pytest.raises(openai.APIConnectionError):
        upload(plain.sdk)
    assert uploads(plain) == before
    upload(plain.sdk)
    assert uploads(plain) == before + 1


def test_drop_after_closes_the_connection_and_it_happened(plain: Any) -> None:
    before = uploads(plain)
    plain.fault({"kind": "drop_after"}, path="/files$")
    with pytest.raises(openai.APIConnectionError):
        upload(plain.sdk)
    assert uploads(plain) == before + 1


def test_the_sdks_own_retries_would_upload_twice(plain: Any) -> None:
    before = uploads(plain)
    plain.fault({"kind": "drop_after"}, path="/files$")
    upload(plain.sdk.with_options(max_retries=1))
    assert uploads(plain) == before + 2


def test_a_delay_before_and_a_delay_after_both_act(plain: Any, until: Callable[..., None]) -> None:
    before = uploads(plain)
    plain.fault({"kind": "delay", "seconds": 0.6, "when": "after"}, path="/files$")
    with pytest.raises(openai.APITimeoutError):
        upload(plain.client(seconds=0.3))
    assert uploads(plain) == before + 1
    plain.fault({"kind": "delay", "seconds": 0.6, "when": "before"}, path="/files$")
    with pytest.raises(openai.APITimeoutError):
        upload(plain.client(seconds=0.3))
    assert uploads(plain) == before + 1
    until(lambda: uploads(plain) == before + 2)
    plain.fault({"kind": "delay", "seconds": 0.2, "when": "before"}, path="/files$")
    began = time.monotonic()
    upload(plain.sdk)
    assert time.monotonic() - began > 0.2


def test_act_later_acts_although_the_client_has_gone(
    plain: Any, until: Callable[..., None]
) -> None:
    before = uploads(plain)
    plain.fault({"kind": "act_later", "seconds": 0.7}, path="/files$")
    with pytest.raises(openai.APITimeoutError):
        upload(plain.client(seconds=0.2))
    assert uploads(plain) == before
    until(lambda: uploads(plain) == before + 1)
    plain.fault({"kind": "act_later", "seconds": 0.2}, path="/files$")
    with pytest.raises(openai.APIConnectionError):
        upload(plain.sdk)
    assert uploads(plain) == before + 2


def test_an_answer_can_be_made_up_with_or_without_the_act(plain: Any) -> None:
    before = uploads(plain)
    body = {"error": {"code": "serviceUnavailable", "message": "later"}}
    plain.fault(
        {"kind": "answer", "status": 503, "headers": {"retry-after": "130"}, "body": body},
        path="/files$",
    )
    with pytest.raises(openai.InternalServerError) as caught:
        upload(plain.sdk)
    assert caught.value.response.headers["retry-after"] == "130"
    assert caught.value.code == "serviceUnavailable"
    assert uploads(plain) == before
    html = {
        "kind": "answer",
        "status": 502,
        "body": "<html>Bad gateway</html>",
        "headers": {"Content-Type": "text/html"},
        "after_act": True,
    }
    plain.fault(html, path="/files$")
    with pytest.raises(openai.InternalServerError) as second:
        upload(plain.sdk)
    assert second.value.body == "<html>Bad gateway</html>"
    assert uploads(plain) == before + 1


def test_a_truncated_answer_looks_like_a_lost_connection(plain: Any) -> None:
    before = uploads(plain)
    plain.fault({"kind": "truncate"}, path="/files$")
    with pytest.raises(openai.APIConnectionError):
        upload(plain.sdk)
    assert uploads(plain) == before + 1


def test_a_rule_skips_and_counts_down_and_survives_a_kill(launch: Callable[..., Any]) -> None:
    running = launch(EMULATOR_ENCODER="hash")
    running.fault({"kind": "drop_before"}, method="GET", path="/files", skip=1, times=2)
    running.sdk.files.list()
    with pytest.raises(openai.APIConnectionError):
        running.sdk.files.list()
    [rule] = running.ask("GET", "/_emulator/faults").body
    assert (rule["skip"], rule["times"]) == (0, 1)
    running.kill()
    again = launch(EMULATOR_ENCODER="hash")
    with pytest.raises(openai.APIConnectionError):
        again.sdk.files.list()
    again.sdk.files.list()
    again.fault({"kind": "drop_before"}, method="GET", path="/files", times=None)
    for _ in range(3):
        with pytest.raises(openai.APIConnectionError):
            again.sdk.files.list()
    assert again.ask("DELETE", "/_emulator/faults").body == []
    again.sdk.files.list()


def test_a_fault_on_the_control_plane_too(plain: Any) -> None:
    plain.fault({"kind": "answer", "status": 500, "body": ""}, method="PUT", path="/deployments/")
    assert plain.put("faulty", "gpt-4o-mini").status == 500
    assert plain.put("faulty", "gpt-4o-mini").status == 201


def test_rules_and_behaviour_that_make_no_sense_are_refused(plain: Any) -> None:
    for wrong in (
        {},
        [{"do": {"kind": "cat"}}],
        [{"do": {"kind": "delay"}}],
        [{"do": {"kind": "answer"}}],
        [{"do": "drop_before"}],
    ):
        assert plain.ask("PUT", "/_emulator/faults", wrong).status == 400
    assert (
        plain.ask(
            "PUT", "/_emulator/faults", [{"match": {"path": "("}, "do": {"kind": "truncate"}}]
        ).status
        == 400
    )
    for odd in ({"cats": 1}, {"train_seconds": "long"}, {"job_status_script": "paused"}, []):
        assert plain.ask("PUT", "/_emulator/behaviour", odd).status == 400


def test_new_things_can_be_missing_from_listings_for_a_while(
    plain: Any, training_rows: Callable[..., bytes], until: Callable[..., None]
) -> None:
    plain.behave(listing_lag_seconds=0.8)
    file = plain.upload(training_rows(FEW))
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
    until(lambda: listed() == [True] * 4)


def test_statuses_follow_their_script_and_then_the_truth(
    plain: Any, training_rows: Callable[..., bytes]
) -> None:
    job = plain.train(training_rows(FEW))
    plain.behave(
        job_status_script=["notRunning", "paused", "weird"], file_status_script=["uploaded"]
    )
    look = plain.sdk.fine_tuning.jobs.retrieve
    assert [look(job.id).status for _ in range(4)] == ["notRunning", "paused", "weird", "succeeded"]
    assert [plain.sdk.files.retrieve(job.training_file).status for _ in range(2)] == [
        "uploaded",
        "processed",
    ]


def test_jobs_can_fail_be_cancelled_or_be_hidden(
    plain: Any, training_rows: Callable[..., bytes]
) -> None:
    plain.behave(fail_job={"code": "contentFilter", "message": "The data did not pass the checks."})
    failed = plain.train(training_rows(FEW))
    assert (failed.status, failed.error.code, failed.error.message) == (
        "failed",
        "contentFilter",
        "The data did not pass the checks.",
    )
    plain.behave(fail_job=None, cancel_jobs=True)
    assert plain.train(training_rows(FEW)).status == "cancelled"
    plain.behave(cancel_jobs=False, hide_job=True)
    with pytest.raises(openai.NotFoundError):
        plain.sdk.fine_tuning.jobs.retrieve(failed.id)


def test_a_file_can_end_in_error(plain: Any, until: Callable[..., None]) -> None:
    plain.behave(file_error=True)
    file = upload(plain.sdk)
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


def test_the_ledger_records_every_act_and_no_text(
    plain: Any, training_rows: Callable[..., bytes]
) -> None:
    before = plain.counts()
    job = plain.train(training_rows(FEW))
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
