"""A wanted accuracy: reached only where even the low end of the interval is."""

from __future__ import annotations

import json

import pytest

from agent.views.language import translator
from states.evaluation.goal import Goal, compare
from states.evaluation.scores import Score
from states.state import State
from tests.unit.desk import Desk


@pytest.mark.parametrize(
    ("correct", "is_reached", "told"),
    [
        (40, True, "reached: even the low end of the interval is 91 %"),
        (38, False, "cannot be told: the interval goes from 84 % to 99 %"),
        (30, False, "not reached: even the high end of the interval is 86 %"),
    ],
)
def test_a_target_is_compared_with_the_interval(correct: int, is_reached: bool, told: str) -> None:
    """Not with the accuracy alone, which 40 cases do not prove."""
    goal = compare(Score(40, correct), 0.9)
    assert goal.is_reached is is_reached
    assert told in str(goal.text)
    assert Goal.from_json(json.loads(json.dumps(goal.as_json()))) == goal
    assert translator("es")(goal.text).startswith(("El objetivo", "No se puede"))


def test_the_analysis_shows_the_target_of_a_project(desk: Desk) -> None:
    """Only where it has one: the files of all others are what they were."""
    for name, target in (("tienda", None), ("ambiciosa", 0.9)):
        desk.wish(target=target)
        desk.results.publish(desk.go(State.ANALYZED, name))
    plain = json.loads((desk.home / "results/improvement_analysis.json").read_bytes())
    path = desk.home / "results/projects/ambiciosa/improvement_analysis.json"
    assert "target" not in plain
    found = json.loads(path.read_bytes())["target"]
    assert (found["accuracy"], found["reached"]) == (0.9, False)
    assert "90 %" in found["text"]
