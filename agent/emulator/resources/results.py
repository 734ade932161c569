"""What training leaves behind: the results table, the checkpoints and the model."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from typing import Protocol

from agent.emulator.model.dataset import Wrapping
from agent.emulator.model.trainer import Epoch, StepMetrics
from agent.emulator.resources.emulator import Emulator
from agent.emulator.resources.events import derived_id
from agent.emulator.resources.jobs import Job

_KEPT_CHECKPOINTS = 3


class Keep(Protocol):
    """Puts an epoch's head on disk; the function it returns records it, within a transaction."""

    def __call__(self, epoch: Epoch, *, last: bool) -> Callable[[sqlite3.Connection], None]: ...


def as_csv(lines: Sequence[StepMetrics]) -> bytes:
    """The results file: the service's seven columns, one line per step, empty cells where nothing was measured."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([column.name for column in fields(StepMetrics)])
    for line in lines:
        table.writerow([_cell(value) for value in asdict(line).values()])
    return text.getvalue().encode()


def numbers(line: StepMetrics) -> dict[str, float]:
    """The measured values of a line, by column."""
    return {name: value for name, value in asdict(line).items() if value is not None}


def model_name(job: Job) -> str:
    """The fine-tuned model's full name."""
    spec = job.asked()
    return f"{spec.model}.ft-{job.hex}" + (f"-{spec.suffix}" if spec.suffix else "")


def keeper(emulator: Emulator, job: Job, wrapping: Wrapping, answers: list[str]) -> Keep:
    """Knows what all checkpoints of a job have in common."""
    shared = (
        job.id,
        job.asked().model,
        emulator.encoder.name,
        json.dumps(answers),
        json.dumps(asdict(wrapping)),
    )

    def keep(epoch: Epoch, *, last: bool) -> Callable[[sqlite3.Connection], None]:
        line = epoch.steps[-1]
        name = model_name(job) + ("" if last else f":ckpt-step-{line.step}")
        head = f"{job.hex}-{line.step}.npy"
        emulator.blobs.put_array(head, epoch.head)

        def record(db: sqlite3.Connection) -> None:
            now = time.time()
            job_id, base, encoder, known, around = shared
            db.execute(
                "INSERT OR REPLACE INTO models VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (name, job_id, base, now, encoder, head, known, around, int(not last)),
            )
            db.execute(
                "INSERT OR REPLACE INTO checkpoints VALUES(?, ?, ?, ?, ?, ?)",
                (
                    job_id,
                    line.step,
                    derived_id("ftchkpt", job_id, line.step),
                    now,
                    name,
                    json.dumps(numbers(line)),
                ),
            )
            _prune(db, job_id)

        return record

    return keep


def _prune(db: sqlite3.Connection, job_id: str) -> None:
    """Only the newest checkpoints are kept; the heads of the others go at the next start."""
    old = db.execute(
        "SELECT step, model FROM checkpoints WHERE job = ? ORDER BY step DESC LIMIT -1 OFFSET ?",
        (job_id, _KEPT_CHECKPOINTS),
    )
    for step, model in old.fetchall():
        db.execute("DELETE FROM checkpoints WHERE job = ? AND step = ?", (job_id, step))
        db.execute("DELETE FROM models WHERE name = ?", (model,))


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.6f}"
