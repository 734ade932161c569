"""Runs one job from its start to its end. Killed anywhere, it starts over and ends the same.

server/job_queue.py runs each in a thread of its own. One that is paused has none: it goes on in
another, from the step where it stopped.

Longer than other files, so that the life of a job stands in one place.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Iterable

from agent.emulator.model.dataset import Row, RowsRefusedError
from agent.emulator.model.trainer import Epoch, StepMetrics, Training, count_right_answers
from agent.emulator.model.trie import AnswerTrie
from agent.emulator.resources.context import Context
from agent.emulator.resources.file_row import write_result_file
from agent.emulator.resources.job_events import Event, add_event, derive_id
from agent.emulator.resources.job_row import (
    Job,
    cancel_if_active,
    find_pause,
    keep_pause,
    move_job,
    read_job,
)
from agent.emulator.resources.pace import Pace
from agent.emulator.resources.training_output import (
    CheckpointWriter,
    Record,
    list_measures,
    list_steps,
    list_warnings,
    name_model,
    write_csv,
)
from agent.emulator.resources.training_plan import TrainingPlan, make_plan, read_training_file

_LOG = logging.getLogger("emulator")
_POLL_SECONDS = 0.05  # how often a waiting run looks whether its job was cancelled


class JobOverError(Exception):
    """The job was cancelled while it ran."""


class JobPausingError(Exception):
    """Somebody wants the job to rest."""


class TrainingRun:
    """Runs a job; everything it does is recorded through `_record`."""

    def __init__(self, context: Context, job: Job) -> None:
        self._context = context
        self._job = job
        self._pause = find_pause(context, job.id)  # it goes on from there
        # Recorded so far; each keeps its number when the job runs again.
        self._events = self._pause.events if self._pause else 0
        self._done = self._pause.step if self._pause else 0  # the last step that was told of
        self._can_rest = False
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
        self._announce(Event("Preprocessing running for file training file."))
        rows = read_training_file(blobs, spec.training_file, fewest=10)
        self._announce(Event("Preprocessing completed for file training file."))
        checks: list[Row] = []
        if spec.validation_file:
            checks = read_training_file(blobs, spec.validation_file, fewest=1)
        plan = make_plan(spec, rows, checks)
        if spec.validation_file:
            done = Event("Preprocessing completed for file validation file.")
            self._announce(done, *list_warnings(plan))
        return plan

    def _announce(self, *events: Event, also: Record | None = None) -> None:
        """What happens at the beginning of a job, and not when it goes on after a pause."""
        self._record(() if self._pause else events, also)

    def _start(self, plan: TrainingPlan) -> None:
        self._announce(
            Event("Job started."),
            Event("Data Import started."),
            Event("Finetuning started."),
            also=self._mark_running,
        )
        self._announce(Event("Job queued, waiting for GPUs."), Event("Training started."))
        encoder = self._context.encoder.name
        self._announce(
            Event(
                f"Emulator: trained with the encoder {encoder}; only a {encoder} emulator can"
                " serve the model."
            )
        )
        header = write_csv([])
        self._context.blobs.put(self._result_file, header)

        def resolve(db: sqlite3.Connection) -> None:
            write_result_file(db, self._result_file, len(header))
            values = (json.dumps(plan.resolved), self._result_file, self._job.id)
            db.execute("UPDATE jobs SET resolved = ?, result_file = ? WHERE id = ?", values)

        self._announce(Event(f"Created results file: {self._result_file}"), also=resolve)

    def _mark_running(self, db: sqlite3.Connection) -> None:
        """The job runs, and the checkpoints of an interrupted run are gone."""
        if read_job(db, self._job.id).status != "pausing":  # else it rests as soon as it can
            move_job(db, self._job.id, "running", time.time())
        since = (self._job.id, self._done)
        db.execute(
            "DELETE FROM models WHERE name IN"
            " (SELECT model FROM checkpoints WHERE job = ? AND step > ?)",
            since,
        )
        db.execute("DELETE FROM checkpoints WHERE job = ? AND step > ?", since)

    def _train(self, plan: TrainingPlan) -> None:
        training = self._make_training(plan)
        writer = CheckpointWriter(self._context, self._job, plan.wrapping, plan.answers)
        seconds = self._context.behaviour.seconds("train_seconds")
        pace = Pace(time.monotonic() - seconds * self._done / plan.steps, seconds, plan.steps)
        self._can_rest = True
        try:
            self._go_on(plan, training, writer, pace)
        except JobPausingError:
            self._rest(training, writer, pace)

    def _make_training(self, plan: TrainingPlan) -> Training:
        encoder = self._context.encoder
        rows, checks = plan.encode(encoder, plan.rows), plan.encode(encoder, plan.checks)
        start = plan.make_start(encoder)
        return Training(plan.recipe, start, rows, checks, AnswerTrie(plan.answers))

    def _go_on(
        self, plan: TrainingPlan, training: Training, writer: CheckpointWriter, pace: Pace
    ) -> None:
        """From the step after the last one that was done. What came before is only done again."""
        before, lines = self._done, list[StepMetrics]()
        for epoch in training.run():
            lines += epoch.steps
            if epoch.steps[-1].step <= before:
                continue
            told = self._let_pass(epoch, pace)
            if epoch.number < plan.recipe.n_epochs:
                self._record(told, writer.write(epoch, is_last=False))
                self._done = epoch.steps[-1].step
            else:
                measured = list_measures(plan, count_right_answers(epoch.head, training.checks))
                record = writer.write(epoch, is_last=True)
                self._finish(plan, lines, [*told, *measured], record)

    def _rest(self, training: Training, writer: CheckpointWriter, pace: Pace) -> None:
        """The job is paused after the step that it has come to, which can be deployed."""
        self._can_rest = False
        step = max(min(pace.reached(), pace.steps - 1), self._done, 1)
        stopped = training.run_until(step)
        record = writer.write(stopped, is_last=False)
        lines = [line for line in stopped.steps if line.step > self._done]

        def rest(db: sqlite3.Connection) -> None:
            record(db)
            keep_pause(db, self._job.id, step)

        self._record([*list_steps(lines), Event("Job paused.")], rest)

    def _let_pass(self, epoch: Epoch, pace: Pace) -> list[Event]:
        """The time of an epoch passes; each of its steps is told of when it is done.

        Returns what is to be told of the last of them, together with the checkpoint."""
        if self._context.behaviour.current.cancel_jobs:
            with self._context.store.transaction() as db:
                cancel_if_active(db, self._job.id, time.time())
        left = [line for line in epoch.steps if line.step > self._done]
        while True:
            reached = pace.reached()
            done = [line for line in left if line.step <= reached]
            left = left[len(done) :]
            if done and not left:
                return list_steps(done)
            self._record(list_steps(done))
            self._done = done[-1].step if done else self._done
            time.sleep(min(pace.seconds_to(left[-1].step), _POLL_SECONDS))

    def _finish(
        self,
        plan: TrainingPlan,
        lines: list[StepMetrics],
        told: list[Event],
        record_model: Record,
    ) -> None:
        ordered = self._context.behaviour.current.fail_job
        if ordered is not None:
            self._record(told)
            message = ordered.get("message", "The job failed.")
            self._fail(ordered.get("code", "internalFailure"), message, None)
        else:
            self._succeed(plan, lines, told, record_model)

    def _succeed(
        self,
        plan: TrainingPlan,
        lines: list[StepMetrics],
        told: list[Event],
        record_model: Record,
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

        events = [
            Event("Job succeeded."),
            Event("Model Evaluation Passed."),
            Event(f"Completed results file: {self._result_file}"),
            Event(f"Training tokens billed: {plan.trained_tokens}"),
        ]
        self._record([*told, *events], finish)

    def _record(self, events: Iterable[Event], also: Record | None = None) -> None:
        """Adds events, and what belongs to them, in one transaction.

        Raises JobOverError, and JobPausingError where the training can rest."""
        with self._context.store.transaction() as db:
            job = read_job(db, self._job.id)
            if job.progress.is_final(time.time()):
                raise JobOverError
            if self._can_rest and job.status == "pausing":
                raise JobPausingError
            for event in events:
                self._events += 1
                add_event(db, self._job.id, self._events, event)
            if also is not None:
                also(db)

    def _fail(self, code: str, message: str, param: str | None) -> None:
        self._can_rest = False
        error = json.dumps({"code": code, "message": message, "param": param})

        def fail(db: sqlite3.Connection) -> None:
            move_job(db, self._job.id, "failed", time.time())
            db.execute("UPDATE jobs SET error = ? WHERE id = ?", (error, self._job.id))

        try:
            self._record([Event(f"Job failed. {message}", level="error")], fail)
        except JobOverError:
            _LOG.info("job %s was cancelled before it could fail", self._job.id)
