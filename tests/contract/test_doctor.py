"""`doctor` against stand-ins for Azure: what each answer means, and that none of them breaks it.

Longer than most files: one table has every answer that means something.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from datetime import date
from email.utils import formatdate
from typing import Any

import pytest

from agent.doctor.examination import examine
from agent.doctor.lines import Line, Status
from agent.doctor.patient import Patient
from agent.redactor import Redactor
from agent.resources.catalog import PackagedCatalog
from agent.settings.config import load
from tests.contract.stranger import JSON, Answer, Stranger

MODEL = "gpt-4.1-mini-2025-04-14"
ENDS = 1_807_660_800  # 2027-04-14
NOW = 1_795_700_000.0  # November 2026
ACCOUNT = {"location": "Sweden Central", "properties": {"customSubDomainName": "127"}}
GRANT = {"actions": ["Microsoft.CognitiveServices/*"], "notActions": []}
THERE = {
    "name": "gpt-4.1-mini",
    "version": "2025-04-14",
    "lifecycleStatus": "GenerallyAvailable",
    "deprecation": {"fineTune": "2027-04-14T00:00:00Z"},
    "skus": [{"name": "DeveloperTier", "usageName": "pool"}],
}
OPEN = {"AZURE_OPENAI_MODEL": "Qwen3-32B"}
QWEN = {"id": "Qwen3-32B-1", "capabilities": {"fine_tune": False}}
QWEN_THERE = {
    **THERE,
    "name": "Qwen3-32B",
    "version": "1",
    "deprecation": {"fineTune": "2027-09-28"},
}
GOOD: dict[str, Any] = {
    "/openai/models": {
        "data": [
            {
                "id": MODEL,
                "capabilities": {"fine_tune": True},
                "deprecation": {"fine_tune": ENDS},
            }
        ]
    },
    "/jobs": {"data": [{"status": "running"}, {"status": "succeeded"}]},
    "/files": {"data": [{"bytes": 2_000_000}]},
    "/accounts/127": ACCOUNT,
    "/permissions": {"value": [GRANT]},
    "/accounts/127/models": {"value": [THERE]},
    "/usages": {"value": [{"name": {"value": "pool"}, "currentValue": 10, "limit": 100}]},
    "/deployments": {"value": [{"name": "base"}], "data": [{"id": "base"}]},
}


class Tokens:
    def count(self, text: str) -> int:
        return len(text)

    def is_exact_for(self, _model: str) -> bool:
        return True


@pytest.fixture
def examined(stranger: Stranger, tmp_path: Any) -> Callable[..., dict[str, Line]]:
    """`examined(answers, **settings)`: the lines by name, the last of each, of a resource that
    answers by the end of the path.
    """

    def run(
        answers: Mapping[str, Any] | Callable[[str, str], Answer], **settings: str
    ) -> dict[str, Line]:
        def answer(method: str, path: str) -> Answer:
            assert method == "GET"  # it changes nothing
            assert "chat" not in path  # and spends nothing
            if callable(answers):
                return answers(method, path)
            place = path.partition("?")[0]
            ends = [end for end in answers if place.endswith(end)]
            if not ends:
                return Answer(404, b'{"error": {"code": "404", "message": "Resource not found"}}')
            found = answers[max(ends, key=len)]
            return found if isinstance(found, Answer) else _json(found)

        stranger.say(answer)
        environment = {
            "AGENT_ENV_FILE": os.devnull,
            "AGENT_HOME": str(tmp_path),
            "AGENT_PROVIDER": "azure",
            "AGENT_DATA_CHECK": "rules",
            "AZURE_OPENAI_ENDPOINT": stranger.url,
            "AZURE_OPENAI_KEY": "the-key-of-the-test",
            "AZURE_ARM_ENDPOINT": stranger.url,
            "AZURE_ARM_TOKEN": "the-token-of-the-test",
            "AZURE_SUBSCRIPTION_ID": "s",
            "AZURE_RESOURCE_GROUP": "g",
            **settings,
        }
        loaded = load(environment)
        patient = Patient(
            loaded,
            Redactor(loaded.secrets),
            PackagedCatalog(),
            Tokens(),
            lambda: None,
            lambda: NOW,
        )
        return {line.name: line for line in examine(patient)}

    return run


def _json(body: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(status, json.dumps(body).encode(), {**JSON, **headers})


def test_a_resource_in_order_has_no_line_that_warns(examined: Any) -> None:
    lines = examined(GOOD, AZURE_OPENAI_BASE_DEPLOYMENT="base")
    odd = {n: str(line.text) for n, line in lines.items() if line.status is not Status.OK}
    assert set(odd) == {"database", "clock", "notify"}
    assert str(date(2027, 4, 14)) in str(lines["model"].text)
    assert str(date(2027, 4, 14)) in str(lines["model_there"].text)
    assert "1 of 3 run, 0 of 20 wait" in str(lines["jobs"].text)
    assert "90 left" in str(lines["quota"].text)


@pytest.mark.parametrize(
    ("change", "settings", "name", "status", "word"),
    [
        ({"/openai/models": _json({}, 401)}, {}, "login", "failed", "AZURE_OPENAI_KEY"),
        (
            {"/openai/models": _json({"error": {"code": "AuthenticationTypeDisabled"}}, 403)},
            {},
            "login",
            "failed",
            "AZURE_OPENAI_AUTH=entra",
        ),
        ({"/openai/models": _json({}, 404)}, {}, "api_version", "failed", "AZURE_OPENAI_VERSION"),
        ({"/openai/models": _json({}, 503)}, {}, "login", "warning", "in trouble"),
        ({"/openai/models": {"data": []}}, {}, "model", "warning", "not in the list"),
        (
            {"/openai/models": {"data": [{"id": MODEL, "capabilities": {"fine_tune": False}}]}},
            {},
            "model",
            "warning",
            "cannot be fine-tuned",
        ),
        (
            {"/openai/models": {"data": [{"id": MODEL, "deprecation": {"fine_tune": NOW + 9e5}}]}},
            {},
            "model",
            "warning",
            "by the service",
        ),
        ({"/openai/models": {"data": [{"id": MODEL}]}}, {}, "model", "ok", "catalogue"),
        (
            {"/fine_tuning/jobs": {"data": [{"status": "queued"}] * 20}},
            {},
            "jobs",
            "failed",
            "20 of 20",
        ),
        (
            {"/fine_tuning/jobs": {"data": [{"status": "running"}] * 3}},
            {},
            "jobs",
            "warning",
            "3 of 3",
        ),
        ({"/files": {"data": [{"bytes": 1}] * 99}}, {}, "files", "failed", "99 of 100"),
        ({"/files": {"data": [{"bytes": 10**9}]}}, {}, "files", "failed", "1000 of 1000 MB"),
        ({"/deployments": _json({}, 403)}, {}, "manager", "failed", "does not allow"),
        (
            {"/permissions": {"value": [{"actions": ["*/read"]}]}},
            {"AGENT_DEPLOY": "auto"},
            "right_to_deploy",
            "failed",
            "may not",
        ),
        (
            {"/permissions": {"value": [{**GRANT, "notActions": ["*/deployments/write"]}]}},
            {},
            "right_to_deploy",
            "warning",
            "may not",
        ),
        (
            {"/accounts/127": {**ACCOUNT, "properties": {"disableLocalAuth": True}}},
            {},
            "account",
            "failed",
            "takes no keys",
        ),
        (
            {"/accounts/127/models": {"value": [{**THERE, "lifecycleStatus": "Deprecated"}]}},
            {},
            "model_there",
            "ok",
            "2027-04-14",
        ),
        ({"/accounts/127/models": {"value": []}}, {}, "model_there", "warning", "does not offer"),
        (
            {"/usages": {"value": [{"name": {"value": "pool"}, "currentValue": 60, "limit": 100}]}},
            {},
            "quota",
            "warning",
            "40 left, 50 wanted",
        ),
        (
            {"/accounts/127": {**ACCOUNT, "location": "spaincentral"}},
            {},
            "training_type",
            "warning",
            "spaincentral",
        ),
        (
            {},
            {"AZURE_OPENAI_MODEL": "gpt-4o-mini", "AGENT_DEPLOY": "auto"},
            "deployment_sku",
            "failed",
            "developertier",
        ),
        ({}, OPEN, "deployment_sku", "warning", "one of GlobalStandard,"),
        ({}, OPEN, "training_type", "failed", "GlobalStandard"),
        ({"/openai/models": {"data": [QWEN]}}, OPEN, "model", "warning", "open weights"),
        (
            {"/accounts/127/models": {"value": [QWEN_THERE]}},
            OPEN,
            "model_there",
            "ok",
            "2027-09-28",
        ),
        ({}, {"AZURE_OPENAI_BASE_DEPLOYMENT": "base,other"}, "deployment_names", "failed", "other"),
        ({}, {"FINE_TUNED_MODEL_DEPLOYMENT": "BASE"}, "deployment_names", "warning", "already"),
        (
            {},
            {"AZURE_SUBSCRIPTION_ID": "", "AZURE_OPENAI_BASE_DEPLOYMENT": "other"},
            "deployment_names",
            "failed",
            "other",
        ),
        ({}, {"AZURE_SUBSCRIPTION_ID": ""}, "manager", "skipped", "AZURE_SUBSCRIPTION_ID"),
        ({}, {"AZURE_OPENAI_ENDPOINT": "http://127.0.0.1:9"}, "endpoint", "failed", "reached"),
    ],
)
def test_what_an_answer_means(
    change: Any, settings: Any, name: str, status: str, word: str, examined: Any
) -> None:
    line = examined({**GOOD, **change}, **settings)[name]
    assert line.status == status, line
    assert word in f"{line.text} {line.advice}"


def test_a_clock_that_is_wrong_is_told(examined: Any) -> None:
    def behind(_method: str, _path: str) -> Answer:
        return _json(GOOD["/openai/models"], date=formatdate(NOW - 4000, usegmt=True))

    assert examined(behind)["clock"].status is Status.WARNING


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>log in</html>",
        b"[1, 2]",
        b'{"data": 7, "value": "x"}',
        b'{"data": [1, null, {}], "value": [[], {"name": [], "skus": 3, "deprecation": 1}]}',
        b'{"data": [{"id": "' + MODEL.encode() + b'", "capabilities": [], "deprecation":'
        b' {"fine_tune": 1e308}, "status": {}, "bytes": -1}], "location": {}, "properties": []}',
        b'{"properties": {"endpoint": "https://[", "endpoints": [1], "disableLocalAuth": "x"},'
        b' "value": [{"actions": "*", "notActions": 1}]}',
        b'{"a": ' * 5000,
    ],
)
@pytest.mark.parametrize("status", [200, 401, 500])
def test_no_answer_breaks_it(body: bytes, status: int, examined: Any) -> None:
    lines = examined(lambda *_: Answer(status, body))
    assert not [line for line in lines.values() if "broke" in str(line.text)]
    assert all("the-key" not in str(line.text) for line in lines.values())


def test_an_answer_without_end_is_left(examined: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The libraries' own time-outs do not cover a name that is looked up for ever, say."""
    monkeypatch.setattr("agent.providers.looks.LONGEST", 0.05)

    def slow(_method: str, _path: str) -> Answer:
        time.sleep(0.1)
        return _json({})

    lines = examined(slow, AZURE_SUBSCRIPTION_ID="")
    assert "no end" in str(lines["endpoint"].text)
    assert lines["jobs"].status is Status.SKIPPED


