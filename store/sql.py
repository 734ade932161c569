"""SqlStore: projects, checkpoints, intents and documents in one database. Every write is one short transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    and_,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from states.errors import StoreError, Superseded
from states.model import Checkpoint, Project, State
from states.store_port import VOID, Instant, Intent, Move, Pause
from store.engine import reading, writing
from store.rows import (
    UNREADABLE,
    checkpoint_of,
    held_project_of,
    intent_of,
    project_of,
    spec_text,
    stamp_of,
    text_json,
    unreadable,
)
from store.schema import answers, blobs, checkpoints, daemon, effects, projects

LONGEST_ANSWER = 1000  # bytes: 64 tokens of text and the numbers beside it


class SqlStore:
    """States' Store on a SQLAlchemy engine whose schema is current (store.migrate)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # Projects ---------------------------------------------------------------------------------------------------------

    def create(self, name: str, uid: str, service: str, now: float) -> Project:
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
            "facts": {},
        }
        with writing(self._engine) as connection:
            _insert_if_absent(connection, projects, row)
        found = self.load(name)
        assert found is not None  # noqa: S101  written in the line above, and projects are never deleted
        return found

    def load(self, name: str) -> Project | None:
        with reading(self._engine) as connection:
            return _project(connection, name)

    def all(self) -> Sequence[Project]:
        # One query each: a row that cannot be decoded would take the others down with it.
        names = select(projects.c.name).order_by(projects.c.name)
        with reading(self._engine) as connection:
            return [
                _project_or_hold(connection, name)
                for name in connection.execute(names).scalars().all()
            ]

    def due(self, now: float) -> Sequence[str]:
        query = select(projects.c.name).where(projects.c.due_at <= now).order_by(projects.c.due_at)
        with reading(self._engine) as connection:
            return list(connection.execute(query).scalars())

    def move(self, project: Project, move: Move, now: float) -> Project:
        version = project.version + 1
        changed: dict[str, Any] = {
            "state": move.to_state,
            "generation": move.generation,
            "version": version,
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
        with writing(self._engine) as connection:
            _guarded_update(connection, project, changed)
            connection.execute(
                insert(checkpoints).values(
                    project=project.name,
                    version=version,
                    at=now,
                    from_state=project.state,
                    event=move.event,
                    to_state=move.to_state,
                    generation=move.generation,
                    note=text_json(move.note),
                    facts=move.facts.as_json(),
                )
            )
        return self._again(project)

    def pause(self, project: Project, pause: Pause) -> Project:
        changed: dict[str, Any] = {
            "due_at": pause.due_at,
            "waiting_for": text_json(pause.waiting_for),
            "attempts": pause.attempts,
            "last_error": text_json(pause.last_error),
        }
        if pause.facts is not None:
            changed["facts"] = pause.facts.as_json()
        with writing(self._engine) as connection:
            _guarded_update(connection, project, changed)
        return self._again(project)

    def _again(self, project: Project) -> Project:
        found = self.load(project.name)
        if found is None:
            raise Superseded(project.name)
        return found

    def history(self, name: str) -> Sequence[Checkpoint]:
        query = (
            select(checkpoints).where(checkpoints.c.project == name).order_by(checkpoints.c.version)
        )
        with reading(self._engine) as connection:
            try:
                return [checkpoint_of(row) for row in connection.execute(query)]
            except UNREADABLE as error:
                raise StoreError(unreadable(name, error)) from error

    # Intents ----------------------------------------------------------------------------------------------------------

    def intend(
        self, project: Project, key: str, kind: str, spec: Mapping[str, Any], now: float
    ) -> Intent:
        row = {
            "key": key,
            "project": project.name,
            "service": project.service,
            "kind": kind,
            "spec": spec_text(spec),
            "tries": 0,
            "misses": 0,
            "opened_at": now,
        }
        with writing(self._engine) as connection:
            _refuse_if_superseded(connection, project)
            if _insert_if_absent(connection, effects, row):
                _take_over(connection, row)
            elif spec:
                at_rest = (
                    effects.c.key == key,
                    effects.c.stamp.is_(None),
                    effects.c.receipt.is_(None),
                )
                connection.execute(update(effects).where(*at_rest).values(spec=row["spec"]))
            return intent_of(connection.execute(select(effects).where(effects.c.key == key)).one())

    def intents(self, project: Project) -> Sequence[Intent]:
        query = select(effects).where(*_of(project)).order_by(effects.c.opened_at, effects.c.key)
        with reading(self._engine) as connection:
            return [intent_of(row) for row in connection.execute(query)]

    def claim(self, project: Project, intent: Intent, stamp: Instant) -> Intent | None:
        with writing(self._engine) as connection:
            _refuse_if_superseded(connection, project)
            return _restamped(connection, intent, stamp, intent.misses)

    def restamp(self, intent: Intent, stamp: Instant | None, misses: int = 0) -> Intent | None:
        with writing(self._engine) as connection:
            return _restamped(connection, intent, stamp, misses)

    def call_off(self, project: Project, intent: Intent, now: float) -> bool:
        query = (
            update(effects)
            .where(*_as_it_was(intent))
            .values(tries=intent.tries + 1, receipt=VOID, closed_at=now)
        )
        with writing(self._engine) as connection:
            _refuse_if_superseded(connection, project)
            return connection.execute(query).rowcount == 1

    def receive(self, key: str, receipt: str, now: float) -> None:
        query = (
            update(effects)
            .where(effects.c.key == key, effects.c.receipt.is_(None))
            .values(receipt=receipt, closed_at=now)
        )
        with writing(self._engine) as connection:
            connection.execute(query)

    def has_receipts(self, project: Project) -> bool:
        query = select(effects.c.key).where(*_of(project), effects.c.receipt.is_not(None)).limit(1)
        with reading(self._engine) as connection:
            return connection.execute(query).first() is not None

    def is_known_there(self, project: Project) -> bool:
        sent = or_(
            effects.c.stamp.is_not(None),
            and_(effects.c.receipt.is_not(None), effects.c.receipt != ""),
        )
        query = select(effects.c.key).where(*_of(project), sent).limit(1)
        with reading(self._engine) as connection:
            return connection.execute(query).first() is not None

    # Documents --------------------------------------------------------------------------------------------------------

    def memory(self, project: str) -> SqlMemory:
        return SqlMemory(self, self._engine, project)

    def put_blob(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        with writing(self._engine) as connection:
            _insert_if_absent(connection, blobs, {"sha256": sha256, "content": content})
        return sha256

    def get_blob(self, sha256: str) -> bytes:
        with reading(self._engine) as connection:
            return bytes(
                connection.execute(
                    select(blobs.c.content).where(blobs.c.sha256 == sha256)
                ).scalar_one()
            )

    # The daemon -------------------------------------------------------------------------------------------------------

    def beat(self, pid: int, host: str, now: float) -> None:
        row = {"id": 1, "pid": pid, "host": host, "last_tick": now}
        with writing(self._engine) as connection:
            if not _insert_if_absent(connection, daemon, row):
                connection.execute(update(daemon).where(daemon.c.id == 1).values(**row))

    def heartbeat(self) -> dict[str, Any] | None:
        with reading(self._engine) as connection:
            row = connection.execute(
                select(daemon.c.pid, daemon.c.host, daemon.c.last_tick)
            ).one_or_none()
        return None if row is None else dict(row._mapping)

    def close(self) -> None:
        self._engine.dispose()


class SqlMemory:
    """One project's documents and paid answers."""

    def __init__(self, store: SqlStore, engine: Engine, project: str) -> None:
        self._store, self._engine, self._project = store, engine, project

    def keep(self, document: Any) -> str:
        return self._store.put_blob(
            json.dumps(document, ensure_ascii=False, sort_keys=True).encode()
        )

    def recall(self, name: str) -> Any:
        return json.loads(self._store.get_blob(name))

    def answers(self, model: str) -> Mapping[str, Mapping[str, Any]]:
        query = select(answers.c.digest, answers.c.answer).where(
            answers.c.project == self._project, answers.c.model == model
        )
        with reading(self._engine) as connection:
            return {row.digest: row.answer for row in connection.execute(query)}

    def expect_answer(self) -> None:
        # Written and taken away again: SQLite writes nothing for an UPDATE that changes nothing, and a rollback proves nothing.
        row = {"project": self._project, "model": "", "digest": "", "answer": " " * LONGEST_ANSWER}
        with writing(self._engine) as connection:
            connection.execute(insert(answers).values(**row))
            connection.execute(
                delete(answers).where(answers.c.project == self._project, answers.c.model == "")
            )

    def keep_answer(self, model: str, digest: str, answer: Mapping[str, Any]) -> None:
        row = {"project": self._project, "model": model, "digest": digest, "answer": dict(answer)}
        with writing(self._engine) as connection:
            _insert_if_absent(connection, answers, row)


def _project(connection: Connection, name: str) -> Project | None:
    try:
        row = connection.execute(select(projects).where(projects.c.name == name)).one_or_none()
        return None if row is None else project_of(row)
    except UNREADABLE as error:
        raise StoreError(unreadable(name, error)) from error


def _project_or_hold(connection: Connection, name: str) -> Project:
    try:
        found = _project(connection, name)
    except StoreError as error:
        plain = (projects.c[column] for column in ("name", "uid", "service", "generation", "since"))
        return held_project_of(
            connection.execute(select(*plain).where(projects.c.name == name)).one(), error.text
        )
    assert found is not None  # noqa: S101  its name was read in the same view
    return found


def _insert_if_absent(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """True if this call wrote the row, False if one with its key was there."""
    try:
        with connection.begin_nested():
            connection.execute(insert(table).values(**row))
    except IntegrityError:
        return False
    return True


def _of(project: Project) -> tuple[ColumnElement[bool], ...]:
    """The effects of a project at the service where it lives now."""
    return effects.c.project == project.name, effects.c.service == project.service


def _refuse_if_superseded(connection: Connection, project: Project) -> None:
    """Somebody moved the project since: what this process is about to begin or to end belongs to the past."""
    query = (
        select(projects.c.version).where(projects.c.name == project.name).with_for_update(read=True)
    )
    if connection.execute(query).scalar_one_or_none() != project.version:
        raise Superseded(project.name)


def _as_it_was(intent: Intent) -> tuple[ColumnElement[bool], ...]:
    return effects.c.key == intent.key, effects.c.tries == intent.tries, effects.c.receipt.is_(None)


def _restamped(
    connection: Connection, intent: Intent, stamp: Instant | None, misses: int
) -> Intent | None:
    values = {
        "stamp": stamp and stamp.wall,
        "stamp_boot": stamp and stamp.boot,
        "stamp_ticks": stamp and stamp.ticks,
    }
    query = (
        update(effects)
        .where(*_as_it_was(intent))
        .values(tries=intent.tries + 1, misses=misses, **values)
    )
    won = connection.execute(query).rowcount == 1
    return replace(intent, stamp=stamp, tries=intent.tries + 1, misses=misses) if won else None


def _take_over(connection: Connection, row: Mapping[str, Any]) -> None:
    """The new intent `row` takes the place of open ones of its project and kind: VOID, and their last stamp is its own.

    So is the stamp of the very same thing done before: a listing may not show it yet, and it is not to be made again.
    """
    former = [effects.c[name] == row[name] for name in ("project", "service", "kind")] + [
        effects.c.key != row["key"]
    ]
    # Closed first, then read: one that another process stamps in between would else send, unknown to this one.
    closed = (
        update(effects)
        .where(*former, effects.c.receipt.is_(None))
        .values(receipt=VOID, closed_at=row["opened_at"])
    )
    left_open = connection.execute(closed.returning(effects)).all()
    same = connection.execute(select(effects).where(*former, effects.c.spec == row["spec"])).all()
    stamps = [stamp for stamp in map(stamp_of, [*left_open, *same]) if stamp is not None]
    if stamps:
        last = reduce(lambda one, other: one if one.seconds_since(other) >= 0 else other, stamps)
        stamp = {"stamp": last.wall, "stamp_boot": last.boot, "stamp_ticks": last.ticks}
        connection.execute(update(effects).where(effects.c.key == row["key"]).values(**stamp))


def _guarded_update(connection: Connection, project: Project, changed: Mapping[str, Any]) -> None:
    query = (
        update(projects)
        .where(projects.c.name == project.name, projects.c.version == project.version)
        .values(**changed)
    )
    if connection.execute(query).rowcount != 1:
        raise Superseded(project.name)
