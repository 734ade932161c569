"""Projects and their checkpoints. Every write of a project's row is guarded by its version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, func, select, update

from states.errors import StoreError
from states.facts import Facts
from states.model import Checkpoint, Project
from states.places import Artifact
from states.state import Event, State
from states.store_port import Move, Pause, Postponed
from store.engine import insert_if_absent, reading, writing
from store.moves import ADD_CHECKPOINT, checkpoint_row, last_error, moved_row, update_guarded
from store.prepared import Prepared
from store.rows import (
    UNREADABLE,
    checkpoint_of,
    explain_unreadable,
    facts_of,
    held_project_of,
    past_project_of,
    project_of,
    text_of,
)
from store.schema import checkpoints, projects

_BY_NAME = Prepared(select(projects).where(projects.c.name == bindparam("name")))
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
        row, facts = moved_row(project, move, now), move.facts
        with writing(self.engine) as connection:
            update_guarded(connection, project, row)
            ADD_CHECKPOINT.run(connection, checkpoint_row(project, move, now, row))
        # As it was written, and not read anew: nobody else could write it in this version.
        return replace(
            project,
            settings=project.settings if move.settings is None else dict(move.settings),
            state=move.to_state,
            generation=move.generation,
            version=project.version + 1,
            due_at=move.due_at,
            waiting_for=None,
            hold=move.hold,
            attempts=0,
            facts=facts,
            last_error=last_error(move),
            since=row["since"],
            service=row["service"],
        )

    def pause(self, project: Project, pause: Pause) -> Project:
        changed: dict[str, Any] = {
            "due_at": pause.due_at,
            "waiting_for": text_of(pause.waiting_for),
            "attempts": pause.attempts,
            "last_error": text_of(pause.last_error),
        }
        if pause.facts is not None:
            changed["facts"] = pause.facts.as_text()
        with writing(self.engine) as connection:
            # Of the same version others may have written facts, which a pause does not tell.
            facts = update_guarded(connection, project, changed)
        return replace(
            project,
            due_at=pause.due_at,
            waiting_for=pause.waiting_for,
            attempts=pause.attempts,
            last_error=pause.last_error,
            facts=pause.facts or facts_of(facts),
        )

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
        row = _BY_NAME.run(connection, {"name": name}).one_or_none()
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
