"""OpenAI's own SDK on the emulator: both classes, waiting and asynchronous, from file to stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import openai
import pytest

from tests.contract.running import DATED, KEY, Running
from tests.contract.sentences import FEW, rows

ENDED = ("succeeded", "failed", "cancelled")
ASKED = {
    "messages": [{"role": "user", "content": "siete"}],
    "temperature": 0,
    "logprobs": True,
    "top_logprobs": 2,
}
JOB = {
    "model": "gpt-4.1-mini-2025-04-14",
    "suffix": "clients",
    "seed": 105,
    "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}},
    "extra_body": {"trainingType": "globalStandard"},
}


def azure(url: str, make: Any, transport: Any) -> Any:
    return make(azure_endpoint=url, api_key=KEY, api_version=DATED, http_client=transport)


def plain_openai(url: str, make: Any, transport: Any) -> Any:
    return make(base_url=f"{url}/openai/v1/", api_key=KEY, http_client=transport)


def quick(make: Any) -> Any:
    return make(verify=False, timeout=30, trust_env=False)


@pytest.mark.parametrize(
    ("connect", "kind"), [(azure, openai.AzureOpenAI), (plain_openai, openai.OpenAI)]
)
def test_a_model_is_trained_and_asked(
    plain: Running, connect: Callable[..., Any], kind: Any
) -> None:
    with connect(plain.url, kind, quick(httpx2.Client)) as client:
        file = client.files.create(file=("rows.jsonl", rows(FEW)), purpose="fine-tune")
        assert client.files.wait_for_processing(file.id, poll_interval=0.02).status == "processed"
        assert client.files.content(file.id).content == rows(FEW)
        assert file.id in [one.id for one in client.files.list(purpose="fine-tune")]
        job = client.fine_tuning.jobs.create(training_file=file.id, **JOB)
        plain.over(job.id)
        job = client.fine_tuning.jobs.retrieve(job.id)
        check_job(job)
        assert job.id in [one.id for one in client.fine_tuning.jobs.list(limit=2)]
        events = list(client.fine_tuning.jobs.list_events(job.id, limit=2))
        check_events(events)
        checkpoints = list(client.fine_tuning.jobs.checkpoints.list(job.id, limit=1))
        check_checkpoints(checkpoints, job)
        assert client.models.retrieve(job.fine_tuned_model).id == job.fine_tuned_model
        assert job.fine_tuned_model in [one.id for one in client.models.list()]
        assert b"train_loss" in client.files.content(job.result_files[0]).content
        plain.deploy("by-sdk", job.fine_tuned_model)
        said = client.chat.completions.create(model="by-sdk", **ASKED)
        check_answer(said, job)
        pieces = list(
            client.chat.completions.create(
                model="by-sdk", stream=True, stream_options={"include_usage": True}, **ASKED
            )
        )
        check_stream(pieces, said)
        with pytest.raises(openai.NotFoundError):
            client.chat.completions.create(model="nobody", messages=ASKED["messages"])
        client.files.delete(file.id)
        with pytest.raises(openai.NotFoundError):
            client.files.retrieve(file.id)
        plain.arm("DELETE", "by-sdk")


@pytest.mark.parametrize(
    ("connect", "kind"), [(azure, openai.AsyncAzureOpenAI), (plain_openai, openai.AsyncOpenAI)]
)
def test_a_model_is_trained_and_asked_without_waiting(
    plain: Running, connect: Callable[..., Any], kind: Any
) -> None:
    async def tour() -> None:
        async with connect(plain.url, kind, quick(httpx2.AsyncClient)) as client:
            file = await client.files.create(file=("rows.jsonl", rows(FEW)), purpose="fine-tune")
            done = await client.files.wait_for_processing(file.id, poll_interval=0.02)
            assert done.status == "processed"
            job = await client.fine_tuning.jobs.create(training_file=file.id, **JOB)
            while job.status not in ENDED:
                await asyncio.sleep(0.02)
                job = await client.fine_tuning.jobs.retrieve(job.id)
            check_job(job)
            jobs = client.fine_tuning.jobs
            check_events([one async for one in jobs.list_events(job.id, limit=2)])
            check_checkpoints([one async for one in jobs.checkpoints.list(job.id, limit=1)], job)
            plain.deploy("by-async", job.fine_tuned_model)
            said = await client.chat.completions.create(model="by-async", **ASKED)
            check_answer(said, job)
            stream = await client.chat.completions.create(
                model="by-async", stream=True, stream_options={"include_usage": True}, **ASKED
            )
            check_stream([piece async for piece in stream], said)
            several = [client.chat.completions.create(model="by-async", **ASKED) for _ in range(8)]
            answers = await asyncio.gather(*several)
            assert {one.choices[0].message.content for one in answers} == {
                said.choices[0].message.content
            }
            plain.arm("DELETE", "by-async")

    asyncio.run(tour())


def check_job(job: Any) -> None:
    assert (job.status, job.seed, job.model) == ("succeeded", 105, JOB["model"])
    assert job.model_extra["trainingType"] == "globalStandard"
    assert job.method.supervised.hyperparameters.n_epochs == 2
    assert job.fine_tuned_model.startswith(f"{JOB['model']}.ft-")
    assert job.fine_tuned_model.endswith("-clients")
    assert job.trained_tokens > 0


def check_events(events: list[Any]) -> None:
    assert len({one.id for one in events}) == len(events) > 10
    said = [one.message for one in events]
    assert said.index("Job succeeded.") < said.index("Training started.")  # newest first
    assert {one.type for one in events} == {"message", "metrics"}


def check_checkpoints(found: list[Any], job: Any) -> None:
    assert [one.step_number for one in found] == sorted(
        (one.step_number for one in found), reverse=True
    )
    assert found[0].fine_tuned_model_checkpoint == job.fine_tuned_model
    assert {one.fine_tuning_job_id for one in found} == {job.id}
    assert found[0].metrics.train_loss is not None


def check_answer(said: Any, job: Any) -> None:
    [choice] = said.choices
    assert choice.message.content in FEW
    assert (said.model, choice.finish_reason) == (job.fine_tuned_model, "stop")
    assert said.usage.total_tokens == said.usage.prompt_tokens + said.usage.completion_tokens
    assert all(len(one.top_logprobs) == 2 for one in choice.logprobs.content)
    assert choice.logprobs.content[0].logprob <= 0


def check_stream(pieces: list[Any], said: Any) -> None:
    chosen = [piece.choices[0] for piece in pieces if piece.choices]
    assert "".join(one.delta.content or "" for one in chosen) == said.choices[0].message.content
    assert [one.finish_reason for one in chosen if one.finish_reason] == ["stop"]
    assert pieces[-1].usage == said.usage
    told = [one.token for choice in chosen if choice.logprobs for one in choice.logprobs.content]
    assert told == [one.token for one in said.choices[0].logprobs.content]
