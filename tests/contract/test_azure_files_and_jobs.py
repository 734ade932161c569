"""AzureService against a real emulator, with the real SDK, on every surface: files and jobs."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import pytest

from agent.engine.exactly_once import Timing
from agent.engine.mutations import Mutations
from agent.providers.azure import AzureService
from states.errors import (
    NotFound,
    Permanent,
    Unclear,
)
from states.model import Project
from states.remote import FileSpec, Phase
from states.store_port import Instant
from tests.contract.azure_rows import ROWS, SURFACES, spec, uploaded


@pytest.fixture(params=SURFACES)
def on(request: pytest.FixtureRequest, service: Any) -> AzureService:
    """The service on each of the surfaces."""
    made: AzureService = service(request.param)
    return made


def test_a_file_is_uploaded_read_found_and_deleted(on: AzureService) -> None:
    """By its id, by both ends of its name, byte for byte; once deleted it is not there."""
    prefix, ending = f"p-{uuid.uuid4().hex[:8]}-", "-training-0123456789abcdef.jsonl"
    file_id = on.upload(f"{prefix}g1{ending}", ROWS)
    file = on.file(file_id)
    assert (file.id, file.filename, file.phase) == (file_id, f"{prefix}g1{ending}", Phase.READY)
    assert on.content(file_id) == ROWS
    assert on.files_named(prefix, ending) == [file_id]
    assert on.files_named(prefix, "-validation-0123456789abcdef.jsonl") == []
    on.delete_file(file_id)
    assert not on.is_file_deleted(file_id)  # not found: that alone proves nothing
    assert on.files_named(prefix, ending) == []
    with pytest.raises(NotFound):
        on.file(file_id)


def test_a_job_is_created_found_followed_and_read_to_its_end(on: AzureService, until: Any) -> None:
    """Its mark, its numbers, its events with their metrics, its result file; and it is not taken
    for another.
    """
    training = uploaded(on)
    asked = spec(training)
    suffix = f"m-{uuid.uuid4().hex[:8]}"
    job_id = on.create_job(asked, suffix)
    assert on.jobs_like(asked, suffix) == [job_id]
    assert on.jobs_like(asked, "another") == []
    assert on.jobs_like(spec("file-other"), suffix) == []
    until(lambda: on.job(job_id).phase is Phase.READY)
    job = on.job(job_id)
    assert (job.status, job.training_file, job.seed) == ("succeeded", training, 7)
    assert job.model is not None
    assert job.model.endswith(suffix)
    assert job.hyperparameters["n_epochs"] == 1
    assert job.trained_tokens
    assert job.created_at <= (job.finished_at or 0)
    assert on.is_job_over(job_id)
    assert any(event.data.get("train_loss") for event in on.events(job_id))
    assert on.content(job.result_files[0]).startswith(b"step,train_loss")
    assert on.jobs_like(asked, suffix) == [job_id]


def test_a_job_can_be_cancelled(on: AzureService, azure: Any) -> None:
    """While it waits; then it is over, and cancelling it again is refused."""
    azure.behave(queue_seconds=60)
    job = on.create_job(spec(uploaded(on)), "marca-2")
    assert not on.is_job_over(job)
    on.cancel_job(job)
    assert on.is_job_over(job)
    assert on.job(job).cancelled
    with pytest.raises(Permanent):
        on.cancel_job(job)


def test_a_job_the_service_does_not_know_is_not_taken_to_be_over(on: AzureService) -> None:
    """Gateways err: only the cancellation itself, told so again and again, shows that it is
    gone.
    """
    assert not on.is_job_over("ftjob-never")
    with pytest.raises(NotFound):
        on.job("ftjob-never")


@pytest.mark.parametrize("version", ["2024-12-01-preview", "2024-10-21", "v1"])
def test_listings_are_read_beyond_one_page(
    version: str, service: Any, azure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files, jobs and events, on surfaces with and without `has_more`: the oldest is found behind
    several pages.
    """
    monkeypatch.setattr("agent.providers.azure_client.PAGE", 2)
    on = service(version)
    ending = f"-{uuid.uuid4().hex[:8]}.jsonl"
    ids = [on.upload(f"p{n}{ending}", ROWS) for n in range(5)]
    assert sorted(on.files_named("p", ending)) == sorted(ids)
    azure.behave(queue_seconds=60)
    jobs = [on.create_job(spec(ids[0], seed=n), f"s-{n}") for n in range(3)]
    for n, job in enumerate(jobs):
        assert on.jobs_like(spec(ids[0]), f"s-{n}") == [job]
        on.cancel_job(job)
    assert len({event.id for event in on.events(jobs[0])}) == len(on.events(jobs[0])) == 2
    for file_id in ids:
        on.delete_file(file_id)


@pytest.mark.parametrize("version", ["2024-12-01-preview", "v1"])
@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "truncate"])
def test_effects_and_service_upload_once_through_any_fault(
    version: str, fault: str, service: Any, azure: Any, store: Any
) -> None:
    """The write-ahead intents over the real wire: one file, however the answer was lost."""
    project: Project = store.create("tienda", uuid.uuid4().hex[:8], "azure", 0.0)
    content = ROWS + uuid.uuid4().hex.encode()
    file = FileSpec("training", hashlib.sha256(content).hexdigest(), content)
    now = [0.0]
    effects = Mutations(
        project,
        store,
        service(version, timeout=1.0),
        Timing(10.0, send=9.0),
        lambda: Instant(now[0], None, None),
    )
    azure.fault({"kind": fault}, "POST", "/files", times=1)
    with pytest.raises(Unclear):
        effects.upload(file)
    now[0] = 11.0
    file_id = effects.upload(file)
    assert service(version).files_named(f"tienda-{project.uid}-", f"{file.sha256[:16]}.jsonl") == [
        file_id
    ]
