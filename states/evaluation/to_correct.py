"""The answers that are worth a person's look: wrong ones first, then the least certain.

The command `export-errors` writes them, so that they are corrected and imported again.
"""

from __future__ import annotations

from collections.abc import Iterable

from states.evaluation.answers import AnsweredCase, Evaluation


def choose_to_correct(evaluation: Evaluation, uncertain: int) -> list[AnsweredCase]:
    """Wrong answers, the most certain first; then `uncertain` right ones, the least certain first.

    A case without an answer, that no intent fits, or that was trained on teaches nothing new. Of
    answers without a confidence nobody knows how certain they are: right ones are left out."""
    usable = [case for case in evaluation.heard if case.case.expected and not case.is_trained]
    wrong = [case for case in usable if not case.is_correct]
    right = [case for case in usable if case.is_correct and case.answer.probability is not None]
    return [*reversed(_by_confidence(wrong)), *_by_confidence(right)[: max(uncertain, 0)]]


def _by_confidence(cases: Iterable[AnsweredCase]) -> list[AnsweredCase]:
    return sorted(cases, key=lambda case: case.answer.probability or 0.0)
