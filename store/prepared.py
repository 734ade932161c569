"""Statements of every tick, compiled once and then given to the driver as text.

What SQLAlchemy does for each execution of a statement (its key in the cache, its parameters, the
types of its columns) costs several times what SQLite takes to run it.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, CursorResult
from sqlalchemy.sql.expression import ClauseElement


class Prepared:
    """A statement whose values are named parameters, for every dialect.

    Values go to the driver as they are, and come from it so: JSON as text, enumerations as their
    values. PostgreSQL's driver decodes JSON by itself: `rows.decoded` takes both.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> CursorResult[Any]:
        """Executes it with `values` by name; more may be there than it asks for."""
        kind = connection.dialect.name
        compiled = self._compiled.get(kind) or self._compile(connection)
        if compiled.own:
            values = {**compiled.own, **values}
        if compiled.names is None:
            return connection.exec_driver_sql(compiled.text, dict(values))
        given = tuple([values[name] for name in compiled.names])
        return connection.exec_driver_sql(compiled.text, given)

    def read(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """The rows of a SELECT, as named tuples. Of SQLite's driver itself, where it is that one:
        SQLAlchemy's execution and its result cost more than the rows."""
        if connection.dialect.name != "sqlite":
            return self.run(connection, values).all()
        compiled = self._compiled.get("sqlite") or self._compile(connection)
        given = tuple([{**compiled.own, **values}[name] for name in compiled.names or ()])
        driver: Any = connection.connection.dbapi_connection
        return list(map(self._row._make, driver.execute(compiled.text, given)))

    @cached_property
    def _row(self) -> Any:
        columns = self._statement.selected_columns  # type: ignore[attr-defined]
        return namedtuple("Row", [column.key for column in columns])

    def _compile(self, connection: Connection) -> _Compiled:
        made: Any = self._statement.compile(dialect=connection.dialect)
        names = tuple(made.positiontup) if made.positional else None
        own = {name: value for name, value in made.params.items() if value is not None}
        # Two threads may do so at once: both find the same.
        return self._compiled.setdefault(
            connection.dialect.name, _Compiled(made.string, names, own)
        )


@dataclass(frozen=True)
class _Compiled:
    """`names`: the order of its parameters where they have no names there. `own`: values that the
    dialect has put in by itself."""

    text: str
    names: Sequence[str] | None
    own: Mapping[str, Any]
