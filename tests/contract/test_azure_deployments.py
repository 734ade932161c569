"""AzureService against a real emulator, with the real SDK: deployments, answers and the guide."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from agent.views.deployment_guide import Question, Target, write_guide
from states.errors import (
    DeploymentNotReady,
    NeedsOperator,
    NotFound,
    Throttled,
    Unclear,
)
from states.remote import DeploymentSpec, Finish, Phase
from tests.contract.azure_rows import KEY, SURFACES, SYSTEM, trained, wait_until_answered


@pytest.mark.parametrize("version", ["2024-12-01-preview", "v1"])
def test_deployments_through_resource_manager(
    version: str, service: Any, azure: Any, until: Any
) -> None:
    """Made, found by name and by model, answering, deleted; still creating is neither ready nor
    dead.
    """
    on = service(version)
    job = trained(on, until)
    name = f"d-{uuid.uuid4().hex[:6]}"
    assert on.deployment(name) is None
    assert on.deployed_model(name) is None
    azure.behave(deploy_seconds=0.4)
    on.create_deployment(DeploymentSpec(name, job.model))
    found = on.deployment(name)
    assert (found.name, found.model, found.phase) == (name, job.model, Phase.WORKING)
    with pytest.raises(NotFound):
        on.chat(name, [{"role": "user", "content": "Hola"}])
    until(lambda: on.deployment(name).phase is Phase.READY)
    assert [d.name for d in on.deployments_of(job.model)] == [name]
    assert on.deployments_of("no-such-model") == []
    reply = on.chat(
        name,
        [{"role": "system", "content": SYSTEM}, {"role": "user", "content": "Enciende la luz 3"}],
    )
    assert (reply.text, reply.served_model, reply.finish) == ("encender", job.model, Finish.STOP)
    assert 0 < reply.latency < 30
    on.delete_deployment(name)
    assert on.deployed_model(name) is None
    on.delete_deployment(name)


def test_a_deployment_is_not_made_while_another_is(service: Any, azure: Any, until: Any) -> None:
    """One operation at a time on an account: a certain refusal, to be sent again."""
    on = service()
    azure.behave(deploy_seconds=0.5)
    first, second = f"d-{uuid.uuid4().hex[:6]}", f"d-{uuid.uuid4().hex[:6]}"
    on.create_deployment(DeploymentSpec(first, "gpt-4o-mini"))
    with pytest.raises(Throttled):
        on.create_deployment(DeploymentSpec(second, "gpt-4o-mini"))
    until(lambda: on.deployment(first).phase is Phase.READY)
    on.delete_deployment(first)


def test_without_resource_manager_the_legacy_listing_is_read(service: Any, azure: Any) -> None:
    """On the dated surface; on v1 there is no way to look. Making one needs a person."""
    name = f"d-{uuid.uuid4().hex[:6]}"
    azure.deploy(name, "gpt-4o-mini")
    dated = service(arm=False)
    assert dated.deployment(name).phase is Phase.READY
    assert dated.deployment("no-such-name") is None
    assert name in [d.name for d in dated.deployments_of(dated.deployment(name).model)]
    v1 = service("v1", arm=False)
    for look in (v1.deployment, v1.deployments_of):
        with pytest.raises(NotFound, match="cannot be listed"):
            look(name)
    for change in (
        lambda: dated.create_deployment(DeploymentSpec("x1", "m")),
        lambda: dated.delete_deployment(name),
    ):
        with pytest.raises(NeedsOperator, match="AZURE_SUBSCRIPTION_ID"):
            change()
    service().delete_deployment(name)


@pytest.mark.parametrize("version", ["2024-12-01-preview", "v1"])
def test_a_filtered_question_is_an_answer_without_text(
    version: str, service: Any, azure: Any
) -> None:
    """The content filter is no fault of the project: the case counts as wrong, and the evaluation
    goes on.
    """
    name = f"d-{uuid.uuid4().hex[:6]}"
    azure.deploy(name, "gpt-4o-mini")
    azure.behave(content_filter_substring="prohibido")
    on = service(version)
    reply = on.chat(
        name, [{"role": "system", "content": SYSTEM}, {"role": "user", "content": "algo prohibido"}]
    )
    assert (reply.text, reply.finish) == ("", Finish.CONTENT_FILTER)
    harmless = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": "algo"}]
    assert on.chat(name, harmless).finish is Finish.STOP
    service().delete_deployment(name)


def test_a_deployment_that_warms_up_is_not_ready(service: Any, azure: Any) -> None:
    """In both ways the service has of saying so."""
    name = f"d-{uuid.uuid4().hex[:6]}"
    azure.behave(warmup_calls=2)
    azure.deploy(name, "gpt-4o-mini")
    on = service()
    question = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": "Enciende"}]
    with pytest.raises(NotFound):
        on.chat(name, question)
    with pytest.raises(DeploymentNotReady):
        on.chat(name, question)
    assert on.chat(name, question).text in ("encender", "apagar")
    on.delete_deployment(name)


@pytest.mark.parametrize("arm", [True, False])
def test_odd_deployments_of_others_are_left_out(arm: bool, service: Any, azure: Any) -> None:
    """Of both listings; an answer that is no listing is never taken for an empty one."""
    odd: list[Any] = [None, "x", {}, {"name": "d", "id": "d", "properties": "none", "model": ["m"]}]
    azure.fault(
        {"kind": "answer", "status": 200, "body": {"value": odd, "data": odd}},
        "GET",
        "/deployments$",
        times=1,
    )
    assert service(arm=arm).deployments_of("model") == []
    azure.fault(
        {"kind": "answer", "status": 200, "body": {"value": None}}, "GET", "/deployments$", times=1
    )
    with pytest.raises(Unclear):
        service(arm=arm).deployments_of("model")


@pytest.mark.parametrize(
    ("status", "code", "meaning"),
    [
        *((status, "Gone", NotFound) for status in (400, 403, 404, 405, 406, 410, 421, 426, 451)),
        (401, "PermissionDenied", NotFound),
        (401, "401", NeedsOperator),
        (408, "", Unclear),
        (429, "", Throttled),
        (500, "", Unclear),
    ],
)
def test_a_retired_listing_is_no_reason_to_fail_a_trained_project(
    service: Any, azure: Any, status: int, code: str, meaning: type[Exception]
) -> None:
    """However the service refuses the old version for good: it means "cannot be listed here", and
    nothing about the project. What may pass, or is about the key, keeps its own meaning.
    """
    body = {"error": {"code": code, "message": "retired"}}
    azure.fault({"kind": "answer", "status": status, "body": body}, "GET", r"/openai/deployments$")
    with pytest.raises(meaning):
        service(SURFACES[0], arm=False).deployments_of("model")


@pytest.mark.parametrize("version", ["2024-12-01-preview", "v1"])
def test_the_guides_commands_work_as_they_stand(
    version: str, service: Any, azure: Any, capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever pastes them gets an answer, on either surface."""
    name = f"guia-{uuid.uuid4().hex[:8]}"
    service().create_deployment(DeploymentSpec(name, "gpt-4o-mini"))
    wait_until_answered(service(), name)
    undated = version == "v1"
    target = Target(azure.url, version, "cuenta", None, "standard", 1, undated, None)
    question = Question(SYSTEM, "Enciende todas las luces")
    made = write_guide("tienda", "gpt-4o-mini", name, target, question, str)
    monkeypatch.setenv("AZURE_OPENAI_KEY", KEY)
    subprocess.run([sys.executable, "-c", made["python"]], check=True, timeout=60)
    assert capfd.readouterr().out.strip() in ("encender", "apagar")
    command = made["curl"].replace("curl ", "curl --silent --noproxy '*' ")
    answer = subprocess.run(["bash", "-c", command], check=True, capture_output=True, timeout=60)  # noqa: S607
    assert json.loads(answer.stdout)["choices"][0]["message"]["content"] in ("encender", "apagar")


