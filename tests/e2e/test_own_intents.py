"""Other intents than the shop's: what is uploaded is what is learnt and tested."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any


def test_custom_intents_without_cases_are_tested_on_the_validation_rows(
    home: Path, cli: Any, azure: Any, small_set: Any
) -> None:
    """The shop's cases are not offered to other intents; the report says where its cases
    come from.
    """
    small_set(home, cases=False)
    env = {**azure.azure, "AGENT_DEPLOY": "auto", "FINE_TUNED_MODEL_DEPLOYMENT": "luces.v1"}
    ended = cli(home, "run", "--until", "ANALYZED", env=env)
    assert ended.code == 0, ended.text
    assert not (home / "data" / "raw" / "test_cases.json").exists()
    results = json.loads((home / "results" / "test_results.json").read_text())
    assert results["cases_from"] == "validation"
    assert results["cases"] == 4
    assert set(results["per_intent"]) == {"encender", "apagar"}
    assert results["deployment"] == "luces.v1"
    shutil.rmtree(home)


def test_other_training_data_gives_other_answers(
    home: Path, cli: Any, azure: Any, small_set: Any
) -> None:
    """The same cases, the labels swapped, `retry --restart`: the model says the opposite.

    Only the uploaded rows teach it.
    """
    small_set(home)
    env = {**azure.azure, "AGENT_DEPLOY": "auto"}
    assert cli(home, "run", "--until", "ANALYZED", env=env).code == 0
    first = _answers(home)
    examples = json.loads((home / "data" / "raw" / "intent_examples.json").read_text())
    small_set(home, examples={"encender": examples["apagar"], "apagar": examples["encender"]})
    assert cli(home, "retry", "tienda", "--restart", env=env).code == 0
    assert cli(home, "run", "--until", "ANALYZED", env=env).code == 0
    second = _answers(home)
    assert first == {"Enciende todas las luces": "encender", "Apaga todas las luces": "apagar"}
    assert second == {"Enciende todas las luces": "apagar", "Apaga todas las luces": "encender"}


def _answers(home: Path) -> dict[str, str]:
    results = json.loads((home / "results" / "test_results.json").read_text())
    return {case["text"]: case["answer"] for case in results["cases_answered"]}
