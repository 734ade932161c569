"""Runs one job from its start to its end. Killed anywhere, it starts over and ends the same.

server/job_queue.py runs each in a thread of its own.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Iterable

from agent.emulator.model.dataset import Row, RowsRefusedError
from agent.emulator.model.trainer import Epoch, StepMetrics, count_right_answers, train
from agent.emulator.model.trie import AnswerTrie
from agent.emulator.resources.context import Context
from agent.emulator.resources.file_row import write_result_file
from agent.emulator.resources.job_events import Event, add_event, derive_id
from agent.emulator.resources.job_row import Job, cancel_if_active, move_job, read_job
from agent.emulator.resources.training_output import (
    CheckpointWriter,
    Record,
    list_measured,
    name_model,
    write_csv,
)
from agent.emulator.resources.training_plan import TrainingPlan, make_plan, read_training_file

_LOG = logging.getLogger("emulator")
_POLL_SECONDS = 0.05  # how often a waiting run looks whether its job was cancelled


class JobOverError(Exception):
    """The job was cancelled while it ran."""


class TrainingRun:
    """Runs a job; everything it does is recorded through `_record`."""

    def __init__(self, context: Context, job: Job) -> None:
        self._context = context
        self._job = job
        self._events = 0  # recorded so far; each keeps its number when the job runs again
        self._result_file = derive_id("file", job.id, "results")

    def run(self) -> None:
        """Ends when the job is over: succeeded, failed, or cancelled by somebody."""
        try:
            plan = self._prepare()
            self._start(plan)
            self._train(plan)
        except JobOverError:
            _LOG.info("job %s was cancelled", self._job.id)
        except RowsRefusedError as error:
            self._fail("jsonlValidationFailed", str(error), "training_file")
        except Exception:
            _LOG.exception("job %s broke", self._job.id)
            message = "The job failed because of a fault of the emulator; its log says more."
            self._fail("internalFailure", message, None)

    def _prepare(self) -> TrainingPlan:
        spec = self._job.parse_spec()
        blobs = self._context.blobs
        self._record([Event("Preprocessing running for file training file.")])
        rows = read_training_file(blobs, spec.training_file, fewest=10)
        self._record([Event("Preprocessing completed for file training file.")])
        checks: list[Row] = []
        if spec.validation_file:
            checks = read_training_file(blobs, spec.validation_file, fewest=1)
        plan = make_plan(spec, rows, checks)
        if spec.validation_file:
            done = Event("Preprocessing completed for file validation file.")
            self._record([done, *_list_warnings(plan)])
        return plan

    def _start(self, plan: TrainingPlan) -> None:
        self._record(
            [Event("Job started."), Event("Data Import started."), Event("Finetuning started.")],
            self._mark_running,
        )
        self._record([Event("Job queued, waiting for GPUs."), Event("Training started.")])
        encoder = self._context.encoder.name
        self._record(
            [
                Event(
                    f"Emulator: trained with the encoder {encoder}; only a {encoder} emulator can"
                    " serve the model."
                )
            ]
        )
        header = write_csv([])
        self._context.blobs.put(self._result_file, header)

        def resolve(db: sqlite3.Connection) -> None:
            write_result_file(db, self._result_file, len(header))
            values = (json.dumps(plan.resolved), self._result_file, self._job.id)
            db.execute("UPDATE jobs SET resolved = ?, result_file = ? WHERE id = ?", values)

        self._record([Event(f"Created results file: {self._result_file}")], resolve)

    def _mark_running(self, db: sqlite3.Connection) -> None:
        """The job runs, and the checkpoints of an interrupted run are gone."""
        move_job(db, self._job.id, "running", time.time())
        db.execute("DELETE FROM checkpoints WHERE job = ?", (self._job.id,))
        db.execute("DELETE FROM models WHERE job = ?", (self._job.id,))

    def _train(self, plan: TrainingPlan) -> None:
        encoder = self._context.encoder
        rows, checks = plan.encode(encoder, plan.rows), plan.encode(encoder, plan.checks)
        start = plan.make_start(encoder)
        started_at = time.monotonic()
        seconds = self._context.behaviour.seconds("train_seconds")
        writer = CheckpointWriter(self._context, self._job, plan.wrapping, plan.answers)
        lines: list[StepMetrics] = []
        for epoch in train(plan.recipe, start, rows, checks, AnswerTrie(plan.answers)):
            lines += epoch.steps
            self._wait_until(started_at + seconds * epoch.number / plan.recipe.n_epochs)
            if epoch.number < plan.recipe.n_epochs:
                self._record(_list_steps(epoch), writer.write(epoch, is_last=False))
            else:
                self._record(_list_steps(epoch))
                right = count_right_answers(epoch.head, checks)
                self._finish(plan, lines, right, writer.write(epoch, is_last=True))

    def _wait_until(self, moment: float) -> None:
        """Makes training last as long as ordered, and notices a cancelled job meanwhile."""
        if self._context.behaviour.current.cancel_jobs:
            with self._context.store.transaction() as db:
                cancel_if_active(db, self._job.id, time.time())
        self._record([])
        while (left := moment - time.monotonic()) > 0:
            time.sleep(min(left, _POLL_SECONDS))
            self._record([])

    def _finish(
        self, plan: TrainingPlan, lines: list[StepMetrics], right: int, record_model: Record
    ) -> None:
        ordered = self._context.behaviour.current.fail_job
        if ordered is not None:
            message = ordered.get("message", "The job failed.")
            self._fail(ordered.get("code", "internalFailure"), message, None)
        else:
            self._succeed(plan, lines, right, record_model)

    def _succeed(
        self, plan: TrainingPlan, lines: list[StepMetrics], right: int, record_model: Record
    ) -> None:
        table = write_csv(lines)
        self._context.blobs.put(self._result_file, table)

        def finish(db: sqlite3.Connection) -> None:
            record_model(db)
            write_result_file(db, self._result_file, len(table))
            move_job(db, self._job.id, "succeeded", time.time())
            db.execute(
                "UPDATE jobs SET trained_tokens = ?, fine_tuned_model = ? WHERE id = ?",
                (plan.trained_tokens, name_model(self._job), self._job.id),
            )

        measured = Event(
            f"Emulator: {right} of {len(plan.checks)} validation rows answered exactly."
        )
        events = [
            Event("Job succeeded."),
            Event("Model Evaluation Passed."),
            Event(f"Completed results file: {self._result_file}"),
            Event(f"Training tokens billed: {plan.trained_tokens}"),
        ]
        self._record([measured, *events] if plan.checks else events, finish)

    def _record(self, events: Iterable[Event], also: Record | None = None) -> None:
        """Adds events, and what belongs to them, in one transaction. Raises JobOverError."""
        with self._context.store.transaction() as db:
            if read_job(db, self._job.id).progress.is_final(time.time()):
                raise JobOverError
            for event in events:
                self._events += 1
                add_event(db, self._job.id, self._events, event)
            if also is not None:
                also(db)

    def _fail(self, code: str, message: str, param: str | None) -> None:
        error = json.dumps({"code": code, "message": message, "param": param})

        def fail(db: sqlite3.Connection) -> None:
            move_job(db, self._job.id, "failed", time.time())
            db.execute("UPDATE jobs SET error = ? WHERE id = ?", (error, self._job.id))

        try:
            self._record([Event(f"Job failed. {message}", level="error")], fail)
        except JobOverError:
            _LOG.info("job %s was cancelled before it could fail", self._job.id)


def _list_steps(epoch: Epoch) -> list[Event]:
    lines = [line for line in epoch.steps if line.step == 1 or line.step % 10 == 0]
    return [
        Event(f"Step {line.step}: training loss={line.train_loss:.4f}", data=list_measured(line))
        for line in lines
    ]


def _list_warnings(plan: TrainingPlan) -> list[Event]:
    if not plan.unseen_answers:
        return []
    message = (
        f"{plan.unseen_answers} validation rows expect an answer that no training row gives; the"
        " model cannot give it."
    )
    return [Event(message, level="warning")]
