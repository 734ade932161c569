"""Microsoft's own client of Resource Manager on the emulator, and the calls of its pages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import openai
import pytest
import requests

from tests.contract.running import DATED, KEY, Running, wait_for
from tests.contract.sentences import FEW, rows

PLACE = ("grupo", "cuenta")


class Token:
    """A credential as azure-identity has them, with one token for ever."""

    def get_token(self, *_scopes: str, **_options: Any) -> Any:
        from azure.core.credentials import AccessToken

        return AccessToken("testigo", int(time.time()) + 3600)


@pytest.fixture
def manager(plain: Running) -> Iterator[Any]:
    """Over loopback, which it would refuse by itself to send a token to; each call says so."""
    module = pytest.importorskip("azure.mgmt.cognitiveservices")
    with module.CognitiveServicesManagementClient(
        Token(), "suscripcion", base_url=plain.url, polling_interval=0.02
    ) as client:
        yield client


HTTP = {"enforce_https": False, "proxies": {"http": "", "https": ""}}


def test_a_deployment_lives_in_microsofts_client(plain: Running, manager: Any) -> None:
    plain.behave(deploy_seconds=0.1)
    model = {"format": "OpenAI", "name": "gpt-4o-mini", "version": "2024-07-18"}
    asked = {"sku": {"name": "GlobalStandard", "capacity": 20}, "properties": {"model": model}}
    named = (*PLACE, "by-manager")
    made = manager.deployments.begin_create_or_update(*named, asked, **HTTP).result()
    assert made.properties.provisioning_state == "Succeeded"
    assert (made.sku.name, made.sku.capacity, made.properties.model.name) == (
        "GlobalStandard",
        20,
        "gpt-4o-mini",
    )
    assert [one.count for one in made.properties.rate_limits] == [20, 20_000]
    assert manager.deployments.get(*named, **HTTP).etag == made.etag
    assert "by-manager" in [one.name for one in manager.deployments.list(*PLACE, **HTTP)]
    skus = [one.sku.name for one in manager.deployments.list_skus(*named, **HTTP)]
    assert skus == ["Standard", "GlobalStandard", "DataZoneStandard"]
    change = {"sku": {"name": "GlobalStandard", "capacity": 30}, "tags": {"team": "tienda"}}
    changed = manager.deployments.begin_update(*named, change, **HTTP).result()
    assert (changed.sku.capacity, changed.tags) == (30, {"team": "tienda"})
    manager.deployments.begin_delete(*named, **HTTP).result()
    manager.deployments.begin_delete(*named, **HTTP).result()  # 204: it is gone already
    from azure.core.exceptions import ResourceNotFoundError

    with pytest.raises(ResourceNotFoundError):
        manager.deployments.get(*named, **HTTP)


def test_the_account_its_models_and_its_quota_in_microsofts_client(manager: Any) -> None:
    account = manager.accounts.get(*PLACE, **HTTP)
    assert (account.kind, account.name, account.properties.provisioning_state) == (
        "OpenAI",
        "cuenta",
        "Succeeded",
    )
    limits = {one.name: one.value for one in account.properties.capabilities}
    assert limits["MaxUserFileCount"] == "100"
    assert [one.name for one in manager.accounts.list(**HTTP)] == ["emulator"]
    assert [one.name for one in manager.accounts.list_by_resource_group("grupo", **HTTP)]
    assert [one.sku.name for one in manager.accounts.list_skus(*PLACE, **HTTP).value] == ["S0"]
    models = {one.name: one for one in manager.accounts.list_models(*PLACE, **HTTP)}
    mini = models["gpt-4.1-mini"]
    assert (mini.lifecycle_status, mini.deprecation.fine_tune[:10]) == (
        "GenerallyAvailable",
        "2027-04-14",
    )
    assert models["Qwen3-32B"].format == "Alibaba"
    place = account.location
    assert {one.model.name for one in manager.models.list(place, **HTTP)} == set(models)
    pools = {one.name.value: one for one in manager.usages.list(place, **HTTP)}
    assert {sku.usage_name for sku in mini.skus} <= set(pools)
    assert pools["OpenAI.Standard.gpt-4.1-mini-finetune"].limit == 1000
    assert manager.accounts.list_usages(*PLACE, **HTTP).value


def test_what_cannot_be_deployed_is_told_in_microsofts_client(plain: Running, manager: Any) -> None:
    from azure.core.exceptions import HttpResponseError, ResourceExistsError

    def put(name: str, model: str) -> Any:
        asked = {
            "sku": {"name": "Standard", "capacity": 1},
            "properties": {"model": {"format": "OpenAI", "name": model, "version": "1"}},
        }
        return manager.deployments.begin_create_or_update(*PLACE, name, asked, **HTTP).result()

    with pytest.raises(HttpResponseError) as caught:
        put("nobody", "gpt-nobody")
    assert caught.value.error.code == "DeploymentModelNotSupported"
    plain.behave(quota=0)
    with pytest.raises(HttpResponseError) as caught:
        put("too-much", "gpt-4.1-nano")
    assert caught.value.error.code == "InsufficientQuota"
    plain.behave(quota=None, deploy_seconds=0.5)
    plain.put("busy", "gpt-4o-mini")
    with pytest.raises(ResourceExistsError) as conflict:  # so it calls a 409
        put("waiting", "gpt-4o-mini")
    assert conflict.value.error.code == "RequestConflict"
    wait_for(lambda: plain.arm("DELETE", "busy").status == 200)


def test_the_calls_of_microsofts_tutorial(plain: Running) -> None:
    """“Customize a model with fine-tuning” and its tutorial: upload, train by a training type,
    events, checkpoints, result file, deployment by a PUT with a token, and a chat."""
    client = openai.AzureOpenAI(
        azure_endpoint=plain.url, api_key=KEY, api_version=DATED, max_retries=0
    )
    files = [
        client.files.create(file=(name, rows(FEW)), purpose="fine-tune").id
        for name in ("training_set.jsonl", "validation_set.jsonl")
    ]
    wait_for(lambda: {client.files.retrieve(one).status for one in files} == {"processed"})
    response = client.fine_tuning.jobs.create(
        training_file=files[0],
        validation_file=files[1],
        model="gpt-4.1-2025-04-14",
        seed=105,
        extra_body={"trainingType": "GlobalStandard"},
    )
    assert response.hyperparameters.n_epochs == -1
    plain.over(response.id)
    assert client.fine_tuning.jobs.list_events(fine_tuning_job_id=response.id, limit=10).data
    assert client.fine_tuning.jobs.checkpoints.list(response.id).data
    response = client.fine_tuning.jobs.retrieve(response.id)
    table = client.files.content(response.result_files[0]).read()
    assert table.startswith(b"step,train_loss")
    place = (
        f"{plain.url}/subscriptions/suscripcion/resourceGroups/grupo/providers"
        "/Microsoft.CognitiveServices/accounts/cuenta/deployments/gpt-41-ft"
    )
    model = {"format": "OpenAI", "name": response.fine_tuned_model, "version": "1"}
    deploy = {"sku": {"name": "standard", "capacity": 1}, "properties": {"model": model}}
    told = {"Authorization": "Bearer testigo", "Content-Type": "application/json"}
    with requests.Session() as session:
        session.trust_env = False
        put = session.put(place, params={"api-version": "2024-10-21"}, headers=told, json=deploy)
        assert (put.status_code, put.reason) == (201, "Created")
        state = session.get(place, params={"api-version": "2025-07-01-preview"}, headers=told)
        assert state.json()["properties"]["provisioningState"] == "Succeeded"
        messages = [
            {"role": "system", "content": "You are a helpful assistant."},
            {"role": "user", "content": "siete"},
        ]
        said = client.chat.completions.create(model="gpt-41-ft", messages=messages)
        assert said.choices[0].message.content in FEW
        raw = session.post(
            f"{plain.url}/openai/deployments/gpt-41-ft/chat/completions",
            params={"api-version": "2024-10-21"},
            headers={"api-key": KEY},
            json={"messages": messages},
        )
        assert raw.json()["choices"][0]["message"]["content"] in FEW
        gone = session.delete(place, params={"api-version": "2024-10-21"}, headers=told)
        assert gone.status_code == 200
    client.close()


def test_the_calls_of_microsofts_agent_skill(plain: Running) -> None:
    """azure-skills, fine-tuning: v1 with a token as the key, the method beside the old
    hyper-parameters, a developer deployment that is asked about until it has succeeded, and the
    first calls of it repeated while it is not ready."""
    tokens = iter(f"testigo-{number}" for number in range(1000))
    client = openai.OpenAI(
        base_url=f"{plain.url}/openai/v1/", api_key=lambda: next(tokens), max_retries=0
    )
    file = client.files.create(file=("train.jsonl", rows(FEW)), purpose="fine-tune")
    client.files.wait_for_processing(file.id, poll_interval=0.02)
    job = client.fine_tuning.jobs.create(
        model="gpt-4.1-mini",
        training_file=file.id,
        suffix="skill",
        method={"type": "supervised"},
        hyperparameters={"n_epochs": 2, "learning_rate_multiplier": 0.5},
        extra_body={"trainingType": "developerTier"},
    )
    job = plain.over(job.id)
    assert job.hyperparameters.n_epochs == 2
    plain.behave(deploy_seconds=0.1, warmup_calls=2)
    model = {"format": "OpenAI", "name": job.fine_tuned_model, "version": "1"}
    asked = {"sku": {"name": "developertier", "capacity": 50}, "properties": {"model": model}}
    assert plain.arm("PUT", "skill", asked).status == 201
    wait_for(
        lambda: plain.arm("GET", "skill").body["properties"]["provisioningState"] == "Succeeded"
    )
    codes = []
    while True:
        try:
            client.chat.completions.create(
                model="skill", messages=[{"role": "user", "content": "hi"}], max_tokens=1
            )
            break
        except (openai.NotFoundError, openai.BadRequestError) as error:
            codes.append(error.code)
    assert codes == ["DeploymentNotFound", "DeploymentNotReady"]
    plain.arm("DELETE", "skill")
    client.close()
