"""Advice follows what costs most cases, and each step says which suggestion it follows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.resources.catalog import PackagedCatalog
from states.evaluation.analysis import Analysis, Subject, analyze
from states.evaluation.answers import Answer, Evaluation, Neighbour, Rival, RivalKind
from states.evaluation.evidence import Evidence, Suggestion
from states.evaluation.loss_curve import LossCurve
from states.evaluation.next_steps import follow
from states.evaluation.statistics import cases_for_half_width, wilson
from states.evaluation.suggestions import suggest
from states.text import say
from tests.unit.answered import of_pairs, right_of

SERVICE = PackagedCatalog().service
BOUNDS = SERVICE["analysis"]
# 76 cases of which 21 are mixed up in one pair, and an intent whose two cases are both wrong.
WEIGHTY = [("a", "a", 29), ("a", "b", 19), ("b", "a", 2), ("b", "b", 22), ("c", None, 2)]


def listed(evaluation: Evaluation, **more: Any) -> list[Suggestion]:
    curve = LossCurve(more.pop("losses", ()))
    return suggest(Evidence(evaluation, curve, **more), BOUNDS)


def told(evaluation: Evaluation, **more: Any) -> dict[str, str]:
    return {one.kind: str(one.text) for one in listed(evaluation, **more)}


def test_what_costs_most_cases_comes_first() -> None:
    """21 of 74 in one pair before 2 of 2 of an intent, and before more cases; with their shares."""
    found = listed(of_pairs(WEIGHTY))
    weights = {one.kind: one.weight for one in found}
    assert list(weights)[:3] == ["confusion", "more_cases", "no_intent"]
    assert weights["confusion"] == pytest.approx(21 / 74)
    assert weights["no_intent"] == pytest.approx(2 / 74)
    assert "21 of 74 graded cases mix the two up (19 of a answered b, 2 the other way)" in str(
        found[0].text
    )


def test_with_few_cases_more_of_them_come_before_a_slip() -> None:
    """Two of eight are half as much as what nobody knows; seven of eight are more than that."""
    few = [one.kind for one in listed(of_pairs([("a", "a", 6), ("a", "b", 2)]))]
    assert few.index("more_cases") < few.index("confusion")
    clear = [one.kind for one in listed(of_pairs([("a", "a", 1), ("a", "b", 7)]))]
    assert clear.index("confusion") < clear.index("more_cases")


def test_each_wrong_answer_weighs_once() -> None:
    """What a pair of intents explains is no reason to collect sentences for all of them."""
    kinds = told(of_pairs([("a", "a", 10), ("a", "b", 10), ("b", "b", 2)]))
    assert "confusion" in kinds
    assert "more_data" not in kinds
    assert "balance" not in kinds


def test_a_confusion_quotes_the_training_sentences_that_lead_astray() -> None:
    """Those of the intent that was answered, the most similar first, each once."""
    near = (Neighbour("de a", "a", 0.9), Neighbour("lejos", "b", 0.5), Neighbour("cerca", "b", 0.8))
    pairs = [("a", "b", 2), ("a", "a", 20)]
    evaluation = of_pairs(pairs, neighbours={"c-1": near, "c-2": near[1:]})
    text = next(one.text for one in listed(evaluation) if one.kind == "confusion")
    assert str(text).endswith(":\n  - «cerca» (b)\n  - «lejos» (b)")
    assert "cerca" not in text.for_log()


def test_a_weak_intent_is_named_with_how_sure_that_is() -> None:
    sure = told(right_of({"a": (100, 100), "b": (60, 100)}))["balance"]
    assert "Write more sentences for b: 40 of its 100 cases are answered wrong" in sure
    assert "may be chance" in told(right_of({"a": (10, 10), "b": (8, 10)}))["balance"]
    assert "balance" not in told(right_of({"a": (10, 10), "b": (9, 10)}))


def test_low_accuracy_asks_for_data_and_labels() -> None:
    """Below 70 %, not at it."""
    asked = {"more_data", "review_labels"}
    assert asked <= set(told(right_of({"a": (13, 20), "b": (13, 20)})))
    assert not asked & set(told(right_of({"a": (14, 20), "b": (14, 20)})))


def test_suspected_labels_weigh_what_they_may_have_cost() -> None:
    """Wrong answers between the same intents; without any, nobody can tell."""
    evaluation = of_pairs([("a", "a", 90), ("a", "b", 10)])
    hit = {one.kind: one for one in listed(evaluation, suspects=[("b", "a"), ("c", "a")])}
    assert hit["label_errors"].weight == pytest.approx(0.1)
    assert "labels of 2 training sentences" in str(hit["label_errors"].text)
    missed = {one.kind: one for one in listed(evaluation, suspects=[("c", "d")])}
    assert missed["label_errors"].weight is None


def test_few_cases_ask_for_more() -> None:
    """With how many it would take; four hundred are enough."""
    assert "Add test cases" in told(right_of({"a": (8, 10), "b": (8, 10)}))["more_cases"]
    assert "more_cases" not in told(right_of({"a": (190, 200), "b": (190, 200)}))


@given(st.floats(0, 1), st.sampled_from([0.02, 0.05, 0.1]))
@settings(max_examples=60, deadline=None)
def test_so_many_cases_are_as_exact_as_that(accuracy: float, half: float) -> None:
    """And ten fewer are not; a perfect score asks for some as well."""
    wanted = cases_for_half_width(accuracy, half)
    for cases, is_enough in ((wanted, True), (wanted - 10, False)):
        if cases > 0:
            centre = (accuracy * cases + 1.92) / (cases + 3.84)
            low, high = wilson_at(accuracy, cases)
            assert low <= centre <= high
            assert ((high - low) / 2 <= half + 1e-9) == is_enough
    assert wanted > 0


def wilson_at(share: float, cases: int) -> tuple[float, float]:
    """Of a share that no whole number of cases need have."""
    return wilson(share * cases, cases)  # type: ignore[arg-type]


def test_intents_that_nobody_asked_about_are_told_after_what_was_measured() -> None:
    some = of_pairs([("a", "a", 50)])
    evaluation = Evaluation(("a", "b", "c", "d"), "x", some.cases)
    [found] = listed(evaluation)
    assert (found.kind, found.weight) == ("intents_without_cases", None)
    assert "Add test cases for b, c, d: 3 of 4 intents have none" in str(found.text)
    [few] = listed(of_pairs([("a", "a", 200), ("b", "b", 2)]))
    assert (few.kind, few.weight) == ("few_cases", None)


def test_what_fits_no_intent_and_is_answered_with_one_is_told() -> None:
    found = told(of_pairs([("a", "a", 200), (None, "a", 3), (None, None, 1)]))
    assert "3 of 4 such sentences are answered with one, most often a" in found["out_of_scope"]


def test_the_loss_curve_advises_on_epochs() -> None:
    """Rising validation loss: fewer. Training loss that hardly fell: more.

    A good curve: nothing.
    """
    weak = right_of({"a": (8, 10), "b": (8, 10)})
    steps = [{"step": n + 1, "train_loss": 2.0 - n * 0.19} for n in range(10)]
    flat = [{"step": n + 1, "train_loss": 2.0 - n * 0.02} for n in range(20)]
    assert "under-fitting" in told(weak, losses=flat)["more_epochs"]
    assert "FINE_TUNING_EPOCHS=6 in place of 3" in told(weak, losses=flat, epochs=3)["more_epochs"]
    assert not {"more_epochs", "fewer_epochs"} & set(told(weak, losses=steps))


def test_the_best_epoch_is_named_and_its_checkpoint_while_there_is_one() -> None:
    """Of five epochs of ten steps; the service keeps those of the last three."""
    weak = right_of({"a": (8, 10), "b": (8, 10)})

    def lowest_at(best: int, epochs: int | None = 5, step: int | None = None) -> str:
        rows = [
            {"step": step, "full_valid_loss": 0.5 if step == best else 0.9}
            for step in (10, 20, 30, 40, 45, 50)
        ]
        return told(weak, losses=rows, epochs=epochs, project="tienda", step=step)["fewer_epochs"]

    assert "FINE_TUNING_EPOCHS=4 in place of 5: the validation loss was lowest" in lowest_at(40)
    assert "keeps the checkpoint of epoch 4: `advance tienda --checkpoint 40`" in lowest_at(40)
    assert "FINE_TUNING_EPOCHS=1 in place of 5" in lowest_at(10)
    assert "checkpoint" not in lowest_at(10)
    assert "checkpoint" not in lowest_at(40, step=40), "that is the one that was asked"
    assert "lower FINE_TUNING_LR_MULT" in lowest_at(45)
    assert "Try fewer epochs" in lowest_at(40, None)


def test_a_step_tells_what_a_suggestion_takes() -> None:
    """Other cases need no training; what the weightiest suggestion takes comes first."""
    kinds = ("more_cases", "fewer_epochs", "confusion", "balance")
    found = [str(step) for step in follow([Suggestion(k, say("x")) for k in kinds], "p", "e.json")]
    assert len(found) == 3
    assert "`evaluate p --cases FILE`" in found[0]
    assert "`iterate p` with what the suggestions say" in found[1]
    assert "change e.json as the suggestions say" in found[2]


def test_two_slips_in_opposite_directions_are_no_confusion() -> None:
    assert "confusion" not in told(of_pairs([("a", "a", 20), ("a", "b", 1), ("b", "a", 1)]))


def test_an_analysis_keeps_the_weights_and_one_of_before_has_none() -> None:
    evaluation = of_pairs(WEIGHTY)
    made = analyze(Subject(evaluation, LossCurve(), "p", "r.json", "e.json"), SERVICE)
    kept = made.as_json()
    again = Analysis.from_json(kept)
    weight = again.suggestions[0].weight
    assert weight == pytest.approx(made.suggestions[0].weight or 0.0, abs=1e-4)
    for suggestion in kept["suggestions"]:
        del suggestion["weight"]
    assert Analysis.from_json(kept).suggestions[0].weight is None


def test_a_person_reads_the_wrong_answers_in_the_report() -> None:
    evaluation = of_pairs([("a", "a", 9), ("a", "b", 1)])
    subject = Subject(evaluation, LossCurve(), "p", "r.json", "e.json", report_place="r.html")
    (told,) = [str(step) for step in analyze(subject, SERVICE).next_steps if "Read" in str(step)]
    assert told.startswith("Read the wrong answers in r.html: ")


@pytest.mark.parametrize(
    ("right", "rival_right", "begins"),
    [
        (95, 60, "Put it to use: d.json"),
        (60, 95, "Use the untuned model (gpt) in its place: 95 of 100 right against 60."),
        (62, 60, "Write about "),
    ],
)
def test_the_first_step_is_what_the_verdict_calls_for(
    right: int, rival_right: int, begins: str
) -> None:
    """And it is said once: no other step asks for test cases then."""
    evaluation = of_pairs([("a", "a", right), ("a", "b", 100 - right)])
    named = ("b",) * (100 - rival_right) + ("a",) * rival_right
    rival = Rival(RivalKind.BASE, "gpt", "gpt", (Answer("a", 0.1, 1),) * 100, named)
    made = analyze(
        Subject(
            replace(evaluation, rivals=(rival,)),
            LossCurve(),
            "p",
            "r.json",
            "e.json",
            guide_place="d.json",
        ),
        SERVICE,
    )
    steps = [str(step) for step in made.next_steps]
    assert steps[0].startswith(begins)
    assert sum("evaluate p --cases" in step for step in steps) <= 1
