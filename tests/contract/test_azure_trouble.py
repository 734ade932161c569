"""AzureService against a real emulator that answers badly, late, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from states.errors import (
    NeedsOperator,
    NotFound,
    Permanent,
    Throttled,
    Unclear,
    Unreachable,
)
from tests.contract.azure_rows import QUOTED, ROWS, spec, uploaded


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
        on.forget()  # that it wants to be left alone
    assert on.deployment("x1") is None


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:9/next",
        "https://{here}/next",
        "//127.0.0.1:9/next",
        "http://\\t",
        "//{here}:9/",
        "/next",
        "soon",
        "[None]",
    ],
)
def test_the_token_follows_no_link_to_another_address(link: str, service: Any, azure: Any) -> None:
    """Whoever can write into an answer could else ask for it.

    Resource Manager's own links are followed.
    """
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
    own = (
        f"{azure.url}/subscriptions/sub/resourceGroups/grupo/providers"
        "/Microsoft.CognitiveServices/accounts/cuenta/deployments"
    )
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
