"""Model inference: what a fine-tuned or a base model predicts for a conversation.

chat.py calls `predict`; model/sampling.py turns the Prediction into text.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from agent.emulator.model import zero_shot
from agent.emulator.model.dataset import Wrapping
from agent.emulator.model.encoder import Encoder
from agent.emulator.model.features import Floats
from agent.emulator.model.labels import Label, find_labels
from agent.emulator.model.sampling import Prediction
from agent.emulator.model.tokens import Message
from agent.emulator.model.trainer import Head
from agent.emulator.model.trie import AnswerTrie
from agent.emulator.protocol.errors import ServiceError
from agent.emulator.resources.context import Context

# A base model's answer when the prompt names no labels: it has nothing to choose among.
_NO_LABELS = "I can help with that. Could you tell me a little more about what you need?"


@dataclass(frozen=True)
class _FineTuned:
    """A model that was trained here, loaded from its row and its head."""

    trie: AnswerTrie
    wrapping: Wrapping
    head: Head


_LOADED: dict[str, _FineTuned] = {}
_LOCK = threading.Lock()


def predict(context: Context, model: str, messages: Sequence[Message]) -> Prediction:
    """The answers that a model, base or fine-tuned, may give, and how probable each is."""
    question = next((content for role, content in reversed(messages) if role == "user"), "")
    row = context.store.row("SELECT * FROM models WHERE name = ?", model)
    if row is not None:
        return _predict_fine_tuned(context, row, question)
    if ".ft-" in model:
        raise ServiceError(
            400, "DeploymentError", f"The model '{model}' behind this deployment no longer exists."
        )
    told = [content for role, content in messages if role in ("system", "developer")]
    return _predict_base(context, "\n".join(told), question)


def _predict_fine_tuned(context: Context, row: sqlite3.Row, question: str) -> Prediction:
    if row["encoder"] != context.encoder.name:
        message = (
            f"'{row['name']}' was trained with the encoder {row['encoder']}; this emulator runs"
            f" {context.encoder.name}."
        )
        raise ServiceError(400, "DeploymentError", message)
    tuned = _load(context, row)
    [vector] = context.encoder.vectors([tuned.wrapping.unwrap(question)])
    probabilities = tuned.head.probabilities(vector)
    return Prediction(tuned.trie, tuned.trie.cumulate(probabilities))


def _load(context: Context, row: sqlite3.Row) -> _FineTuned:
    """The model of a row; heads never change, so one read is enough."""
    with _LOCK:
        name = row["name"]
        if name not in _LOADED:
            trie = AnswerTrie(json.loads(row["answers"]))
            wrapping = Wrapping(**json.loads(row["wrapping"]))
            head = Head(context.blobs.get_array(row["head"]))
            _LOADED[name] = _FineTuned(trie, wrapping, head)
        return _LOADED[name]


def _predict_base(context: Context, prompt: str, question: str) -> Prediction:
    labels = find_labels(prompt)
    if not labels:
        only = AnswerTrie([_NO_LABELS])
        return Prediction(only, only.cumulate(np.ones(1)))
    [vector] = context.encoder.vectors([question])
    logits = vector.full() @ _label_matrix(labels, context.encoder)
    raised = np.exp(logits - logits.max())
    trie = AnswerTrie([label.name for label in labels])
    return Prediction(trie, trie.cumulate(raised / raised.sum()))


@lru_cache(maxsize=64)
def _label_matrix(labels: tuple[Label, ...], encoder: Encoder) -> Floats:
    """One prompt is asked about many texts; its labels are encoded once."""
    return zero_shot.label_matrix(labels, encoder)
