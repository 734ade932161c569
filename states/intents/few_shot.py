"""Training sentences that go with a question to a model that was not trained on them.

ask_cases.py and weigh_training.py choose them, once for all questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from states.intents.cases import Example

FEWEST, MOST = 24, 100  # examples; in between, one for each intent
MOST_TOKENS = 4000  # of all of them: they are paid for with every question


def choose_examples(rows: Iterable[Example], count_tokens: Callable[[str], int]) -> list[Example]:
    """One of each intent in turn, in the order of the rows, as many as are worth their price.

    What no longer fits in MOST_TOKENS is left out, and a shorter one taken in its place."""
    by_intent: dict[str, list[Example]] = {}
    for sentence, intent in rows:
        own = by_intent.setdefault(intent, [])
        if len(own) < FEWEST:
            own.append((sentence, intent))
    wanted = min(max(FEWEST, len(by_intent)), MOST)
    chosen: list[Example] = []
    left = MOST_TOKENS
    for turn in range(FEWEST):
        for own in by_intent.values():
            if turn < len(own) and len(chosen) < wanted:
                price = sum(map(count_tokens, own[turn]))
                if price <= left:
                    chosen.append(own[turn])
                    left -= price
    return chosen
