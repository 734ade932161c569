"""AzureService where a proxy or a log-in page answers in the service's place: nothing has happened.

A deletion that is believed too early leaves a deployment that is billed by the hour.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.providers.azure import AzureService
from states.errors import Unclear
from states.remote import DeploymentSpec
from tests.contract.azure_rows import SURFACES, spec, trained, uploaded

LOGIN = "login.example.test"
REDIRECTS = [
    {"kind": "answer", "status": status, "headers": {"location": f"https://{LOGIN}/in"}, "body": ""}
    for status in (301, 302, 303, 307, 308)
]
PAGE = {"kind": "answer", "status": 200, "body": "<html>please log in</html>"}
OTHER_OBJECT = {"kind": "answer", "status": 200, "body": {"id": "somebody-elses", "object": "x"}}
Act = Callable[[AzureService, str], object]


@pytest.mark.parametrize("fault", [*REDIRECTS, PAGE], ids=lambda fault: fault["status"])
def test_a_deployment_is_gone_only_when_resource_manager_says_so(
    fault: dict[str, Any], service: Any, azure: Any, until: Any
) -> None:
    """Told otherwise, it is still there, and is asked for again."""
    on = service()
    model = trained(on, until).model
    on.create_deployment(DeploymentSpec("cara", model))
    azure.fault(fault, "DELETE", "/deployments/cara", times=1)
    with pytest.raises(Unclear) as raised:
        on.delete_deployment("cara")
    assert (LOGIN in str(raised.value)) is (fault is not PAGE)
    assert on.deployed_model("cara") == model
    on.delete_deployment("cara")
    until(lambda: on.deployed_model("cara") is None)


@pytest.mark.parametrize("fault", REDIRECTS, ids=lambda fault: fault["status"])
def test_a_deployment_is_made_only_when_resource_manager_says_so(
    fault: dict[str, Any], service: Any, azure: Any, until: Any
) -> None:
    """Else it would be looked for in vain, and the project given up for an untrue reason."""
    on = service()
    model = trained(on, until).model
    azure.fault(fault, "PUT", "/deployments/nueva", times=1)
    with pytest.raises(Unclear, match=LOGIN):
        on.create_deployment(DeploymentSpec("nueva", model))
    assert on.deployed_model("nueva") is None


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("fault", REDIRECTS, ids=lambda fault: fault["status"])
def test_no_act_follows_a_redirect(
    fault: dict[str, Any], surface: str, service: Any, azure: Any
) -> None:
    """The SDK would send a POST again after a 307: a second training, or the file to a stranger."""
    on = service(version=surface)
    training = uploaded(on)
    here = {**fault, "headers": {"location": "/openai/fine_tuning/jobs?api-version=2024-10-21"}}
    azure.fault(here, "POST", "/fine_tuning/jobs$", times=1)
    with pytest.raises(Unclear):
        on.create_job(spec(training), "una-vez")
    assert on.jobs_like(spec(training), "una-vez") == []
    azure.fault(fault, "POST", "/files$", times=1)
    with pytest.raises(Unclear, match=LOGIN):
        uploaded(on)


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize(
    "fault",
    [*REDIRECTS, PAGE, OTHER_OBJECT],
    ids=["301", "302", "303", "307", "308", "page", "other"],
)
def test_a_file_is_deleted_and_a_job_cancelled_only_when_the_service_says_so(
    fault: dict[str, Any], surface: str, service: Any, azure: Any
) -> None:
    """Whatever else answers, it is unclear, and asked for again."""
    on = service(version=surface)
    training = uploaded(on)
    azure.fault(fault, "DELETE", "/files/", times=1)
    with pytest.raises(Unclear):
        on.delete_file(training)
    assert on.file(training).id == training
    job = on.create_job(spec(training), "una-vez")
    azure.fault(fault, "POST", "/cancel$", times=1)
    with pytest.raises(Unclear):
        on.cancel_job(job)


@pytest.mark.parametrize("fault", REDIRECTS, ids=lambda fault: fault["status"])
def test_a_look_that_is_redirected_says_nothing(
    fault: dict[str, Any], service: Any, azure: Any
) -> None:
    """Neither that a thing is there, nor that it is gone; and no key goes to another host."""
    on = service()
    training = uploaded(on)
    azure.fault(fault, "GET", f"/files/{training}", times=1)
    with pytest.raises(Unclear, match=LOGIN):
        on.file(training)
    assert on.file(training).id == training
