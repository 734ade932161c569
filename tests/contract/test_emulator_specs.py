"""The emulator's responses against Microsoft's own OpenAPI files; skipped where there are none.

Known deviations, from recordings of the live service: nulls where the dated specs declare plain
types, status `pending` on the v1 surface, and -1 for hyper-parameters that are not resolved yet.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

SPECS = Path(__file__).resolve().parents[2].parent / "shared" / "azure" / "specs"
DATED = "authoring-stable-2024-06-01.json#/definitions/"
LEGACY = "authoring-stable-2022-12-01.json#/definitions/"
CHAT = "inference-stable-2024-06-01.json#/components/schemas/"
ARM = "arm-cognitiveservices-stable-2023-05-01.json#/definitions/"
V1 = "openai-v1-AIFoundryOpenAIV1.json#/components/schemas/"
V = "api-version=2024-06-01"

pytestmark = pytest.mark.skipif(
    not SPECS.is_dir(), reason=f"the public OpenAPI files are not in {SPECS}"
)


@cache
def registry() -> Registry[Any]:
    return Registry(retrieve=_retrieve)


def _retrieve(uri: str) -> Resource[Any]:
    name = uri.rsplit("/", 1)[-1]
    name = "arm-common-types-v2-types.json" if name == "types.json" else name
    return Resource.from_contents(
        _nullable(json.loads((SPECS / name).read_text())), default_specification=DRAFT7
    )


def _nullable(schema: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema has a type of its own."""
    if isinstance(schema, list):
        return [_nullable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: _nullable(value) for key, value in schema.items() if key != "nullable"}
    return {"anyOf": [inner, {"type": "null"}]} if schema.get("nullable") is True else inner


def check(body: Any, schema: str) -> None:
    # The folders before the name are those that the relative references of the ARM file climb.
    validator = Draft7Validator({"$ref": f"spec:///a/b/c/d/e/f/{schema}"}, registry=registry())
    faults = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in validator.iter_errors(body)
    ]
    assert faults == []


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def get(emulator: Any, path: str) -> Any:
    reply = emulator.ask("GET", path)
    assert reply.status == 200, reply.raw
    return reply.body


def test_the_checker_finds_faults() -> None:
    with pytest.raises(AssertionError):
        check({"object": "file", "purpose": "fine-tune", "status": "nonsense"}, DATED + "File")
    with pytest.raises(AssertionError):
        check({"properties": {"provisioningState": "Sleeping"}}, ARM + "Deployment")


def test_files_and_jobs_on_the_dated_plane(emulator: Any, trained: Any) -> None:
    jobs = "/openai/fine_tuning/jobs"
    for path, schema in (
        (f"/openai/files?{V}", "FileList"),
        (f"/openai/files/{trained.training_file}?{V}", "File"),
        (f"/openai/files/{trained.result_files[0]}?{V}", "File"),
        (f"{jobs}?{V}", "FineTuningJobList"),
        (f"{jobs}/{trained.id}?{V}", "FineTuningJob"),
        (f"{jobs}/{trained.id}/events?{V}&limit=100", "FineTuningJobEventList"),
        (f"{jobs}/{trained.id}/checkpoints?{V}", "FineTuningJobCheckpointList"),
        (f"/openai/models?{V}", "ModelList"),
        (f"/openai/models/{trained.fine_tuned_model}?{V}", "Model"),
    ):
        check(without_nulls(get(emulator, path)), DATED + schema)


def test_every_state_of_a_job_and_a_file_on_the_way(
    plain: Any, training_rows: Callable[..., bytes], until: Callable[..., None]
) -> None:
    plain.behave(file_seconds=0.3, queue_seconds=0.2, train_seconds=0.4)
    rows = training_rows({"a": [str(number) for number in range(10)]})
    file = plain.sdk.files.create(file=("a.jsonl", rows), purpose="fine-tune").id
    seen = set()

    def follow(path: str, schema: str, end: str) -> Callable[[], bool]:
        def look() -> bool:
            body = get(plain, path)
            check(without_nulls(body), DATED + schema)
            seen.add(body["status"])
            return bool(body["status"] == end)

        return look

    until(follow(f"/openai/files/{file}?{V}", "File", "processed"))
    job = plain.ask(
        "POST", f"/openai/fine_tuning/jobs?{V}", {"model": "gpt-4o-mini", "training_file": file}
    )
    check(without_nulls(job.body), DATED + "FineTuningJob")
    until(follow(f"/openai/fine_tuning/jobs/{job.body['id']}?{V}", "FineTuningJob", "succeeded"))
    assert seen == {"pending", "running", "processed", "succeeded"}


def test_files_and_jobs_on_v1(emulator: Any, trained: Any) -> None:
    jobs = "/openai/v1/fine_tuning/jobs"
    for path, schema in (
        ("/openai/v1/files", "AzureListFilesResponse"),
        (f"/openai/v1/files/{trained.training_file}", "AzureOpenAIFile"),
        (f"{jobs}/{trained.id}", "OpenAI.FineTuningJob"),
        (jobs, "OpenAI.ListPaginatedFineTuningJobsResponse"),
        (f"{jobs}/{trained.id}/checkpoints", "OpenAI.ListFineTuningJobCheckpointsResponse"),
    ):
        body = get(emulator, path)
        for entry in body.get("data", [body]):
            # Null on the live service, although the spec requires a string.
            if entry.get("object") == "fine_tuning.job":
                assert entry.pop("organization_id") is None
                entry["organization_id"] = "nobody"
        check(body, V1 + schema)
    events = get(emulator, f"{jobs}/{trained.id}/events?limit=100")
    for event in events["data"]:
        event["level"] = "warn" if event["level"] == "warning" else event["level"]
        check(without_nulls(event), V1 + "OpenAI.FineTuningJobEvent")


def test_refusals_on_both_planes(plain: Any) -> None:
    check(plain.ask("GET", f"/openai/files/file-nobody?{V}").body, DATED + "ErrorResponse")
    check(
        plain.ask("POST", f"/openai/fine_tuning/jobs?{V}", {"model": "gpt-nobody"}).body,
        DATED + "ErrorResponse",
    )
    check(
        without_nulls(plain.ask("GET", "/openai/v1/files/file-nobody").body),
        V1 + "AzureErrorResponse",
    )


def test_deployments_of_the_control_plane_and_of_the_legacy_plane(plain: Any) -> None:
    check(plain.put("in-spec", "gpt-4o-mini").body, ARM + "Deployment")
    check(plain.arm("GET", "in-spec").body, ARM + "Deployment")
    check(plain.arm("GET").body, ARM + "DeploymentListResult")
    check(
        get(plain, "/openai/deployments?api-version=2023-03-15-preview"), LEGACY + "DeploymentList"
    )


def test_chat_answers(plain: Any) -> None:
    plain.deploy("chat-in-spec", "gpt-4o-mini")
    body = {"messages": [{"role": "user", "content": "hola"}], "logprobs": True, "top_logprobs": 2}
    reply = plain.ask("POST", f"/openai/deployments/chat-in-spec/chat/completions?{V}", body)
    check(reply.body, CHAT + "createChatCompletionResponse")
    check(
        without_nulls(
            plain.ask("POST", f"/openai/deployments/nobody/chat/completions?{V}", body).body
        ),
        CHAT + "errorResponse",
    )
