"""What is told of which event: one row of `TOLD` each. outbox.py makes the messages of it.

What is not an event but comes with time is in watched.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent.views.language import Translate
from agent.views.score import score_text
from agent.views.status import name_project
from agent.views.times import local_time
from states.facts import known
from states.model import Checkpoint, Project
from states.places import Result, place_of
from states.state import Event, State
from states.text import Text, say


@dataclass(frozen=True)
class Notice:
    """`what`: in a few words, for the subject; `body`: a sentence or more, and what to do next."""

    what: Text
    body: Text


@dataclass(frozen=True)
class Message:
    """As it is sent, in the language of the person."""

    title: str
    body: str


def _ask_to_deploy(project: Project, _checkpoint: Checkpoint) -> Notice | None:
    """Nothing where this program deploys by itself."""
    requested = known(project.facts.requested)
    if requested.is_ours:
        return None
    return Notice(
        say("deploy the model"),
        say(
            "{model} is trained and waits until you deploy it, for example as {name}. How, step by"
            " step: {place}, under `guide`. Then it goes on by itself.",
            model=known(project.facts.trained).model,
            name=requested.name,
            place=place_of(Result.DEPLOYMENT_INFO, project.name),
        ),
    )


def _tell_hold(project: Project, checkpoint: Checkpoint) -> Notice:
    asks = project.facts.asks is not None
    what = say("waits for you to agree") if asks else say("held: it needs you")
    return Notice(what, _note_of(checkpoint))


def _tell_failure(_project: Project, checkpoint: Checkpoint) -> Notice:
    return Notice(
        say("failed"),
        say(
            "It gave up in {state}: {reason}",
            state=checkpoint.from_state.value,
            reason=_note_of(checkpoint),
        ),
    )


def _tell_verdict(project: Project, _checkpoint: Checkpoint) -> Notice | None:
    """The line that `status` has of it, with its interval. Not again after a renewal: the answers
    are the same."""
    if project.facts.renewed is not None:
        return None
    score = score_text(project) or say("no test case counts")
    report = place_of(Result.REPORT_HTML, project.name)
    return Notice(
        say("the verdict is there"),
        say("{score}. Report: {place}", score=score, place=report),
    )


def _tell_pause(_project: Project, checkpoint: Checkpoint) -> Notice:
    return Notice(say("the training is paused"), _note_of(checkpoint))


def _tell_teardown(project: Project, checkpoint: Checkpoint) -> Notice | None:
    """What answered does so no more. Nothing where the whole project was given up, by a person."""
    if project.state is State.CANCELLED:
        return None
    return Notice(say("no longer deployed"), _note_of(checkpoint))


def _note_of(checkpoint: Checkpoint) -> Text:
    return checkpoint.note or say("see `history`")


TOLD: Mapping[Event, Callable[[Project, Checkpoint], Notice | None]] = {
    Event.DEPLOYMENT_REQUESTED: _ask_to_deploy,
    Event.HELD: _tell_hold,  # over the budget, a refused file, a question before the training ...
    Event.GAVE_UP: _tell_failure,
    Event.JOB_PAUSED: _tell_pause,  # whoever did it
    Event.ANALYSIS_MADE: _tell_verdict,
    Event.CLEANED_UP: _tell_teardown,
}


def notice_of(project: Project, checkpoint: Checkpoint) -> Notice | None:
    """What a checkpoint tells people; `project` as it was left by it. None: nothing."""
    tell = TOLD.get(checkpoint.event)
    return None if tell is None else tell(project, checkpoint)


def write(notice: Notice, project: Project, at: float, translate: Translate) -> Message:
    """The message, without any sentence of the data. `at`: unix seconds of what it tells of."""
    title = say("Afinador: {project}: {what}", project=project.name, what=notice.what)
    # As in logs: whoever gets the message may not be allowed to read what customers wrote.
    body = name_project(project.name, translate(notice.body.without_sentences()))
    return Message(
        translate(title),
        f"{body}\n\n{local_time(at, '%Y-%m-%d %H:%M %Z')} · {project.service}",
    )


def write_test(translate: Translate, now: float) -> Message:
    """What `notify --test` sends."""
    title = say("Afinador: a test")
    body = say("`notify --test` sent this. When a person is needed, it will be told here.")
    return Message(translate(title), f"{translate(body)}\n\n{local_time(now, '%Y-%m-%d %H:%M %Z')}")
