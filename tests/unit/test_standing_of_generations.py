"""Which of two generations is worse, as it decides what is deleted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from states.evaluation.answers import Answer, Evaluation, Rival, RivalKind
from states.state import State
from states.steps.analyze import _compare_with_parent
from states.steps.succession import Standing
from tests.unit.desk import Desk


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("queja", "queja", Standing.NOT_WORSE),
        ("comprar", "queja", Standing.WORSE),
        ("queja", "comprar", Standing.NOT_WORSE),
        ("queja", None, Standing.UNKNOWN),
    ],
)
def test_who_is_worse_is_told_by_the_same_cases(
    desk: Desk, ours: str, theirs: str | None, expected: Standing
) -> None:
    """The exact test of pairs; without an answer of the parent nobody can say."""
    desk.cloud.answer = ours
    desk.create(cases=6)
    project = desk.go(State.ANALYZED)
    memory = desk.store.memory("tienda")
    evaluation = Evaluation.from_json(memory.recall(project.facts.evaluated.evaluation))
    answers = tuple(theirs and Answer(theirs, 0.1, 1) for _ in evaluation.cases)
    parent = Rival(RivalKind.PARENT, "1", "ft:1", answers, (theirs,) * 6)
    kept = memory.keep(replace(evaluation, rivals=(parent,)).as_json())
    evaluated = replace(project.facts.evaluated, evaluation=kept)
    project = replace(project, facts=replace(project.facts, evaluated=evaluated))
    assert _compare_with_parent(project, desk.ports_for(project)) is expected


def test_other_rivals_do_not_make_a_worse_generation_the_better_one(desk: Desk) -> None:
    """All six cases lost to the parent are p = 0.03, and 0.09 for three rivals: that is no verdict,
    and no reason to delete what serves."""
    desk.cloud.answer = "comprar"
    desk.create(cases=6)
    project = desk.go(State.ANALYZED)
    memory = desk.store.memory("tienda")
    evaluation = Evaluation.from_json(memory.recall(project.facts.evaluated.evaluation))
    answer = Answer("queja", 0.1, 1)
    rivals = [
        Rival(kind, kind.value, kind.value, (answer,) * 6, (said,) * 6)
        for kind, said in (
            (RivalKind.BASE, "comprar"),
            (RivalKind.FEW_SHOT, "comprar"),
            (RivalKind.PARENT, "queja"),
        )
    ]
    kept = memory.keep(replace(evaluation, rivals=tuple(rivals)).as_json())
    evaluated = replace(project.facts.evaluated, evaluation=kept)
    project = replace(project, facts=replace(project.facts, evaluated=evaluated))
    assert _compare_with_parent(project, desk.ports_for(project)) is Standing.UNKNOWN
