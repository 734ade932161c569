"""What a test may change in how the service behaves; kept over restarts.

server/controls.py changes it (/_emulator/behaviour), the resources act on it.
"""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from agent.emulator.protocol.errors import ServiceError
from agent.emulator.state.progression import take_scripted
from agent.emulator.state.settings import Settings
from agent.emulator.state.storage import Store


@dataclass(frozen=True)
class Behaviour:
    """None for a time or a count means: as the emulator was started."""

    listing_lag_seconds: float = 0.0
    job_status_script: tuple[str, ...] = ()
    file_status_script: tuple[str, ...] = ()
    deployment_status_script: tuple[str, ...] = ()
    fail_job: dict[str, str] | None = None
    file_error: bool = False
    hide_job: bool = False
    models: dict[str, Any] | None = None
    cancel_jobs: bool = False
    fail_deployments: bool = False
    capacity_429: bool = False
    quota: int | None = None
    idle_seconds: float | None = None
    most_files: int | None = None
    keys_disabled: bool = False
    token_seconds: float = 3600.0
    clock_ahead_seconds: float = 0.0
    content_filter_substring: str | None = None
    job_limit_status: int = 429
    warmup_calls: int | None = None
    file_seconds: float | None = None
    queue_seconds: float | None = None
    train_seconds: float | None = None
    deploy_seconds: float | None = None


_NAMES = {item.name for item in fields(Behaviour)}
_SCRIPTS = {name for name in _NAMES if name.endswith("_status_script")}
_FLAGS = {item.name for item in fields(Behaviour) if item.default is False}
_TIMES = {name for name in _NAMES if name.endswith("_seconds")}
_COUNTS = {"warmup_calls", "quota", "most_files"}
_MOST = 1e9  # seconds are thirty years; what is beyond cannot be written as a date, or as JSON
_LIMIT_STATUSES = (400, 429)


class BehaviourStore:
    """The present behaviour, and the ways to change it."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        row = store.row("SELECT value FROM controls WHERE name = 'behaviour'")
        kept = json.loads(row["value"]) if row else {}
        self.current = _apply(Behaviour(), _acceptable(kept))

    def change(self, changes: Any) -> Behaviour:
        """A partial change; null sets a key back to its default. Raises ServiceError."""
        if not isinstance(changes, dict):
            raise _invalid("Send a JSON object of behaviour keys.")
        with self._store.transaction() as db:
            self._keep(db, _apply(self.current, changes))
            return self.current

    def reset(self) -> Behaviour:
        """Sets every key back to its default."""
        return self.change(dict.fromkeys(_NAMES))

    def reported_status(self, resource: str, true_status: str) -> str:
        """What a GET of a file, job or deployment reports: its script first, then the truth."""
        name = f"{resource}_status_script"
        with self._store.transaction() as db:
            script: tuple[str, ...] = getattr(self.current, name)
            status, left = take_scripted(script, true_status)
            if left != script:
                self._keep(db, _apply(self.current, {name: left}))
            return status

    def seconds(self, name: str) -> float:
        """One of the times: from the behaviour if set there, else as started."""
        chosen = getattr(self.current, name)
        return float(chosen if chosen is not None else getattr(self._settings, name))

    def now(self) -> float:
        """The clock of tokens, rates and deployments, in unix seconds; a test may move it ahead."""
        return time.time() + self.current.clock_ahead_seconds

    def warmup_calls(self) -> int:
        """How many chat calls a new deployment refuses."""
        chosen = self.current.warmup_calls
        return chosen if chosen is not None else self._settings.warmup_calls

    def _keep(self, db: sqlite3.Connection, behaviour: Behaviour) -> None:
        value = json.dumps(asdict(behaviour))
        db.execute("INSERT OR REPLACE INTO controls VALUES('behaviour', ?)", (value,))
        self.current = behaviour


def _apply(before: Behaviour, changes: dict[str, Any]) -> Behaviour:
    unknown = sorted(set(changes) - _NAMES)
    if unknown:
        known = ", ".join(sorted(_NAMES))
        raise _invalid(f"Unknown behaviour: {', '.join(unknown)}. Known: {known}.")
    default = Behaviour()
    values = {
        name: getattr(default, name) if value is None else _check(name, value)
        for name, value in changes.items()
    }
    return replace(before, **values)


def _check(name: str, value: Any) -> Any:
    if name in _SCRIPTS:
        if not isinstance(value, list | tuple):
            raise _invalid(f"{name} must be a list of statuses.")
        if not all(isinstance(status, str) for status in value):
            raise _invalid(f"{name} must be a list of statuses.")
        return tuple(value)
    if name in _FLAGS and not isinstance(value, bool):
        raise _invalid(f"{name} must be true or false.")
    if name in _TIMES and not _is_number(value, int | float):
        raise _invalid(f"{name} must be a number that is not negative, at most {_MOST:.0f}.")
    if name in _COUNTS and not _is_number(value, int):
        raise _invalid(f"{name} must be a whole number that is not negative.")
    if name == "job_limit_status" and value not in _LIMIT_STATUSES:
        raise _invalid("job_limit_status must be 429 or 400.")
    if name == "content_filter_substring" and not isinstance(value, str):
        raise _invalid("content_filter_substring must be a text.")
    if name == "models" and not _is_table(value):
        raise _invalid("models must be an object of objects, by the name of the model.")
    if name == "fail_job" and not isinstance(value, dict):
        raise _invalid("fail_job must be an object with a code and a message.")
    return value


def _is_number(value: Any, kind: Any) -> bool:
    is_number = isinstance(value, kind) and not isinstance(value, bool)
    return is_number and 0 <= value <= _MOST


def _acceptable(kept: dict[str, Any]) -> dict[str, Any]:
    """Without what an earlier version let in and this one does not: its home opens all the same."""
    found = {}
    for name, value in kept.items():
        try:
            _apply(Behaviour(), {name: value})
        except ServiceError:
            continue
        found[name] = value
    return found


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, dict) for one in value.values())


def _invalid(message: str) -> ServiceError:
    return ServiceError(400, "invalidBehaviour", message)
