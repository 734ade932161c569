"""What answers are worth: intervals, grades, confusion, advice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from agent.resources.catalog import PackagedCatalog
from states.evaluation import loss_curve, scores, statistics
from states.evaluation.answers import Answer, AnsweredCase
from states.evaluation.loss_curve import LossCurve
from states.evaluation.scores import Score
from states.intents.cases import Case

SERVICE = PackagedCatalog().service


@given(st.integers(1, 400).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
@settings(max_examples=200, deadline=None)
def test_the_interval_is_wilsons(counts: tuple[int, int]) -> None:
    """To nine digits what SciPy says."""
    correct, total = counts
    expected = binomtest(correct, total).proportion_ci(method="wilson")
    assert statistics.wilson(correct, total) == pytest.approx(
        (expected.low, expected.high), abs=1e-9
    )


def test_without_cases_anything_is_possible() -> None:
    """No division by zero, and no accuracy."""
    assert statistics.wilson(0, 0) == (0.0, 1.0)
    assert scores.score([]).as_json() == {
        "cases": 0,
        "correct": 0,
        "accuracy": None,
        "interval_95": [0.0, 1.0],
    }


@pytest.mark.parametrize(
    ("accuracy", "letter"),
    [
        (1.0, "A+"), (0.97, "A+"), (0.9699, "A"), (0.93, "A"), (0.9, "A-"),
        (0.87, "B+"), (0.83, "B"), (0.825, "B-"), (0.8, "B-"),
        (0.77, "C+"), (0.7, "C-"), (0.6999, "D"), (0.6, "D"), (0.5999, "F"), (0.0, "F"),
    ],
)  # fmt: skip
def test_grades_have_bounds(accuracy: float, letter: str) -> None:
    """Each is reached at its bound and missed just below; they live in the catalogue."""
    assert scores.grade(accuracy, SERVICE["grades"]) == letter


@pytest.mark.parametrize(
    ("answer", "intent"),
    [
        ("queja", "queja"), (" Queja. ", "queja"), ("QUEJA", "queja"),
        ("«devolucion».", "devolucion"), ("**Queja**", "queja"), ("`queja`", "queja"),
        ("\ufeffqueja", "queja"), ("devolución", None),
        ("una queja", None), ("", None), ("quejas", None),
    ],
)  # fmt: skip
def test_an_answer_names_an_intent_or_none(answer: str, intent: str | None) -> None:
    """Up to case and the punctuation around it; nothing is guessed."""
    assert scores.find_intent(answer, ["queja", "devolucion"]) == intent


def case(expected: str, predicted: str | None, text: str = "t") -> AnsweredCase:
    answer = Answer(predicted or "?", latency_seconds=0.1, attempts=1)
    return AnsweredCase(Case("case-01", "typical", text, expected), answer, predicted)


def test_confusion_counts_every_case_once() -> None:
    """Rows are what was expected; what is no intent is `other`."""
    matrix = scores.count_confusions([case("a", "a"), case("a", "b"), case("b", None)], ["a", "b"])
    assert matrix == {"a": {"a": 1, "b": 1, "(none)": 0}, "b": {"a": 0, "b": 0, "(none)": 1}}


def test_failures_are_grouped_the_most_frequent_first() -> None:
    """With their sentences."""
    cases = [case("a", "b", "1"), case("b", None, "2"), case("a", "b", "3"), case("a", "a", "4")]
    assert [pattern.as_json() for pattern in scores.find_error_patterns(cases)] == [
        {"expected": "a", "answered": "b", "count": 2, "texts": ["1", "3"]},
        {"expected": "b", "answered": "(none)", "count": 1, "texts": ["2"]},
    ]


def test_variance_and_extremes() -> None:
    """Of the intents' accuracies; ties go by name."""
    per = {"a": Score(10, 10), "b": Score(10, 5), "c": Score(0, 0)}
    assert scores.variance_of(per) == 0.0625
    assert scores.find_extremes(per) == ("a", "c")
    assert scores.variance_of({}) == 0.0


def test_the_curve_is_read_in_both_spellings() -> None:
    """Empty cells and -1 are no numbers; a byte-order mark and blank lines are no matter."""
    content = (
        b"\xef\xbb\xbfstep,train_loss,train_accuracy,valid_loss,validation_mean_token_accuracy\n"
        b"1,2.5,0.1,,\n\n2,1.5,0.2,-1,0.9\n3.0,nonsense,0.3,0.7,1\n"
    )
    assert loss_curve.parse(content).rows == [
        {
            "step": 1,
            "train_loss": 2.5,
            "train_mean_token_accuracy": 0.1,
            "valid_loss": None,
            "valid_mean_token_accuracy": None,
        },
        {
            "step": 2,
            "train_loss": 1.5,
            "train_mean_token_accuracy": 0.2,
            "valid_loss": None,
            "valid_mean_token_accuracy": 0.9,
        },
        {
            "step": 3,
            "train_loss": None,
            "train_mean_token_accuracy": 0.3,
            "valid_loss": 0.7,
            "valid_mean_token_accuracy": 1.0,
        },
    ]
    assert loss_curve.parse(b"") == LossCurve()


def test_every_figure_has_a_source_and_a_date() -> None:
    """Prices, limits and the dates of models live in one file, and say where they come from."""
    priced = [
        *SERVICE["prices"]["training"].values(),
        *SERVICE["prices"]["inference"].values(),
        SERVICE["prices"]["hosting"],
    ]
    for entry in [*priced, *SERVICE["limits"].values()]:
        assert entry["source"]
        assert entry["date"]
    for name, entry in SERVICE["models"].items():
        assert name == "aliases" or (entry["source"] and entry["date"]), name
    for alias, model in SERVICE["models"]["aliases"].items():
        assert model in SERVICE["models"], alias
        is_openai = "format" not in SERVICE["models"][model]  # nobody tells the others' prices
        assert not is_openai or model in SERVICE["prices"]["training"], alias


def test_intents_that_differ_in_a_mark_are_read_as_what_they_are() -> None:
    """C# is not C, and a donation not a day."""
    intents = ["C", "C++", "C#", "+", "-", "👍", "👎", "दान", "दिन", "pago", "pagó"]
    for intent in intents:
        for answer in (intent, f" {intent}. ", f"«{intent}»", f"`{intent}`"):
            assert scores.find_intent(answer, intents) == intent


def test_the_names_of_the_intents_are_read_once_for_all_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of 20,000 answers and 77 intents all of them would take most of a minute."""
    read: list[str] = []
    monkeypatch.setattr(scores, "name_form", lambda name: read.append(name) or name)
    intents = ["una vez", "otra vez", "nunca más"]
    assert [scores.find_intent("otra vez", list(intents)) for _ in range(50)] == ["otra vez"] * 50
    assert read == intents


class CountedCase(AnsweredCase):
    """Tells how often anybody has asked what it was."""

    looks = 0

    def __getattribute__(self, name: str) -> Any:
        if name == "case":
            CountedCase.looks += 1
        return super().__getattribute__(name)


@pytest.mark.parametrize("group", [scores.score_per_kind, scores.score_per_intent])
def test_as_many_kinds_or_intents_as_cases_take_no_longer(group: Any) -> None:
    """A file may have a kind for each of 20,000 cases: they are gone through once, not each time
    for each."""
    answer = Answer("a", latency_seconds=0.1, attempts=1)
    cases = [
        CountedCase(Case(str(number), f"kind {number}", "t", f"intent {number}"), answer, None)
        for number in range(100)
    ]
    CountedCase.looks = 0
    assert len(group(cases)) == 100
    assert CountedCase.looks < 1000
