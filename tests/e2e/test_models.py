"""`models`, and `retrain` on open weights, with real processes and HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

_DEPLOYMENTS = ("create_deployment", "delete_deployment")


def test_models_needs_no_service_and_leaves_nothing(home: Path, cli: Any) -> None:
    before = sorted(home.rglob("*"))
    ended = cli(home, "models", "--offline", env={"AGENT_LANGUAGE": "en"})
    assert ended.code == 0, ended.text
    assert "catalogue alone: the service was not asked" in ended.out
    assert "recommended: " in ended.out
    unreachable = {"AZURE_OPENAI_ENDPOINT": "http://127.0.0.1:9", "AZURE_OPENAI_KEY": "k"}
    found = cli(home, "models", "--json", env=unreachable).json
    assert (found["is_asked"], bool(found["problem"])) == (False, True)
    assert sorted(home.rglob("*")) == before


@pytest.mark.slow
def test_what_was_trained_on_a_retiring_model_is_trained_on_open_weights(
    home: Path, cli: Any, small_set: Any, azure: Any
) -> None:
    """The same data and cases, compared; in the end nothing is left at the service."""
    env = {
        **azure.azure,
        "AGENT_DEPLOY": "auto",
        "AGENT_LANGUAGE": "en",
        "AGENT_DEPLOY_SKU": "GlobalStandard",
    }
    before = azure.counts()  # of the tests that share this service
    small_set(home)
    cases = [{"text": "Pon luz en la escalera", "expected": "encender"}]
    (home / "data" / "raw" / "test_cases.json").write_text(json.dumps(cases))
    assert cli(home, "run", "--until", "ANALYZED", env=env).code == 0
    shown = cli(home, "status", env=env).out
    assert "end in " in shown
    assert "(the service, " in shown
    [project] = cli(home, "status", "--json", env=env).json["projects"]
    assert project["lifetime"]["deployment_ends"] == "2027-10-14"
    same = cli(home, "retrain", "tienda", "--model", "gpt-4.1-mini", env=env)
    assert same.code != 0
    assert "trained on gpt-4.1-mini-2025-04-14 already" in same.err
    for nothing in ("", " "):
        unnamed = cli(home, "retrain", "tienda", "--model", nothing, env=env)
        assert (unnamed.code, "Name the new base model" in unnamed.err) == (2, True)
    listed = cli(home, "models", "--json", env=env).json
    assert listed["is_asked"] is True
    assert any(one["name"] == "Ministral-3B-1" and one["is_doubted"] for one in listed["models"])
    forbidden = cli(home, "retrain", "tienda", "--model", "Ministral-3B", env=env)
    assert (forbidden.code, "not trained as Standard" in forbidden.err) == (2, True)
    [project] = cli(home, "status", "--json", env=env).json["projects"]
    assert (project["state"], project["generation"]) == ("ANALYZED", 1)
    begun = cli(
        home,
        *("retrain", "tienda", "--model", "Ministral-3B", "--training-type", "GlobalStandard"),
        env=env,
    )
    assert begun.code == 0, begun.text
    assert "generation 2, which is compared with generation 1" in begun.out
    ended = cli(home, "run", "--until", "ANALYZED", env=env)
    assert ended.code == 0, ended.text
    [project] = cli(home, "status", "--json", env=env).json["projects"]
    assert project["model"].startswith("Ministral-3B-1.ft-")
    compared = cli(home, "compare", "tienda", "--json", env=env).json
    assert compared["common_cases"] == 1
    assert cli(home, "cancel", "tienda", env=env).code == 0
    made = [azure.counts()[kind] - before.get(kind, 0) for kind in _DEPLOYMENTS]
    assert made == [2, 2]
