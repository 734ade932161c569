"""What a move or a pause writes: the project's row, guarded by its version, and the checkpoint.

Called by projects.py, in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update

from states.errors import Superseded
from states.model import Project
from states.state import State
from states.store_port import Move
from states.text import Text
from store.prepared import Prepared
from store.rows import json_of, text_of
from store.schema import checkpoints, projects

ADD_CHECKPOINT = Prepared(
    insert(checkpoints)
    .values({column: bindparam(column.name) for column in checkpoints.c if column.name != "id"})
    .inline()  # nobody asks for its id
)


def moved_row(project: Project, move: Move, now: float) -> dict[str, Any]:
    """The columns of `projects` that a move sets, as the driver takes them."""
    own = {} if move.settings is None else {"settings": json_of(dict(move.settings) or None)}
    return own | {
        "state": move.to_state.value,
        "generation": move.generation,
        "version": project.version + 1,
        "due_at": move.due_at,
        "waiting_for": None,
        "hold": text_of(move.hold),
        "attempts": 0,
        "facts": move.facts.as_text(),
        "last_error": text_of(last_error(project, move)),
        "since": project.since if move.to_state is project.state else now,
        "service": move.service or project.service,
    }


def last_error(project: Project, move: Move) -> Text | None:
    """What `status` shows as the last trouble, from this move on.

    What is done to a project that has given up is not why it did."""
    if move.to_state is State.FAILED and project.state is State.FAILED:
        return project.last_error
    return move.note if move.hold or move.to_state is State.FAILED else None


def checkpoint_row(
    project: Project, move: Move, now: float, row: Mapping[str, Any]
) -> dict[str, Any]:
    """The row of `checkpoints` that records a move, whose row of `projects` is `row`."""
    return {
        "project": project.name,
        "version": project.version + 1,
        "at": now,
        "from_state": project.state.value,
        "event": move.event.value,
        "to_state": row["state"],
        "generation": move.generation,
        "note": text_of(move.note),
        "facts": row["facts"],
    }


def update_guarded(connection: Connection, project: Project, changed: Mapping[str, Any]) -> Any:
    """The facts as they are now, unless they are among what is changed.

    Superseded, and nothing is written, when its version is no longer `project`'s."""
    guard = {"_name": project.name, "_version": project.version}
    found = _guarded(tuple(changed)).run(connection, {**changed, **guard})
    row = None if "facts" in changed else found.one_or_none()
    if row is None and found.rowcount != 1:
        raise Superseded(project.name)
    return None if row is None else row[0]


@cache
def _guarded(columns: tuple[str, ...]) -> Prepared:
    changing = (
        update(projects)
        .where(projects.c.name == bindparam("_name"), projects.c.version == bindparam("_version"))
        .values({column: bindparam(column) for column in columns})
    )
    return Prepared(changing if "facts" in columns else changing.returning(projects.c.facts))
