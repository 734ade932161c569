"""Statements of every tick, compiled once and then given to the driver as text.

What SQLAlchemy does for each execution of a statement (its key in the cache, its parameters, the
types of its columns) costs several times what SQLite takes to run it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult
from sqlalchemy.sql.expression import ClauseElement


class Prepared:
    """A statement whose values are all named parameters, for every dialect.

    Values go to the driver as they are, and come from it so: JSON as text, enumerations as their
    values. PostgreSQL's driver decodes JSON by itself: `rows.decoded` takes both.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, Sequence[str] | None]] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> CursorResult[Any]:
        """Executes it with `values` by name; more may be there than it asks for."""
        kind = connection.dialect.name
        text, names = self._compiled.get(kind) or self._compile(connection)
        if names is None:
            return connection.exec_driver_sql(text, dict(values))
        return connection.exec_driver_sql(text, tuple([values[name] for name in names]))

    def _compile(self, connection: Connection) -> tuple[str, Sequence[str] | None]:
        compiled: Any = self._statement.compile(dialect=connection.dialect)
        names = tuple(compiled.positiontup) if compiled.positional else None
        # Two threads may do so at once: both find the same.
        self._compiled[connection.dialect.name] = (compiled.string, names)
        return self._compiled[connection.dialect.name]
