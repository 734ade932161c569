"""AzureService against a real emulator, with the real SDK: what a training has left is deleted."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from states.errors import NotFound, Permanent, Unclear
from states.remote import DeploymentSpec
from tests.contract.azure_rows import SURFACES, trained


@pytest.mark.parametrize("version", SURFACES)
def test_a_job_goes_with_its_model(version: str, service: Any, until: Any) -> None:
    """Not while the model is deployed; afterwards nobody finds either."""
    on = service(version)
    job = trained(on, until)
    name = f"d-{uuid.uuid4().hex[:6]}"
    on.create_deployment(DeploymentSpec(name, job.model))
    with pytest.raises(Unclear):
        on.delete_job(job.id)
    on.delete_deployment(name)
    on.delete_job(job.id)
    for look in (on.job, on.delete_job):
        with pytest.raises(NotFound):
            look(job.id)
    with pytest.raises(Permanent):
        on.create_deployment(DeploymentSpec(name, job.model))


@pytest.mark.parametrize("version", SURFACES)
def test_a_surface_that_deletes_no_job_says_so(
    version: str, service: Any, azure: Any, until: Any
) -> None:
    """The v1 specification has no such operation, and 404 must not be taken for a deletion."""
    on = service(version)
    job = trained(on, until)
    body = {"error": {"code": "404", "message": "Resource not found"}}
    azure.fault({"kind": "answer", "status": 404, "body": body}, "DELETE", "/fine_tuning/jobs/")
    with pytest.raises(Permanent, match="does not offer to delete a training here"):
        on.delete_job(job.id)
    assert on.job(job.id).model == job.model
