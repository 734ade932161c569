"""Every wrong answer, with the training sentences that lie nearest to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.report.intents import intent_name
from agent.report.speech import NOTHING, Speech

Json = Mapping[str, Any]

OPEN = 12  # failures that are shown unfolded: the groups that come first


@dataclass(frozen=True)
class Near:
    text: str
    intent: str
    similarity: str
    is_expected: bool  # it has the intent that was expected
    is_answered: bool  # it has the intent that was answered


@dataclass(frozen=True)
class Failure:
    """`said`: the answer itself, where it names no intent."""

    id: str
    text: str
    kind: str
    said: str
    probability: str
    near: Sequence[Near]


@dataclass(frozen=True)
class Group:
    """Failures of one kind."""

    expected: str
    answered: str
    failures: Sequence[Failure]
    is_open: bool


def group_failures(answers: Json, speech: Speech) -> list[Group]:
    """By (expected, answered), the most frequent first. What does not count is not here."""
    groups: dict[tuple[str, str], list[Json]] = {}
    for case in answers["cases_answered"]:
        if is_failure(case):
            pair = intent_name(case["expected"], speech), intent_name(case["predicted"], speech)
            groups.setdefault(pair, []).append(case)
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    found, shown = [], 0
    for (expected, answered), cases in ranked:
        failures = [_to_failure(case, speech) for case in cases]
        found.append(Group(expected, answered, failures, shown < OPEN))
        shown += len(failures)
    return found


def is_failure(case: Json) -> bool:
    """A wrong answer that counts: not of a sentence that was trained on, or nearly."""
    is_known = case.get("trained_on") or case.get("near_training")
    return not (case["correct"] or is_known or case.get("finish_reason") == "unanswered")


def _to_failure(case: Json, speech: Speech) -> Failure:
    probability = case.get("probability")
    return Failure(
        str(case["id"]),
        case["text"],
        str(case.get("kind") or ""),
        case["answer"] if case["predicted"] is None else "",
        NOTHING if probability is None else speech.percent(probability, 0),
        [_to_near(near, case, speech) for near in case.get("neighbours") or ()],
    )


def _to_near(near: Json, case: Json, speech: Speech) -> Near:
    return Near(
        near["text"],
        near["intent"],
        speech.number(near["similarity"], 2),
        near["intent"] == case["expected"],
        near["intent"] == case["predicted"],
    )