AZ = """#!/bin/sh
curl -sf --noproxy '*' "$IDENTITY_ENDPOINT?resource=https://cognitiveservices.azure.com" \\
  -H 'X-IDENTITY-HEADER: any' | sed 's/.*"access_token": "\\([^"]*\\)".*/\\1/'
"""


@pytest.mark.parametrize("version", ["2024-12-01-preview", "v1"])
def test_the_guides_commands_work_without_a_key(
    version: str, service: Any, azure: Any, capfd: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    """Where tokens are sent, they show how to get one."""
    pytest.importorskip("azure.identity")
    name = f"guia-{uuid.uuid4().hex[:8]}"
    service().create_deployment(DeploymentSpec(name, "gpt-4o-mini"))
    wait_until_answered(service(), name)
    azure.behave(keys_disabled=True)
    scope = "https://cognitiveservices.azure.com/.default"
    target = Target(azure.url, version, "c", None, "standard", 1, version == "v1", None, scope)
    made = write_guide("t", "gpt-4o-mini", name, target, Question(SYSTEM, "Enciende"), str)
    (tmp_path / "az").write_text(AZ)
    (tmp_path / "az").chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{azure.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "any")
    subprocess.run([sys.executable, "-c", made["python"]], check=True, timeout=60)
    assert capfd.readouterr().out.strip() in ("encender", "apagar")
    command = made["curl"].replace("curl ", "curl --silent --noproxy '*' ", 1)
    answer = subprocess.run(["bash", "-c", command], check=True, capture_output=True, timeout=60)  # noqa: S607
    assert json.loads(answer.stdout)["choices"][0]["message"]["content"] in ("encender", "apagar")
