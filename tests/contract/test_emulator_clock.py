"""What ends by itself on the clock that a test moves: a deployment, a full rate limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest

from tests.contract.running import Running

DAY = 86_400
HI = [{"role": "user", "content": "hola"}]


@pytest.fixture
def tuned(plain: Running, few_rows: bytes) -> str:
    return str(plain.train(few_rows, model="gpt-4.1-mini").fine_tuned_model)


def put(on: Running, name: str, model: str, sku: str = "DeveloperTier", capacity: int = 50) -> int:
    arm_model = {"format": "OpenAI", "name": model, "version": "1"}
    asked = {"sku": {"name": sku, "capacity": capacity}, "properties": {"model": arm_model}}
    return on.arm("PUT", name, asked).status


def test_a_developer_deployment_ends_after_a_day_and_its_model_stays(
    plain: Running, tuned: str
) -> None:
    assert put(plain, "brief", tuned) == 201
    assert put(plain, "long", tuned, "Standard") == 201
    plain.behave(clock_ahead_seconds=DAY - 60)
    assert plain.arm("GET", "brief").status == 200
    assert put(plain, "brief", tuned, capacity=20) == 200  # a change is no new life
    before = plain.counts()
    plain.behave(clock_ahead_seconds=DAY + 1)
    assert plain.arm("GET", "brief").body["error"]["code"] == "ResourceNotFound"
    names = {one["name"] for one in plain.arm("GET").body["value"]}
    assert {"brief", "long"} & names == {"long"}
    with pytest.raises(openai.NotFoundError) as caught:
        plain.sdk.chat.completions.create(model="brief", messages=HI)
    assert caught.value.code == "DeploymentNotFound"
    assert plain.counts()["expire_deployment"] == before["expire_deployment"] + 1
    assert plain.counts()["delete_deployment"] == before["delete_deployment"]
    assert put(plain, "brief", tuned) == 201  # and lives its own day
    plain.behave(clock_ahead_seconds=2 * DAY)
    assert plain.arm("GET", "brief").status == 200
    for name in ("brief", "long"):
        assert plain.arm("DELETE", name).status == 200


def test_a_deployment_that_nobody_asks_ends_after_fifteen_days(plain: Running, tuned: str) -> None:
    for name, model in (("asked", tuned), ("idle", tuned), ("base", "gpt-4o-mini")):
        assert put(plain, name, model, "Standard") == 201
    plain.behave(clock_ahead_seconds=10 * DAY, idle_seconds=15 * DAY)
    plain.sdk.chat.completions.create(model="asked", messages=HI)
    plain.behave(clock_ahead_seconds=15 * DAY + 1)
    names = {one["name"] for one in plain.arm("GET").body["value"]}
    assert {"asked", "idle", "base"} & names == {"asked", "base"}
    assert plain.sdk.models.retrieve(tuned).id == tuned
    plain.behave(clock_ahead_seconds=25 * DAY + 1)
    assert plain.arm("GET", "asked").status == 404
    plain.arm("DELETE", "base")


def test_a_developer_deployment_ends_while_the_emulator_is_down(
    launch: Callable[..., Running], few_rows: bytes
) -> None:
    first = launch(EMULATOR_ENCODER="hash")
    job = first.train(few_rows, model="gpt-4.1-mini")
    assert put(first, "brief", job.fine_tuned_model) == 201
    first.behave(clock_ahead_seconds=DAY + 1)
    first.kill()
    second = launch(EMULATOR_ENCODER="hash")
    assert (
        second.ask("DELETE", f"/openai/fine_tuning/jobs/{job.id}?api-version=2024-06-01").status
        == 204
    )
    assert second.counts()["expire_deployment"] == 1


def test_another_sku_ends_or_begins_the_countdown(plain: Running, tuned: str) -> None:
    assert put(plain, "changing", tuned) == 201
    assert put(plain, "changing", tuned, "GlobalStandard") == 200
    plain.behave(clock_ahead_seconds=DAY + 1)
    assert plain.arm("GET", "changing").status == 200
    assert put(plain, "changing", tuned) == 200
    assert plain.arm("GET", "changing").status == 200
    plain.behave(clock_ahead_seconds=2 * DAY + 2)
    assert plain.arm("GET", "changing").status == 404


def test_a_full_limit_is_free_again_when_its_time_is_over(plain: Running) -> None:
    """Requests by the 10 seconds, tokens by the minute; what an answer may have counts."""
    assert put(plain, "narrow", "gpt-4o-mini", "Standard", 1) == 201
    plain.behave(capacity_429=True)

    def ask(**asked: Any) -> Any:
        return plain.sdk.chat.completions.with_raw_response.create(
            model="narrow", messages=HI, **asked
        )

    def refused(**asked: Any) -> dict[str, str]:
        with pytest.raises(openai.RateLimitError) as caught:
            ask(**asked)
        return dict(caught.value.response.headers)

    left = int(ask(max_tokens=600).headers["x-ratelimit-remaining-tokens"])
    assert 350 < left < 400
    headers = refused()
    assert (headers["x-ratelimit-remaining-requests"], headers["retry-after"]) == ("0", "10")
    plain.behave(clock_ahead_seconds=10)
    headers = refused(max_tokens=600)
    assert 45 <= int(headers["retry-after"]) <= 50
    assert int(headers["x-ratelimit-reset-tokens"]) == int(headers["retry-after"])
    assert ask(max_completion_tokens=100).status_code == 200
    plain.behave(clock_ahead_seconds=60)
    assert ask(max_tokens=600).status_code == 200
    plain.arm("DELETE", "narrow")


@pytest.mark.parametrize("surface", ["sdk", "v1"])
def test_a_file_is_gone_when_its_time_is_over(plain: Running, surface: str) -> None:
    """Its listing too; the file's description has the parts of `expires_after` as one of JSON."""
    client = getattr(plain, surface)
    kept = client.files.create(file=("a.jsonl", b"{}"), purpose="fine-tune").id
    brief = client.files.create(
        file=("b.jsonl", b"{}"),
        purpose="fine-tune",
        expires_after={"anchor": "created_at", "seconds": 14 * DAY},
    ).id
    plain.behave(clock_ahead_seconds=14 * DAY - 60)
    assert client.files.retrieve(brief).id == brief
    plain.behave(clock_ahead_seconds=14 * DAY + 1)
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(brief)
    assert {kept, brief} & {one.id for one in client.files.list()} == {kept}
