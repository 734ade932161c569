"""AzureService against a real emulator, on every surface: pauses, and what a training leaves."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from agent.engine.obedience import obeys, send_order
from agent.providers.azure import AzureService
from states.errors import Permanent
from states.evaluation.checkpoints import find_best, validation_loss
from states.remote import DeploymentSpec, Phase
from states.stages import PAUSE, RESUME, Order
from tests.contract.azure_rows import SURFACES, spec, uploaded


@pytest.fixture(params=SURFACES)
def on(request: pytest.FixtureRequest, service: Any) -> AzureService:
    """The service on each of the surfaces."""
    made: AzureService = service(request.param)
    return made


def begin(on: AzureService, azure: Any, until: Any) -> str:
    """A job that has done a step, and would go on for a while."""
    azure.behave(train_seconds=12)
    job = on.create_job(spec(uploaded(on)), f"p-{uuid.uuid4().hex[:8]}")
    until(lambda: any(event.data.get("step") for event in on.events(job)))
    return job


def test_a_job_is_paused_and_goes_on_whatever_surface_is_set(
    on: AzureService, azure: Any, until: Any
) -> None:
    """Only the undated one knows how: it is asked there, and the answer is heard."""
    job = begin(on, azure, until)
    pause, resume = Order(PAUSE, 1), Order(RESUME, 2)
    assert not obeys(on, job, pause) and obeys(on, job, resume)
    assert send_order(on, job, pause) == job
    assert obeys(on, job, pause)
    until(lambda: on.job(job).paused)
    assert on.job(job).phase is Phase.WORKING
    [checkpoint] = on.checkpoints(job)
    assert validation_loss(checkpoint) is not None
    assert send_order(on, job, pause) == job, "that it rests already is no refusal"
    azure.behave(train_seconds=0)
    send_order(on, job, resume)
    until(lambda: on.job(job).phase is Phase.READY)
    with pytest.raises(Permanent, match="succeeded"):
        on.pause_job(job)


def test_checkpoints_are_listed_and_one_is_deployed(
    on: AzureService, azure: Any, until: Any
) -> None:
    """Under its own name, which a listing shows; it is not the final model."""
    azure.behave(train_seconds=0)
    job = on.create_job(replace(spec(uploaded(on)), epochs=3), f"c-{uuid.uuid4().hex[:8]}")
    until(lambda: on.job(job).phase is Phase.READY)
    listed = on.checkpoints(job)
    final = on.job(job).model
    assert [one.model == final for one in listed] == [True, False, False]
    assert [one.step for one in listed] == sorted((one.step for one in listed), reverse=True)
    assert find_best(listed) in listed
    name = f"d-{uuid.uuid4().hex[:8]}"
    on.create_deployment(DeploymentSpec(name, listed[-1].model))
    until(lambda: (found := on.deployment(name)) is not None and found.phase is Phase.READY)
    assert on.deployed_model(name) == listed[-1].model
    assert [one.name for one in on.deployments_of(listed[-1].model)] == [name]
    reply = on.chat(name, [{"role": "user", "content": "Hola"}])
    assert reply.served_model == listed[-1].model
    on.delete_deployment(name)
