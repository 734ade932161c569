"""What a model knows before any training: how near a text is to what each label is called and said to mean."""

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
    told = [at for at, label in enumerate(labels) if label.description]
    for at, vector in zip(
        told, encoder.vectors([labels[at].description for at in told]), strict=True
    ):
        columns[at] = columns[at] + vector.full()
    return np.stack(
        [SCALE * column / max(float(np.linalg.norm(column)), 1e-6) for column in columns], axis=1
    ).astype(np.float32)


def start_matrix(answers: Sequence[str], described: Sequence[Label], encoder: Encoder) -> Floats:
    """The columns training starts from: those of the prompt's labels where an answer is one, else of its own text."""
    known = {label.name.casefold(): label for label in described}
    return label_matrix(
        [Label(answer, _description(known.get(answer.casefold()))) for answer in answers], encoder
    )


def _description(label: Label | None) -> str:
    return label.description if label else ""
