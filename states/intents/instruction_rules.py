"""The instruction is repeated before every sentence, so its length decides what can be trained.

build_prompts refuses one that no file can hold; data_rules.py tells where it is most of the price.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from states.errors import Mistake
from states.intents.data_file import DataFile
from states.intents.findings import Finding
from states.intents.sentences import Examples
from states.text import Rounded, dollars, say

MOSTLY = 5  # times as many tokens in all as in the sentences
SHORT = 40  # tokens of an instruction of one line, with the intent's name and the framing


def longest_example(model: Mapping[str, Any]) -> int:
    """Tokens of one example that the model takes."""
    return int(model.get("tokens_per_example", 65536))


def refuse_long_instruction(
    examples: Examples,
    instruction: str,
    place: str,
    service: Mapping[str, Any],
    longest: int,
    count_tokens: Callable[[str], int],
) -> None:
    """Raises Mistake before files are written that the service would not take.

    `longest`: tokens of one example that the model takes.
    """
    count = sum(len(sentences) for sentences in examples.values())
    size, most = len(instruction.encode()), service["limits"]["max_file_bytes"]["value"]
    # A token has at least one byte, so most instructions need not be counted.
    is_too_long = size > longest and count_tokens(instruction) > longest
    if is_too_long or size * count > most:
        raise Mistake(
            say(
                "{place}: the instruction that lists all {intents} intents has {size} characters,"
                " and is repeated before each of {count} sentences: the service takes no file so"
                " large. Join intents, or make the project with `new` and a shorter"
                " `--system-prompt FILE`.",
                place=place,
                intents=len(examples),
                size=len(instruction),
                count=count,
            )
        )


def warn_of_dear_instruction(
    file: DataFile, epochs: int, price: Mapping[str, Any] | None
) -> list[Finding]:
    """The list of 77 intents before each of 8,000 sentences is nine tenths of the price."""
    if price is None or file.tokens < MOSTLY * (file.of_sentences or 1):
        return []
    per_token = epochs * price["usd_per_million_tokens"] / 1e6
    short = (file.of_sentences + file.examples * SHORT) * per_token
    if file.tokens * per_token - short < 1:
        return []
    text = say(
        "{percent} % of what is paid is the instruction, repeated before every sentence. With many"
        " examples a model learns the intents without their list: with an instruction of one line"
        " (`new`, `--system-prompt FILE`) the training would cost about {amount} USD.",
        percent=Rounded(100 * (1 - file.of_sentences / file.tokens)),
        amount=dollars(short),
    )
    return [Finding(text, kind="long_instruction")]
