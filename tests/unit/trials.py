"""Evaluations made up from right and wrong answers, of the tuned model and of its rivals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from states.evaluation.answers import Answer, AnsweredCase, Evaluation, Rival, RivalKind
from states.intents.cases import Case

INTENTS = ("alta", "baja", "cobro", "duda")
ANSWER = Answer("?", latency_seconds=0.1, attempts=1)
WRONG = "ninguna"


def trial(
    tuned: Sequence[bool],
    rivals: Mapping[RivalKind, Sequence[bool | None]] | None = None,
    intents: Sequence[str] = INTENTS,
) -> Evaluation:
    """The cases go round the intents. A rival is named after its kind; None: not asked."""
    expected = [intents[number % len(intents)] for number in range(len(tuned))]
    cases = tuple(
        AnsweredCase(
            Case(f"case-{number:04}", "typical", f"frase {number}", intent),
            ANSWER,
            intent if is_right else WRONG,
        )
        for number, (intent, is_right) in enumerate(zip(expected, tuned, strict=True))
    )
    return Evaluation(
        tuple(intents),
        "test",
        cases,
        tuple(
            Rival(
                kind,
                f"un {kind.value}",
                kind.value,
                tuple(None if right is None else ANSWER for right in answers),
                tuple(
                    intent if right else WRONG
                    for intent, right in zip(expected, answers, strict=True)
                ),
            )
            for kind, answers in (rivals or {}).items()
        ),
    )


def split(right: int, total: int) -> list[bool]:
    """The first ones right."""
    return [number < right for number in range(total)]
