"""An instruction is repeated before every sentence: too long a one is refused, a dear one told."""

from __future__ import annotations

import json

from states.places import Artifact
from states.state import State
from tests.unit.desk import Desk


def summary_of(desk: Desk) -> list[dict[str, str]]:
    document = json.loads((desk.home / Artifact.PREPARATION).read_text("utf-8"))
    found: list[dict[str, str]] = document["findings"]
    return found


def test_ten_thousand_intents_are_refused_before_anything_is_written(desk: Desk) -> None:
    desk.write(Artifact.EXAMPLES, {f"intent {n}": [f"one {n}", f"two {n}"] for n in range(10_000)})
    desk.create()
    desk.tick()
    hold = str(desk.project().hold)
    assert "all 10000 intents" in hold
    assert "`--system-prompt FILE`" in hold
    assert not (desk.home / Artifact.PROMPTS).exists()


def test_a_short_instruction_is_advised_where_the_long_one_is_most_of_the_price(
    desk: Desk,
) -> None:
    """With its own price; a short one is advised nothing."""
    examples = {f"intent {n}": [f"one {n} {m}" for m in range(20)] for n in range(300)}
    desk.write(Artifact.EXAMPLES, examples)
    desk.go(State.VALIDATED)
    [found] = [one for one in summary_of(desk) if one["kind"] == "long_instruction"]
    assert "`--system-prompt FILE`" in found["text"]
    assert "% of what is paid" in found["text"]
    desk.wish(system_prompt="Classify.")
    desk.write("data/projects/otra/raw/intent_examples.json", examples)
    desk.create("otra")
    desk.go(State.VALIDATED, "otra")
    path = desk.home / "data/projects/otra/processed/data_preparation_summary.json"
    kinds = [one["kind"] for one in json.loads(path.read_text("utf-8"))["findings"]]
    assert "long_instruction" not in kinds


def test_a_case_of_a_misspelt_intent_is_told_the_nearest_and_not_all_of_them(desk: Desk) -> None:
    examples = {f"intent {n}": [f"one {n}", f"two {n}"] for n in range(100)}
    desk.write(Artifact.EXAMPLES, examples)
    desk.write(Artifact.CASES, [{"text": "x", "expected": "intentt 7"}])
    desk.create()
    while desk.project().hold is None:
        desk.tick()
    hold = str(desk.project().hold)
    assert "did you mean `intent 7`?" in hold
    assert hold.count("'intent ") < 20
