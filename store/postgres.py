"""PostgreSQL as the database: its pool, its time-outs, and what its errors mean. Used by engine.py
and errors.py.

Isolation is READ COMMITTED for what writes: every write is guarded in its own WHERE (by a version,
or by a count of tries), which PostgreSQL looks at again after it has waited for a row. What reads
sees one snapshot (REPEATABLE READ, read only), as on SQLite.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from store.patience import bound

# A tick needs one connection at a time, for moments: dozens of threads share these.
POOL, MORE = 8, 8
# As libpq spells them: a server that has vanished without a word is given up after 10 seconds.
CONNECT = {
    "connect_timeout": 10,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "fallback_application_name": "afinador",
}
# A transaction here takes milliseconds and waits for nobody. One that is stopped in the middle
# (SIGSTOP, a frozen machine) would keep its rows from all others.
SESSION = "SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '15s'"
READING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

# SQLSTATEs, or how they begin: broken off by the server or another transaction, to be repeated.
_PASSING = (
    "08",  # the connection is lost
    "57P0",  # the server shuts down, crashed, or starts up
    "53300",  # too many connections
    "40",  # serialization failure, deadlock
    "55P03",  # lock_timeout
    "25P03",  # idle_in_transaction_session_timeout
    "57014",  # a statement that was cancelled
)
# libpq gives no SQLSTATE for a connection that is refused. These do not pass by themselves.
_LASTING = (
    "authentication failed",
    "does not exist",
    "pg_hba.conf",
    "SSL",
    "certificate",
    "no password supplied",
    "not permitted",
    "permission denied",
    "is bad: invalid",
)
# SQLSTATEs whose words name things of the database, and never what was to be written.
_SAYABLE = ("08", "0A", "25", "28", "3D", "3F", "40", "42", "53", "55", "57", "58")


def open_postgres(url: URL) -> Engine:
    """An engine with a pool that outlives a restart of the server. Nothing is connected yet."""
    engine = create_engine(
        url,
        connect_args=CONNECT if url.get_driver_name() == "psycopg" else {},
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        # A connection that has died while it rested is replaced before it is used. The last one
        # used is the next: those that a quiet time does not need are closed by the server.
        pool_pre_ping=True,
        pool_use_lifo=True,
        pool_size=POOL,
        max_overflow=MORE,
        pool_timeout=10.0,
    )
    event.listen(engine, "connect", partial(_configure, engine))
    return engine


def _configure(engine: Engine, connection: Any, _record: Any) -> None:
    bound(connection, engine.dialect.loaded_dbapi.OperationalError)
    with connection.cursor() as cursor:
        cursor.execute(SESSION)
    connection.commit()


def is_passing(error: BaseException) -> bool:
    """True if the same statement may succeed when it is repeated: the server was restarted, say.

    Whether the transaction was committed is not known then, as after a crash of our own."""
    if isinstance(error, PoolTimeout):
        return True
    cause = getattr(error, "orig", None)
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_PASSING)
    is_lost = bool(getattr(error, "connection_invalidated", False))
    is_unreachable = isinstance(error, OperationalError | InterfaceError)
    return is_lost or (is_unreachable and not any(word in str(cause) for word in _LASTING))


def problem_in(error: BaseException) -> str:
    """What PostgreSQL, or libpq, says of it, where that cannot quote what was being written."""
    if isinstance(error, PoolTimeout):
        return "all connections are in use"
    cause = getattr(error, "orig", None)
    if cause is None:
        return type(error).__name__
    state = str(getattr(cause, "sqlstate", None) or "")
    words = str(cause).strip().partition("\n")[0]
    if state.startswith(_SAYABLE):
        return f"{words} ({state})"
    if not state and isinstance(error, OperationalError | InterfaceError | ProgrammingError):
        return re.sub(r"^.*(failed|is bad|FATAL): +", "", words)
    return f"{type(cause).__name__} {state}".strip()


def is_refusal(error: BaseException) -> bool:
    """True if nobody was let in, or this role may not do it: the address or a right is wrong."""
    cause = getattr(error, "orig", None)
    state = getattr(cause, "sqlstate", None)
    if state is None:
        # An option that libpq does not know comes as ProgrammingError.
        return isinstance(error, OperationalError | InterfaceError | ProgrammingError)
    return str(state).startswith(("0A", "28", "3D", "3F", "25006", "42501"))
