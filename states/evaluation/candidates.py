"""The candidates side by side: how right, how quick and how dear the tuned model and each rival is.

Pure arithmetic over one evaluation; the pages of results/ show it. comparison.py says whether a
difference means anything.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from states.evaluation.answers import Answer, Evaluation, Rival, RivalKind
from states.evaluation.costs import Tariff
from states.evaluation.intent_scores import Pair, macro_f1, measure_intents, weighted_f1
from states.evaluation.scores import Score
from states.remote import Finish

TUNED = "tuned"


@dataclass(frozen=True)
class Tokens:
    """The mean of one answer; `prompt` is what it was asked with."""

    prompt: float
    completion: float

    def as_json(self) -> dict[str, float]:
        return {"prompt": round(self.prompt, 1), "completion": round(self.completion, 1)}


@dataclass(frozen=True)
class Candidate:
    """`latency`: seconds of (half, 95 %) of the answers; None where none was timed.

    `usd_*`: None where a price or the tokens are unknown."""

    kind: str  # TUNED, or that of a rival
    name: str
    model: str
    outcome: Score
    macro_f1: float | None
    weighted_f1: float | None
    latency: tuple[float, float] | None
    tokens: Tokens | None
    usd_per_1000: float | None
    usd_per_month: float | None

    def as_json(self) -> dict[str, Any]:
        """The form in results/test_results.json."""
        latency, dollars = self.latency, self.usd_per_1000
        month = self.usd_per_month
        return {
            "kind": self.kind,
            "name": self.name,
            "model": self.model,
            **self.outcome.as_json(),
            "macro_f1": self.macro_f1,
            "weighted_f1": self.weighted_f1,
            "latency_seconds": latency and {"p50": latency[0], "p95": latency[1]},
            "tokens": self.tokens and self.tokens.as_json(),
            "usd_per_1000": None if dollars is None else round(dollars, 6),
            "usd_per_month": None if month is None else round(month, 6),
        }


def list_candidates(evaluation: Evaluation, name: str, model: str) -> list[Candidate]:
    """The tuned model, `name` its deployment and `model` itself, and then each rival."""
    tuned = _measure(
        (TUNED, name, model),
        [(case.case.expected or "", case.predicted) for case in evaluation.graded],
        [case.answer for case in evaluation.heard],
        evaluation.tariff,
    )
    return [tuned, *(_measure_rival(rival, evaluation) for rival in evaluation.rivals)]


def _measure_rival(rival: Rival, evaluation: Evaluation) -> Candidate:
    """Over the cases that count and that it has answered."""
    counts = [case.counts and case.case.expected is not None for case in evaluation.cases]
    asked = zip(evaluation.cases, counts, rival.answers, rival.predicted, strict=True)
    pairs = [
        (case.case.expected or "", predicted)
        for case, is_counted, answer, predicted in asked
        if is_counted and _is_heard(answer)
    ]
    answers = [answer for answer in rival.answers if answer is not None and _is_heard(answer)]
    return _measure((rival.kind.value, rival.name, rival.model), pairs, answers, evaluation.tariff)


def _is_heard(answer: Answer | None) -> bool:
    return answer is not None and answer.finish is not Finish.UNANSWERED


def _measure(
    who: tuple[str, str, str],
    pairs: Sequence[Pair],
    answers: Sequence[Answer],
    tariff: Tariff | None,
) -> Candidate:
    kind, name, model = who
    measured = measure_intents(pairs)
    tokens = None if kind == RivalKind.LOCAL else _count_tokens(answers)
    per_1000 = per_month = 0.0 if kind == RivalKind.LOCAL else None
    if tariff is not None and tokens is not None:
        per_1000 = tariff.per_1000(model, tokens.prompt, tokens.completion)
        is_hosted = kind in (TUNED, RivalKind.PARENT)
        per_month = tariff.per_month(per_1000, is_hosted=is_hosted)
    return Candidate(
        kind,
        name,
        model,
        Score(len(pairs), sum(expected == predicted for expected, predicted in pairs)),
        macro_f1(measured),
        weighted_f1(measured),
        _time([answer.latency_seconds for answer in answers]),
        tokens,
        per_1000,
        per_month,
    )


def _count_tokens(answers: Sequence[Answer]) -> Tokens | None:
    """The mean over the answers that say how many they took; None if none does."""
    counted = [
        (answer.prompt_tokens, answer.completion_tokens)
        for answer in answers
        if answer.prompt_tokens is not None and answer.completion_tokens is not None
    ]
    if not counted:
        return None
    prompts, completions = zip(*counted, strict=True)
    return Tokens(sum(prompts) / len(counted), sum(completions) / len(counted))


def _time(seconds: Sequence[float]) -> tuple[float, float] | None:
    """(p50, p95), four decimals. None where no time was taken: an answer takes more than none."""
    taken = sorted(one for one in seconds if one > 0)
    if not taken:
        return None
    return round(quantile(taken, 0.5), 4), round(quantile(taken, 0.95), 4)


def quantile(ordered: Sequence[float], share: float) -> float:
    """Between the two nearest, in proportion (R-7 of Hyndman and Fan 1996, as NumPy has it)."""
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])
