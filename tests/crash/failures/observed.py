"""What these tests observe of an agent: what it has spent, what it has logged, where it stands."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any


def spent(service: Any) -> tuple[int, int, int]:
    return service.spent("upload"), service.spent("create_job"), service.spent("create_deployment")


def said(home: Path, what: str) -> list[dict[str, Any]]:
    """The lines of the agent's log with that event."""
    lines = (home / "logs/agent.jsonl").read_text(errors="replace").splitlines()
    return [line for line in map(parsed, lines) if line.get("event") == what]


def parsed(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}  # a line that the full disk cut in two
    return dict(found) if isinstance(found, dict) else {}


def state_of(home: Path) -> str:
    with contextlib.closing(
        sqlite3.connect(f"{(home / 'data/agent.db').as_uri()}?mode=ro", uri=True)
    ) as connection:
        row = connection.execute("SELECT state FROM projects WHERE name = 'tienda'").fetchone()
    return "" if row is None else str(row[0])


def state(home: Path) -> str:
    with contextlib.suppress(sqlite3.Error):
        return state_of(home)
    return ""
