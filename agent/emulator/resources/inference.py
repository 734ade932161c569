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
from itertools import pairwise

import numpy as np

from agent.emulator.model import few_shot, zero_shot
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
_MOST_EXAMPLES = 512  # of a conversation that are learnt from, the nearest to its question

Examples = tuple[tuple[str, str], ...]  # question and answer


@dataclass(frozen=True)
class _FineTuned:
    """A model that was trained here, loaded from its row and its head."""

    trie: AnswerTrie
    wrapping: Wrapping
    head: Head


_LOADED: dict[str, _FineTuned] = {}
_LOCK = threading.Lock()
_LEARNING = threading.Lock()  # many ask the same prompt at once: one learns it for all


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
    return _predict_base(context, "\n".join(told), _find_examples(messages), question)


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


def _find_examples(messages: Sequence[Message]) -> Examples:
    """The questions that the conversation answers, each with its answer."""
    answered = (
        (question, answer.strip())
        for (asker, question), (speaker, answer) in pairwise(messages)
        if (asker, speaker) == ("user", "assistant") and answer.strip()
    )
    return tuple(answered)[-_MOST_EXAMPLES:]


def _predict_base(context: Context, prompt: str, examples: Examples, question: str) -> Prediction:
    with _LEARNING:
        offer = _learn_prompt(prompt, examples, context.encoder)
    if offer is None:
        only = AnswerTrie([_NO_LABELS])
        return Prediction(only, only.cumulate(np.ones(1)))
    [vector] = context.encoder.vectors([question])
    logits = vector.full() @ offer.columns
    raised = np.exp(logits - logits.max())
    return Prediction(offer.trie, offer.trie.cumulate(raised / raised.sum()))


@dataclass(frozen=True)
class _Offer:
    """What a base model chooses among: its possible answers, and a column for each."""

    trie: AnswerTrie
    columns: Floats


@lru_cache(maxsize=16)
def _learn_prompt(prompt: str, examples: Examples, encoder: Encoder) -> _Offer | None:
    """One prompt is asked about many texts; what it says is read and encoded once.

    None where neither the prompt nor an example names an answer.
    """
    labels = find_labels(prompt)
    named = {label.name.casefold() for label in labels}
    taught = {answer.casefold(): answer for _, answer in examples}
    labels = (*labels, *(Label(taught[form]) for form in taught if form not in named))
    if not labels:
        return None
    columns = zero_shot.label_matrix(labels, encoder)
    if examples:
        at = {label.name.casefold(): index for index, label in enumerate(labels)}
        vectors = encoder.vectors([question for question, _ in examples])
        columns = few_shot.learn(columns, vectors, [at[a.casefold()] for _, a in examples])
    return _Offer(AnswerTrie([label.name for label in labels]), columns)
