"""Models ready to answer: fine-tuned ones from their heads, base models from the system prompt alone."""

from __future__ import annotations

import json
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
from agent.emulator.model.trainer import Head
from agent.emulator.model.trie import AnswerTrie, Masses
from agent.emulator.protocol.errors import ServiceError
from agent.emulator.resources.emulator import Emulator

# What a base model says when the prompt names no labels: it cannot classify into what it was not told.
_NO_LABELS = "I can help with that. Could you tell me a little more about what you need?"

Turn = tuple[str, str]  # role and content


@dataclass(frozen=True)
class Belief:
    """The closed set of answers a model may give to one conversation, and how probable each is."""

    answers: tuple[str, ...]
    trie: AnswerTrie
    cumulated: Masses


@dataclass(frozen=True)
class _FineTuned:
    answers: tuple[str, ...]
    trie: AnswerTrie
    wrapping: Wrapping
    head: Head


_CACHE: dict[str, _FineTuned] = {}
_LOCK = threading.Lock()


def believe(emulator: Emulator, model: str, turns: Sequence[Turn]) -> Belief:
    """What a model, base or fine-tuned, thinks of a conversation."""
    question = next((content for role, content in reversed(turns) if role == "user"), "")
    row = emulator.store.row("SELECT * FROM models WHERE name = ?", model)
    if row is None and ".ft-" in model:
        raise ServiceError(
            400, "DeploymentError", f"The model '{model}' behind this deployment no longer exists."
        )
    if row is None:
        return _zero_shot(
            emulator,
            "\n".join(content for role, content in turns if role in ("system", "developer")),
            question,
        )
    if row["encoder"] != emulator.encoder.name:
        message = (
            f"'{model}' was trained with the encoder {row['encoder']}; this emulator runs"
            f" {emulator.encoder.name}."
        )
        raise ServiceError(400, "DeploymentError", message)
    tuned = _loaded(emulator, model, row["head"], row["answers"], row["wrapping"])
    [vector] = emulator.encoder.vectors([tuned.wrapping.unwrap(question)])
    return Belief(tuned.answers, tuned.trie, tuned.trie.cumulate(tuned.head.probabilities(vector)))


def _loaded(emulator: Emulator, model: str, head: str, answers: str, wrapping: str) -> _FineTuned:
    """The model's head; heads never change, so one read is enough."""
    with _LOCK:
        if model not in _CACHE:
            known = tuple(json.loads(answers))
            _CACHE[model] = _FineTuned(
                known,
                AnswerTrie(known),
                Wrapping(**json.loads(wrapping)),
                Head(emulator.blobs.get_array(head)),
            )
        return _CACHE[model]


@lru_cache(maxsize=64)
def _columns(labels: tuple[Label, ...], encoder: Encoder) -> Floats:
    """One prompt is asked about many texts; its labels are encoded once."""
    return zero_shot.label_matrix(labels, encoder)


def _zero_shot(emulator: Emulator, prompt: str, question: str) -> Belief:
    labels = find_labels(prompt)
    if not labels:
        alone = AnswerTrie([_NO_LABELS])
        return Belief((_NO_LABELS,), alone, alone.cumulate(np.ones(1)))
    [vector] = emulator.encoder.vectors([question])
    logits = vector.full() @ _columns(labels, emulator.encoder)
    raised = np.exp(logits - logits.max())
    names = tuple(label.name for label in labels)
    trie = AnswerTrie(names)
    return Belief(names, trie, trie.cumulate(raised / raised.sum()))
