"""AzureService where a 2xx answers an act with JSON of another shape: it does not count as done."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from agent.providers.azure import AzureService
from states.errors import Unclear
from tests.contract.azure_calls import ACTS, LOOKS
from tests.contract.stranger import Answer, Stranger

SURFACES = ["2024-10-21", "v1"]
OTHERS = [
    {},
    [],
    [{"id": "ftjob-1"}],
    None,
    True,
    "done",
    {"id": "somebody-elses", "name": "somebody-elses", "object": "x"},
    {"id": None, "name": None},
    {"id": ["ftjob-1"], "name": {"d": "d"}},
    {"error": {"code": "Conflict", "message": "no"}},
    {"status": "ok"},
]
RIGHT: dict[str, Any] = {
    "upload": {"id": "file-1", "filename": "x-training.jsonl"},
    "create_job": {"id": "ftjob-1", "training_file": "file-1"},
    "cancel_job": {"id": "ftjob-1", "status": "cancelled"},
    "pause_job": {"id": "ftjob-1", "status": "pausing"},
    "resume_job": {"id": "ftjob-1", "status": "resuming"},
    "create_deployment": {"name": "d", "properties": {"model": {"name": "m"}}},
    "delete_deployment": {"name": "D", "properties": {"provisioningState": "Deleting"}},
    "delete_file": {"id": "file-1", "deleted": True},
}
Connect = Callable[..., AzureService]


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_done_only_when_the_answer_is_about_its_object(
    act: str, surface: str, stranger: Stranger, connect: Connect
) -> None:
    """With any other answer it is looked for."""
    for status in (200, 201, 202):
        for other in OTHERS:
            stranger.say(Answer(status, json.dumps(other).encode()))
            with pytest.raises(Unclear):
                ACTS[act](connect(surface))
        stranger.say(Answer(status, json.dumps(RIGHT[act]).encode()))
        ACTS[act](connect(surface))


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("act", ACTS)
def test_an_empty_answer_is_one_to_a_deletion_only(
    act: str, surface: str, stranger: Stranger, connect: Connect
) -> None:
    """What is made or cancelled is shown in the answer."""
    stranger.say(Answer(204, headers={}))
    if act.startswith("delete"):
        ACTS[act](connect(surface))
        return
    with pytest.raises(Unclear):
        ACTS[act](connect(surface))


def test_a_deletion_that_says_it_was_none_is_none(stranger: Stranger, connect: Connect) -> None:
    """The file is still there."""
    stranger.say(Answer(200, b'{"id": "file-1", "deleted": false}'))
    with pytest.raises(Unclear):
        ACTS["delete_file"](connect())


def test_a_deployment_of_another_model_is_not_the_one_that_was_asked_for(
    stranger: Stranger, connect: Connect
) -> None:
    """Whoever answers so has deployed something else."""
    stranger.say(Answer(200, b'{"name": "d", "properties": {"model": {"name": "gpt-4o"}}}'))
    with pytest.raises(Unclear):
        ACTS["create_deployment"](connect())


def test_a_redirect_sends_no_act_again(stranger: Stranger, connect: Connect) -> None:
    """The service acts, and then a proxy answers: the SDK would send a second training."""
    here = {"location": f"{stranger.url}/openai/fine_tuning/jobs"}
    stranger.say(Answer(307, headers=here))
    for act in ("create_job", "create_deployment"):
        stranger.asked.clear()
        with pytest.raises(Unclear):
            ACTS[act](connect())
        assert len(stranger.asked) == 1


@pytest.mark.parametrize("look", ["file", "job", "deployment"])
def test_a_look_is_believed_only_about_its_object(
    look: str, stranger: Stranger, connect: Connect
) -> None:
    """Somebody else's job that has succeeded would be deployed for ours."""
    other = {"id": "ftjob-2", "name": "e", "status": "succeeded", "fine_tuned_model": "theirs"}
    stranger.say(Answer(200, json.dumps(other).encode()))
    with pytest.raises(Unclear):
        LOOKS[look](connect())


@pytest.mark.parametrize("name", ["a/../../b", "a?b=c", "a#b", "a b", "a%2Fb", "ñ", ".."])
def test_a_name_never_leads_out_of_its_place(
    name: str, stranger: Stranger, connect: Connect
) -> None:
    """It comes from a listing, or from a person: a deletion of `..` would be one of the account."""
    stranger.say(Answer(204, headers={}))
    on = connect()
    for call in (
        lambda: on.delete_deployment(name),
        lambda: on.chat(name, [{"role": "user", "content": "Hola"}]),
        lambda: on.job(name),
        lambda: on.delete_file(name),
    ):
        with suppress(Unclear):
            call()
    for _, path in stranger.asked:
        assert not {"..", "b", "a"} & set(path.partition("?")[0].split("/"))
        assert "?b=c" not in path


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("codec", ["base64", "bz2", "uu", "hex", "idna", "undefined", "utf-16"])
def test_no_codec_that_an_answer_names_is_used(
    codec: str, surface: str, stranger: Stranger, connect: Connect
) -> None:
    """Some of Python's break with an AssertionError, or a MemoryError."""
    on = connect(surface)
    stranger.say(Answer(200, b"-", {"content-type": f"text/plain; charset={codec}"}))
    for look in LOOKS.values():
        with suppress(Unclear):
            look(on)
    with pytest.raises(Unclear):
        ACTS["create_job"](on)
