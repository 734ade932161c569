"""The emulator's answers on the way and in trouble, against Microsoft's own OpenAPI files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.contract import differences, specs
from tests.contract.exercise import BASE, Known
from tests.contract.held import Route, ask, is_described
from tests.contract.running import wait_for
from tests.contract.sentences import FEW, rows

pytestmark = [specs.wanted, pytest.mark.xdist_group("held")]

SURFACES = ("/openai", "/openai/v1")
CHATS = ("/openai/deployments/{name}/chat/completions", "/openai/v1/chat/completions")
MANAGER = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.CognitiveServices"
    "/accounts/{account}/deployments/{name}"
)
HI = [{"role": "user", "content": "hola"}]


@pytest.fixture(autouse=True)
def as_at_the_start(held: Known) -> Iterator[None]:
    yield
    held.on.reset()


def test_what_is_held_to_the_files_is_really_held(held: Known, http: requests.Session) -> None:
    path = {"job_id": held.job}
    held.on.behave(job_status_script=["sleeping"])
    with pytest.raises(BaseExceptionGroup):
        ask(held, http, ("GET", "/openai/fine_tuning/jobs/{job_id}"), path=path)
    with pytest.raises(AssertionError):
        specs.check({"status": "sleeping"}, specs.load("dated"), "File")


@pytest.mark.parametrize("surface", SURFACES)
def test_a_file_and_a_job_are_as_described_on_the_way(
    held: Known, http: requests.Session, surface: str
) -> None:
    held.on.behave(file_seconds=0.2, queue_seconds=0.1, train_seconds=0.3)
    form = {"purpose": "fine-tune", "file": rows(FEW)}
    file = ask(held, http, ("POST", f"{surface}/files"), form=form).json()["id"]
    seen = follow(held, http, f"{surface}/files/{{file_id}}", {"file_id": file}, "processed")
    jobs = f"{surface}/fine_tuning/jobs"
    asked = {"model": BASE, "training_file": file, "suffix": "on-the-way"}
    job = ask(held, http, ("POST", jobs), body=asked).json()["id"]
    seen |= follow(held, http, f"{jobs}/{{job_id}}", {"job_id": job}, "succeeded")
    assert seen == {"pending", "running", "processed", "succeeded"}
    for part in ("events", "checkpoints"):
        listed = ask(held, http, ("GET", f"{jobs}/{{job_id}}/{part}"), path={"job_id": job})
        assert listed.json()["data"], part


def follow(
    held: Known, http: requests.Session, path: str, names: dict[str, str], end: str
) -> set[str]:
    seen = set()

    def look() -> bool:
        seen.add(ask(held, http, ("GET", path), path=names).json()["status"])
        return end in seen

    wait_for(look)
    return seen


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        ({"fail_job": {"code": "internalFailure", "message": "No."}}, "failed"),
        ({"cancel_jobs": True}, "cancelled"),
    ],
)
def test_a_job_that_ends_badly_is_as_described(
    held: Known, http: requests.Session, surface: str, trouble: dict[str, Any], status: str
) -> None:
    held.on.behave(**trouble)
    asked = {"model": BASE, "training_file": held.file}
    job = ask(held, http, ("POST", f"{surface}/fine_tuning/jobs"), body=asked).json()["id"]
    held.on.over(job)
    shown = ask(held, http, ("GET", f"{surface}/fine_tuning/jobs/{{job_id}}"), path={"job_id": job})
    assert shown.json()["status"] == status


@pytest.mark.parametrize("surface", SURFACES)
def test_a_job_with_warnings_and_a_bad_file_are_as_described(
    held: Known, http: requests.Session, surface: str
) -> None:
    path = {"job_id": train_with_a_warning(held)}
    route = ("GET", f"{surface}/fine_tuning/jobs/{{job_id}}/events")
    events = ask(held, http, route, path=path, query={"limit": 100}).json()
    assert {event["level"] for event in events["data"]} == {"info", "warning"}
    held.on.behave(file_error=True)
    file = held.on.sdk.files.create(file=("rows.jsonl", b"{}"), purpose="fine-tune").id
    shown = ask(held, http, ("GET", f"{surface}/files/{{file_id}}"), path={"file_id": file})
    assert shown.json()["status"] == "error"


def train_with_a_warning(held: Known) -> str:
    """The validation rows expect an answer that no training row gives."""
    return str(held.on.train(rows(FEW), rows({"nunca": ["a", "b"]}), model=BASE).id)


@pytest.mark.parametrize("path", CHATS)
def test_refusals_of_a_chat_are_as_described(
    held: Known, http: requests.Session, path: str
) -> None:
    name = held.new_deployment()
    asked = {"messages": HI, "model": name}

    def refused(body: dict[str, Any] | None = None) -> int:
        sent = {"path": {"name": name}, "body": body or asked}
        return ask(held, http, ("POST", path), **sent).status_code

    held.on.behave(content_filter_substring="hola")
    assert refused() == 400
    held.on.behave(content_filter_substring=None, capacity_429=True)
    assert [refused() for _ in range(51)][-1] == 429
    held.on.behave(capacity_429=False, keys_disabled=True)
    assert refused() == 403
    held.on.behave(keys_disabled=False, warmup_calls=2)
    assert {refused() for _ in range(2)} == {400, 404}
    assert refused({**asked, "temperature": 9}) == 400
    held.on.arm("DELETE", name)
    assert refused() == 404


def test_the_pieces_of_a_stream_are_as_described(held: Known, http: requests.Session) -> None:
    """The dated files have no definition of them."""
    asked = {"messages": HI, "stream": True, "stream_options": {"include_usage": True}}
    for path in CHATS:
        body = {**asked, "model": held.deployment, "logprobs": True, "top_logprobs": 2}
        said = ask(held, http, ("POST", path), body=body).text.split("\n\n")
        pieces = [
            json.loads(one.removeprefix("data: ")) for one in said if "[DONE]" not in one and one
        ]
        assert len(pieces) > 3
        for piece in pieces:
            specs.check(piece, differences.live("v1"), "AzureCreateChatCompletionStreamResponse")


def test_a_deployment_that_fails_or_is_being_made_is_as_described(
    held: Known, http: requests.Session
) -> None:
    sku = {"name": "Standard", "capacity": 1}
    model = {"format": "OpenAI", "name": BASE, "version": "2024-07-18"}
    for trouble, state in (
        ({"fail_deployments": True}, "Failed"),
        ({"deploy_seconds": 1, "fail_deployments": False}, "Creating"),
    ):
        held.on.behave(**trouble)
        name = f"state-{state.lower()}"
        body = {"sku": sku, "properties": {"model": model}}
        put = ask(held, http, ("PUT", MANAGER), path={"name": name}, body=body)
        assert put.json()["properties"]["provisioningState"] == state
        shown = ask(held, http, ("GET", MANAGER), path={"name": name})
        assert shown.json()["properties"]["provisioningState"] == state
    again = {"path": {"name": "another"}, "body": {"sku": sku, "properties": {"model": model}}}
    assert ask(held, http, ("PUT", MANAGER), **again).status_code == 409


@pytest.mark.slow
def test_no_difference_is_listed_that_there_is_not(held: Known, http: requests.Session) -> None:
    """Without any one of them some answer of the emulator would not be as described."""
    answers: list[tuple[Route, Any]] = []

    def note(route: Route, **asked: Any) -> None:
        answers.append((route, ask(held, http, route, **asked)))

    warned = train_with_a_warning(held)
    for surface in SURFACES:
        jobs = f"{surface}/fine_tuning/jobs"
        held.on.behave(queue_seconds=5)
        note(("POST", jobs))
        held.on.behave(queue_seconds=None)
        paused = {"job_id": held.new_running_job(is_paused=True)}
        note(("GET", f"{jobs}/{{job_id}}"), path=paused)
        note(("GET", f"{jobs}/{{job_id}}/events"), path={"job_id": warned}, query={"limit": 100})
    for path in CHATS:
        note(("POST", path), body={"messages": HI, "model": held.deployment, "stream": True})
        held.on.behave(content_filter_substring="hola")
        note(("POST", path), body={"messages": HI, "model": held.deployment})
        held.on.behave(content_filter_substring=None)
    idle = [
        one.what
        for one in differences.DIFFERENCES
        if all(is_described(answer, route, one) for route, answer in answers)
    ]
    assert idle == []
