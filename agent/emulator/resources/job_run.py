"""One job from its start to its end. Killed anywhere, it runs again from the start and comes to the same."""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

from agent.emulator.model import zero_shot
from agent.emulator.model.dataset import Row, RowsRefusedError, Wrapping, find_wrapping, read_rows
from agent.emulator.model.labels import find_labels
from agent.emulator.model.trainer import Epoch, Examples, Recipe, StepMetrics, right_answers, train
from agent.emulator.model.trie import AnswerTrie
from agent.emulator.resources import files, jobs, results
from agent.emulator.resources.emulator import Emulator
from agent.emulator.resources.events import Event, add, derived_id
from agent.emulator.resources.job_request import AUTO
from agent.emulator.resources.jobs import Job

_LOG = logging.getLogger("emulator")
_LOOK_SECONDS = 0.05  # between two looks at whether the job was cancelled


class StoppedError(Exception):
    """The job was cancelled while it ran."""


@dataclass(frozen=True)
class Prepared:
    """Everything training needs, read and checked."""

    rows: list[Row]
    checks: list[Row]
    answers: list[str]
    wrapping: Wrapping
    recipe: Recipe

    @property
    def trained_tokens(self) -> int:
        """Billed: tokens of the training file times epochs."""
        return sum(row.tokens for row in self.rows) * self.recipe.n_epochs


