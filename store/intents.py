"""Write-ahead intents and their receipts, in the table `effects`.

Used by agent/engine/exactly_once. Of several processes that change one intent, one wins: each
change is a compare-and-swap on the number of tries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, bindparam, or_, select, update

from states.errors import Superseded
from states.model import Project
from states.store_port import VOIDED, Instant, Intent
from store.engine import insert_if_absent, reading, writing
from store.rows import intent_of, last_sent_columns, last_sent_of, spec_text
from store.schema import effects, projects

_VERSION = (
    select(projects.c.version)
    .where(projects.c.name == bindparam("name"))
    .with_for_update(read=True)
)
_BY_KEY = select(effects).where(effects.c.key == bindparam("key"))


class SqlIntents:
    """states.store_port.IntentStore."""

    engine: Engine

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
        with writing(self.engine) as connection:
            _refuse_if_superseded(connection, project)
            if insert_if_absent(connection, effects, row):
                supersede_predecessors(connection, row)
            elif spec:
                at_rest = (
                    effects.c.key == key,
                    effects.c.stamp.is_(None),
                    effects.c.receipt.is_(None),
                )
                connection.execute(update(effects).where(*at_rest).values(spec=row["spec"]))
            return intent_of(connection.execute(_BY_KEY, {"key": key}).one())

    def intents(self, project: Project) -> Sequence[Intent]:
        query = select(effects).where(*_of(project)).order_by(effects.c.opened_at, effects.c.key)
        with reading(self.engine) as connection:
            return [intent_of(row) for row in connection.execute(query)]

    def claim(self, project: Project, intent: Intent, sent_at: Instant) -> Intent | None:
        with writing(self.engine) as connection:
            _refuse_if_superseded(connection, project)
            return _swap(connection, intent, sent_at, intent.not_found_count)

    def set_last_sent_at(
        self, intent: Intent, last_sent_at: Instant | None, not_found_count: int = 0
    ) -> Intent | None:
        with writing(self.engine) as connection:
            return _swap(connection, intent, last_sent_at, not_found_count)

    def void(self, project: Project, intent: Intent, now: float) -> bool:
        query = (
            update(effects)
            .where(*is_unchanged(intent))
            .values(tries=intent.tries + 1, receipt=VOIDED, closed_at=now)
        )
        with writing(self.engine) as connection:
            _refuse_if_superseded(connection, project)
            return connection.execute(query).rowcount == 1

    def receive(self, key: str, receipt: str, now: float) -> None:
        query = (
            update(effects)
            .where(effects.c.key == key, effects.c.receipt.is_(None))
            .values(receipt=receipt, closed_at=now)
        )
        with writing(self.engine) as connection:
            connection.execute(query)

    def has_receipts(self, project: Project) -> bool:
        return self._has(*_of(project), effects.c.receipt.is_not(None))

    def is_known_there(self, project: Project) -> bool:
        made = and_(effects.c.receipt.is_not(None), effects.c.receipt != VOIDED)
        return self._has(*_of(project), or_(effects.c.stamp.is_not(None), made))

    def _has(self, *conditions: ColumnElement[bool]) -> bool:
        query = select(effects.c.key).where(*conditions).limit(1)
        with reading(self.engine) as connection:
            return connection.execute(query).first() is not None


def is_unchanged(intent: Intent) -> tuple[ColumnElement[bool], ...]:
    """The row is open and nobody has tried since `intent` was read: the compare of the swap."""
    return effects.c.key == intent.key, effects.c.tries == intent.tries, effects.c.receipt.is_(None)


def supersede_predecessors(connection: Connection, row: Mapping[str, Any]) -> None:
    """Lets the new intent `row` take the place of earlier ones of its project and kind.

    Voids open intents of the same kind from earlier generations and copies their latest
    last_sent_at, because those requests may still succeed. Also copies it from a completed intent
    with the same spec, because listings may lag.
    """
    former = [effects.c[name] == row[name] for name in ("project", "service", "kind")] + [
        effects.c.key != row["key"]
    ]
    # Voided first, then read: otherwise another process could claim one in between and send it,
    # unknown to this one.
    voided = (
        update(effects)
        .where(*former, effects.c.receipt.is_(None))
        .values(receipt=VOIDED, closed_at=row["opened_at"])
    )
    open_ones = connection.execute(voided.returning(effects)).all()
    same = connection.execute(select(effects).where(*former, effects.c.spec == row["spec"])).all()
    sent = [at for at in map(last_sent_of, [*open_ones, *same]) if at is not None]
    if sent:
        columns = last_sent_columns(Instant.latest(sent))
        connection.execute(update(effects).where(effects.c.key == row["key"]).values(**columns))


def _of(project: Project) -> tuple[ColumnElement[bool], ...]:
    """The intents of a project at its present service."""
    return effects.c.project == project.name, effects.c.service == project.service


def _refuse_if_superseded(connection: Connection, project: Project) -> None:
    """Another process has moved the project: what this one is about to do is out of date."""
    version = connection.execute(_VERSION, {"name": project.name}).scalar_one_or_none()
    if version != project.version:
        raise Superseded(project.name)


def _swap(
    connection: Connection, intent: Intent, last_sent_at: Instant | None, not_found_count: int
) -> Intent | None:
    tries = intent.tries + 1
    query = (
        update(effects)
        .where(*is_unchanged(intent))
        .values(tries=tries, misses=not_found_count, **last_sent_columns(last_sent_at))
    )
    if connection.execute(query).rowcount != 1:
        return None
    return replace(intent, last_sent_at=last_sent_at, tries=tries, not_found_count=not_found_count)
