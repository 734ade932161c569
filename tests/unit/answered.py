"""Answered cases by the handful, for the tests of what answers are worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from states.evaluation.answers import Answer, AnsweredCase, Evaluation, Neighbour
from states.intents.cases import Case

Said = tuple[str | None, str | None, int]  # expected, named, how often


def of_pairs(pairs: Iterable[Said], **more: Mapping[str, tuple[Neighbour, ...]]) -> Evaluation:
    """An evaluation with so many cases of each; ids count from c-1."""
    several = [(expected, named) for expected, named, count in pairs for _ in range(count)]
    cases = tuple(
        AnsweredCase(
            Case(f"c-{number}", "typical", f"frase {number}", expected),
            Answer(named or "no sé", latency_seconds=0.1, attempts=1),
            named,
        )
        for number, (expected, named) in enumerate(several, start=1)
    )
    intents = dict.fromkeys(name for pair in several for name in pair if name is not None)
    return Evaluation(tuple(intents), "x", cases, **more)


def right_of(correct: Mapping[str, tuple[int, int]]) -> Evaluation:
    """Intent -> (right, all): every wrong answer names an intent of its own."""
    pairs: list[Said] = []
    for intent, (right, total) in correct.items():
        pairs.append((intent, intent, right))
        pairs += [(intent, f"{intent}-{number}", 1) for number in range(total - right)]
    evaluation = of_pairs(pairs)
    return Evaluation(tuple(correct), "x", evaluation.cases)
