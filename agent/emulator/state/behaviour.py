"""What a test may change in how the service behaves, kept over restarts."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from agent.emulator.protocol.errors import ServiceError
from agent.emulator.state.settings import Settings
from agent.emulator.state.storage import Store


@dataclass(frozen=True)
class Behaviour:
    """None for a time or count means: as the emulator was started."""

    listing_lag_seconds: float = 0.0
    job_status_script: tuple[str, ...] = ()
    file_status_script: tuple[str, ...] = ()
    fail_job: dict[str, str] | None = None
    file_error: bool = False
    hide_job: bool = False
    cancel_jobs: bool = False
    fail_deployments: bool = False
    capacity_429: bool = False
    content_filter_substring: str | None = None
    job_limit_status: int = 429
    warmup_calls: int | None = None
    file_seconds: float | None = None
    queue_seconds: float | None = None
    train_seconds: float | None = None
    deploy_seconds: float | None = None


_NAMES = {item.name for item in fields(Behaviour)}
_SCRIPTS = ("job_status_script", "file_status_script")
_NUMBERS = (
    "listing_lag_seconds",
    "warmup_calls",
    "file_seconds",
    "queue_seconds",
    "train_seconds",
    "deploy_seconds",
)


class Behaviours:
    """The present behaviour and how to change it."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        row = store.row("SELECT value FROM controls WHERE name = 'behaviour'")
        self.now = _built(Behaviour(), json.loads(row["value"])) if row else Behaviour()

    def update(self, changes: Any) -> Behaviour:
        """A partial change; null puts a key back to its default. Raises ServiceError on what is not known."""
        if not isinstance(changes, dict):
            raise ServiceError(400, "invalidBehaviour", "Send a JSON object of behaviour keys.")
        with self._store.transaction() as db:
            self._keep(db, _built(self.now, changes))
            return self.now

    def next_status(self, script: str, true_status: str) -> str:
        """What a GET reports: the next element of the script, or the truth once it is exhausted."""
        with self._store.transaction() as db:
            left: tuple[str, ...] = getattr(self.now, script)
            if not left:
                return true_status
            self._keep(db, _built(self.now, {script: left[1:]}))
            return left[0]

    def seconds(self, name: str) -> float:
        """One of the times, from the behaviour if set there, else as started."""
        chosen = getattr(self.now, name)
        return float(chosen if chosen is not None else getattr(self._settings, name))

    def warmup_calls(self) -> int:
        """How many chat calls a new deployment refuses."""
        return (
            self.now.warmup_calls
            if self.now.warmup_calls is not None
            else self._settings.warmup_calls
        )

    def _keep(self, db: sqlite3.Connection, chosen: Behaviour) -> None:
        db.execute(
            "INSERT OR REPLACE INTO controls VALUES('behaviour', ?)", (json.dumps(asdict(chosen)),)
        )
        self.now = chosen


def _built(before: Behaviour, changes: dict[str, Any]) -> Behaviour:
    unknown = sorted(set(changes) - _NAMES)
    if unknown:
        raise ServiceError(
            400,
            "invalidBehaviour",
            f"Unknown behaviour: {', '.join(unknown)}. Known: {', '.join(sorted(_NAMES))}.",
        )
    default = Behaviour()
    values = {
        name: getattr(default, name) if value is None else value for name, value in changes.items()
    }
    for name in _SCRIPTS:
        if name in values:
            if not isinstance(values[name], list | tuple):
                raise ServiceError(400, "invalidBehaviour", f"{name} must be a list of statuses.")
            values[name] = tuple(str(status) for status in values[name])
    for name in _NUMBERS:
        if values.get(name) is not None and not (
            isinstance(values[name], int | float) and values[name] >= 0
        ):
            raise ServiceError(
                400, "invalidBehaviour", f"{name} must be a number that is not negative."
            )
    if not isinstance(values.get("fail_job"), dict | None):
        raise ServiceError(
            400, "invalidBehaviour", "fail_job must be an object with a code and a message."
        )
    return replace(before, **values)
