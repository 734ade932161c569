"""AzureService against a real emulator over real HTTP with the real SDK, on the dated surface and on v1."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agent.engine.exactly_once import Timing
from agent.engine.mutations import Mutations
from agent.logs import Redactor
from agent.providers.arm import Arm, ArmAccount
from agent.providers.azure import AzureService
from agent.providers.azure_client import Endpoint
from agent.providers.errors import Errors
from agent.views.deployment_guide import Question, Target, write_guide
from states.errors import (
    DeploymentNotReady,
    NeedsOperator,
    NotFound,
    Permanent,
    Throttled,
    Unclear,
    Unreachable,
)
from states.model import Project
from states.remote import DeploymentSpec, FileSpec, JobSpec, Phase
from states.store_port import Instant

SURFACES = ["2024-12-01-preview", "2024-10-21", "v1", "preview"]
KEY = "clave-de-prueba-7f3a91"
# The emulator keeps the faults it is ordered: what it quotes is not its key, which nothing may ever write to a file.
QUOTED = "clave-citada-19e04b"
SYSTEM = "Clasifica. Las intenciones son:\n- encender: dar la luz.\n- apagar: quitar la luz."
ROWS = "".join(
    json.dumps(
        {
            "messages": [
                {"role": "system", "content": SYSTEM},
                {"role": "user", "content": f"{verb} la luz {n}"},
                {"role": "assistant", "content": label},
            ]
        }
    )
    + "\n"
    for n in range(6)
    for verb, label in (("Enciende", "encender"), ("Apaga", "apagar"))
).encode()


@pytest.fixture
def service(azure: Any) -> Iterator[Callable[..., AzureService]]:
    """`service(version, arm=True)`: as the agent builds it, with a short time-out."""
    made: list[AzureService] = []

    def make(
        version: str = SURFACES[0],
        *,
        arm: bool = True,
        url: str | None = None,
        key: str = KEY,
        timeout: float = 5.0,
    ) -> AzureService:
        errors = Errors(url or azure.url, Redactor([QUOTED]))
        account = ArmAccount(url or azure.url, "sub", "grupo", "cuenta", "standard", 50)
        manager = Arm(account, lambda: "token", timeout, errors) if arm else None
        made.append(
            AzureService(Endpoint(url or azure.url, key, version, timeout), manager, errors)
        )
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def until(eventually: Any) -> Callable[..., Any]:
    return eventually


@pytest.fixture(params=SURFACES)
def on(request: pytest.FixtureRequest, service: Any) -> AzureService:
    """The service on each of the surfaces."""
    made: AzureService = service(request.param)
    return made


def uploaded(service: AzureService, name: str | None = None) -> str:
    return service.upload(name or f"p-{uuid.uuid4().hex[:8]}-training.jsonl", ROWS)


def spec(training: str, **changes: Any) -> JobSpec:
    fields = {
        "epochs": 1,
        "batch_size": 2,
        "learning_rate_multiplier": 1.0,
        "seed": 7,
        "training_type": None,
        **changes,
    }
    return JobSpec("gpt-4o-mini", training, training, **fields)


def trained(service: AzureService, until: Any, suffix: str = "marca-1") -> Any:
    job = service.create_job(spec(uploaded(service)), suffix)
    until(lambda: service.job(job).phase is not Phase.WORKING)
    return service.job(job)


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
    """Its mark, its numbers, its events with their metrics, its result file; and it is not taken for another."""
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
    """Gateways err: only the cancellation itself, told so again and again, shows that it is gone."""
    assert not on.is_job_over("ftjob-never")
    with pytest.raises(NotFound):
        on.job("ftjob-never")


@pytest.mark.parametrize("version", ["2024-12-01-preview", "2024-10-21", "v1"])
def test_listings_are_read_beyond_one_page(
    version: str, service: Any, azure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files, jobs and events, on surfaces with and without `has_more`: the oldest is found behind several pages."""
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
def test_deployments_through_resource_manager(
    version: str, service: Any, azure: Any, until: Any
) -> None:
    """Made, found by name and by model, answering, deleted; still creating is neither ready nor dead."""
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
    assert (reply.text, reply.served_model, reply.filtered) == ("encender", job.model, False)
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
    """The content filter is no fault of the project: the case counts as wrong, and the evaluation goes on."""
    name = f"d-{uuid.uuid4().hex[:6]}"
    azure.deploy(name, "gpt-4o-mini")
    azure.behave(content_filter_substring="prohibido")
    on = service(version)
    reply = on.chat(
        name, [{"role": "system", "content": SYSTEM}, {"role": "user", "content": "algo prohibido"}]
    )
    assert (reply.text, reply.filtered) == ("", True)
    assert not on.chat(
        name, [{"role": "system", "content": SYSTEM}, {"role": "user", "content": "algo"}]
    ).filtered
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


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        ({"kind": "drop_before"}, Unclear),
        ({"kind": "drop_after"}, Unclear),
        ({"kind": "truncate"}, Unclear),
        ({"kind": "delay", "seconds": 1.0}, Unclear),
        ({"kind": "answer", "status": 429, "headers": {"retry-after": "180"}}, Throttled),
        ({"kind": "answer", "status": 503, "headers": {"retry-after-ms": "10"}}, Unclear),
        ({"kind": "answer", "status": 409}, Unclear),
        ({"kind": "answer", "status": 408}, Unclear),
        ({"kind": "answer", "status": 401}, NeedsOperator),
        (
            {
                "kind": "answer",
                "status": 403,
                "body": {"error": {"code": "AuthorizationFailed", "message": "no"}},
            },
            NeedsOperator,
        ),
        ({"kind": "answer", "status": 404, "body": "<html>"}, NotFound),
        (
            {"kind": "answer", "status": 400, "body": {"error": {"code": "x", "message": QUOTED}}},
            Permanent,
        ),
        ({"kind": "answer", "status": 200, "body": "<html>a login page</html>"}, Unclear),
        ({"kind": "answer", "status": 200, "body": {"object": "fine_tuning.job"}}, Unclear),
    ],
)
def test_a_mutation_is_sent_once_whatever_comes_back(
    fault: dict[str, Any], meaning: type[Exception], service: Any, azure: Any, until: Any
) -> None:
    """The SDK would send it three times. One POST, one meaning, and no key in the message."""
    patient = service()
    training = uploaded(patient)
    azure.fault(fault, "POST", "/fine_tuning/jobs$", times=5)
    with pytest.raises(meaning) as raised:
        service(timeout=0.6).create_job(spec(training), "una-vez")
    assert type(raised.value) is meaning
    assert QUOTED not in str(raised.value)
    if meaning is Throttled:
        assert raised.value.retry_after == 180.0
    [rule] = azure.control("GET", "faults")
    assert rule["times"] == 4
    # What was acted upon is found by its mark.
    if fault["kind"] in ("drop_after", "truncate", "delay"):
        until(lambda: len(patient.jobs_like(spec(training), "una-vez")) == 1)
    else:
        assert patient.jobs_like(spec(training), "una-vez") == []


