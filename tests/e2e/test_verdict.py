"""The verdict from the command line, to what a pipeline sees of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.resources.catalog import PackagedCatalog

RAW = Path("data") / "raw"


@pytest.mark.slow
def test_a_corrupted_training_set_gives_worse_and_closes_the_gate(home: Path, cli: Any) -> None:
    """Each intent has the sentences of the next: the untuned model knows better, and is asked."""
    catalog = PackagedCatalog()
    examples = json.loads(catalog.starter_examples)
    intents = list(examples)
    shifted = dict(zip(intents, [*list(examples.values())[1:], examples[intents[0]]], strict=True))
    (home / RAW).mkdir(parents=True, exist_ok=True)
    (home / RAW / "intent_examples.json").write_text(json.dumps(shifted, ensure_ascii=False))
    (home / RAW / "intents.json").write_bytes(catalog.starter_intents)
    (home / RAW / "test_cases.json").write_bytes(catalog.starter_cases)
    env = {"AGENT_LANGUAGE": "en", "AZURE_OPENAI_BASE_DEPLOYMENT": "gpt-4.1-mini"}
    ended = cli(home, "run", "--until", "ANALYZED", env=env)
    assert ended.code == 0, ended.text
    assert "worse, ship: no" in ended.out
    junit = home / "reports" / "gate.xml"
    gate = cli(home, "gate", "--junit", str(junit), env=env)
    assert gate.code == 1, gate.text
    assert "Do not ship it: the untuned model" in gate.out
    assert 'failures="2"' in junit.read_text()
    analysis = json.loads((home / "results" / "improvement_analysis.json").read_text())
    assert (analysis["verdict"]["word"], analysis["verdict"]["ship"]) == ("worse", "no")
