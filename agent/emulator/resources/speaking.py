"""Says an answer token by token out of the trie: temperature, top_p, seed, length and stop words as in a real model."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.emulator.model import tokens
from agent.emulator.model.trie import END, FLOOR, Branches
from agent.emulator.resources.served import Belief

_COLD = 1e-6  # below this the likeliest token is certain, and dividing by the temperature overflows


@dataclass(frozen=True)
class Manner:
    """How to choose among the tokens that may come next."""

    temperature: float = 1.0
    top_p: float = 1.0
    seed: int | None = None
    longest: int | None = None
    stops: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spoken:
    """One token said: its probability as a logarithm, and the likeliest tokens at its place, itself perhaps among them."""

    token: int
    logprob: float
    rivals: tuple[tuple[int, float], ...]

    @property
    def raw(self) -> bytes:
        """The token's bytes, which need not be whole characters."""
        return tokens.piece_bytes(self.token)


@dataclass(frozen=True)
class Utterance:
    """A whole answer and why it ended there."""

    text: str
    said: tuple[Spoken, ...]
    finish: str


def speak(belief: Belief, manner: Manner, occasion: str) -> Utterance:
    """Says one answer. Without a seed, chance comes from the occasion, so that the same request gets the same answer."""
    chance = np.random.default_rng(_number(f"{manner.seed}/{occasion}"))
    low, high = belief.trie.run()
    said: list[Spoken] = []
    while True:
        if manner.longest is not None and len(said) >= manner.longest:
            return Utterance(_text(said), tuple(said), "length")
        fork = belief.trie.branches(low, high, len(said))
        masses = np.maximum(belief.cumulated[fork.highs] - belief.cumulated[fork.lows], FLOOR)
        share = masses / masses.sum()
        at = _choose(share, manner, chance)
        if fork.tokens[at] == END:
            return Utterance(_text(said), tuple(said), "stop")
        said.append(Spoken(fork.tokens[at], math.log(share[at]), _rivals(fork, share)))
        stop = next((stop for stop in manner.stops if stop and stop in _text(said)), None)
        if stop is not None:
            return Utterance(_text(said).partition(stop)[0], tuple(said), "stop")
        low, high = int(fork.lows[at]), int(fork.highs[at])


def _choose(share: NDArray[np.float64], manner: Manner, chance: np.random.Generator) -> int:
    if manner.temperature < _COLD or len(share) == 1:
        return int(share.argmax())
    warm = np.exp((np.log(share) - np.log(share.max())) / manner.temperature)
    order = np.argsort(-warm, kind="stable")
    sums = np.cumsum(warm[order] / warm.sum())
    kept = order[: int(np.searchsorted(sums, manner.top_p)) + 1]
    return int(chance.choice(kept, p=warm[kept] / warm[kept].sum()))


def _rivals(fork: Branches, share: NDArray[np.float64]) -> tuple[tuple[int, float], ...]:
    order: Sequence[int] = np.argsort(-share, kind="stable")[:20].tolist()
    return tuple((fork.tokens[at], math.log(share[at])) for at in order)


def _text(said: Sequence[Spoken]) -> str:
    return b"".join(token.raw for token in said).decode("utf-8", "replace")


def _number(text: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big"
    )