def test_resource_manager_in_trouble(service: Any, azure: Any) -> None:
    """Its errors mean the same as the data plane's."""
    on = service(timeout=0.6)
    for fault, meaning in (
        ({"kind": "drop_before"}, Unclear),
        ({"kind": "truncate"}, Unclear),
        (
            {"kind": "answer", "status": 403, "body": {"error": {"code": "AuthorizationFailed"}}},
            NeedsOperator,
        ),
        ({"kind": "answer", "status": 429, "headers": {"retry-after": "5"}}, Throttled),
        ({"kind": "answer", "status": 500, "body": "down"}, Unclear),
        (
            {
                "kind": "answer",
                "status": 400,
                "body": {"error": {"code": "InsufficientQuota", "message": "full"}},
            },
            NeedsOperator,
        ),
    ):
        azure.fault(fault, "GET", "/deployments", times=1)
        with pytest.raises(meaning):
            on.deployment("x1")
    assert on.deployment("x1") is None


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
    "link", ["http://127.0.0.1:9/next", "https://{here}/next", "/next", "http://\\t"]
)
def test_the_token_follows_no_link_to_another_address(link: str, service: Any, azure: Any) -> None:
    """Whoever can write into an answer could else ask for it. Resource Manager's own links are followed."""
    here = azure.url.removeprefix("http://")
    on = service()
    first = {"value": [{"name": "first", "properties": {"model": {"name": "m"}}}]}
    azure.fault(
        {"kind": "answer", "status": 200, "body": {**first, "nextLink": link.format(here=here)}},
        "GET",
        "/deployments$",
        times=1,
    )
    with pytest.raises(Unclear, match="no token is sent"):
        on.deployments_of("m")
    own = f"{azure.url}/subscriptions/sub/resourceGroups/grupo/providers/Microsoft.CognitiveServices/accounts/cuenta/deployments"
    azure.fault(
        {
            "kind": "answer",
            "status": 200,
            "body": {**first, "nextLink": f"{own}?api-version=2024-10-01"},
        },
        "GET",
        "/deployments$",
        times=1,
    )
    assert [found.name for found in on.deployments_of("m")] == ["first"]


def test_a_wrong_key_and_a_wrong_address(service: Any) -> None:
    """401 needs a person and heals; nobody there is certainly nothing done."""
    with pytest.raises(NeedsOperator, match="AZURE_OPENAI_KEY") as raised:
        service(key="otra").files_named("x", "y")
    assert raised.value.heals
    for version in ("2024-12-01-preview", "v1"):
        with pytest.raises(Unreachable, match="AZURE_OPENAI_ENDPOINT"):
            service(version, url="http://127.0.0.1:9").upload("x.jsonl", ROWS)
    with pytest.raises(Unreachable):
        service(url="http://127.0.0.1:9").deployment("x")


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


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_retired_listing_is_no_reason_to_fail_a_trained_project(
    service: Any, azure: Any, status: int
) -> None:
    """However the service refuses the old version: it means "cannot be listed here", and nothing about the project."""
    azure.fault(
        {"kind": "answer", "status": status, "body": {"error": {"code": "x"}}},
        "GET",
        r"/openai/deployments$",
    )
    with pytest.raises(NotFound):
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


def wait_until_answered(service: AzureService, name: str) -> None:
    """The deployment has left Creating."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = service.deployment(name)
        if found is not None and found.phase is Phase.READY:
            return
        time.sleep(0.05)
    raise AssertionError("the deployment never became ready")
