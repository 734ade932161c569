"""What a model's own probabilities are worth: coverage, calibration, and what fits no intent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import roc_auc_score

from states.evaluation.answers import Answer, AnsweredCase, Evaluation
from states.evaluation.confidence import (
    BINS,
    EDGES,
    FEWEST_FOR_ECE,
    MOST_POINTS,
    measure_confidence,
    measure_coverage,
    measure_reliability,
)
from states.evaluation.out_of_scope import auroc, describe_out_of_scope, measure_out_of_scope
from states.evaluation.threshold import Threshold, choose_threshold
from states.intents.cases import Case

# Off the edges of the bins, which NumPy's linspace puts a last digit beside the tenths.
SURE = st.integers(0, 999).map(lambda number: number / 1000 + 0.0005)
SCORED = st.lists(st.tuples(SURE, st.booleans()), min_size=2, max_size=150)


def answered(
    expected: str | None, named: str | None, probability: float | None = None, **more: bool
) -> AnsweredCase:
    answer = Answer(named or "?", 0.1, 1, probability=probability)
    return AnsweredCase(Case("case-01", "typical", "t", expected), answer, named, **more)


@given(SCORED)
@settings(max_examples=60, deadline=None)
def test_the_bins_are_those_of_scikit_learn(scored: list[tuple[float, bool]]) -> None:
    sure, right = (np.array(column) for column in zip(*scored, strict=True))
    accuracies, means = calibration_curve(right, sure, n_bins=BINS)
    filled = [one for one in measure_reliability(scored) if one.outcome.cases]
    ours = [one.outcome.correct / one.outcome.cases for one in filled]
    assert ours == pytest.approx(accuracies.tolist())
    assert [one.mean_confidence for one in filled] == pytest.approx(means.tolist())


@given(SCORED)
@settings(max_examples=60, deadline=None)
def test_the_curve_counts_whoever_is_at_least_so_sure(scored: list[tuple[float, bool]]) -> None:
    points = measure_coverage(scored)
    assert len(points) <= MOST_POINTS
    assert points[-1].coverage == 1
    assert [point.threshold for point in points] == sorted(
        {point.threshold for point in points}, reverse=True
    )
    for point in points:
        believed = [is_right for sure, is_right in scored if sure >= point.threshold]
        assert (point.outcome.cases, point.outcome.correct) == (len(believed), sum(believed))
        assert point.coverage == len(believed) / len(scored)


def test_what_nobody_scored_has_no_figures() -> None:
    """Null, and never a number: one scored answer is nothing to compare either."""
    assert measure_confidence([]) is None
    assert measure_confidence([answered("a", "a"), answered("a", "b", 0.5)]) is None


def test_a_calibration_error_is_told_from_a_hundred_answers_on() -> None:
    """Each sure to 0.75 and right: 0.25 too modest."""
    few = measure_confidence([answered("a", "a", 0.75)] * (FEWEST_FOR_ECE - 1))
    many = measure_confidence([answered("a", "a", 0.75)] * FEWEST_FOR_ECE)
    assert few is not None
    assert few.ece is None
    assert many is not None
    assert many.as_json()["ece"] == 0.25


def test_the_histogram_parts_right_from_wrong() -> None:
    """An upper edge belongs to its bin, and so does 0 to the first."""
    cases = [answered("a", "a", 1.0), answered("a", "b", 0.0), answered("a", "a", 0.1)]
    found = measure_confidence([*cases, answered("a", "a")])
    assert found is not None
    drawn = found.as_json()
    assert drawn["scored"] == 3
    assert drawn["histogram"]["edges"] == list(EDGES)
    assert drawn["histogram"]["right"] == [1, *[0] * 8, 1]
    assert drawn["histogram"]["wrong"] == [1, *[0] * 9]


@given(st.lists(SURE, min_size=1, max_size=40), st.lists(SURE, min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_the_area_is_that_of_scikit_learn(inside: list[float], outside: list[float]) -> None:
    """Ties count half."""
    coarse = [[round(sure, 1) for sure in some] for some in (inside, outside)]
    for one, other in ((inside, outside), coarse):
        labels = [1] * len(one) + [0] * len(other)
        assert auroc(one, other) == pytest.approx(roc_auc_score(labels, [*one, *other]))


@given(st.lists(st.tuples(SURE, st.booleans()), max_size=80))
@settings(max_examples=60, deadline=None)
def test_the_threshold_is_the_highest_that_keeps_what_is_right(
    scored: list[tuple[float, bool]],
) -> None:
    found = choose_threshold(scored)
    right = [sure for sure, is_right in scored if is_right]
    if found is None:
        assert not right
        return
    assert found.answers == len(right)
    assert sum(sure >= found.probability for sure in right) >= 0.95 * len(right)
    assert sum(sure > found.probability for sure in right) < 0.95 * len(right)


def test_an_answer_below_the_threshold_is_rejected_wherever_it_stands() -> None:
    """Outside that is what is wanted, and inside it costs right answers."""
    inside = (answered("a", "a", 0.9), answered("a", "a", 0.4), answered("a", "b", 0.9))
    outside = (answered(None, None), answered(None, "a", 0.3), answered(None, "a", 0.8))
    evaluation = Evaluation(("a", "b"), "x", inside + outside, threshold=Threshold(0.5, 20))
    found = measure_out_of_scope(evaluation)
    assert found is not None
    drawn = found.as_json()
    assert (drawn["cases"], drawn["rejected"], drawn["threshold"]) == (3, 2, 0.5)
    assert drawn["threshold_chosen_by"] == 20
    assert (drawn["in_scope_cases"], drawn["in_scope_accuracy"]) == (3, 0.3333)
    assert drawn["auroc"] == round((3 + 3 + 2) / 9, 4)  # who names no intent is below them all
    assert str(describe_out_of_scope(evaluation)) == (
        "Where answers of less than 50 % confidence are not believed, 2 of 3 cases that no intent"
        " fits are let go, and 1 of the other 3 are still right."
    )


def test_where_nobody_scores_only_the_missing_name_rejects() -> None:
    cases = (answered("a", "a"), answered(None, None), answered(None, "a"))
    found = measure_out_of_scope(Evaluation(("a",), "x", cases))
    assert found is not None
    drawn = found.as_json()
    assert (drawn["rejected"], drawn["threshold"], drawn["auroc"]) == (1, None, None)
    assert drawn["in_scope_accuracy"] == 1.0
    told = describe_out_of_scope(Evaluation(("a",), "x", cases))
    assert str(told) == "Of 2 cases that no intent fits 1 are answered with none."
    assert describe_out_of_scope(Evaluation(("a",), "x", cases[:1])) is None


def test_a_case_that_no_intent_fits_is_in_no_other_figure() -> None:
    """Nor counted outside, where it was trained on under an intent: that answer is memory."""
    cases = (answered("a", "a"), answered(None, None), answered(None, "a", is_trained=True))
    evaluation = Evaluation(("a",), "x", cases)
    assert [case.case.expected for case in evaluation.graded] == ["a"]
    assert [case.case.expected for case in evaluation.in_scope] == ["a"]
    assert [case.predicted for case in evaluation.out_of_scope] == [None]
    assert measure_out_of_scope(Evaluation(("a",), "x", cases[:1])) is None


def test_what_is_judged_by_is_kept() -> None:
    evaluation = Evaluation(("a",), "x", (), threshold=Threshold(0.5, 20))
    assert Evaluation.from_json(evaluation.as_json()) == evaluation
