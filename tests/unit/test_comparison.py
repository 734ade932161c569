"""The tuned model beside its rivals, on the cases that both have answered."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agent.views.language import translator
from states.evaluation.answers import RivalKind
from states.evaluation.comparison import Comparison, Word, compare_rivals, describe_rival, weigh
from states.evaluation.doubtful import find_doubtful
from states.evaluation.statistics import mcnemar, newcombe
from states.remote import Finish
from tests.unit.trials import ANSWER, trial


def test_each_case_is_paired_with_itself() -> None:
    """Two right together, seven of the tuned model alone, one of the rival alone, two of nobody."""
    tuned = [True] * 9 + [False] * 3
    base = [True] * 2 + [False] * 7 + [True] + [False] * 2
    (found,) = compare_rivals(trial(tuned, {RivalKind.BASE: base}))
    assert found.as_json() == {
        "with": "base",
        "name": "un base",
        "both_right": 2,
        "only_tuned_right": 7,
        "only_rival_right": 1,
        "both_wrong": 2,
        "difference": 0.5,
        "interval_95": [round(bound, 4) for bound in newcombe(2, 7, 1, 2)],
        "p": pytest.approx(mcnemar(7, 1), rel=1e-3),
        "p_holm": pytest.approx(mcnemar(7, 1), rel=1e-3),
        "verdict": "no_evidence",
    }
    assert Comparison.from_json(json.loads(json.dumps(found.as_json()))).word is Word.NO_EVIDENCE


def test_a_case_counts_only_where_both_have_answered() -> None:
    """Neither one that was trained on, nor one that a rival was not asked or left unanswered."""
    evaluation = trial([True] * 6, {RivalKind.BASE: [None, False, False, True, True, True]})
    trained = replace(evaluation.cases[1], is_trained=True)
    silent = replace(evaluation.cases[2], answer=replace(ANSWER, finish=Finish.UNANSWERED))
    cases = (evaluation.cases[0], trained, silent, *evaluation.cases[3:])
    (rival,) = evaluation.rivals
    unheard = replace(ANSWER, finish=Finish.UNANSWERED)
    rival = replace(rival, answers=(*rival.answers[:5], unheard))
    (found,) = compare_rivals(replace(evaluation, cases=cases, rivals=(rival,)))
    assert (found.cases, found.both_right) == (2, 2)
    nobody = replace(rival, answers=(None,) * 6)
    assert compare_rivals(replace(evaluation, rivals=(nobody,))) == ()


def test_what_was_mended_since_does_not_speak_for_the_generation_before() -> None:
    """Its errors were trained on, so that those left are right: equal models would seem worse."""
    tuned = [True] * 12 + [False] * 8 + [True] * 10
    parent = [True] * 20 + [False] * 10
    evaluation = trial(tuned, {RivalKind.PARENT: parent, RivalKind.BASE: parent})
    assert [one.word for one in compare_rivals(evaluation)] == [Word.NO_EVIDENCE] * 2
    seen = [replace(case, is_trained=True) for case in evaluation.cases[20:28]]
    near = [replace(case, is_near=True) for case in evaluation.cases[28:]]  # mostly as before
    mended = replace(evaluation, cases=(*evaluation.cases[:20], *seen, *near))
    found, base = compare_rivals(mended)
    assert (found.mended, found.p, found.word) == (8, 1.0, Word.NO_EVIDENCE)
    assert found.is_flattered
    assert (base.mended, base.p) == (0, mcnemar(0, 8))
    assert Comparison.from_json(json.loads(json.dumps(found.as_json()))) == found


@pytest.mark.parametrize(
    ("ours", "theirs", "mended", "p"),
    [
        (0, 20, 2, mcnemar(2, 20)),  # worse whatever the others would have told
        (9, 0, 30, mcnemar(9, 0)),  # better even so
        (3, 3, 1, 1.0),
    ],
)
def test_p_allows_for_what_was_mended(ours: int, theirs: int, mended: int, p: float) -> None:
    assert weigh(ours, theirs, theirs_mended=mended) == p
    assert weigh(theirs, ours, ours_mended=mended) == p


def test_several_rivals_correct_each_other() -> None:
    """A p that is small enough alone is not one of three."""
    tuned = [True] * 20
    weaker = [False] * 6 + [True] * 14
    alone = compare_rivals(trial(tuned, {RivalKind.BASE: weaker}))
    assert [one.word for one in alone] == [Word.BETTER]
    rivals = {RivalKind.BASE: weaker, RivalKind.FEW_SHOT: tuned, RivalKind.LOCAL: tuned}
    together = compare_rivals(trial(tuned, rivals))
    assert {one.word for one in together} == {Word.NO_EVIDENCE}
    assert together[0].p == alone[0].p
    assert together[0].p_holm == pytest.approx(3 * alone[0].p)


def test_cases_are_wanted_first_where_there_are_few_or_many_in_doubt() -> None:
    """Evenly where no intent stands out; a single case in doubt is no pattern."""
    intents = ("a", "b", "c", "d")
    even = trial([True] * 40, intents=intents).cases
    assert find_doubtful(intents, even, even[:8]) == ()
    assert find_doubtful(intents, even, even[:1]) == ()
    assert find_doubtful(intents, even, [even[1], even[5], even[9], even[2]]) == ("b",)
    assert find_doubtful((*intents, "e"), even, []) == ("e",)
    fewer = [case for case in even if case.case.expected != "c"] + [even[2]]
    assert find_doubtful(intents, fewer, [even[1], even[5]]) == ("c", "b")


def test_a_generation_is_called_so_in_each_language() -> None:
    """A deployment keeps the name it has, even one that looks like a generation."""
    told = describe_rival(RivalKind.PARENT, "generation 2")
    assert str(told) == "the model before it (generation 2)"
    assert translator("es")(told) == "el modelo anterior (generación 2)"
    base = describe_rival(RivalKind.BASE, "generation 2")
    assert translator("es")(base).endswith("(generation 2)")
