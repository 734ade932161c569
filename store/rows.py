"""Rows to values and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from states.model import Checkpoint, Event, Facts, Project, State
from states.store_port import Instant, Intent
from states.text import Text, say

UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
)  # what decoding raises on a row that another hand has written


def text_json(text: Text | None) -> dict[str, Any] | None:
    return None if text is None else text.as_json()


def project_of(row: Row[Any]) -> Project:
    return Project(
        name=row.name,
        uid=row.uid,
        service=row.service,
        state=State(row.state),
        generation=row.generation,
        version=row.version,
        since=row.since,
        due_at=row.due_at,
        waiting_for=Text.from_json(row.waiting_for),
        hold=Text.from_json(row.hold),
        attempts=row.attempts,
        last_error=Text.from_json(row.last_error),
        facts=Facts.from_json(row.facts),
    )


def unreadable(name: str, error: Exception) -> Text:
    return say(
        "What the database holds of project {project} cannot be read ({problem}): another version"
        " of this program wrote it, or a person. Put that version back, or restore the database"
        " from a copy. The other projects go on.",
        project=name,
        problem=f"{type(error).__name__}: {error}",
    )


def held_project_of(row: Row[Any], hold: Text) -> Project:
    """It is seen by everybody and ticked by nobody; its version is none that a write could be guarded by."""
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
        row.key, row.kind, json.loads(row.spec), stamp_of(row), row.tries, row.misses, row.receipt
    )


def stamp_of(row: Row[Any]) -> Instant | None:
    return None if row.stamp is None else Instant(row.stamp, row.stamp_boot, row.stamp_ticks)


def spec_text(spec: Mapping[str, Any]) -> str:
    """The same text for the same spec, so that the database can compare them."""
    return json.dumps(spec, sort_keys=True)
