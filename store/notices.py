"""How far each address has been told what happens. The messages are made of the checkpoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)

from states.errors import StoreError
from states.model import Checkpoint, Project
from store.engine import insert_if_absent, reading, take_turns, writing
from store.rows import UNREADABLE, checkpoint_of, explain_unreadable, past_project_of, project_of
from store.schema import checkpoints, notices, projects

FOLLOWING = 0x4E4F5449  # as MIGRATION_LOCK of migrate.py: "NOTI"
KNOWN = ""  # the topic of the row that says that an address is known


class SqlNotices:
    """What agent/notices/memory.py asks for."""

    engine: Engine

    def follow(self, home: str, addresses: Sequence[str]) -> None:
        wanted = set(addresses)
        with reading(self.engine) as connection:
            if _known(connection, home) == wanted:
                return
        with writing(self.engine) as connection:
            take_turns(connection, FOLLOWING)
            known = _known(connection, home)
            start = _start(connection, home, sorted(known - wanted))
            rows = [
                {"home": home, "address": address, "topic": topic, "number": number}
                for address in sorted(wanted - known)
                for topic, number in {KNOWN: 0, **start}.items()
            ]
            if rows:
                connection.execute(insert(notices), rows)
            for address in known - wanted:
                connection.execute(delete(notices).where(_of(home, address)))

    def untold(self, home: str, address: str) -> Mapping[str, int]:
        told = func.coalesce(notices.c.number, 0)
        own = and_(_of(home, address), notices.c.topic == projects.c.name)
        query = (
            select(projects.c.name, told.label("told"))
            .select_from(projects.outerjoin(notices, own))
            .where(projects.c.version > told)
            .order_by(projects.c.name)
        )
        with reading(self.engine) as connection:
            if address not in _known(connection, home):
                return {}
            return {row.name: row.told for row in connection.execute(query)}

    def checkpoints_after(self, name: str, version: int) -> Iterator[tuple[Project, Checkpoint]]:
        query = (
            select(checkpoints)
            .where(checkpoints.c.project == name, checkpoints.c.version > version)
            .order_by(checkpoints.c.version)
        )
        own = select(projects).where(projects.c.name == name)
        with reading(self.engine) as connection:
            # All at once: whoever tells of them may take minutes.
            row, rows = connection.execute(own).one(), connection.execute(query).all()
        try:
            project = project_of(row)
            for row in rows:
                yield past_project_of(project, project.service, row), checkpoint_of(row)
        except UNREADABLE as error:
            raise StoreError(explain_unreadable(name, error)) from error

    def told(self, home: str, address: str, topic: str) -> int:
        query = select(notices.c.number).where(_of(home, address), notices.c.topic == topic)
        with reading(self.engine) as connection:
            return connection.execute(query).scalar_one_or_none() or 0

    def mark_told(self, home: str, address: str, topic: str, number: int) -> None:
        key = {"home": home, "address": address, "topic": topic}
        with writing(self.engine) as connection:
            if not insert_if_absent(connection, notices, {**key, "number": number}):
                connection.execute(
                    update(notices)
                    # Another agent with this home may have come further.
                    .where(_of(home, address), notices.c.topic == topic)
                    .where(notices.c.number < number)
                    .values(number=number)
                )


def _of(home: str, address: str) -> ColumnElement[bool]:
    return and_(notices.c.home == home, notices.c.address == address)


def _rows_of(home: str, address: str) -> Select[str, int]:
    return select(notices.c.topic, notices.c.number).where(_of(home, address))


def _known(connection: Connection, home: str) -> set[str]:
    query = select(notices.c.address).where(notices.c.home == home, notices.c.topic == KNOWN)
    return set(connection.execute(query).scalars())


def _start(connection: Connection, home: str, former: Sequence[str]) -> dict[str, int]:
    """Topic -> how far a new address counts as told. `former`: whose place it takes.

    Without any, it is told of no checkpoint that there is. Otherwise of all that one of them was
    not told: a project that has no row of theirs began after them."""
    query = select(projects.c.name, projects.c.version)
    now = {row.name: row.version for row in connection.execute(query)}
    if not former:
        return now
    told = [
        {row.topic: row.number for row in connection.execute(_rows_of(home, address))}
        for address in former
    ]
    topics = {topic for one in told for topic in one} | set(now)
    least = {topic: min(one.get(topic, 0) for one in told) for topic in topics}
    least.pop(KNOWN, None)
    return least
