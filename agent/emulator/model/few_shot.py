"""Learning from the examples of a conversation: what a base model makes of them for one answer.

resources/inference.py calls `learn`; the head it starts from is the zero-shot one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agent.emulator.model.features import Floats, Vector

# Measured with 1 to 10 examples for each of 4 labels (Spanish, two sets) and 1 to 3 for each of 77
# (banking77): 1 to 20 passes at rates of 1 to 30. One pass learns too little, a higher rate forgets
# what the labels' names say; the mean of the examples in their place was no better than the names.
_PASSES = 10
_RATE = 1.0


def learn(columns: Floats, vectors: Sequence[Vector], targets: Sequence[int]) -> Floats:
    """The columns after a few passes of gradient descent over all examples at once.

    `targets`: the column that each example belongs to. The same examples in any order teach the
    same, up to rounding.
    """
    seen = np.stack([vector.full() for vector in vectors])
    wanted = np.zeros((len(vectors), columns.shape[1]), dtype=np.float32)
    wanted[np.arange(len(vectors)), list(targets)] = 1.0
    for _ in range(_PASSES):
        gradient: Floats = seen.T @ (_softmax(seen @ columns) - wanted)
        columns = (columns - _RATE * gradient).astype(np.float32)
    return columns


def _softmax(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    share: Floats = raised / raised.sum(axis=1, keepdims=True)
    return share
