"""What a person reads on the terminal."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from agent.views import status as show
from agent.views.language import translator
from states.facts import Analyzed, Evaluated, Facts
from states.model import Project
from states.state import State
from states.text import say

NOW = 1_800_000_000.0
PROJECT = Project(
    "soporte", "00c0ffee", "emulator", State.UPLOADED, 1, 5, NOW, NOW, None, None, 0, None, Facts()
)
ENGLISH, SPANISH = translator("en"), translator("es")
EDITED = say(
    "{place} was changed after it had been used. Either keep the change: `retry` goes on from there"
    " with the file as it is now; or put the old one back: `retry --restore`.",
    place="x",
)


def table(project: Project, **daemon: Any) -> str:
    heartbeat = {"pid": 7, "host": "here", "last_tick": NOW, **daemon} if daemon else None
    written = io.StringIO()
    show.status_table(Console(file=written, width=300), [project], heartbeat, ENGLISH)
    return written.getvalue()


def test_the_commands_of_a_message_can_be_typed_as_they_stand() -> None:
    """With the name of the project, which they need."""
    held = replace(PROJECT, hold=EDITED)
    for shown in (
        table(held),
        show.progress_line(held, None, ENGLISH),
        show.progress_line(held, None, SPANISH),
    ):
        assert "`retry soporte`" in shown
        assert "`retry soporte --restore`" in shown


def test_a_line_says_what_is_waited_for_and_what_there_is_to_say_of_a_move() -> None:
    """A hold before a fault, a fault before what is waited for; a remark only where there is nothing else."""
    waiting = replace(PROJECT, waiting_for=say("the training job ({status})", status="running"))
    note = say(
        "moved from {theirs} to {ours}, where it begins anew", theirs="emulator", ours="contoso"
    )
    assert show.progress_line(waiting, note, SPANISH).endswith(
        "Esperando: el trabajo de entrenamiento (running)"
    )
    assert show.progress_line(PROJECT, note, ENGLISH).endswith(
        "moved from emulator to contoso, where it begins anew"
    )
    assert show.progress_line(PROJECT, None, ENGLISH).endswith("soporte  UPLOADED")


@pytest.mark.parametrize(
    ("running", "words"),
    [(True, "Daemon: pid 7"), (None, "Daemon: pid 7"), (False, "No daemon is running")],
)
def test_status_says_when_nobody_is_at_work(running: bool | None, words: str) -> None:
    """None: on another machine, and nobody here can tell."""
    assert words in table(PROJECT, running=running)


def test_accuracy_is_shown_as_it_is() -> None:
    """33 of 40 are 82.5 %, which is neither 82 nor 83."""
    done = replace(
        PROJECT,
        state=State.ANALYZED,
        facts=Facts(evaluated=Evaluated("x", 40, 33, 0.825), analyzed=Analyzed("B-", None)),
    )
    assert "82.5 % right, grade B-" in table(done)
