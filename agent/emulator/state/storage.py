"""All state of the emulator in one SQLite file, HOME/emulator.sqlite3: it survives any kill.

resources/context.py opens the Store; every room above reads and writes through it. An emulator
opens the file of any earlier one: new columns must have defaults, none may go.

The ledger can be read from outside, also while the emulator runs:

    ledger(n INTEGER PRIMARY KEY, at REAL, kind TEXT, id TEXT, detail TEXT)

`n` counts from 1 without reuse, `at` is Unix time, `kind` is one of ledger.KINDS, `id` names the
file, job or deployment, `detail` is a JSON object. An entry is written in the same transaction as
the mutation it records.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DATABASE_NAME = "emulator.sqlite3"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, created_at REAL NOT NULL,
  filename TEXT NOT NULL, purpose TEXT NOT NULL, bytes INTEGER NOT NULL, running_at REAL NOT NULL,
  ready_at REAL NOT NULL, failed INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0,
  expires_at REAL);
CREATE TABLE IF NOT EXISTS jobs(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, created_at REAL NOT NULL,
  start_at REAL NOT NULL, status TEXT NOT NULL, spec TEXT NOT NULL, running_at REAL,
  finished_at REAL, resolved TEXT, result_file TEXT, fine_tuned_model TEXT,
  trained_tokens INTEGER, error TEXT, deleted INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS events(
  job TEXT NOT NULL, n INTEGER NOT NULL, id TEXT NOT NULL, created_at REAL NOT NULL,
  level TEXT NOT NULL, type TEXT NOT NULL, message TEXT NOT NULL, data TEXT,
  PRIMARY KEY(job, n)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS checkpoints(
  job TEXT NOT NULL, step INTEGER NOT NULL, id TEXT NOT NULL, created_at REAL NOT NULL,
  model TEXT NOT NULL, metrics TEXT NOT NULL, PRIMARY KEY(job, step)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pauses(
  job TEXT PRIMARY KEY, step INTEGER NOT NULL, events INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS copies(
  checkpoint TEXT NOT NULL, destination TEXT NOT NULL, region TEXT NOT NULL, ready_at REAL NOT NULL,
  PRIMARY KEY(checkpoint, destination)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS models(
  name TEXT PRIMARY KEY, job TEXT NOT NULL, base TEXT NOT NULL, created_at REAL NOT NULL,
  encoder TEXT NOT NULL, head TEXT NOT NULL, answers TEXT NOT NULL, wrapping TEXT NOT NULL,
  checkpoint INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deployments(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE NOT NULL, scope TEXT NOT NULL,
  model TEXT NOT NULL, arm_model TEXT NOT NULL, sku TEXT NOT NULL, created_at REAL NOT NULL,
  updated_at REAL NOT NULL, ready_at REAL NOT NULL, warmed INTEGER NOT NULL DEFAULT 0,
  expires_at REAL, tags TEXT, used_at REAL);
CREATE TABLE IF NOT EXISTS ledger(
  n INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
  detail TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS controls(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
# What the tables of an earlier emulator lack.
_ADDED = (
    ("deployments", "expires_at", "REAL"),
    ("deployments", "tags", "TEXT"),
    ("deployments", "used_at", "REAL"),
)


def require_database(home: Path) -> Path:
    """The database of an emulator that was served here before. ValueError: a mistyped home."""
    path = home / DATABASE_NAME
    if not path.exists():
        raise ValueError(f"There is no emulator's state in {home}.")
    return path


class Store:
    """One connection shared by all threads behind one lock."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        path.touch(mode=0o600)
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)
        self._add_columns()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything inside happens, or nothing does."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        """All rows of a query."""
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def row(self, query: str, *values: object) -> sqlite3.Row | None:
        """The first row of a query, if there is one."""
        found = self.rows(query, *values)
        return found[0] if found else None

    def _add_columns(self) -> None:
        for table, column, kind in _ADDED:
            if not self.rows("SELECT 1 FROM pragma_table_info(?) WHERE name = ?", table, column):
                self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")

    def close(self) -> None:
        """Closes the file; nothing more can be read or written."""
        with self._lock:
            self._db.close()
