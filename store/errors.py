"""What the errors of the database mean, as StoreError with what to do. Used by store/engine.py."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from states.errors import StoreBusy, StoreError, problem_of
from states.text import Text, say
from store.postgres import is_passing, is_refusal, problem_in

BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")

# How SQLite's code begins -> the sentence, given where the database is and the whole code.
_MEANINGS: tuple[tuple[tuple[str, ...], Callable[[str, str], Text]], ...] = (
    (
        BUSY,
        lambda where, _: say(
            "The database {where} is locked by another process; it is tried again by itself.",
            where=where,
        ),
    ),
    (
        ("SQLITE_FULL",),
        lambda where, _: say(
            "The disk with the database {where} is full. Free some space; nothing recorded is"
            " lost.",
            where=where,
        ),
    ),
    (
        ("SQLITE_NOTADB", "SQLITE_CORRUPT"),
        lambda where, _: say(
            "{where} is not a usable database (damaged, or another kind of file). Move it aside, or"
            " restore it from a copy.",
            where=where,
        ),
    ),
    (
        ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH"),
        lambda where, _: say(
            "The database {where} cannot be written. Check owner and permissions of its folder, of"
            " the file, and of those beside it (-wal, -shm).",
            where=where,
        ),
    ),
    (
        ("SQLITE_IOERR",),
        lambda where, code: say(
            "The database {where} cannot be read or written ({problem}): is its disk full, or"
            " failing? Nothing recorded is lost.",
            where=where,
            problem=code,
        ),
    ),
)


@contextmanager
def translating_errors(where: str) -> Iterator[None]:
    """Errors of the database and of its file become StoreError, with what to do."""
    try:
        yield
    except (DBAPIError, PoolTimeout, sqlite3.Error) as error:
        cause = _root_cause(error)
        if not isinstance(cause, sqlite3.Error):
            raise _translate_of_server(error, where) from error
        kind = StoreBusy if _sqlite_code(cause).startswith(BUSY) else StoreError
        raise kind(_explain(cause, where)) from error
    except OSError as error:
        raise StoreError(
            say(
                "The database {where} cannot be used: {problem}. Check the folder's owner and"
                " permissions, and the space on its disk.",
                where=where,
                problem=problem_of(error) if error.strerror else type(error).__name__,
            )
        ) from error


def _translate_of_server(error: BaseException, where: str) -> StoreError:
    problem = problem_in(error)
    if is_passing(error):
        return StoreBusy(
            say(
                "The database {where} cannot be reached at the moment ({problem}). A worker tries"
                " again by itself; a command has to be given again.",
                where=where,
                problem=problem,
            )
        )
    if is_refusal(error):
        return StoreError(
            say(
                "The database {where} refuses: {problem}. Check host, user, password, database and"
                " TLS in AGENT_DATABASE_URL, and the rights of that user.",
                where=where,
                problem=problem,
            )
        )
    return StoreError(say("The database {where} answered: {problem}", where=where, problem=problem))


def _root_cause(error: BaseException) -> BaseException | None:
    """The error that began it. On a full disk the rollback fails as well: that one arrives."""
    found = getattr(error, "orig", error)
    while error.__context__ is not None:
        error = error.__context__
        found = error if _sqlite_code(error) else found
    return found


def _sqlite_code(error: BaseException | None) -> str:
    """SQLITE_FULL and the like; empty for the errors of anything else."""
    return str(getattr(error, "sqlite_errorname", None) or "")


def _explain(error: BaseException | None, where: str) -> Text:
    code = _sqlite_code(error)
    for beginnings, meaning in _MEANINGS:
        if code.startswith(beginnings):
            return meaning(where, code)
    problem = f"{error} {code}".strip()
    return say("The database {where} answered: {problem}", where=where, problem=problem)
