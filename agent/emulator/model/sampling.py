"""Samples an answer token by token: temperature, top_p, seed, length and stop words.

resources/inference.py makes the Prediction, resources/chat.py calls `sample` for each choice.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.emulator.model import tokens
from agent.emulator.model.sampling_options import SamplingOptions
from agent.emulator.model.trie import END, FLOOR, AnswerTrie, Branches, Masses

_GREEDY_BELOW = 1e-6  # below this temperature the division overflows; the likeliest token is taken
_MOST_ALTERNATIVES = 20  # as many as `top_logprobs` may ask for


@dataclass(frozen=True)
class Prediction:
    """The closed set of answers a model may give to one conversation, and their probabilities."""

    trie: AnswerTrie
    cumulated: Masses

    def list_chances(self) -> list[float]:
        """The probability of each of the trie's answers, in their order."""
        return [float(one) for one in self.trie.list_chances(self.cumulated)]


@dataclass(frozen=True)
class SampledToken:
    """One token, its log-probability, and the likeliest tokens at its place (perhaps itself)."""

    token: int
    logprob: float
    alternatives: tuple[tuple[int, float], ...]

    @property
    def raw(self) -> bytes:
        """The token's bytes, which need not be whole characters."""
        return tokens.piece_bytes(self.token)


@dataclass(frozen=True)
class SampledText:
    """A whole answer and why it ended there."""

    text: str
    tokens: tuple[SampledToken, ...]
    finish_reason: str
    tool: str | None = None  # whose arguments the text is


def sample(prediction: Prediction, options: SamplingOptions, salt: str) -> SampledText:
    """Samples one answer. The random numbers follow from seed and salt: same request, same text."""
    random = np.random.default_rng(_hash_number(f"{options.seed}/{salt}"))
    low, high = prediction.trie.full_run()
    chosen: list[SampledToken] = []
    while True:
        if options.max_tokens is not None and len(chosen) >= options.max_tokens:
            return SampledText(_decode(chosen), tuple(chosen), "length")
        fork = prediction.trie.branches(low, high, len(chosen))
        cumulated = prediction.cumulated
        masses = np.maximum(cumulated[fork.highs] - cumulated[fork.lows], FLOOR)
        share = _press(masses / masses.sum(), fork, chosen, options)
        at = _choose(share, options, random)
        if fork.tokens[at] == END:
            return SampledText(_decode(chosen), tuple(chosen), "stop")
        alternatives = _list_alternatives(fork, share)
        chosen.append(SampledToken(fork.tokens[at], math.log(share[at]), alternatives))
        text = _decode(chosen)
        stop = next((stop for stop in options.stops if stop and stop in text), None)
        if stop is not None:
            return SampledText(text.partition(stop)[0], tuple(chosen), "stop")
        low, high = int(fork.lows[at]), int(fork.highs[at])


def _press(
    share: NDArray[np.float64],
    fork: Branches,
    chosen: Sequence[SampledToken],
    options: SamplingOptions,
) -> NDArray[np.float64]:
    """The shares with the biases of single tokens, and the penalties of those that were said."""
    if not (options.biases or options.frequency_penalty or options.presence_penalty):
        return share
    said = Counter(one.token for one in chosen)
    press = [
        options.biases.get(token, 0.0)
        - options.frequency_penalty * said[token]
        - options.presence_penalty * (token in said)
        for token in fork.tokens
    ]
    logits = np.log(share) + np.array(press)
    raised = np.maximum(np.exp(logits - logits.max()), FLOOR)
    pressed: NDArray[np.float64] = raised / raised.sum()
    return pressed


def _choose(
    share: NDArray[np.float64], options: SamplingOptions, random: np.random.Generator
) -> int:
    if options.temperature < _GREEDY_BELOW or len(share) == 1:
        return int(share.argmax())
    heated = np.exp((np.log(share) - np.log(share.max())) / options.temperature)
    order = np.argsort(-heated, kind="stable")
    sums = np.cumsum(heated[order] / heated.sum())
    kept = order[: int(np.searchsorted(sums, options.top_p)) + 1]
    return int(random.choice(kept, p=heated[kept] / heated[kept].sum()))


def _list_alternatives(fork: Branches, share: NDArray[np.float64]) -> tuple[tuple[int, float], ...]:
    order: Sequence[int] = np.argsort(-share, kind="stable")[:_MOST_ALTERNATIVES].tolist()
    return tuple((fork.tokens[at], math.log(share[at])) for at in order)


def _decode(chosen: Sequence[SampledToken]) -> str:
    return b"".join(token.raw for token in chosen).decode("utf-8", "replace")


def _hash_number(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big")
