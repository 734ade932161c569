"""What the questions cost: of the evaluation, and of the comparison before the training.

check_data.py writes it into data_preparation_summary.json, before anything is paid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from states.bases.table import price_key
from states.intents.cases import Example
from states.intents.data_rules import Data

ANSWER = 10  # tokens: the name of an intent, rather too many
MOST_BEFORE = 400  # sentences that are asked before the training: ± 5 points, for cents
FRAME = 8  # tokens around the two messages of an example


@dataclass(frozen=True)
class Asked:
    """`cases`: sentences that the tuned model is asked; `before`: those that the others are asked
    before the training as well; `deployments`: of the others, each with and without `examples`."""

    cases: int
    before: int
    deployments: Sequence[str]
    examples: Sequence[Example]


def estimate_questions(data: Data, asked: Asked, service: Mapping[str, Any]) -> dict[str, Any]:
    """JSON. The amounts are None where the base model has no price; an untuned model is priced as
    that one, whatever its deployment serves."""
    of_examples = sum(FRAME + sum(map(data.count_tokens, one)) for one in asked.examples)
    others = asked.cases + asked.before
    shares = [("tuned", asked.cases, 0)]
    for name in asked.deployments:
        shares.append((name, others, 0))
        if asked.examples:
            shares.append((f"{name}, {len(asked.examples)}-shot", others, of_examples))
    prices, mean = service["prices"], _mean_tokens(data)
    price = prices["inference"].get(price_key(service, data.base_model))
    each = [
        {"candidate": name, **_amount(count, count * (mean + more), price)}
        for name, count, more in shares
    ]
    questions = sum(count for _, count, _ in shares)
    tokens = sum(count * (mean + more) for _, count, more in shares)
    return {
        **_amount(questions, tokens, price),
        "currency": prices["currency"],
        "date": None if price is None else str(price["date"]),
        "candidates": each,
    }


def _mean_tokens(data: Data) -> int:
    """Of a question: that of an example, with its instruction and its answer."""
    tokens = data.training.tokens + data.validation.tokens
    return -(-tokens // max(1, data.training.examples + data.validation.examples))


def _amount(questions: int, tokens: int, price: Mapping[str, Any] | None) -> dict[str, Any]:
    amount = None
    if price is not None:
        answers = questions * ANSWER * price["output_usd_per_million_tokens"]
        amount = round((tokens * price["input_usd_per_million_tokens"] + answers) / 1e6, 6)
    return {"questions": questions, "tokens": tokens, "amount": amount}
