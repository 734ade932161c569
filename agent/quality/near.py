"""Sentences that are nearly the same: the words in another order, one of them misspelt or replaced.

duplicates.py asks within one list, leakage.py between two. candidates.py says which to compare.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappush, heappushpop
from typing import TYPE_CHECKING, Any

from agent.quality import candidates
from states.intents.forms import close_form

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Said for politeness; a sentence with one of them and the same without are one.
_ENGLISH = (
    "please",
    "hi",
    "hello",
    "hey",
    "thank",
    "thanks",
    "you",
    "kindly",
    "just",
    "okay",
    "well",
)
_GREETINGS = ("hola", "buenas", "buenos", "dias", "tardes", "noches")
_SPANISH = ("gracias", "por", "favor", "bueno", "oye", "oiga", "pues", "ok")
FILLERS = frozenset((*_ENGLISH, *_GREETINGS, *_SPANISH))
_CHUNK = 500_000  # pairs compared at a time
_KEPT = 3  # pairs kept of one sentence, the most alike: the rows of a template have thousands
_LIST = 50_000  # sentences of the first list at a time: a million are looked at in turn
LENGTH = 2000  # characters compared; more are of a document, not of a sentence


@dataclass(frozen=True, slots=True)
class Pair:
    """Two indices, and how alike their sentences are, 0 to 100."""

    one: int
    other: int
    score: float


def pairs_within(texts: Sequence[str], groups: Sequence[str], least: float) -> list[Pair]:
    """Pairs of one list that are at least `least` alike, the most alike first.

    Of each sentence the best few of its own group (its intent), and of the others.
    """
    forms = [_Form.of(text) for text in texts]
    found = candidates.pairs_within(candidates.bands([form.words for form in forms]))
    return _compare(forms, forms, found, least, groups)


def pairs_between(
    left: Sequence[str],
    right: Sequence[str],
    least: float,
    pause: Callable[[], None] = lambda: None,
) -> list[Pair]:
    """Pairs of two lists that are at least `least` alike, the most alike first.

    `pause` is called every second or two, and may raise.
    """
    theirs = [_Form.of(text) for text in right]
    keys = candidates.bands([form.words for form in theirs])
    found = []
    for start in range(0, len(left), _LIST):
        pause()
        ours = [_Form.of(text) for text in left[start : start + _LIST]]
        pairs = candidates.pairs_between(candidates.bands([form.words for form in ours]), keys)
        found += [
            Pair(pair.one + start, pair.other, pair.score)
            for pair in _compare(ours, theirs, pairs, least)
        ]
    return _ranked(found)


@dataclass(frozen=True, slots=True)
class _Form:
    """The words that say something, as they stand and sorted."""

    words: str
    ordered: str

    @staticmethod
    def of(text: str) -> _Form:
        words = close_form(text[:LENGTH]).split()
        words = [word for word in words if word not in FILLERS] or words
        return _Form(" ".join(words), " ".join(sorted(words)))


def _compare(
    left: Sequence[_Form],
    right: Sequence[_Form],
    pairs: tuple[NDArray[Any], NDArray[Any]],
    least: float,
    groups: Sequence[str] | None = None,
) -> list[Pair]:
    """A misspelt word may be sorted elsewhere, so both orders are looked at."""
    best: defaultdict[tuple[int, bool], list[tuple[float, int]]] = defaultdict(list)
    ones, others = pairs
    for start in range(0, len(ones), _CHUNK):
        one, other = ones[start : start + _CHUNK].tolist(), others[start : start + _CHUNK].tolist()
        scores = _score([left[at].words for at in one], [right[at].words for at in other], least)
        ordered = _score(
            [left[at].ordered for at in one], [right[at].ordered for at in other], least
        )
        scores[scores < ordered] = ordered[scores < ordered]
        for at in (scores >= least).nonzero()[0].tolist():
            if left[one[at]].words and right[other[at]].words:
                is_own = groups is None or groups[one[at]] == groups[other[at]]
                _keep(best[other[at], is_own], (float(scores[at]), -one[at]))
    return _ranked(
        [Pair(-one, other, score) for (other, _), kept in best.items() for score, one in kept]
    )


def _keep(kept: list[tuple[float, int]], pair: tuple[float, int]) -> None:
    """The best few; of equal ones, those that stand first."""
    if len(kept) < _KEPT:
        heappush(kept, pair)
    else:
        heappushpop(kept, pair)


def _score(ones: Sequence[str], others: Sequence[str], least: float) -> NDArray[Any]:
    from rapidfuzz import fuzz, process

    return process.cpdist(ones, others, scorer=fuzz.ratio, score_cutoff=least, workers=1)


def _ranked(pairs: Sequence[Pair]) -> list[Pair]:
    return sorted(pairs, key=lambda pair: (-pair.score, pair.one, pair.other))
