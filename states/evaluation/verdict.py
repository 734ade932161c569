"""The verdict: is the tuned model better, shall it be shipped, and what would tell if that is open.

analysis.py asks for it once, and keeps it as values and texts; verdict_texts.py words it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from states.evaluation.answers import Evaluation, RivalKind
from states.evaluation.comparison import Comparison, Word, compare_rivals, pair_up
from states.evaluation.doubtful import find_doubtful
from states.evaluation.sample_size import ALPHA, cases_to_compare, cases_to_reach
from states.evaluation.scores import Score, score
from states.evaluation.verdict_texts import Grounds, describe_ship, describe_word
from states.text import Text

# Whom the verdict is against: the first of these groups that has an answer.
_REFERENCES = (
    {RivalKind.PARENT},
    {RivalKind.BASE, RivalKind.FEW_SHOT},
    {RivalKind.LOCAL},
)


class Ship(StrEnum):
    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Verdict:
    """`against`: with whom the word compares, None without any rival. `target`: the accuracy that
    is wanted, 0 to 1.

    `cases_to_decide`: so many in all would decide, in about 80 % of such trials; None where nothing
    is undecided, or no number would. `for_intents`: of which ones; empty: of all evenly."""

    word: Word
    ship: Ship
    text: Text
    ship_text: Text
    against: Comparison | None = None
    target: float | None = None
    cases_to_decide: int | None = None
    for_intents: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "word": self.word.value,
            "ship": self.ship.value,
            "text": self.text.as_json(),
            "ship_text": self.ship_text.as_json(),
            "against": self.against and self.against.as_json(),
            "target": self.target,
            "cases_to_decide": self.cases_to_decide,
            "for_intents": list(self.for_intents),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any] | None) -> Verdict | None:
        """None for None: an analysis of an older version has no verdict."""
        if data is None:
            return None
        return Verdict(
            word=Word(data["word"]),
            ship=Ship(data["ship"]),
            text=_to_text(data["text"]),
            ship_text=_to_text(data["ship_text"]),
            against=data["against"] and Comparison.from_json(data["against"]),
            target=data["target"],
            cases_to_decide=data["cases_to_decide"],
            for_intents=tuple(data["for_intents"]),
        )


def _to_text(data: Mapping[str, Any]) -> Text:
    text = Text.from_json(data)
    if text is None:
        raise ValueError("a text of the verdict is missing")
    return text


def judge(evaluation: Evaluation, target: float | None = None) -> Verdict:
    """The verdict on the tuned model. `target`: the accuracy that is wanted, 0 to 1."""
    comparisons = compare_rivals(evaluation)
    total = score(evaluation.graded)
    reference = choose_reference(comparisons, total.cases)
    word = Word.NOTHING if reference is None else reference.word
    ship = _decide(word, comparisons, total, target)
    is_open = ship is Ship.UNDECIDED
    wanted = _count_wanted(reference, comparisons, total, target) if is_open else {}
    decisive = max(wanted, key=lambda reason: wanted[reason] or 0, default=None)
    for_intents: tuple[str, ...] = ()
    if decisive is not None:
        for_intents = _find_doubtful(evaluation, reference if decisive == "reference" else None)
    asides = (for_intents, evaluation.left_out)
    grounds = Grounds(word, reference, comparisons, total, target, wanted, *asides)
    return Verdict(
        word,
        ship,
        describe_word(grounds),
        describe_ship(grounds, ship.value),
        against=reference,
        target=target,
        cases_to_decide=_most(wanted),
        for_intents=for_intents,
    )


def choose_reference(comparisons: Sequence[Comparison], cases: int) -> Comparison | None:
    """The parent, else the better of the untuned ones, else the better local one.

    One that answered less than half of the `cases` is taken only where no other of its group did.
    """
    for kinds in _REFERENCES:
        group = [one for one in comparisons if one.kind in kinds]
        if group:
            return min(group, key=lambda one: (2 * one.cases < cases, one.difference))
    return None


def _decide(
    word: Word, comparisons: Sequence[Comparison], total: Score, target: float | None
) -> Ship:
    """Whoever is worse than any rival is not shipped, whatever the reference is."""
    low, high = total.interval
    if any(one.word is Word.WORSE for one in comparisons):
        return Ship.NO
    if target is not None and total.cases and high < target:
        return Ship.NO
    if word is Word.BETTER and (target is None or low >= target):
        return Ship.YES
    return Ship.UNDECIDED


def _count_wanted(
    reference: Comparison | None,
    comparisons: Sequence[Comparison],
    total: Score,
    target: float | None,
) -> dict[str, int | None]:
    """What is open -> the cases that would decide it; None where no number would."""
    wanted: dict[str, int | None] = {}
    if reference is not None and reference.word is Word.NO_EVIDENCE:
        smaller = sum(one.p < reference.p for one in comparisons)
        level = ALPHA / (len(comparisons) - smaller)  # which Holm's correction leaves it
        counts = reference.only_tuned_right, reference.only_rival_right, reference.cases
        # Of cases that flatter the rival nobody knows the rates.
        wanted["reference"] = None if reference.is_flattered else cases_to_compare(*counts, level)
    low, high = total.interval
    if target is not None and total.cases and low < target <= high:
        wanted["target"] = cases_to_reach(total.correct, total.cases, target)
    return wanted


def _most(wanted: Mapping[str, int | None]) -> int | None:
    """None also where one of two questions has no number: that of the other does not decide."""
    numbers = [number for number in wanted.values() if number is not None]
    return max(numbers) if numbers and len(numbers) == len(wanted) else None


def _find_doubtful(evaluation: Evaluation, reference: Comparison | None) -> tuple[str, ...]:
    """By the cases on which the two disagree; without a reference by those that are wrong."""
    graded = evaluation.graded
    doubts = [case for case in graded if not case.is_correct]
    for rival in evaluation.rivals:
        if reference is not None and (rival.kind, rival.name) == (reference.kind, reference.name):
            pairs = pair_up(evaluation, rival)
            doubts = [case for case, is_right in pairs if case.is_correct != is_right]
    return find_doubtful(evaluation.intents, graded, doubts)
