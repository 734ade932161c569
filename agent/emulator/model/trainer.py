"""Trains a softmax head over the distinct answers, by stochastic gradient descent.

resources/training_run.py iterates over `Training.run`, an Epoch at a time, from zero_shot.py on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from agent.emulator.model.features import Floats, Vector
from agent.emulator.model.trie import AnswerTrie, Score, score_unseen

_METRICS_EVERY = 10  # steps between two validation batches


@dataclass(frozen=True)
class Recipe:
    """Resolved hyper-parameters."""

    n_epochs: int
    batch_size: int
    learning_rate_multiplier: float
    seed: int

    @property
    def rate(self) -> float:
        """The square roots keep five decades of multipliers and any batch size usable."""
        return 3.0 * math.sqrt(self.learning_rate_multiplier / 0.1) * math.sqrt(self.batch_size)


@dataclass(frozen=True)
class Examples:
    """Encoded rows: vector, expected answer, and its index among the known ones (-1: unknown)."""

    vectors: list[Vector]
    answers: list[str]
    targets: list[int]


@dataclass(frozen=True)
class StepMetrics:
    """One line of the results file; None where the service leaves the cell empty."""

    step: int
    train_loss: float
    train_mean_token_accuracy: float
    valid_loss: float | None = None
    valid_mean_token_accuracy: float | None = None
    full_valid_loss: float | None = None
    full_valid_mean_token_accuracy: float | None = None


@dataclass(frozen=True)
class Epoch:
    """What one pass over the data gives: a usable head and the metrics of its steps."""

    number: int
    head: Floats
    steps: tuple[StepMetrics, ...]


class Head:
    """A softmax layer as one array: a row per feature, a column per answer; the last row: bias."""

    def __init__(self, whole: Floats) -> None:
        self.whole = whole

    @classmethod
    def starting(cls, columns: Floats) -> Head:
        """A head that answers as the zero-shot model does."""
        return cls(np.concatenate([columns, np.zeros((1, columns.shape[1]), dtype=np.float32)]))

    def logits(self, vector: Vector) -> Floats:
        """One number per answer."""
        size = len(vector.dense)
        logits: Floats = (
            vector.dense @ self.whole[:size]
            + vector.values @ self.whole[size + vector.indices]
            + self.whole[-1]
        )
        return logits

    def probabilities(self, vector: Vector) -> Floats:
        """The softmax of the logits."""
        logits = self.logits(vector)
        raised = np.exp(logits - logits.max())
        share: Floats = raised / raised.sum()
        return share

    def descend(self, vector: Vector, gradient: Floats, rate: float) -> None:
        """Moves the head by one example's share of a step; the bias moves ten times slower."""
        size = len(vector.dense)
        step = gradient * np.float32(rate)
        self.whole[:size] -= np.outer(vector.dense, step)
        self.whole[size + vector.indices] -= np.outer(vector.values, step)
        self.whole[-1] -= np.float32(0.1) * step


@dataclass(frozen=True)
class Training:
    """All that a training needs. The same always gives the same numbers, however often it runs."""

    recipe: Recipe
    start: Floats
    rows: Examples
    checks: Examples
    trie: AnswerTrie

    def run(self) -> Iterator[Epoch]:
        """Yields after every epoch."""
        run = self._begin()
        steps: list[StepMetrics] = []
        for number, line in run.walk():
            steps.append(line)
            if line.step == number * run.per_epoch:
                yield Epoch(number, run.head.whole.copy(), tuple(steps))
                steps = []

    def run_until(self, step: int) -> Epoch:
        """`run`, stopped after that step: the head as it is then, and all steps up to it."""
        run = self._begin()
        steps: list[StepMetrics] = []
        for number, line in run.walk():
            steps.append(line)
            if line.step == step:
                steps[-1] = run.measure_fully(line)
                return Epoch(number, run.head.whole.copy(), tuple(steps))
        raise ValueError(step)

    def _begin(self) -> _Run:
        return _Run(self.recipe, Head.starting(self.start), self.rows, self.checks, self.trie)


