"""An untuned model is asked before the training and after it, and a person in between."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ASKING = {
    "AGENT_CONFIRM": "before_training",
    "AZURE_OPENAI_BASE_DEPLOYMENT": "AZURE_OPENAI_MODEL",
    "AGENT_LANGUAGE": "en",
}


@pytest.mark.slow
def test_a_person_hears_what_is_reached_without_a_training_and_lets_it_be_paid(
    cli: Any, home: Path, small_set: Any, ledger: Any
) -> None:
    small_set(home)
    held = cli(home, "run", "--project", "tienda", "--until", "ANALYZED", env=ASKING)
    assert held.code == 1
    assert "not fine-tuned" in held.text
    assert "`advance tienda` has it trained" in held.text
    assert set(ledger(home)) <= {"chat"}
    again = cli(home, "run", "--project", "tienda", "--until", "ANALYZED", env=ASKING)
    assert again.code == 1  # it waits, however often it is started
    assert cli(home, "advance", env=ASKING).code == 0
    ended = cli(home, "run", "--project", "tienda", "--until", "ANALYZED", env=ASKING)
    assert ended.code == 0, ended.text
    found = json.loads((home / "results/test_results.json").read_text())
    assert [one["kind"] for one in found["candidates"]] == ["tuned", "base", "few_shot"]
    assert {one["cases"] for one in found["candidates"]} == {found["cases"]}
    assert found["candidates_left_out"] == []
    info = json.loads((home / "results/fine_tuning_info.json").read_text())
    assert info["before_training"]["text"].startswith("Before the training: ")
