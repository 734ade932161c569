"""The command `list`: a small table of what an emulator keeps, whether it runs or not.

__main__.py calls it.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from agent.emulator.resources.deployment_row import Deployment
from agent.emulator.resources.file_row import File
from agent.emulator.state.storage import require_database

_NONE = "(none)"

Lines = list[tuple[str, ...]]


def render_table(home: Path) -> str:
    """Files, jobs, models and deployments, one a line. ValueError if there is no database."""
    path = require_database(home)
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        sections = _read_sections(db, time.time())
    return "\n".join(line for title, lines in sections.items() for line in (title, *_align(lines)))


def _read_sections(db: sqlite3.Connection, now: float) -> dict[str, Lines]:
    files = [
        File(**row) for row in db.execute("SELECT * FROM files WHERE NOT deleted ORDER BY seq")
    ]
    jobs = db.execute(
        "SELECT id, status, fine_tuned_model FROM jobs WHERE NOT deleted ORDER BY seq"
    )
    models = db.execute("SELECT name, encoder FROM models ORDER BY created_at")
    deployed = [Deployment(**row) for row in db.execute("SELECT * FROM deployments ORDER BY seq")]
    return {
        "FILES": [(file.id, file.status(now), file.purpose, file.filename) for file in files],
        "JOBS": [(job["id"], job["status"], job["fine_tuned_model"] or "") for job in jobs],
        "MODELS": [(model["name"], model["encoder"]) for model in models],
        "DEPLOYMENTS": [(one.name, one.state(now), one.model) for one in deployed],
    }


def _align(lines: Lines) -> list[str]:
    if not lines:
        return [f"  {_NONE}"]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
