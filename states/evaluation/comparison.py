"""The tuned model and each rival on the same cases: who gets right what the other does not.

Pure counting and arithmetic; verdict.py draws the conclusion, agent/views renders the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from states.evaluation.answers import AnsweredCase, Evaluation, Rival, RivalKind
from states.evaluation.sample_size import ALPHA
from states.evaluation.statistics import holm, mcnemar, newcombe
from states.remote import Finish
from states.text import Rounded, Text, say

_COUNTS = ("both_right", "only_tuned_right", "only_rival_right", "both_wrong")


class Word(StrEnum):
    """What the answers say of the tuned model beside another."""

    BETTER = "better"
    WORSE = "worse"
    NO_EVIDENCE = "no_evidence"  # either way
    NOTHING = "nothing_to_compare"


@dataclass(frozen=True)
class Comparison:
    """Of the cases that count and that both have answered. `p_holm`: `p` corrected for how many
    rivals there are.

    `mended`: cases that the generation before answered wrong and that the tuned model was trained
    on since. They do not count, so those that are left flatter that generation."""

    kind: RivalKind
    name: str
    both_right: int
    only_tuned_right: int
    only_rival_right: int
    both_wrong: int
    p: float
    p_holm: float
    mended: int = 0

    @property
    def is_flattered(self) -> bool:
        """The cases that are left favour the rival. Who is better all the same is better."""
        return self.mended > 0 and self.word is not Word.BETTER

    @property
    def cases(self) -> int:
        return self.both_right + self.only_tuned_right + self.only_rival_right + self.both_wrong

    @property
    def tuned_right(self) -> int:
        return self.both_right + self.only_tuned_right

    @property
    def rival_right(self) -> int:
        return self.both_right + self.only_rival_right

    @property
    def difference(self) -> float:
        """The tuned model's accuracy less the rival's, -1 to 1, four decimals."""
        return round((self.only_tuned_right - self.only_rival_right) / self.cases, 4)

    @property
    def interval(self) -> tuple[float, float]:
        """Newcombe's 95 % interval of the true difference, four decimals."""
        low, high = newcombe(
            self.both_right, self.only_tuned_right, self.only_rival_right, self.both_wrong
        )
        return round(low, 4), round(high, 4)

    @property
    def word(self) -> Word:
        if self.p_holm > ALPHA:
            return Word.NO_EVIDENCE
        is_better = self.only_tuned_right > self.only_rival_right
        return Word.BETTER if is_better else Word.WORSE

    def as_json(self) -> dict[str, Any]:
        """The form in results/test_results.json."""
        return {
            "with": self.kind.value,
            "name": self.name,
            **{key: getattr(self, key) for key in _COUNTS},
            "difference": self.difference,
            "interval_95": list(self.interval),
            "p": _shorten(self.p),
            "p_holm": _shorten(self.p_holm),
            "verdict": self.word.value,
            **({"rival_errors_trained_on": self.mended} if self.mended else {}),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Comparison:
        kept = [data[key] for key in ("name", *_COUNTS, "p", "p_holm")]
        kept.append(data.get("rival_errors_trained_on", 0))
        return Comparison(RivalKind(data["with"]), *kept)


def readable(p: float) -> Rounded:
    """As a person is shown a p: 1.000 would be a thousand in Spanish."""
    return Rounded(p, 3 if p < 0.1 else 2)


def _shorten(p: float) -> float:
    """Four significant digits: rounded to four places, a small p would be 0."""
    return float(f"{p:.4g}")


def pair_up(evaluation: Evaluation, rival: Rival) -> Iterator[tuple[AnsweredCase, bool]]:
    """Each case that counts and that both have answered, and whether the rival got it right."""
    return ((case, is_right) for case, is_right in _pair_all(evaluation, rival) if case.counts)


def _pair_all(evaluation: Evaluation, rival: Rival) -> Iterator[tuple[AnsweredCase, bool]]:
    """The same with the cases that do not count, for the tuned model was trained on them."""
    usable = {id(case) for case in evaluation.in_scope}
    for case, answer, named in zip(evaluation.cases, rival.answers, rival.predicted, strict=True):
        is_heard = answer is not None and answer.finish is not Finish.UNANSWERED
        if is_heard and id(case) in usable:
            yield case, named == case.case.expected


def compare_rivals(evaluation: Evaluation) -> tuple[Comparison, ...]:
    """With each rival that has answered one of the cases that count, in their order."""
    tables = [(rival, _count(evaluation, rival)) for rival in evaluation.rivals]
    tables = [(rival, table) for rival, table in tables if sum(table)]
    mended = [_count_mended(evaluation, rival) for rival, _ in tables]
    values = [
        weigh(table[1], table[2], theirs_mended=count)
        for (_, table), count in zip(tables, mended, strict=True)
    ]
    found = zip(tables, values, holm(values), mended, strict=True)
    return tuple(
        Comparison(rival.kind, rival.name, *table, p, corrected, count)
        for (rival, table), p, corrected, count in found
    )


def weigh(ours: int, theirs: int, *, ours_mended: int = 0, theirs_mended: int = 0) -> float:
    """McNemar's p of the cases that only the one has right, and only the other.

    So many errors of the better one are missing, since the other was trained on them: p is what it
    is if the other had them right without that, so that it is never too small."""
    if theirs > ours:
        ours = min(ours + theirs_mended, theirs)
    elif ours > theirs:
        theirs = min(theirs + ours_mended, ours)
    return mcnemar(ours, theirs)


def _count_mended(evaluation: Evaluation, rival: Rival) -> int:
    """0 of all but the generation before, whose errors alone are sent back into the training.

    What is nearly a training sentence mostly was that before, and counted for neither."""
    if rival.kind is not RivalKind.PARENT:
        return 0
    pairs = _pair_all(evaluation, rival)
    return sum(not is_right and case.is_trained for case, is_right in pairs)


def _count(evaluation: Evaluation, rival: Rival) -> tuple[int, int, int, int]:
    """(both right, only the tuned model, only the rival, both wrong)."""
    counts = [0, 0, 0, 0]
    for case, is_right in pair_up(evaluation, rival):
        counts[2 * (not case.is_correct) + (not is_right)] += 1
    both, only_tuned, only_rival, neither = counts
    return both, only_tuned, only_rival, neither


def warn(one: Comparison) -> Text:
    """Of one that is flattered."""
    return say(
        "That one had answered {count} case wrong that was trained on since and does not count: the"
        " others favour it, which p allows for.",
        "That one had answered {count} cases wrong that were trained on since and do not count: the"
        " others favour it, which p allows for.",
        count=one.mended,
    )


def name_rival(kind: str, name: str) -> Text | str:
    """As people read it: a generation in their language, a deployment as it is called."""
    number = name.removeprefix("generation ")
    if kind != RivalKind.PARENT or number == name:
        return name
    return say("generation {number}", number=number)


def describe_rival(kind: RivalKind, name: str) -> Text:
    """As it is called in a sentence."""
    called = name_rival(kind, name)
    match kind:
        case RivalKind.BASE:
            return say("the untuned model ({name})", name=called)
        case RivalKind.FEW_SHOT:
            return say("the untuned model with examples in its question ({name})", name=called)
        case RivalKind.PARENT:
            return say("the model before it ({name})", name=called)
        case RivalKind.LOCAL:
            return say("the free local model ({name})", name=called)
