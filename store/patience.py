"""How long a statement is waited for. psycopg itself waits for ever, and a server that is frozen (a
stopped process, a disk that hangs) keeps its connections alive. Used by store/postgres.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from functools import partial
from typing import Any

# seconds; the longest statement takes a second, and waits for a row for ten. Half of what a driver
# takes for its own death (agent/drivers/choice.py)
SILENCE = 30.0


def bound(connection: Any, error: Callable[[str], Exception]) -> None:
    """From now on the connection breaks off, with `error`, where no answer comes."""
    connection.wait = partial(_wait, connection, error)


def unbound(connection: Any) -> None:
    """A migration takes as long as it takes."""
    connection.__dict__.pop("wait", None)


def _wait(connection: Any, error: Callable[[str], Exception], steps: Any, *args: Any) -> Any:
    def give_up() -> Exception:
        connection.close()  # its outcome is not known, as when the connection is lost
        return error(f"no answer within {SILENCE:g} s")

    return type(connection).wait(connection, _within(steps, SILENCE, give_up), *args)


def _within(
    steps: Generator[Any, Any, Any], seconds: float, give_up: Callable[[], Exception]
) -> Generator[Any, Any, Any]:
    """The same, until the time is over: psycopg looks up ten times a second."""
    end = time.monotonic() + seconds
    try:
        wanted = next(steps)
        while True:
            ready = yield wanted
            if time.monotonic() > end:
                raise give_up()
            wanted = steps.send(ready)
    except StopIteration as ended:
        return ended.value