class JobRun:
    """Runs in a thread of its own."""

    def __init__(self, emulator: Emulator, job: Job) -> None:
        self._emulator = emulator
        self._job = job
        self._told = 0  # events so far; each keeps its number when the job runs again

    def run(self) -> None:
        """After this call the job is over: succeeded, failed, or cancelled by somebody."""
        try:
            prepared = self._prepare()
            self._start(prepared)
            self._train(prepared)
        except StoppedError:
            _LOG.info("job %s was cancelled", self._job.id)
        except RowsRefusedError as error:
            self._fail("jsonlValidationFailed", str(error), "training_file")
        except Exception:
            _LOG.exception("job %s broke", self._job.id)
            self._fail(
                "internalFailure",
                "The job failed because of a fault of the emulator; its log says more.",
                None,
            )

    def _prepare(self) -> Prepared:
        spec = self._job.asked()
        self._tell([Event("Preprocessing running for file training file.")])
        rows = self._read(spec.training_file, fewest=10)
        self._tell([Event("Preprocessing completed for file training file.")])
        checks: list[Row] = []
        answers = list(dict.fromkeys(row.answer for row in rows))
        if spec.validation_file:
            checks = self._read(spec.validation_file, fewest=1)
            self._tell(
                [
                    Event("Preprocessing completed for file validation file."),
                    *_warnings(checks, answers),
                ]
            )
        recipe = Recipe(
            n_epochs=3 if spec.n_epochs == AUTO else spec.n_epochs,
            batch_size=(
                max(1, round(0.002 * len(rows))) if spec.batch_size == AUTO else spec.batch_size
            ),
            learning_rate_multiplier=(
                0.1 if spec.learning_rate_multiplier == AUTO else spec.learning_rate_multiplier
            ),
            seed=spec.seed,
        )
        return Prepared(
            rows, checks, answers, find_wrapping([row.question for row in rows]), recipe
        )

    def _read(self, file_id: str, *, fewest: int) -> list[Row]:
        try:
            return read_rows(self._emulator.blobs.get(file_id), fewest=fewest)
        except FileNotFoundError as error:
            raise RowsRefusedError(f"The file '{file_id}' does not exist any more.") from error

    def _start(self, prepared: Prepared) -> None:
        recipe = prepared.recipe
        resolved = {name: value for name, value in asdict(recipe).items() if name != "seed"}
        result_file = derived_id("file", self._job.id, "results")
        self._tell(
            [Event("Job started."), Event("Data Import started."), Event("Finetuning started.")],
            self._running,
        )
        self._tell([Event("Job queued, waiting for GPUs."), Event("Training started.")])
        encoder = self._emulator.encoder.name
        self._tell(
            [
                Event(
                    f"Emulator: trained with the encoder {encoder}; only a {encoder} emulator can"
                    " serve the model."
                )
            ]
        )
        header = results.as_csv([])
        self._emulator.blobs.put(result_file, header)

        def chosen(db: sqlite3.Connection) -> None:
            files.write_result(self._emulator, db, result_file, len(header))
            values = (json.dumps(resolved), result_file, self._job.id)
            db.execute("UPDATE jobs SET resolved = ?, result_file = ? WHERE id = ?", values)

        self._tell([Event(f"Created results file: {result_file}")], chosen)

    def _running(self, db: sqlite3.Connection) -> None:
        """The job runs, and whatever an interrupted run left of its checkpoints is gone."""
        db.execute(
            "UPDATE jobs SET status = 'running', running_at = ifnull(running_at, ?) WHERE id = ?",
            (time.time(), self._job.id),
        )
        db.execute("DELETE FROM checkpoints WHERE job = ?", (self._job.id,))
        db.execute("DELETE FROM models WHERE job = ?", (self._job.id,))

    def _train(self, prepared: Prepared) -> None:
        encoder = self._emulator.encoder
        described = next(
            (
                labels
                for labels in (find_labels(row.system) for row in prepared.rows[:20])
                if labels
            ),
            (),
        )
        start = zero_shot.start_matrix(prepared.answers, described, encoder)
        rows, checks = (self._encoded(prepared, rows) for rows in (prepared.rows, prepared.checks))
        began = time.monotonic()
        least = self._emulator.behaviours.seconds("train_seconds")
        lines: list[StepMetrics] = []
        for epoch in train(prepared.recipe, start, rows, checks, AnswerTrie(prepared.answers)):
            lines += epoch.steps
            self._wait_until(began + least * epoch.number / prepared.recipe.n_epochs)
            keep = results.keeper(self._emulator, self._job, prepared.wrapping, prepared.answers)
            if epoch.number < prepared.recipe.n_epochs:
                self._tell(_steps(epoch), keep(epoch, last=False))
            else:
                self._tell(_steps(epoch))
                self._finish(
                    prepared, lines, right_answers(epoch.head, checks), keep(epoch, last=True)
                )

    def _encoded(self, prepared: Prepared, rows: list[Row]) -> Examples:
        vectors = self._emulator.encoder.vectors(
            [prepared.wrapping.unwrap(row.question) for row in rows]
        )
        place = {answer: at for at, answer in enumerate(prepared.answers)}
        return Examples(
            vectors, [row.answer for row in rows], [place.get(row.answer, -1) for row in rows]
        )

    def _wait_until(self, moment: float) -> None:
        if self._emulator.behaviours.now.cancel_jobs:
            with self._emulator.store.transaction() as db:
                jobs.mark_cancelled(db, self._job.id)
        self._tell([])
        while (left := moment - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_SECONDS))
            self._tell([])

    def _finish(
        self,
        prepared: Prepared,
        lines: list[StepMetrics],
        right: int,
        keep: Callable[[sqlite3.Connection], None],
    ) -> None:
        ordered = self._emulator.behaviours.now.fail_job
        if ordered is not None:
            self._fail(
                ordered.get("code", "internalFailure"),
                ordered.get("message", "The job failed."),
                None,
            )
            return
        result_file = derived_id("file", self._job.id, "results")
        table = results.as_csv(lines)
        self._emulator.blobs.put(result_file, table)

        def done(db: sqlite3.Connection) -> None:
            keep(db)
            files.write_result(self._emulator, db, result_file, len(table))
            db.execute(
                "UPDATE jobs SET status = 'succeeded', finished_at = ?, trained_tokens = ?,"
                " fine_tuned_model = ? WHERE id = ?",
                (time.time(), prepared.trained_tokens, results.model_name(self._job), self._job.id),
            )

        note = Event(
            f"Emulator: {right} of {len(prepared.checks)} validation rows answered exactly."
        )
        ending = [
            Event("Job succeeded."),
            Event("Model Evaluation Passed."),
            Event(f"Completed results file: {result_file}"),
            Event(f"Training tokens billed: {prepared.trained_tokens}"),
        ]
        self._tell([note, *ending] if prepared.checks else ending, done)

    def _tell(
        self, told: Iterable[Event], also: Callable[[sqlite3.Connection], None] | None = None
    ) -> None:
        """Events, and what goes with them, in one transaction. Raises StoppedError once the job is over."""
        with self._emulator.store.transaction() as db:
            status = db.execute("SELECT status FROM jobs WHERE id = ?", (self._job.id,)).fetchone()[
                0
            ]
            if status not in jobs.ACTIVE:
                raise StoppedError
            for event in told:
                self._told += 1
                add(db, self._job.id, self._told, event)
            if also is not None:
                also(db)

    def _fail(self, code: str, message: str, param: str | None) -> None:
        error = json.dumps({"code": code, "message": message, "param": param})

        def failed(db: sqlite3.Connection) -> None:
            db.execute(
                "UPDATE jobs SET status = 'failed', finished_at = ?, error = ? WHERE id = ?",
                (time.time(), error, self._job.id),
            )

        try:
            self._tell([Event(f"Job failed. {message}", level="error")], failed)
        except StoppedError:
            _LOG.info("job %s was cancelled before it could fail", self._job.id)


def _steps(epoch: Epoch) -> list[Event]:
    shown = [line for line in epoch.steps if line.step == 1 or line.step % 10 == 0]
    return [
        Event(f"Step {line.step}: training loss={line.train_loss:.4f}", data=results.numbers(line))
        for line in shown
    ]


def _warnings(checks: list[Row], answers: list[str]) -> list[Event]:
    strange = sum(row.answer not in answers for row in checks)
    text = (
        f"{strange} validation rows expect an answer that no training row gives; the model cannot"
        " give it."
    )
    return [Event(text, level="warning")] if strange else []
