"""Projects and their checkpoints. Every write of a project's row is guarded by its version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, Select, bindparam, select, update

from states.errors import StoreError
from states.facts import Facts
from states.model import Checkpoint, Project
from states.places import Artifact
from states.state import Event, State
from states.store_port import Move, Pause, Postponed
from store.engine import in_one_order, insert_if_absent, reading, writing
from store.moves import ADD_CHECKPOINT, checkpoint_row, last_error, moved_row, update_guarded
from store.overview import SqlOverview
from store.rows import (
    UNREADABLE,
    checkpoint_of,
    explain_unreadable,
    facts_of,
    past_project_of,
    text_of,
)
from store.schema import checkpoints, projects

_POSTPONED = (
    update(projects)
    .where(
        projects.c.name == bindparam("_name"),
        projects.c.version == bindparam("_version"),
        projects.c.due_at == bindparam("_due_at"),
    )
    .values(due_at=bindparam("_until"))
)
# Without the facts, which are most of a row.
_HISTORY = select(*(column for column in checkpoints.c if column.name not in ("id", "facts")))
PAGE = 500  # checkpoints in memory while a whole history is read


class SqlProjects(SqlOverview):
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
            last_error=last_error(project, move),
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
            for one in in_one_order(waiting, lambda one: one.name)
        ]
        with writing(self.engine) as connection:
            if connection.execute(_POSTPONED, rows).rowcount == len(rows):
                return ()
            until = {one.name: one.until for one in waiting}
            named = select(projects.c.name, projects.c.due_at).where(projects.c.name.in_(until))
            return [name for name, due_at in connection.execute(named) if due_at != until[name]]

    def history(
        self, name: str, *, after: int = 0, last: int | None = None
    ) -> Sequence[Checkpoint]:
        query = _HISTORY.where(checkpoints.c.project == name, checkpoints.c.version > after)
        # The newest first, to find them by the index; they are told in the order of events.
        rows = self._read(name, query.order_by(checkpoints.c.version.desc()).limit(last))
        return rows[::-1]

    def each_checkpoint(self, name: str) -> Iterator[Checkpoint]:
        after, query = 0, _HISTORY.where(checkpoints.c.project == name)
        query = query.order_by(checkpoints.c.version).limit(PAGE)
        while page := self._read(name, query.where(checkpoints.c.version > after)):
            yield from page
            after = page[-1].version

    def _read(self, name: str, query: Select[Any]) -> list[Checkpoint]:
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
