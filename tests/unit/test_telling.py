"""What `run` says while test cases are asked: a bar on a terminal, else a line a minute."""

from __future__ import annotations

import io
import sys
from dataclasses import replace

import pytest

from agent.cli.pace import Count, Pace, find_count
from agent.cli.telling import Telling
from states.facts import Facts
from states.model import Project
from states.state import State
from states.text import Text, say

PLAIN = Project(
    "tienda", "00c0ffee", "emulator", State.DEPLOYED, 1, 7, 0.0, 1.0, None, None, 0, None, Facts()
)


def asking(done: int, total: int = 600, name: str | None = None) -> Project:
    if name is None:
        text = say("the test cases ({done} of {total} answered)", done=done, total=total)
    else:
        text = say(
            "{name}, for comparison ({done} of {total} answered)",
            name=name,
            done=done,
            total=total,
        )
    return replace(PLAIN, waiting_for=text)


class Terminal(io.StringIO):
    """Something that a bar can be drawn on."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock() -> list[float]:
    return [100.0]


def test_without_a_terminal_a_count_is_told_once_a_minute(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    """Of M, the rate, and how long it takes at this rate; a change of state is told at once."""
    with Telling(str, lambda: clock[0]) as telling:
        for second in range(0, 125, 5):
            clock[0] = 100.0 + second
            telling.progress(asking(2 * second), None)
        moved = replace(PLAIN, state=State.EVALUATED, version=8)
        telling.progress(moved, say("all answered"))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    assert "(0 of 600 answered)" in lines[0]
    assert "(120 of 600 answered); 2.0 a second, 4 min to go" in lines[1]
    assert "(240 of 600 answered); 2.0 a second, 3 min to go" in lines[2]
    assert "EVALUATED  all answered" in lines[3]


def test_on_a_terminal_a_bar_goes_on_below_the_lines_and_is_gone_in_the_end(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    with Telling(str, lambda: clock[0]) as telling:
        for second in (0, 5, 10):
            clock[0] = 100.0 + second
            telling.progress(asking(3 * second), None)
        telling.progress(replace(PLAIN, version=8, waiting_for=None), say("a note"))
        telling.progress(replace(asking(2, 40, name="[base]"), version=8), None)
    assert sys.stderr is shown
    said = shown.getvalue()
    assert "30/600" in said
    assert "3.0 a second, 3 min to go" in said
    assert "a note" in said
    assert "tienda: [base]" in said
    assert "2/40" in said
    assert "\x1b[2K" in said[-20:]  # the line of the bar is cleared


def test_a_fault_in_between_is_told_and_ends_the_bar(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with Telling(str, lambda: clock[0]) as telling:
        telling.progress(asking(1), None)
        telling.progress(replace(asking(1), last_error=say("The service is busy.")), None)
        clock[0] += 70
        telling.progress(asking(2), None)
    assert [line.split("  ")[-1] for line in capsys.readouterr().err.splitlines()][1:] == [
        "The service is busy."
    ]


def test_the_rate_is_that_of_the_last_two_minutes() -> None:
    """What was answered before the process began says nothing of it."""
    pace = Pace()
    assert pace.describe() is None
    pace.note(0.0, Count(500, 1000))
    assert pace.rate is None
    for second in range(1, 301):
        pace.note(float(second), Count(500 + min(second, 150), 1000))
    assert pace.rate is None  # nothing was answered in all that time
    pace.note(301.0, Count(710, 1000))
    assert pace.rate == pytest.approx(60 / 120, rel=0.02)


@pytest.mark.parametrize("text", [None, say("a person"), say("{done} done", done=3)])
def test_what_counts_nothing_has_no_count(text: Text | None) -> None:
    assert find_count(text) is None
