"""Two evaluations, of one project or of two, on the cases that both were asked.

The command `compare` calls this; the arithmetic is that of comparison.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from states.evaluation.answers import AnsweredCase, Evaluation, RivalKind
from states.evaluation.comparison import Comparison, weigh
from states.evaluation.intent_scores import macro_f1, measure_intents, pairs_of_cases
from states.evaluation.scores import Score, score
from states.intents.forms import same_form


@dataclass(frozen=True)
class SideBySide:
    """`pairs`: the cases that count for both, the first's beside the second's.

    `relabelled`: cases of the same text from which the two expect different intents; left out.
    `mended`: errors of the first, and of the second, that the other one was trained on."""

    pairs: tuple[tuple[AnsweredCase, AnsweredCase], ...]
    relabelled: int
    only_first: int
    only_second: int
    mended: tuple[int, int] = (0, 0)

    def score(self, side: int) -> Score:
        """Of the first (0) or the second (1)."""
        return score([pair[side] for pair in self.pairs])

    def macro_f1(self, side: int) -> float | None:
        return macro_f1(measure_intents(pairs_of_cases(pair[side] for pair in self.pairs)))

    def compare(self, name: str) -> Comparison:
        """The first beside the second, which is called `name`."""
        counts = Counter((one.is_correct, other.is_correct) for one, other in self.pairs)
        ours, theirs = counts[True, False], counts[False, True]
        p = weigh(ours, theirs, ours_mended=self.mended[0], theirs_mended=self.mended[1])
        both, neither = counts[True, True], counts[False, False]
        return Comparison(RivalKind.PARENT, name, both, ours, theirs, neither, p, p)


def lay_side_by_side(first: Evaluation, second: Evaluation) -> SideBySide:
    """Paired by the sentence, up to case, accents and spaces as everywhere."""
    ours, theirs = _by_form(first), _by_form(second)
    common = [(ours[form], theirs[form]) for form in ours if form in theirs]
    pairs = tuple(pair for pair in common if pair[0].case.expected == pair[1].case.expected)
    return SideBySide(
        pairs,
        relabelled=len(common) - len(pairs),
        only_first=len(ours) - len(common),
        only_second=len(theirs) - len(common),
        mended=(_count_mended(first, second), _count_mended(second, first)),
    )


def _count_mended(one: Evaluation, other: Evaluation) -> int:
    """Errors of the one, in cases that the other was trained on, or nearly."""
    seen = {same_form(case.case.text) for case in other.in_scope if not case.counts}
    return sum(not case.is_correct for form, case in _by_form(one).items() if form in seen)


def _by_form(evaluation: Evaluation) -> Mapping[str, AnsweredCase]:
    """The cases that count, the first of each sentence."""
    found: dict[str, AnsweredCase] = {}
    for answered in evaluation.graded:
        found.setdefault(same_form(answered.case.text), answered)
    return found
