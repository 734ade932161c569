"""Per intent: precision, recall, F1, and what it is taken for, as scikit-learn has them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support

from states.evaluation.answers import Answer, AnsweredCase
from states.evaluation.intent_scores import (
    macro_f1,
    measure_intents,
    pairs_of_cases,
    weighted_f1,
)
from states.evaluation.scores import NO_INTENT, count_confusions
from states.intents.cases import Case

INTENTS = ["a", "b", "c", "d"]
PAIRS = st.lists(
    st.tuples(st.sampled_from(INTENTS), st.sampled_from([*INTENTS, None])), min_size=1, max_size=60
)


@given(PAIRS)
@settings(max_examples=60, deadline=None)
def test_the_figures_are_those_of_scikit_learn(pairs: list[tuple[str, str | None]]) -> None:
    """With zero_division=0: an intent that nobody names has precision 0."""
    measured = measure_intents(pairs)
    labels = list(measured)
    expected, named = zip(*((e, p or NO_INTENT) for e, p in pairs), strict=True)
    theirs = precision_recall_fscore_support(expected, named, labels=labels, zero_division=0)
    ours = [(m.precision, m.recall, m.f1, m.support) for m in measured.values()]
    assert [list(column) for column in zip(*ours, strict=True)] == [
        pytest.approx(list(column)) for column in theirs
    ]
    for mean, average in ((macro_f1, "macro"), (weighted_f1, "weighted")):
        whole = f1_score(expected, named, labels=labels, average=average, zero_division=0)
        assert mean(measured) == pytest.approx(whole, abs=5e-5)


@given(PAIRS)
@settings(max_examples=30, deadline=None)
def test_the_confusions_are_those_of_scikit_learn(pairs: list[tuple[str, str | None]]) -> None:
    """An answer that names no intent is a column of its own, and nobody's row."""
    cases = [answered(expected, named) for expected, named in pairs]
    columns = [*INTENTS, NO_INTENT]
    ours = count_confusions(cases, INTENTS)
    expected, named = zip(*((e, p or NO_INTENT) for e, p in pairs), strict=True)
    theirs = confusion_matrix(expected, named, labels=columns)
    assert [[ours[row][column] for column in columns] for row in INTENTS] == theirs[:-1].tolist()
    assert not theirs[-1].any()
    taken = {
        intent: dict(measured.confused_with)
        for intent, measured in measure_intents(pairs_of_cases(cases)).items()
    }
    assert taken == {
        intent: {to: count for to, count in ours[intent].items() if count and to != intent}
        for intent in taken
    }


def answered(expected: str | None, named: str | None) -> AnsweredCase:
    answer = Answer(named or "?", latency_seconds=0.1, attempts=1)
    return AnsweredCase(Case("case-01", "typical", "t", expected), answer, named)


def test_what_an_intent_is_taken_for_most_comes_first() -> None:
    pairs = [("a", "c"), ("a", "b"), ("a", "b"), ("a", None), ("a", "a")]
    assert measure_intents(pairs)["a"].as_json()["confused_with"] == [
        {"intent": "b", "count": 2},
        {"intent": NO_INTENT, "count": 1},
        {"intent": "c", "count": 1},
    ]


def test_without_cases_there_is_no_mean() -> None:
    assert macro_f1({}) is None
    assert weighted_f1({}) is None


def test_a_case_that_no_intent_fits_is_in_no_intents_figures() -> None:
    assert pairs_of_cases([answered(None, "a"), answered("a", "a")]) == [("a", "a")]
