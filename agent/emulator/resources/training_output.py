"""What training leaves behind: events, the results table, checkpoints and the fine-tuned model.

training_run.py calls this after every epoch and at the end.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields

from agent.emulator.model.dataset import Wrapping
from agent.emulator.model.trainer import Epoch, StepMetrics
from agent.emulator.resources.context import Context
from agent.emulator.resources.job_events import Event, derive_id
from agent.emulator.resources.job_row import Job
from agent.emulator.resources.training_plan import TrainingPlan

_KEPT_CHECKPOINTS = 3

Record = Callable[[sqlite3.Connection], None]  # what to write within a transaction


def write_csv(lines: Sequence[StepMetrics]) -> bytes:
    """The results file: the service's seven columns, a line per step, empty where not measured."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([column.name for column in fields(StepMetrics)])
    for line in lines:
        table.writerow([_format(value) for value in asdict(line).values()])
    return text.getvalue().encode()


def list_measured(line: StepMetrics) -> dict[str, float]:
    """The measured values of a line, by column."""
    return {name: value for name, value in asdict(line).items() if value is not None}


def list_steps(lines: Iterable[StepMetrics]) -> list[Event]:
    """What is told of them: of the first step, and of every tenth."""
    return [
        Event(f"Step {line.step}: training loss={line.train_loss:.4f}", data=list_measured(line))
        for line in lines
        if line.step == 1 or line.step % 10 == 0
    ]


def list_warnings(plan: TrainingPlan) -> list[Event]:
    if not plan.unseen_answers:
        return []
    message = (
        f"{plan.unseen_answers} validation rows expect an answer that no training row gives; the"
        " model cannot give it."
    )
    return [Event(message, level="warning")]


def list_measures(plan: TrainingPlan, right: int) -> list[Event]:
    """`right`: so many validation rows got exactly the answer that they expect."""
    if not plan.checks:
        return []
    return [Event(f"Emulator: {right} of {len(plan.checks)} validation rows answered exactly.")]


def name_model(job: Job) -> str:
    """The fine-tuned model's full name."""
    spec = job.parse_spec()
    return f"{spec.model}.ft-{job.hex}" + (f"-{spec.suffix}" if spec.suffix else "")


@dataclass(frozen=True)
class CheckpointWriter:
    """Writes the checkpoints of one job; the last of them is the fine-tuned model itself."""

    context: Context
    job: Job
    wrapping: Wrapping
    answers: list[str]

    def write(self, epoch: Epoch, *, is_last: bool) -> Record:
        """Writes an epoch's head to disk; the function returned records it in the database."""
        line = epoch.steps[-1]
        name = name_model(self.job) + ("" if is_last else f":ckpt-step-{line.step}")
        head = f"{self.job.hex}-{line.step}.npy"
        self.context.blobs.put_array(head, epoch.head)

        def record(db: sqlite3.Connection) -> None:
            self._record_model(db, name, head, is_checkpoint=not is_last)
            self._record_checkpoint(db, name, line)
            _prune(db, self.job.id)

        return record

    def _record_model(
        self, db: sqlite3.Connection, name: str, head: str, *, is_checkpoint: bool
    ) -> None:
        db.execute(
            "INSERT OR REPLACE INTO models VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                name,
                self.job.id,
                self.job.parse_spec().model,
                time.time(),
                self.context.encoder.name,
                head,
                json.dumps(self.answers),
                json.dumps(asdict(self.wrapping)),
                int(is_checkpoint),
            ),
        )

    def _record_checkpoint(self, db: sqlite3.Connection, name: str, line: StepMetrics) -> None:
        checkpoint_id = derive_id("ftchkpt", self.job.id, line.step)
        metrics = json.dumps(list_measured(line))
        db.execute(
            "INSERT OR REPLACE INTO checkpoints VALUES(?, ?, ?, ?, ?, ?)",
            (self.job.id, line.step, checkpoint_id, time.time(), name, metrics),
        )


def _prune(db: sqlite3.Connection, job_id: str) -> None:
    """Keeps the newest checkpoints only, and what is deployed of the others; the heads of the rest
    are removed at the next start."""
    old = db.execute(
        "SELECT step, model FROM checkpoints WHERE job = ? ORDER BY step DESC LIMIT -1 OFFSET ?",
        (job_id, _KEPT_CHECKPOINTS),
    )
    for step, model in old.fetchall():
        db.execute("DELETE FROM checkpoints WHERE job = ? AND step = ?", (job_id, step))
        db.execute(
            "DELETE FROM models WHERE name = ?1 AND ?1 NOT IN (SELECT model FROM deployments)",
            (model,),
        )


def _format(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.6f}"
