"""Projects and their checkpoints. Every write of a project's row is guarded by its version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, func, insert, select, update

from states.errors import StoreError, Superseded
from states.facts import Facts
from states.model import Checkpoint, Project
from states.places import Artifact
from states.state import Event, State
from states.store_port import Move, Pause, Postponed
from store.engine import insert_if_absent, reading, writing
from store.rows import (
    UNREADABLE,
    checkpoint_of,
    explain_unreadable,
    held_project_of,
    past_project_of,
    project_of,
    text_json,
)
from store.schema import checkpoints, projects

# Built once: at every tick, building them costs more than SQLite takes to run them.
_BY_NAME = select(projects).where(projects.c.name == bindparam("name"))
_GUARDED = (
    update(projects)
    .where(projects.c.name == bindparam("_name"), projects.c.version == bindparam("_version"))
    .returning(projects)
)
_POSTPONED = (
    update(projects)
    .where(
        projects.c.name == bindparam("_name"),
        projects.c.version == bindparam("_version"),
        projects.c.due_at == bindparam("_due_at"),
    )
    .values(due_at=bindparam("_until"))
)
_NEXT_DUE = select(func.min(projects.c.due_at)).where(projects.c.due_at > bindparam("now"))


class SqlProjects:
    """states.store_port.ProjectStore."""

    engine: Engine

    def create(
        self,
        name: str,
        uid: str,
        service: str,
        now: float,
        settings: Mapping[str, Any] | None = None,
        artifacts: Mapping[Artifact, str] | None = None,
    ) -> Project:
        row = {
            "name": name,
            "uid": uid,
            "service": service,
            "state": State.DRAFT,
            "generation": 1,
            "version": 0,
            "since": now,
            "due_at": now,
            "attempts": 0,
            "facts": Facts(artifacts=artifacts).as_json() if artifacts else {},
            "settings": dict(settings) if settings else None,
        }
        with writing(self.engine) as connection:
            insert_if_absent(connection, projects, row)
        project = self.load(name)
        assert project is not None  # noqa: S101  just written, and projects are never deleted
        return project

    def load(self, name: str) -> Project | None:
        with reading(self.engine) as connection:
            return _load(connection, name)

    def all(self) -> Sequence[Project]:
        # One query each: a row that cannot be decoded must not hide the others.
        names = select(projects.c.name).order_by(projects.c.name)
        with reading(self.engine) as connection:
            return [
                _load_or_hold(connection, name)
                for name in connection.execute(names).scalars().all()
            ]

    def move(self, project: Project, move: Move, now: float) -> Project:
        with writing(self.engine) as connection:
            row = update_guarded(connection, project, moved_row(project, move, now))
            connection.execute(insert(checkpoints), checkpoint_row(project, move, now))
        return project_of(row)

    def pause(self, project: Project, pause: Pause) -> Project:
        changed: dict[str, Any] = {
            "due_at": pause.due_at,
            "waiting_for": text_json(pause.waiting_for),
            "attempts": pause.attempts,
            "last_error": text_json(pause.last_error),
        }
        if pause.facts is not None:
            changed["facts"] = pause.facts.as_json()
        with writing(self.engine) as connection:
            row = update_guarded(connection, project, changed)
        return project_of(row)

    def postpone(self, waiting: Sequence[Postponed]) -> Sequence[str]:
        if not waiting:
            return ()
        rows = [
            {"_name": one.name, "_version": one.version, "_due_at": one.due_at, "_until": one.until}
            for one in waiting
        ]
        with writing(self.engine) as connection:
            if connection.execute(_POSTPONED, rows).rowcount == len(rows):
                return ()
            until = {one.name: one.until for one in waiting}
            named = select(projects.c.name, projects.c.due_at).where(projects.c.name.in_(until))
            return [name for name, due_at in connection.execute(named) if due_at != until[name]]

    def next_due(self, now: float) -> float | None:
        with reading(self.engine) as connection:
            found: float | None = connection.execute(_NEXT_DUE, {"now": now}).scalar_one()
            return found

    def history(self, name: str) -> Sequence[Checkpoint]:
        query = (
            select(checkpoints).where(checkpoints.c.project == name).order_by(checkpoints.c.version)
        )
        with reading(self.engine) as connection:
            try:
                return [checkpoint_of(row) for row in connection.execute(query)]
            except UNREADABLE as error:
                raise StoreError(explain_unreadable(name, error)) from error

    def past(self, project: Project, generation: int) -> Iterator[Project]:
        query = (
            select(checkpoints)
            .where(checkpoints.c.project == project.name, checkpoints.c.generation == generation)
            .order_by(checkpoints.c.version.desc())
        )
        with reading(self.engine) as connection:
            service = _find_service(connection, project, generation)
            try:
                for row in connection.execute(query):
                    yield past_project_of(project, service, row)
            except UNREADABLE as error:
                raise StoreError(explain_unreadable(project.name, error)) from error


def moved_row(project: Project, move: Move, now: float) -> dict[str, Any]:
    """The columns of `projects` that a move sets."""
    own = {} if move.settings is None else {"settings": dict(move.settings) or None}
    return own | {
        "state": move.to_state,
        "generation": move.generation,
        "version": project.version + 1,
        "due_at": move.due_at,
        "waiting_for": None,
        "hold": text_json(move.hold),
        "attempts": 0,
        "facts": move.facts.as_json(),
        "last_error": (
            text_json(move.note) if move.hold or move.to_state is State.FAILED else None
        ),
        "since": project.since if move.to_state is project.state else now,
        "service": move.service or project.service,
    }


def checkpoint_row(project: Project, move: Move, now: float) -> dict[str, Any]:
    """The row of `checkpoints` that records a move."""
    return {
        "project": project.name,
        "version": project.version + 1,
        "at": now,
        "from_state": project.state,
        "event": move.event,
        "to_state": move.to_state,
        "generation": move.generation,
        "note": text_json(move.note),
        "facts": move.facts.as_json(),
    }


def update_guarded(
    connection: Connection, project: Project, changed: Mapping[str, Any]
) -> Row[Any]:
    """The row as it is now.

    Superseded, and nothing is written, when its version is no longer `project`'s."""
    guard = {"_name": project.name, "_version": project.version}
    row = connection.execute(_GUARDED, {**changed, **guard}).one_or_none()
    if row is None:
        raise Superseded(project.name)
    return row


def _find_service(connection: Connection, project: Project, generation: int) -> str:
    """Where the project lived in `generation`: the note of its next change of service says so."""
    query = (
        select(checkpoints.c.note)
        .where(checkpoints.c.project == project.name, checkpoints.c.generation > generation)
        .where(checkpoints.c.event == Event.DATA_REOPENED)
        .order_by(checkpoints.c.version)
    )
    notes = (note or {} for note in connection.execute(query).scalars())
    former = (note.get("values", {}).get("theirs") for note in notes)
    return next((service for service in former if service), project.service)


def _load(connection: Connection, name: str) -> Project | None:
    try:
        row = connection.execute(_BY_NAME, {"name": name}).one_or_none()
        return None if row is None else project_of(row)
    except UNREADABLE as error:
        raise StoreError(explain_unreadable(name, error)) from error


def _load_or_hold(connection: Connection, name: str) -> Project:
    """A project whose row cannot be decoded is shown as held, with the reason."""
    try:
        project = _load(connection, name)
    except StoreError as error:
        plain = (projects.c[column] for column in ("name", "uid", "service", "generation", "since"))
        row = connection.execute(select(*plain).where(projects.c.name == name)).one()
        return held_project_of(row, error.text)
    assert project is not None  # noqa: S101  its name was read in the same transaction
    return project
