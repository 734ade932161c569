"""Many projects at once: all of them, who is due, who has changed since.

A row that cannot be decoded hides no other: it is shown as held, and is never due.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Engine, and_, bindparam, func, or_, select

from states.errors import StoreError
from states.model import Project
from states.store_port import Mark
from store.engine import looking, reading
from store.prepared import Prepared
from store.rows import UNREADABLE, explain_unreadable, held_project_of, project_of
from store.schema import projects

PAGE = 200  # projects in memory while all are gone through

_BY_NAME = Prepared(select(projects).where(projects.c.name == bindparam("name")))
_ALL = Prepared(select(projects).order_by(projects.c.name))
_PAGE = Prepared(
    select(projects)
    .where(projects.c.name > bindparam("after"))
    .order_by(projects.c.name)
    .limit(bindparam("most"))
)
# The names from the index alone; only the rows of those are looked at.
_IS_DUE = and_(
    projects.c.due_at.is_not(None),
    or_(projects.c.due_at <= bindparam("now"), projects.c.due_at > bindparam("never")),
)
_IS_THERE = projects.c.service == bindparam("service")
_DUE_NAMES = select(projects.c.name).where(_IS_DUE)
_DUE = Prepared(select(projects).where(projects.c.name.in_(_DUE_NAMES)).order_by(projects.c.name))
_DUE_THERE = Prepared(
    select(projects)
    .where(projects.c.name.in_(_DUE_NAMES.where(_IS_THERE)))
    .order_by(projects.c.name)
)
_MARK = select(projects.c.name, projects.c.version, projects.c.due_at)
_DUE_MARKS = Prepared(_MARK.where(_IS_DUE).order_by(projects.c.name))
_DUE_MARKS_THERE = Prepared(_MARK.where(_IS_DUE, _IS_THERE).order_by(projects.c.name))
_NEXT_DUE = Prepared(
    select(func.min(projects.c.due_at)).where(projects.c.due_at > bindparam("now"))
)
_STAMP = Prepared(
    select(func.count(), func.sum(projects.c.version), func.sum(projects.c.due_at)).where(
        projects.c.service == bindparam("service")
    )
)
_MARKS = Prepared(_MARK.where(_IS_THERE))
_NAMES = Prepared(select(projects.c.name).order_by(projects.c.name))
_ELSEWHERE = Prepared(
    select(projects.c.service, func.count())
    .where(projects.c.service != bindparam("service"))
    .group_by(projects.c.service)
    .order_by(projects.c.service)
)


class SqlOverview:
    """A part of states.store_port.ProjectStore."""

    engine: Engine

    def load(self, name: str) -> Project | None:
        with looking(self.engine) as connection:
            rows = _BY_NAME.read(connection, {"name": name})
        try:
            return project_of(rows[0]) if rows else None
        except UNREADABLE as error:
            raise StoreError(explain_unreadable(name, error)) from error

    def names(self) -> Sequence[str]:
        with looking(self.engine) as connection:
            return list(_NAMES.run(connection, {}).scalars())

    def elsewhere(self, service: str) -> Sequence[tuple[str, int]]:
        with looking(self.engine) as connection:
            return [tuple(row) for row in _ELSEWHERE.run(connection, {"service": service})]

    def all(self) -> Sequence[Project]:
        with looking(self.engine) as connection:
            return [_read_or_hold(row) for row in _ALL.read(connection, {})]

    def each(self) -> Iterator[Project]:
        after = ""
        while True:
            with looking(self.engine) as connection:
                rows = _PAGE.read(connection, {"after": after, "most": PAGE})
            yield from map(_read_or_hold, rows)
            if len(rows) < PAGE:
                return
            after = rows[-1].name

    def some(self, names: Iterable[str]) -> Iterator[Project]:
        wanted = list(names)
        for start in range(0, len(wanted), PAGE):
            with reading(self.engine) as connection:
                rows = [
                    row
                    for name in wanted[start : start + PAGE]
                    for row in _BY_NAME.read(connection, {"name": name})
                ]
            yield from map(_read_or_hold, rows)

    def due(self, now: float, never: float, service: str | None = None) -> Sequence[Project]:
        values = {"now": now, "never": never, "service": service}
        with looking(self.engine) as connection:
            rows = (_DUE if service is None else _DUE_THERE).read(connection, values)
        return [project for project in map(_read_or_hold, rows) if project.due_at is not None]

    def due_marks(self, now: float, never: float, service: str | None = None) -> Sequence[Mark]:
        values = {"now": now, "never": never, "service": service}
        query = _DUE_MARKS if service is None else _DUE_MARKS_THERE
        with looking(self.engine) as connection:
            return [tuple(row) for row in query.run(connection, values)]

    def next_due(self, now: float) -> float | None:
        with looking(self.engine) as connection:
            found: float | None = _NEXT_DUE.run(connection, {"now": now}).scalar_one()
            return found

    def stamp(self, service: str) -> object:
        with looking(self.engine) as connection:
            return tuple(_STAMP.run(connection, {"service": service}).one())

    def marks(self, service: str) -> Iterator[Mark]:
        with looking(self.engine) as connection:
            yield from map(tuple, _MARKS.run(connection, {"service": service}))


def _read_or_hold(row: Any) -> Project:
    """A project whose row cannot be decoded is shown as held, with the reason."""
    try:
        return project_of(row)
    except UNREADABLE as error:
        return held_project_of(row, explain_unreadable(row.name, error))