@dataclass(frozen=True)
class _Run:
    """A training on its way: what all its steps share."""

    recipe: Recipe
    head: Head
    rows: Examples
    checks: Examples
    trie: AnswerTrie

    @property
    def per_epoch(self) -> int:
        """Steps of one pass over the rows."""
        return math.ceil(len(self.rows.vectors) / self.recipe.batch_size)

    def walk(self) -> Iterator[tuple[int, StepMetrics]]:
        """Every step in turn, with the number of its epoch; the head has moved by then."""
        recipe, count = self.recipe, len(self.rows.vectors)
        shuffle = np.random.default_rng(recipe.seed)
        last = recipe.n_epochs * self.per_epoch - 1
        for number in range(1, recipe.n_epochs + 1):
            order = shuffle.permutation(count)
            for at in range(self.per_epoch):
                done = (number - 1) * self.per_epoch + at
                batch = [
                    int(row) for row in order[at * recipe.batch_size : (at + 1) * recipe.batch_size]
                ]
                seen = self.step(batch, recipe.rate * (1.0 - 0.9 * done / max(last, 1)))
                line = self.measure(done + 1, seen)
                yield number, self.measure_fully(line) if at == self.per_epoch - 1 else line

    def step(self, batch: list[int], rate: float) -> list[Score]:
        """Moves the head by the batch's mean gradient; returns the scores before the move."""
        predicted = [self.head.probabilities(self.rows.vectors[row]) for row in batch]
        scores = [
            self.trie.score(self.trie.cumulate(p), self.rows.targets[row])
            for p, row in zip(predicted, batch, strict=True)
        ]
        for gradient, row in zip(predicted, batch, strict=True):
            gradient[self.rows.targets[row]] -= 1.0
            self.head.descend(self.rows.vectors[row], gradient, rate / len(batch))
        return scores

    def measure(self, step: int, seen: list[Score]) -> StepMetrics:
        """The step's line of the results; the first and every tenth validate one batch as well."""
        loss, accuracy = _average(seen)
        known = len(self.checks.vectors)
        if not known or not (step == 1 or step % _METRICS_EVERY == 0):
            return StepMetrics(step, loss, accuracy)
        first = (step // _METRICS_EVERY) * self.recipe.batch_size
        sample = [(first + at) % known for at in range(min(self.recipe.batch_size, known))]
        return StepMetrics(
            step, loss, accuracy, *_average(_score_all(self.head, self.checks, sample, self.trie))
        )

    def measure_fully(self, line: StepMetrics) -> StepMetrics:
        """The last line of an epoch, with the loss over the whole validation set added."""
        known = len(self.checks.vectors)
        if not known:
            return line
        full = _average(_score_all(self.head, self.checks, range(known), self.trie))
        sample = (
            (line.valid_loss, line.valid_mean_token_accuracy)
            if line.valid_loss is not None
            else full
        )
        return StepMetrics(
            line.step, line.train_loss, line.train_mean_token_accuracy, *sample, *full
        )


def _score_all(
    head: Head, checks: Examples, sample: Sequence[int], trie: AnswerTrie
) -> list[Score]:
    return [
        (
            trie.score(trie.cumulate(head.probabilities(checks.vectors[at])), checks.targets[at])
            if checks.targets[at] >= 0
            else score_unseen(checks.answers[at])
        )
        for at in sample
    ]


def _average(scores: list[Score]) -> tuple[float, float]:
    total = sum(score.total for score in scores)
    return sum(score.loss for score in scores) / total, sum(score.right for score in scores) / total


def count_right_answers(whole: Floats, checks: Examples) -> int:
    """How many rows get exactly their expected answer from a finished head."""
    head = Head(whole)
    return sum(
        int(head.logits(v).argmax()) == t
        for v, t in zip(checks.vectors, checks.targets, strict=True)
    )
