"""Turns a text into its feature vector: a sentence embedding beside hashed words and n-grams.

model/encoder.py calls it.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

HASH_SIZE = 4096
EMBEDDING_WEIGHT = 0.893  # with 0.45 for the hashed part the whole vector has length one
HASH_WEIGHT = 0.45
TEXT_LIMIT = 2000  # characters; the encoder has no limit and takes seconds on very long texts

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Vector:
    """One text: a dense part (empty without the encoder) and the non-zero hashed features."""

    dense: Floats
    indices: NDArray[np.int32]
    values: Floats

    def full(self) -> Floats:
        """The same vector with its zeros written out."""
        hashed = np.zeros(HASH_SIZE, dtype=np.float32)
        hashed[self.indices] = self.values
        return np.concatenate([self.dense, hashed])


def clean(text: str) -> str:
    """The text as the encoder can take it: no lone surrogates, no endless tail."""
    return text[:TEXT_LIMIT].encode("utf-8", "replace").decode("utf-8")


def smart_case(text: str) -> str:
    """Lower-cases a text that is mostly capitals; the encoder takes those for another language."""
    letters = [c for c in text if c.isalpha()]
    shouted = sum(c.isupper() for c in letters)
    return text.lower() if shouted > 0.6 * len(letters) else text


def hash_features(text: str, weight: float) -> tuple[NDArray[np.int32], Floats]:
    """The hashed n-grams of a text as (indices, values), of length `weight`."""
    counts: Counter[int] = Counter()
    for gram in _list_grams(_strip_accents(text)):
        # CRC-32 and not hash(): the latter changes with every process.
        code = zlib.crc32(gram.encode())
        counts[code % HASH_SIZE] += 1 if code & 0x80000000 else -1
    kept = sorted(index for index, count in counts.items() if count)
    values = np.array([counts[index] for index in kept], dtype=np.float32)
    length = float(np.linalg.norm(values))
    return np.array(kept, dtype=np.int32), values * np.float32(weight / length if length else 0.0)


def _strip_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _list_grams(text: str) -> Iterator[str]:
    words = _WORD.findall(text)
    yield from (f"w:{word}" for word in words)
    yield from (f"w:{first} {second}" for first, second in pairwise(words))
    padded = f" {' '.join(words)} "
    for size in (3, 4, 5):
        yield from (f"c:{padded[at : at + size]}" for at in range(len(padded) - size + 1))
