"""The model before any training: how near a text is to the names and descriptions of the labels.

resources/inference.py answers for base models with it; training starts from it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from agent.emulator.model.encoder import Encoder
from agent.emulator.model.features import Floats
from agent.emulator.model.labels import Label

SCALE = 10.0  # from nearness to logits; 10 to 20 gave the lowest loss where it was measured

_FRAME = "Intención del cliente: {}"
_JOINTS = re.compile(r"[_\-]+")


def label_matrix(labels: Sequence[Label], encoder: Encoder) -> Floats:
    """One column of length SCALE per label: logits are the text's vector times this matrix."""
    framed = encoder.vectors([_FRAME.format(_JOINTS.sub(" ", label.name)) for label in labels])
    columns = [vector.full() for vector in framed]
    described = [at for at, label in enumerate(labels) if label.description]
    descriptions = encoder.vectors([labels[at].description for at in described])
    for at, vector in zip(described, descriptions, strict=True):
        columns[at] = columns[at] + vector.full()
    scaled = [SCALE * column / max(float(np.linalg.norm(column)), 1e-6) for column in columns]
    return np.stack(scaled, axis=1).astype(np.float32)


def start_matrix(answers: Sequence[str], described: Sequence[Label], encoder: Encoder) -> Floats:
    """The columns training starts from: each answer with its description in the prompt, if any."""
    known = {label.name.casefold(): label for label in described}
    return label_matrix(
        [Label(answer, _description(known.get(answer.casefold()))) for answer in answers], encoder
    )


def _description(label: Label | None) -> str:
    return label.description if label else ""
