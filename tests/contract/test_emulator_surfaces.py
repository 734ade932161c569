"""The emulator: keys, versions, pages and errors on the dated and on the v1 surface."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import openai
import pytest

V = "api-version=2024-12-01-preview"


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
    assert locked.ask("GET", "/_emulator/ledger", **{"api-key": ""}).status == 200
    locked.kill()
    for path in locked.home.rglob("*"):
        if path.is_file():
            assert b"secreta-123" not in path.read_bytes(), path
            assert path.stat().st_mode & 0o077 == 0, path


def test_a_dated_create_answers_201_with_a_location_and_v1_answers_200(
    plain: Any, few_rows: bytes
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
    asked = {"model": "gpt-4o-mini", "training_file": plain.upload(few_rows)}
    assert plain.ask("POST", f"/openai/fine_tuning/jobs?{V}", asked).status == 201
    assert plain.ask("POST", "/openai/v1/fine_tuning/jobs", asked).status == 200


def test_files_and_jobs_are_listed_page_by_page(plain: Any, few_rows: bytes) -> None:
    uploaded = {plain.upload(b"{}", f"{number}.jsonl") for number in range(5)}
    assert uploaded <= {file.id for file in plain.sdk.files.list(limit=2)}
    assert uploaded <= {file.id for file in plain.v1.files.list(limit=2)}
    file = plain.upload(few_rows)
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


def test_v1_errors_carry_a_type(plain: Any) -> None:
    body = plain.ask("GET", "/openai/v1/files/file-nobody").body
    assert body["error"]["type"] == "error"
    assert set(body["error"]) == {"code", "message", "type", "inner_error"}
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
