"""A whole project, whatever the service is like: each surface, credential, deployment and model.

The same program and the same sentences; what differs are the settings of a person. `make test` goes
through every value of each once, `make test-crash` through all that can be put together.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.emulator_process import RunningEmulator

SURFACES = {"dated": "2024-12-01-preview", "v1": "v1"}
CREDENTIALS = ("key", "token", "ending token")
DEPLOYMENTS = ("by hand", "auto")
# Model, training type, SKU, and the maker whose name Resource Manager wants.
MODELS = {
    "OpenAI": ("gpt-4.1-mini", "globalstandard", "developertier", "OpenAI"),
    "open weights": ("Qwen3-32B", "globalstandard", "GlobalStandard", "Alibaba"),
}


@dataclass(frozen=True)
class Case:
    surface: str
    credential: str
    deployment: str
    model: str

    def __str__(self) -> str:
        return f"{self.surface}, {self.credential}, {self.deployment}, {self.model}"


FEW = (
    Case("dated", "key", "by hand", "OpenAI"),
    Case("v1", "ending token", "auto", "open weights"),
)
ALL = [Case(*values) for values in product(SURFACES, CREDENTIALS, DEPLOYMENTS, MODELS)]


@dataclass(frozen=True)
class Tools:
    """What a project is taken through with."""

    home: Path
    emulator: RunningEmulator
    daemon: Callable[..., Any]
    eventually: Callable[..., Any]
    state_of: Callable[..., Any]


@pytest.fixture
def tools(
    home: Path,
    start_emulator: Any,
    small_set: Any,
    forked_daemon: Any,
    eventually: Any,
    state_of: Any,
) -> Tools:
    small_set(home)
    return Tools(home, start_emulator(), forked_daemon, eventually, state_of)


@pytest.mark.parametrize("case", FEW, ids=str)
def test_a_whole_project_is_taken_to_its_end(tools: Tools, case: Case) -> None:
    take(tools, case)


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in ALL if case not in FEW], ids=str)
def test_a_whole_project_is_taken_to_its_end_in_every_other_way(tools: Tools, case: Case) -> None:
    take(tools, case)


def take(tools: Tools, case: Case) -> None:
    home, emulator = tools.home, tools.emulator
    emulator.behave(keys_disabled=case.credential != "key", train_seconds=0.5)
    running = tools.daemon(home, "--until", "ANALYZED", env=settings_of(case, emulator))
    if case.credential == "ending token":
        tools.eventually(lambda: emulator.counts()["create_job"])
        emulator.behave(clock_ahead_seconds=7200)  # each token that was given out is over
    if case.deployment == "by hand":
        tools.eventually(lambda: tools.state_of(home) == "AWAITING_DEPLOY")
        info = home / "results" / "deployment_info.json"
        tools.eventually(info.exists)
        told = json.loads(info.read_text())
        deploy(emulator, told["deployment"], told["model"], case)
    ended = running.ended()
    assert ended.code == 0, ended.err
    answers = json.loads((home / "results" / "test_results.json").read_text())
    assert answers
    counts = emulator.counts()
    assert (counts["upload"], counts["create_job"], counts["create_deployment"]) == (2, 1, 1)
    [made] = emulator.control("GET", "ledger")["entries"][-1:]
    assert made["kind"] == "chat"
    assert str(made["detail"]["model"]).startswith(MODELS[case.model][0])


def settings_of(case: Case, emulator: RunningEmulator) -> dict[str, str]:
    model, kind, sku, _ = MODELS[case.model]
    without_key = {
        "AZURE_OPENAI_KEY": "",
        "AZURE_ARM_TOKEN": "",
        "IDENTITY_ENDPOINT": f"{emulator.url}/msi/token",
        "IDENTITY_HEADER": "any",
    }
    return {
        **emulator.azure,
        **({} if case.credential == "key" else without_key),
        "AZURE_OPENAI_API_VERSION": SURFACES[case.surface],
        "AZURE_OPENAI_MODEL": model,
        "AGENT_TRAINING_TYPE": kind,
        "AGENT_DEPLOY": "auto" if case.deployment == "auto" else "manual",
        "AGENT_DEPLOY_SKU": sku,
    }


def deploy(emulator: RunningEmulator, name: str, model: str, case: Case) -> None:
    """As a person does in the portal."""
    _, _, sku, maker = MODELS[case.model]
    body = {
        "sku": {"name": sku, "capacity": 50},
        "properties": {"model": {"format": maker, "name": model, "version": "1"}},
    }
    emulator.put_deployment(name, body)
