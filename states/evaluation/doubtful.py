"""For which intents more test cases would decide most. verdict.py calls this."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from states.evaluation.answers import AnsweredCase

LEAST_WEIGHT = 2  # cases in doubt; a single one is no pattern


def find_doubtful(
    intents: Sequence[str], cases: Iterable[AnsweredCase], doubts: Iterable[AnsweredCase]
) -> tuple[str, ...]:
    """The intents that want cases first; none where all do evenly.

    Those with less than half as many cases as the others on average, the fewest first; then those
    with at least twice their share of the `doubts`, which are the cases that two candidates answer
    differently, or that are wrong.
    """
    asked = Counter(case.case.expected for case in cases)
    doubted = Counter(case.case.expected for case in doubts)
    return tuple(dict.fromkeys([*_list_few(intents, asked), *_list_heavy(intents, doubted)]))


def _list_few(intents: Sequence[str], asked: Mapping[str | None, int]) -> list[str]:
    mean = sum(asked.values()) / max(1, len(intents))
    few = [intent for intent in intents if asked.get(intent, 0) < mean / 2]
    return sorted(few, key=lambda intent: (asked.get(intent, 0), intent))


def _list_heavy(intents: Sequence[str], doubted: Mapping[str | None, int]) -> list[str]:
    bound = max(LEAST_WEIGHT, 2 * sum(doubted.values()) / max(1, len(intents)))
    heavy = [intent for intent in intents if doubted.get(intent, 0) >= bound]
    return sorted(heavy, key=lambda intent: (-doubted.get(intent, 0), intent))
