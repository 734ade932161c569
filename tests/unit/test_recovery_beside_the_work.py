"""What rests is made good on a thread of its own: nobody is there to hear what goes wrong on it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from agent.drivers.daemon import Daemon
from states.steps import table


def _daemon(recover_resting: Callable[[Callable[[], bool]], None]) -> Daemon:
    nothing: Any = None
    return Daemon(
        *(Path(), nothing, nothing, nothing),
        recover_resting,
        *(nothing, nothing, nothing, nothing, nothing),
    )


def test_what_breaks_it_is_logged_and_not_thrown() -> None:
    def broken(_: Callable[[], bool]) -> None:
        raise ZeroDivisionError("nobody divides here")

    with capture_logs() as logs:
        _daemon(broken)._recover_resting(threading.Event())
    assert [(one["event"], one["reason"]) for one in logs] == [
        ("not_recovered", "nobody divides here")
    ]


@pytest.mark.parametrize("error", [OSError(24, "no handles"), ImportError("x"), SyntaxError("x")])
def test_steps_that_cannot_be_loaded_just_now_keep_nothing_from_being_made_good(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """An update puts its files in place, say."""

    def missing() -> None:
        raise error

    monkeypatch.setattr(table, "load_steps", missing)
    recovered: list[bool] = []
    _daemon(lambda goes_on: recovered.append(goes_on()))._recover_resting(threading.Event())
    assert recovered == [True]
