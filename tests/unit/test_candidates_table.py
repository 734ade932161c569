"""Everybody who was asked the same cases stands on the terminal, with intervals."""

from __future__ import annotations

import io

import pytest

from agent.views.candidates import render_candidates
from agent.views.language import translator
from agent.views.screen import Screen
from states.evaluation.answers import Answer, Evaluation, Rival, RivalKind
from tests.unit.answered import of_pairs

RIGHT, WRONG = Answer("a", 0.1, 1), Answer("b", 0.1, 1)


def asked(rival_right: int) -> Evaluation:
    """The tuned model is right in all of 40 cases, a rival in some."""
    evaluation = of_pairs([("a", "a", 40)])
    named = ("a",) * rival_right + ("b",) * (40 - rival_right)
    answers = tuple(RIGHT if one == "a" else WRONG for one in named)
    rival = Rival(RivalKind.FEW_SHOT, "gpt, 24-shot", "gpt", answers, named)
    return Evaluation(evaluation.intents, "x", evaluation.cases, (rival,))


def rendered(evaluation: Evaluation, width: int = 120) -> str:
    file = io.StringIO()
    render_candidates(Screen(file=file, width=width), evaluation, translator("en"))
    return file.getvalue()


@pytest.mark.parametrize(
    ("right", "told"),
    [
        (20, "better (p < 0.001) · gpt, 24-shot"),
        (34, "better (p = 0.031) · gpt, 24-shot"),
        (36, "no evidence either way (p = 0.12) · gpt, 24-shot"),
    ],
)
def test_each_candidate_has_its_interval_and_its_verdict(right: int, told: str) -> None:
    table = rendered(asked(right))
    assert "tuned model" in table
    assert "40 of 40   100.0 % (91–100)" in table
    [line] = [line for line in table.splitlines() if "untuned model with examples" in line]
    assert f"{right} of 40" in line
    assert told in line


def test_on_a_narrow_terminal_each_is_a_line() -> None:
    assert "untuned model with examples" in rendered(asked(20), width=40)


def test_the_tuned_model_alone_makes_no_table() -> None:
    assert rendered(of_pairs([("a", "a", 40)])) == ""
