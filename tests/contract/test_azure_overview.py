"""Many jobs followed through the service's listing: over the real wire, and from a hostile one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from agent.providers.azure import AzureService
from states.remote import Glimpse
from tests.contract.azure_rows import spec, uploaded
from tests.contract.stranger import Answer, Stranger

MANY = 6
NOW, SAME = -1.0, 60.0  # of a new listing; of the one that was just read


def _count(on: AzureService) -> list[str]:
    """The paths that are asked for from now on."""
    asked: list[str] = []
    on._client.sdk._client.event_hooks["request"] = [lambda sent: asked.append(sent.url.path)]
    return asked


def _follow(on: AzureService, jobs: list[str], within: float = SAME) -> list[str]:
    """The status of each, as a step learns it, by a new listing."""
    told = []
    for job in jobs:
        glimpse = on.job_glimpse(job, within)
        told.append(on.job(job).status if glimpse is None else glimpse.status)
    return told


@pytest.mark.parametrize("version", ["2024-12-01-preview", "2024-10-21", "v1"])
def test_one_listing_tells_of_many_jobs_until_one_ends(
    version: str, service: Callable[..., AzureService], azure: Any
) -> None:
    on = service(version)
    azure.behave(queue_seconds=60)
    file = uploaded(on)
    jobs = [on.create_job(spec(file, seed=n), f"s-{n}") for n in range(MANY)]
    _follow(on, jobs)
    asked = _count(on)
    on.job_glimpse(jobs[0], NOW)  # a poll begins
    assert _follow(on, jobs) == ["pending"] * MANY
    assert len(asked) == 2  # the page, and one job by itself
    assert on.follows_many()
    on.cancel_job(jobs[1])
    asked.clear()
    on.job_glimpse(jobs[0], NOW)
    assert _follow(on, jobs)[1] == "cancelled"
    assert sum(path.endswith(jobs[1]) for path in asked) == 1  # its end is not the listing's word
    for job in jobs:
        if job != jobs[1]:
            on.cancel_job(job)


def _list(*items: object, **more: object) -> bytes:
    return json.dumps({"object": "list", "data": items, **more}).encode()


@pytest.mark.parametrize(
    "listing",
    [
        b"<html>",
        b"[]",
        b'{"data": 7}',
        b'{"data": [' + b"[" * 5000 + b"]" * 5000 + b"]}",
        _list(),
        _list(None, 7, "job", {"id": None}, {"id": ["j"]}, {"status": "running"}),
        _list({"id": "j0", "status": {"a": 1}}, {"id": "j1", "status": None}, has_more=True),
        _list({"id": "j0", "status": "succeeded"}, {"id": "j1", "status": "failed"}),
    ],
)
def test_whatever_a_listing_says_the_jobs_themselves_are_asked(
    listing: bytes, stranger: Stranger, service: Callable[..., AzureService]
) -> None:
    on = service(url=stranger.url)
    jobs = [f"j{n}" for n in range(MANY)]

    def answer(_method: str, path: str) -> Answer:
        job = path.partition("?")[0].rpartition("/")[2]
        told = json.dumps({"id": job, "status": "running"}).encode()
        return Answer(200, listing if job == "jobs" else told)

    stranger.say(answer)
    for _ in range(3):
        on.job_glimpse(jobs[0], NOW)
        assert set(_follow(on, jobs)) <= {"running", "unknown", "{'a': 1}"}


def test_a_status_is_kept_as_a_word_of_bounded_length(
    stranger: Stranger, service: Callable[..., AzureService]
) -> None:
    on = service(url=stranger.url)
    jobs = [{"id": f"j{n}", "status": "Running\x1b[2J" + "x" * 5000} for n in range(MANY)]
    stranger.say(Answer(200, _list(*jobs, has_more=False)))
    glimpses = [on.job_glimpse(f"j{n}", SAME) for n in range(MANY)]
    told = [one for one in glimpses if isinstance(one, Glimpse)]
    assert told
    assert all(len(one.status) <= 300 and "\x1b" not in one.status for one in told)


@pytest.mark.parametrize("arm", [True, False])
def test_one_listing_tells_all_who_wait_for_a_deployment(
    arm: bool, service: Callable[..., AzureService], azure: Any
) -> None:
    on = service(arm=arm)
    azure.deploy("there", "gpt-4o-mini")
    names = [f"d{n}" for n in range(MANY)]
    for name in names:
        on.deployments_glimpse(name, SAME)
    asked = _count(on)
    if on._arm is not None:
        on._arm._http.event_hooks["request"] = [lambda sent: asked.append(sent.url.path)]
    on.deployments_glimpse(names[0], NOW)
    for name in names:
        seen = on.deployments_glimpse(name, SAME)
        assert seen is not None
        assert "there" in [one.name for one in seen]
    assert len(asked) == 1


def test_deployments_that_cannot_be_listed_are_looked_for_one_by_one(
    stranger: Stranger, service: Callable[..., AzureService]
) -> None:
    on = service(url=stranger.url)
    stranger.say(Answer(500))
    assert [on.deployments_glimpse(f"d{n}", NOW) for n in range(MANY)] == [None] * MANY
    assert len(stranger.asked) == 1