def test_jobs_are_counted_over_all_pages(examined: Any) -> None:
    """Those that run may stand behind many that are over."""
    pages = {
        "": {"data": [{"id": "a", "status": "succeeded"}], "has_more": True},
        "a": {"data": [{"id": "b", "status": "running"}] * 2, "has_more": True},
        "b": {"data": [{"id": "c", "status": "pending"}, {"id": "c", "status": "running"}]},
    }

    def answer(_method: str, path: str) -> Answer:
        place, _, query = path.partition("?")
        if place.endswith("/jobs"):
            after = [one[6:] for one in query.split("&") if one.startswith("after=")]
            return _json(pages["".join(after)])
        ends = [end for end in GOOD if place.endswith(end)]
        return _json(GOOD[max(ends, key=len)]) if ends else _json({}, 404)

    line = examined(answer)["jobs"]
    assert (line.status, str(line.text)) == (Status.WARNING, "3 of 3 run, 1 of 20 wait")


def test_a_list_of_jobs_without_end_is_given_up(examined: Any) -> None:
    endless = {"data": [{"id": "a", "status": "succeeded"}], "has_more": True}
    line = examined({**GOOD, "/jobs": endless})["jobs"]
    assert line.status is Status.WARNING and "has no end" in str(line.advice)


def test_limits_and_regions_are_those_of_the_catalogue(
    examined: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = PackagedCatalog().service["limits"]
    changed = {
        **limits,
        "running_jobs": {"value": 1},
        "files": {"value": 3},
        "standard_regions": {"value": ["spaincentral"]},
    }
    service = {**PackagedCatalog().service, "limits": changed}
    monkeypatch.setattr(PackagedCatalog, "service", service)
    lines = examined(GOOD)
    assert "1 of 1 run" in str(lines["jobs"].text)
    assert "1 of 3 files" in str(lines["files"].text)
    assert "AGENT_TRAINING_TYPE=GlobalStandard" in str(lines["training_type"].advice)
