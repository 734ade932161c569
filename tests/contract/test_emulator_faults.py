"""Faults that a test orders: each does what it says, as the real SDK sees it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import openai
import pytest


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
