"""Reads and checks the files of a job, and resolves its hyper-parameters: all that training needs.

training_run.py makes the plan before it trains.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

from agent.emulator.model.dataset import Row, RowsRefusedError, Wrapping, find_wrapping, read_rows
from agent.emulator.model.encoder import Encoder
from agent.emulator.model.features import Floats
from agent.emulator.model.labels import find_labels
from agent.emulator.model.trainer import Examples, Recipe
from agent.emulator.model.zero_shot import start_matrix
from agent.emulator.resources.job_spec import AUTO, JobSpec
from agent.emulator.state.blobs import Blobs

_AUTO_EPOCHS = 3
_AUTO_BATCH_SHARE = 0.002  # of the rows, at least one
_AUTO_MULTIPLIER = 0.1
_PROMPTS_SEARCHED = 20  # rows whose system prompt is searched for the labels and descriptions


@dataclass(frozen=True)
class TrainingPlan:
    """`rows` are trained on, `checks` (the validation file) only measured."""

    rows: list[Row]
    checks: list[Row]
    answers: list[str]
    wrapping: Wrapping
    recipe: Recipe

    @property
    def trained_tokens(self) -> int:
        """Billed: tokens of the training file times epochs."""
        return sum(row.tokens for row in self.rows) * self.recipe.n_epochs

    @property
    def steps(self) -> int:
        """Of the whole training: so many batches in each epoch."""
        return math.ceil(len(self.rows) / self.recipe.batch_size) * self.recipe.n_epochs

    @property
    def resolved(self) -> dict[str, float]:
        """The hyper-parameters as the job shows them from now on."""
        return {name: value for name, value in asdict(self.recipe).items() if name != "seed"}

    @property
    def unseen_answers(self) -> int:
        """How many validation rows expect an answer that no training row gives."""
        return sum(row.answer not in self.answers for row in self.checks)

    def encode(self, encoder: Encoder, rows: list[Row]) -> Examples:
        """The rows as the trainer needs them."""
        vectors = encoder.vectors([self.wrapping.unwrap(row.question) for row in rows])
        index = {answer: at for at, answer in enumerate(self.answers)}
        targets = [index.get(row.answer, -1) for row in rows]
        return Examples(vectors, [row.answer for row in rows], targets)

    def make_start(self, encoder: Encoder) -> Floats:
        """The head before training: the zero-shot model with the labels of the system prompt."""
        prompts = (row.system for row in self.rows[:_PROMPTS_SEARCHED])
        described = next((labels for labels in map(find_labels, prompts) if labels), ())
        return start_matrix(self.answers, described, encoder)


def make_plan(spec: JobSpec, rows: list[Row], checks: list[Row]) -> TrainingPlan:
    """The plan for the rows of a job's files."""
    answers = list(dict.fromkeys(row.answer for row in rows))
    wrapping = find_wrapping([row.question for row in rows])
    return TrainingPlan(rows, checks, answers, wrapping, _resolve(spec, len(rows)))


def read_training_file(blobs: Blobs, file_id: str, *, fewest: int) -> list[Row]:
    """The rows of an uploaded file. Raises RowsRefusedError."""
    try:
        return read_rows(blobs.get(file_id), fewest=fewest)
    except FileNotFoundError as error:
        raise RowsRefusedError(f"The file '{file_id}' does not exist any more.") from error


def _resolve(spec: JobSpec, rows: int) -> Recipe:
    auto_batch = max(1, round(_AUTO_BATCH_SHARE * rows))
    multiplier = spec.learning_rate_multiplier
    return Recipe(
        n_epochs=_AUTO_EPOCHS if spec.n_epochs == AUTO else spec.n_epochs,
        batch_size=auto_batch if spec.batch_size == AUTO else spec.batch_size,
        learning_rate_multiplier=_AUTO_MULTIPLIER if multiplier == AUTO else multiplier,
        seed=spec.seed,
    )
