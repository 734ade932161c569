"""Sentences by their words: TF-IDF of words, pairs of words and n-grams of characters, pressed.

A part of features.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from agent.quality.work import SEED

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DIMENSIONS = 256  # 128 lose a point of accuracy on banking77, 512 gain none
_VOCABULARY = 20_000  # words and pairs of them, and as many n-grams of characters


class Words:
    """What is learnt from some texts. `rows`: of these, each of length 1 or, without a word, 0."""

    def __init__(self, texts: Sequence[str], pause: Callable[[], None]) -> None:
        import numpy as np

        parts = [
            _tfidf(texts, analyzer="word", ngram_range=(1, 2)),
            _tfidf(texts, analyzer="char_wb", ngram_range=(3, 5)),
        ]
        found = [part for part in parts if part is not None]
        self._weigh = [vectorizer for vectorizer, _ in found]
        self._press: Callable[[Any], Any] = _spread
        self.rows: NDArray[Any] = np.zeros((len(texts), 1), dtype=np.float32)  # white space alone
        if found:
            pause()
            self._learn(_beside([weighed for _, weighed in found]))

    def of(self, texts: Sequence[str]) -> NDArray[Any]:
        """One row per text, of what was learnt; at least one text."""
        import numpy as np

        if not self._weigh:
            return np.zeros((len(texts), 1), dtype=np.float32)
        weighed = [vectorizer.transform(texts) for vectorizer in self._weigh]
        return _normalized(self._press(_beside(weighed)))

    def _learn(self, sparse: Any) -> None:
        import numpy as np
        from sklearn.decomposition import TruncatedSVD

        dimensions = min(_DIMENSIONS, min(sparse.shape) - 1)
        if dimensions < 2:
            self.rows = _normalized(_spread(sparse))
            return
        press = TruncatedSVD(dimensions, n_iter=3, random_state=SEED)
        with np.errstate(all="ignore"):  # the share of variance it explains, where there is none
            self.rows = _normalized(press.fit_transform(sparse))
        self._press = press.transform


def _tfidf(texts: Sequence[str], **how: Any) -> tuple[Any, Any] | None:
    """What weighs texts, and these weighed. None where there is none, as in "???"."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(
        sublinear_tf=True,
        strip_accents="unicode",
        max_features=_VOCABULARY,
        dtype=np.float32,
        **how,
    )
    try:
        return vectorizer, vectorizer.fit_transform(texts)
    except ValueError:
        return None


def _beside(parts: Sequence[Any]) -> Any:
    from scipy.sparse import hstack

    return hstack(parts).tocsr()


def _spread(sparse: Any) -> Any:
    return sparse.toarray()


def _normalized(rows: Any) -> NDArray[Any]:
    import numpy as np
    from sklearn.preprocessing import normalize

    return np.asarray(normalize(rows), dtype=np.float32)
