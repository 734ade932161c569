"""The emulator: files: upload, status, content, deletion, through the real SDK over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest

V = "api-version=2024-12-01-preview"
NEW = "api-version=2025-04-01-preview"


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


def test_a_resource_keeps_no_more_files_than_it_may(launch: Callable[..., Any]) -> None:
    full = launch(EMULATOR_ENCODER="hash")
    kept = [full.upload(b"{}") for _ in range(100)]
    with pytest.raises(openai.BadRequestError) as caught:
        full.upload(b"{}")
    assert caught.value.code == "quotaExceeded"
    full.sdk.files.delete(kept[0])
    assert full.upload(b"{}")
