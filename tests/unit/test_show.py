"""What a person reads on the terminal."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pytest

from agent.views.history import render_history
from agent.views.language import Translate, translator
from agent.views.reading import render_reading
from agent.views.screen import Screen
from agent.views.status import progress_line, render_status
from agent.views.status_json import status_json
from states.evaluation.analysis import Analysis
from states.facts import Facts
from states.model import Checkpoint, Project
from states.stages import Analyzed, Evaluated, Job, Progress
from states.state import Event, State
from states.text import say

NOW = 1_800_000_000.0
PROJECT = Project(
    "soporte", "00c0ffee", "emulator", State.UPLOADED, 1, 5, NOW, NOW, None, None, 0, None, Facts()
)
ENGLISH, SPANISH = translator("en"), translator("es")
PLACE = "data/projects/soporte/raw/intent_examples.json"
EDITED = say(
    "{place} was changed after it had been used. Either keep the change: `retry` goes on from there"
    " with the file as it is now; or put the old one back: `retry --restore`.",
    place=PLACE,
)
MODEL = "gpt-4o-mini-2024-07-18.ft-soporte-00c0ffee-g1"
BY_HAND = say(
    "a deployment of {model} by you: see {place}, then `advance` (the name {name} is suggested)",
    model=MODEL,
    place="results/projects/soporte/deployment_info.json",
    name="soporte-00c0ffee-g1",
)
SCORED = Facts(
    created=Job("ftjob-1", "succeeded", Progress(108.0)),
    evaluated=Evaluated("0" * 64, 40, 33, 0.825),
    analyzed=Analyzed("B-", None),
)
DONE = replace(PROJECT, state=State.ANALYZED, facts=SCORED, due_at=None)
HELD = replace(PROJECT, hold=EDITED)
WAITING = replace(
    PROJECT, name="soporte-2", state=State.AWAITING_DEPLOY, waiting_for=BY_HAND, facts=SCORED
)
EVENTS = (
    Checkpoint(7, NOW, State.TRAINED, Event.DEPLOYMENT_REQUESTED, State.AWAITING_DEPLOY, 1),
    Checkpoint(8, NOW, State.AWAITING_DEPLOY, Event.HELD, State.AWAITING_DEPLOY, 1, EDITED),
)


def shown(
    *projects: Project, width: int = 300, translate: Translate = ENGLISH, **daemon: Any
) -> str:
    heartbeat = {"pid": 7, "host": "here", "last_tick": NOW, **daemon} if daemon else None
    written = io.StringIO()
    render_status(Screen(file=written, width=width), projects, heartbeat, translate)
    return written.getvalue()


def told(width: int, translate: Translate) -> str:
    written = io.StringIO()
    render_history(Screen(file=written, width=width), "soporte", EVENTS, translate)
    return written.getvalue()


def unbroken(text: str) -> str:
    """The text as it was before it was put into lines."""
    return re.sub(r"\s+", " ", text)


def test_the_commands_of_a_message_can_be_typed_as_they_stand() -> None:
    """With the name of the project, which they need."""
    for line in (
        shown(HELD),
        progress_line(HELD, None, ENGLISH),
        progress_line(HELD, None, SPANISH),
    ):
        assert "`retry soporte`" in line
        assert "`retry soporte --restore`" in line


def test_a_line_says_what_is_waited_for_and_what_there_is_to_say_of_a_move() -> None:
    """A hold before a fault, a fault before what is waited for, a remark after them all."""
    waiting = replace(PROJECT, waiting_for=say("the training job ({status})", status="running"))
    note = say(
        "moved from {theirs} to {ours}, where it begins anew", theirs="emulator", ours="contoso"
    )
    assert progress_line(waiting, note, SPANISH).endswith(
        "Esperando: el trabajo de entrenamiento (running)"
    )
    assert progress_line(PROJECT, note, ENGLISH).endswith(
        "moved from emulator to contoso, where it begins anew"
    )
    assert progress_line(PROJECT, None, ENGLISH).endswith("soporte  UPLOADED")


@pytest.mark.parametrize(
    ("running", "words"),
    [(True, "Daemon: pid 7"), (None, "Daemon: pid 7 on"), (False, "No daemon is running")],
)
def test_status_says_when_nobody_is_at_work(running: bool | None, words: str) -> None:
    """None: on another machine, and nobody here can tell."""
    assert words in shown(PROJECT, running=running)


def test_a_finished_project_needs_no_daemon() -> None:
    """That nothing goes on is a warning: it is said only where something has somewhere to go."""
    assert "nothing goes on" not in shown(DONE, running=False)
    assert "nothing goes on" in shown(DONE, PROJECT, running=False)


@pytest.mark.parametrize(
    ("translate", "words"),
    [(ENGLISH, "82.5 % (68–91), grade B-"), (SPANISH, "82,5 % (68–91), nota B-")],
)
def test_accuracy_is_shown_as_it_is_and_with_its_interval(translate: Translate, words: str) -> None:
    """33 of 40 are 82.5 %, which is neither 82 nor 83; in the table, stacked, and while it runs."""
    assert words in shown(DONE, translate=translate)
    assert words in shown(DONE, width=60, translate=translate)
    assert words in progress_line(DONE, None, translate)
    assert "result" in shown(DONE)
    assert "result" not in shown(PROJECT)


def test_the_document_has_the_interval_as_well() -> None:
    """Beside the accuracy, with the counts it comes from; null where there is none yet."""
    done, new = status_json([DONE, PROJECT], None)["projects"]
    assert (done["accuracy"], done["interval_95"]) == (0.825, [0.6805, 0.9125])
    assert (done["correct"], done["cases"], done["grade"]) == (33, 40, "B-")
    for key in ("accuracy", "interval_95", "correct", "cases", "grade"):
        assert new[key] is None


@pytest.mark.parametrize("width", [60, 80, 100, 130, 200])
@pytest.mark.parametrize("translate", [ENGLISH, SPANISH])
def test_status_is_whole_at_any_width(width: int, translate: Translate) -> None:
    """Nothing is cut, and no name, path, command or number is broken over two lines."""
    text = shown(DONE, HELD, WAITING, width=width, translate=translate, running=False)
    assert max(len(line) for line in text.splitlines()) <= width
    for whole in (
        "soporte-2",
        "AWAITING_DEPLOY",
        MODEL,
        PLACE,
        "results/projects/soporte/deployment_info.json",
        "`advance soporte-2`",
        "`retry soporte --restore`",
        "succeeded, 108",
        "(68–91)",
    ):
        assert whole in text, whole
    assert "…" not in text
    if width < 200:  # stacked: each message is one paragraph
        assert unbroken(translate(EDITED).split("`")[0]) in unbroken(text)


@pytest.mark.parametrize("width", [60, 80, 100, 130, 200])
@pytest.mark.parametrize("translate", [ENGLISH, SPANISH])
def test_history_is_whole_at_any_width(width: int, translate: Translate) -> None:
    """Events and paths are what is searched for in it."""
    text = told(width, translate)
    assert max(len(line) for line in text.splitlines()) <= width
    for whole in ("DEPLOYMENT_REQUESTED", "AWAITING_DEPLOY", PLACE, "`retry soporte --restore`"):
        assert whole in text, whole
    assert "…" not in text


def test_a_list_of_mistakes_stays_a_list() -> None:
    """Each on a line of its own, at any width."""
    mistakes = tuple(say("sentence {number} is empty or not text", number=n) for n in (1, 2))
    held = replace(PROJECT, hold=say("Mend these:\n{mistakes}", mistakes=mistakes))
    for width in (60, 200):
        assert len(re.findall(r"^.*- sentence \d", shown(held, width=width), re.MULTILINE)) == 2


@pytest.mark.parametrize("width", [60, 80])
def test_a_run_ends_with_what_it_means_and_what_to_do_next(width: int) -> None:
    """The reading with its interval, then the steps, whole at any width."""
    reading = say(
        "{correct} of {cases} right, between {low} % and {high} %",
        correct=33,
        cases=40,
        low=68,
        high=91,
    )
    steps = [EDITED, say("Read the labels again.")]
    written = io.StringIO()
    analysis = Analysis("B-", reading, (), ())  # of an older version, which gave no verdict
    render_reading(Screen(file=written, width=width), "soporte", analysis, steps, ENGLISH)
    lines = written.getvalue().splitlines()
    assert lines[0] == "soporte: 33 of 40 right, between 68 % and 91 %"
    assert PLACE in written.getvalue()
    assert lines[-1] == "  2. Read the labels again."
    assert max(len(line) for line in lines) <= width


def test_a_machine_that_is_silent_is_named_and_not_called_alive() -> None:
    """Which one, since a pid is only of use there; nobody here can tell whether it is gone."""
    told = shown(PROJECT, running=True, last_tick=1.0)
    assert "given no sign of life for" in told
    assert "given no sign" not in shown(DONE, running=True, last_tick=1.0)
    told = shown(PROJECT, running=None, host="obrero-2", last_tick=1.0)
    assert "pid 7 on obrero-2" in told
    assert "nothing goes on until `run`" in told
    assert "nothing goes on" not in shown(DONE, running=None, last_tick=1.0)


def test_many_projects_are_counted_below_the_table() -> None:
    """Whoever has hundreds sees at the end whether one of them is held."""
    many = [replace(DONE, name=f"tienda-{number}") for number in range(30)]
    assert "33 projects: 3 UPLOADED, 30 ANALYZED; held: 1." in shown(PROJECT, PROJECT, HELD, *many)
    assert "projects:" not in shown(PROJECT, HELD)
