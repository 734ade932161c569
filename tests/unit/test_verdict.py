"""Better, worse, or nobody knows; whether to ship it; and what would decide."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from agent.resources.catalog import PackagedCatalog
from agent.views.language import translator
from states.evaluation.answers import RivalKind
from states.evaluation.comparison import Word
from states.evaluation.left_out import LeftOut
from states.evaluation.standing import describe_standing
from states.evaluation.verdict import Ship, Verdict, judge
from states.evaluation.weighing import Weighing
from states.text import say
from tests.unit.trials import split, trial

BASE, FEW, PARENT, LOCAL = (
    RivalKind.BASE,
    RivalKind.FEW_SHOT,
    RivalKind.PARENT,
    RivalKind.LOCAL,
)
SERVICE = PackagedCatalog().service


@pytest.mark.parametrize(
    ("tuned", "base", "target", "word", "ship"),
    [
        (38, 20, None, Word.BETTER, Ship.YES),
        (38, 20, 0.8, Word.BETTER, Ship.YES),
        (38, 20, 0.9, Word.BETTER, Ship.UNDECIDED),  # 95 % of 40 may be 84 %
        (30, 10, 0.9, Word.BETTER, Ship.NO),  # better, and certainly below the target
        (20, 38, None, Word.WORSE, Ship.NO),
        (30, 28, None, Word.NO_EVIDENCE, Ship.UNDECIDED),
        (30, 28, 0.95, Word.NO_EVIDENCE, Ship.NO),
    ],
)
def test_the_word_and_whether_to_ship(
    tuned: int, base: int, target: float | None, word: Word, ship: Ship
) -> None:
    """Both follow from the intervals and the test, never from the estimates alone."""
    verdict = judge(trial(split(tuned, 40), {BASE: split(base, 40)}), target)
    assert (verdict.word, verdict.ship) == (word, ship)
    assert Verdict.from_json(json.loads(json.dumps(verdict.as_json()))) is not None
    for text in (verdict.text, verdict.ship_text):
        assert translator("es")(text) != str(text)


def test_without_a_rival_there_is_nothing_to_compare() -> None:
    """And what gives one is said."""
    verdict = judge(trial(split(40, 40)), 0.5)
    assert (verdict.word, verdict.ship, verdict.against) == (Word.NOTHING, Ship.UNDECIDED, None)
    assert "AZURE_OPENAI_BASE_DEPLOYMENT" in str(verdict.text)
    assert judge(trial([])).ship is Ship.UNDECIDED


def test_who_was_to_be_asked_and_could_not_be_is_named() -> None:
    """Nobody is sent to a setting that is set already."""
    gone = LeftOut("base", "gpt-x", say("it gave no answer"))
    told = str(judge(replace(trial(split(40, 40)), left_out=(gone,))).text)
    assert "gpt-x could not be asked. gpt-x: it gave no answer" in told
    assert "nobody else" not in told
    assert "AZURE_OPENAI_BASE_DEPLOYMENT" not in told
    weighing = Weighing((), (gone,), 0.9)
    assert str(weighing.text) == (
        "Before the training: your target is 90.0 %. gpt-x was not asked: it gave no answer."
    )
    spoken = LeftOut("base", "gpt-y", say("There is none. Make one."))
    assert str(Weighing((), (gone, spoken)).text) == (
        "gpt-x was not asked: it gave no answer. gpt-y was not asked: There is none. Make one."
    )
    assert Weighing((), (), 0.9).text is None


def test_where_no_case_counts_nobody_is_said_not_to_have_been_asked() -> None:
    """All of them were trained on: the rivals have answered, and it proves nothing."""
    found = trial(split(3, 3), {BASE: split(1, 3)})
    known = tuple(replace(case, is_trained=True) for case in found.cases)
    verdict = judge(replace(found, cases=known))
    assert verdict.word is Word.NOTHING
    assert str(verdict.text) == "There is nothing to compare: no test case counts."


def test_it_is_against_the_parent_else_the_better_untuned_one_else_the_local_one() -> None:
    tuned = split(38, 40)
    rivals = {LOCAL: split(39, 40), BASE: split(20, 40), FEW: split(30, 40), PARENT: split(5, 40)}
    for kinds, expected in (
        ((LOCAL, BASE, FEW, PARENT), PARENT),
        ((LOCAL, BASE, FEW), FEW),
        ((LOCAL,), LOCAL),
    ):
        verdict = judge(trial(tuned, {kind: rivals[kind] for kind in kinds}))
        assert verdict.against is not None
        assert verdict.against.kind is expected


def test_a_free_model_that_is_not_beaten_is_named_whatever_the_verdict() -> None:
    """Better than the untuned one, and still nobody should pay without knowing it."""
    verdict = judge(trial(split(38, 40), {BASE: split(10, 40), LOCAL: split(37, 40)}))
    assert (verdict.word, verdict.ship) == (Word.BETTER, Ship.YES)
    assert "Not shown to be better than the free local model" in str(verdict.text)
    assert "38 of 40 right against 37" in str(verdict.text)
    beaten = judge(trial(split(38, 40), {BASE: split(10, 40), LOCAL: split(11, 40)}))
    assert "free" not in str(beaten.text)


def test_whoever_is_worse_than_a_rival_is_not_shipped_whatever_the_reference_is() -> None:
    """Better than its parent, and beaten by what costs nothing."""
    verdict = judge(trial(split(20, 40), {PARENT: split(5, 40), LOCAL: split(39, 40)}))
    assert (verdict.word, verdict.ship) == (Word.BETTER, Ship.NO)
    assert str(verdict.ship_text).startswith("Do not ship it: the free local model (un local) is")


def test_undecided_says_how_many_cases_would_decide_and_of_which_intents() -> None:
    """The disagreements are all of one intent here: every fourth case."""
    base = [number % 4 != 1 or number > 16 for number in range(40)]
    verdict = judge(trial(split(40, 40), {BASE: base}))
    assert verdict.word is Word.NO_EVIDENCE
    assert verdict.cases_to_decide is not None
    assert 40 < verdict.cases_to_decide < 100
    assert verdict.for_intents == ("baja",)
    assert "first of all for baja" in str(verdict.ship_text)
    even = [number not in (0, 5, 10, 15) for number in range(40)]
    spread = judge(trial(split(40, 40), {BASE: even}))
    assert spread.for_intents == ()
    assert "spread evenly over the intents" in str(spread.ship_text)


def test_of_equal_ones_it_says_that_no_number_decides() -> None:
    verdict = judge(trial(split(30, 40), {BASE: split(30, 40)[::-1]}))
    assert verdict.cases_to_decide is None
    assert "no number of cases would part them" in str(verdict.ship_text)
    at_target = judge(trial(split(36, 40), {BASE: split(5, 40)}), 0.9)
    assert at_target.cases_to_decide is None
    assert "exactly the target" in str(at_target.ship_text)
    close = judge(trial(split(300, 400), {BASE: split(299, 400)[::-1]}))
    assert "for all practical purposes there is none" in str(close.ship_text)


def test_where_errors_were_trained_on_new_cases_are_wanted() -> None:
    """Those that are left are the ones that the generation before had right."""
    evaluation = trial([True] * 20 + [False] * 8 + [True] * 12, {PARENT: split(28, 40)})
    seen = [replace(case, is_trained=True) for case in evaluation.cases[28:]]
    verdict = judge(replace(evaluation, cases=(*evaluation.cases[:28], *seen)))
    assert (verdict.word, verdict.ship) == (Word.NO_EVIDENCE, Ship.UNDECIDED)
    assert verdict.cases_to_decide is None
    assert "had answered 12 cases wrong that were trained on since" in str(verdict.text)
    assert "New cases in the place of those" in str(verdict.ship_text)
    for text in (verdict.text, verdict.ship_text):
        assert " wrong" not in translator("es")(text)


def _draw(chance: random.Random, share: float, cases: int) -> list[bool]:
    return [chance.random() < share for _ in range(cases)]


@pytest.mark.parametrize("kinds", [(BASE,), (BASE, FEW, LOCAL)])
def test_of_a_thousand_pairs_of_equal_models_at_most_one_in_twenty_is_better(
    kinds: Sequence[RivalKind],
) -> None:
    """The whole verdict, with the choice of the reference: at 85 % and 60 cases each."""
    chance = random.Random(20261127)
    words = [
        judge(
            trial(_draw(chance, 0.85, 60), {kind: _draw(chance, 0.85, 60) for kind in kinds})
        ).word
        for _ in range(1000)
    ]
    assert words.count(Word.BETTER) <= 50
    assert words.count(Word.WORSE) <= 50


def test_the_stated_cases_give_a_verdict_in_about_four_of_five_trials() -> None:
    """From 40 undecided cases on, the word itself is simulated at the rates that they show."""
    seen = [*split(34, 40)]
    base = [*split(28, 40)[:27], False, *[False] * 11, True]
    first = judge(trial(seen, {BASE: base}))
    assert first.word is Word.NO_EVIDENCE
    assert first.cases_to_decide is not None
    chance, found = random.Random(7), []
    for _ in range(200):
        drawn = [chance.randrange(40) for _ in range(first.cases_to_decide)]
        again = trial([seen[n] for n in drawn], {BASE: [base[n] for n in drawn]})
        found.append(judge(again).word)
    assert 0.72 <= found.count(Word.BETTER) / 200 <= 0.88


def test_a_corrupted_training_set_gives_worse() -> None:
    """Half of its labels were shifted, so the model names the next intent half of the time."""
    chance = random.Random(3)
    verdict = judge(trial(_draw(chance, 0.45, 80), {BASE: _draw(chance, 0.8, 80)}))
    assert (verdict.word, verdict.ship) == (Word.WORSE, Ship.NO)
    assert str(verdict.text).startswith("Worse than the untuned model (un base)")


def test_beside_the_grade_stands_what_the_average_hides() -> None:
    """Both grades; macro-F1 where it is clearly below; intents that are never right."""
    even = str(describe_standing(trial(split(33, 40)).cases, SERVICE))
    assert even == "Grade B-, though it may be as low as D."
    # 45 cases of one intent are right, the three of another never are.
    cases = (*trial([True] * 45, intents=("a",)).cases, *trial([False] * 3, intents=("b",)).cases)
    told = str(describe_standing(cases, SERVICE))
    assert "Macro-F1, in which every intent counts the same, is only 50.0 %" in told
    assert told.endswith("Never answered right: b.")
