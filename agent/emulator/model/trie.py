"""A closed set of answers as a language model: a token is as probable as the answers below it.

The trainer scores answers with it, sampling.py walks it to generate one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from agent.emulator.model import tokens

Masses = NDArray[np.float64]

END = -1  # the token after the last piece of an answer
FLOOR = 1e-12  # no logarithm of zero
UNSEEN = 1e-6  # the probability of an answer that was never trained on


@dataclass(frozen=True)
class Branches:
    """The tokens that may come next; token i leads to the sorted answers lows[i] to highs[i]."""

    tokens: tuple[int, ...]
    lows: NDArray[np.int64]
    highs: NDArray[np.int64]


@dataclass(frozen=True)
class Score:
    """How well an expected answer was predicted: sum of token losses, tokens right, tokens."""

    loss: float
    right: int
    total: int


class AnswerTrie:
    """Answers sorted by their tokens, so that all with the same beginning are neighbours."""

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = tuple(answers)
        spelled = [(*tokens.pieces(answer), END) for answer in answers]
        self._order = np.array(
            sorted(range(len(answers)), key=lambda at: spelled[at]), dtype=np.int64
        )
        self._paths = [spelled[at] for at in self._order]
        self._rank = {int(answer): rank for rank, answer in enumerate(self._order)}
        self.branches = lru_cache(maxsize=None)(self._find_branches)

    def cumulate(self, probabilities: NDArray[np.floating]) -> Masses:
        """Running sums over the sorted answers; the difference of two is a run's probability."""
        return np.concatenate([[0.0], np.cumsum(probabilities.astype(np.float64)[self._order])])

    def list_chances(self, cumulated: Masses) -> Masses:
        """The probability of each answer, in the order in which they were given."""
        chances = np.empty(len(self.answers))
        chances[self._order] = np.diff(cumulated)
        return chances

    def full_run(self) -> tuple[int, int]:
        """The run of all answers."""
        return 0, len(self._paths)

    def _find_branches(self, low: int, high: int, depth: int) -> Branches:
        found: list[int] = []
        lows: list[int] = []
        for at in range(low, high):
            if not found or self._paths[at][depth] != found[-1]:
                found.append(self._paths[at][depth])
                lows.append(at)
        return Branches(tuple(found), np.array(lows), np.array([*lows[1:], high]))

    def score(self, cumulated: Masses, answer: int) -> Score:
        """Scores one answer token by token, each given all tokens before it."""
        path = self._paths[self._rank[answer]]
        low, high = self.full_run()
        loss, right = 0.0, 0
        for depth, token in enumerate(path):
            fork = self.branches(low, high, depth)
            if len(fork.tokens) == 1:
                right += 1
                continue
            masses = np.maximum(cumulated[fork.highs] - cumulated[fork.lows], FLOOR)
            at = fork.tokens.index(token)
            loss += float(np.log(masses.sum()) - np.log(masses[at]))
            right += int(masses.argmax() == at)
            low, high = int(fork.lows[at]), int(fork.highs[at])
        return Score(loss, right, len(path))


def score_unseen(answer: str) -> Score:
    """The score of an answer that training never showed: a large loss, and every token wrong."""
    return Score(float(-np.log(UNSEEN)), 0, len(tokens.pieces(answer)) + 1)
