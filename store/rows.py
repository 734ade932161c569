"""Rows to values and back. Some columns have an older name than their value: see intent_of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from sys import intern
from typing import Any

from sqlalchemy import Row

from states import facts_json
from states.facts import Facts
from states.model import Checkpoint, Project
from states.state import Event, State
from states.store_port import Instant, Intent
from states.text import Text, say

# What decoding raises on a row that a person or another program has written.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError)


_encode = json.JSONEncoder().encode


def json_of(value: Any) -> str | None:
    """As a column of JSON keeps it; NULL for None."""
    return None if value is None else _encode(value)


def text_of(text: Text | None) -> str | None:
    return None if text is None else _encode(text.as_json())


def decoded(value: Any) -> Any:
    """What a column of JSON holds. PostgreSQL's driver has decoded it already."""
    return json.loads(value) if isinstance(value, str) else value


def facts_of(value: Any) -> Facts:
    return facts_json.read(decoded(value))


def project_of(row: Any) -> Project:
    return Project(
        name=intern(row.name),  # whoever goes through thousands keeps it
        uid=row.uid,
        service=row.service,
        state=State(row.state),
        generation=row.generation,
        version=row.version,
        since=row.since,
        due_at=row.due_at,
        waiting_for=Text.from_json(decoded(row.waiting_for)),
        hold=Text.from_json(decoded(row.hold)),
        attempts=row.attempts,
        last_error=Text.from_json(decoded(row.last_error)),
        facts=facts_of(row.facts),
        settings=_object(decoded(row.settings)),
    )


def _object(value: Any) -> dict[str, Any]:
    if value is not None and not isinstance(value, dict):
        raise TypeError(f"settings: {type(value).__name__}")
    return value or {}


def explain_unreadable(name: str, error: Exception) -> Text:
    return say(
        "What the database holds of project {project} cannot be read ({problem}): another version"
        " of this program wrote it, or a person. Put that version back, or restore the database"
        " from a copy. The other projects go on.",
        project=name,
        problem=f"{type(error).__name__}: {error}",
    )


def held_project_of(row: Any, hold: Text) -> Project:
    """Stands for a row that cannot be decoded: it is shown, never ticked and never written."""
    return Project(
        name=row.name,
        uid=row.uid,
        service=row.service,
        state=State.FAILED,
        generation=row.generation,
        version=-1,
        since=row.since,
        due_at=None,
        waiting_for=None,
        hold=hold,
        attempts=0,
        last_error=None,
        facts=Facts(),
    )


def past_project_of(project: Project, service: str, row: Row[Any]) -> Project:
    """`project` as the checkpoint `row` left it. Nobody ticks it: it is only shown."""
    return replace(
        project,
        service=service,
        state=State(row.to_state),
        generation=row.generation,
        version=row.version,
        since=row.at,
        due_at=None,
        waiting_for=None,
        hold=None,
        attempts=0,
        last_error=None,
        facts=facts_json.read(row.facts),
    )


def checkpoint_of(row: Row[Any]) -> Checkpoint:
    return Checkpoint(
        version=row.version,
        at=row.at,
        from_state=State(row.from_state),
        event=Event(row.event),
        to_state=State(row.to_state),
        generation=row.generation,
        note=Text.from_json(row.note),
    )


def intent_of(row: Row[Any]) -> Intent:
    return Intent(
        key=row.key,
        kind=row.kind,
        spec=json.loads(row.spec),
        last_sent_at=last_sent_of(row),
        tries=row.tries,
        not_found_count=row.misses,
        receipt=row.receipt,
    )


def last_sent_of(row: Row[Any]) -> Instant | None:
    return None if row.stamp is None else Instant(row.stamp, row.stamp_boot, row.stamp_ticks)


def last_sent_columns(at: Instant | None) -> dict[str, float | str | None]:
    if at is None:
        return {"stamp": None, "stamp_boot": None, "stamp_ticks": None}
    return {"stamp": at.wall, "stamp_boot": at.boot, "stamp_ticks": at.ticks}


def spec_text(spec: Mapping[str, Any]) -> str:
    """The same text for the same spec, so that the database can compare them."""
    return json.dumps(spec, sort_keys=True)
