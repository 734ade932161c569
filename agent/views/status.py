"""What a person reads: the status table, the history, one line of progress; and the same as JSON."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agent.views.language import Translate
from states.facts import DELETED
from states.model import Checkpoint, Project
from states.text import Text, say

SCHEMA = 1


def status_json(projects: Sequence[Project], heartbeat: Mapping[str, Any] | None) -> dict[str, Any]:
    """The stable document of `status --json`. Times are ISO 8601, UTC; texts are English; null where not known yet.

    `heartbeat`: {"pid", "host", "last_tick", "running"} of the daemon that last ticked, None if there never was one.
    """
    daemon = None if heartbeat is None else {**heartbeat, "last_tick": _iso(heartbeat["last_tick"])}
    return {
        "schema": SCHEMA,
        "projects": [_project_json(project) for project in projects],
        "daemon": daemon,
    }


def _project_json(project: Project) -> dict[str, Any]:
    facts, deployed = project.facts, project.facts.deployed
    return {
        "name": project.name,
        "state": project.state.value,
        "since": _iso(project.since),
        "generation": project.generation,
        "version": project.version,
        "due_at": _iso(project.due_at),
        "waiting_for": _english(project.waiting_for),
        "hold": _english(project.hold),
        "attempts": project.attempts,
        "last_error": _english(project.last_error),
        "files": {
            "training": facts.uploaded and facts.uploaded.training_file,
            "validation": facts.uploaded and facts.uploaded.validation_file,
        },
        "job": {
            "id": facts.created and facts.created.id,
            "status": facts.created and facts.created.status,
        },
        "model": facts.trained and facts.trained.model,
        "deployment": deployed.name if deployed and deployed.status != DELETED else None,
        "accuracy": facts.evaluated and facts.evaluated.accuracy,
        "grade": facts.analyzed and facts.analyzed.grade,
        "service": project.service,
    }


def history_json(name: str, checkpoints: Sequence[Checkpoint]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "project": name,
        "checkpoints": [
            {
                "version": c.version,
                "at": _iso(c.at),
                "from": c.from_state.value,
                "event": c.event.value,
                "to": c.to_state.value,
                "generation": c.generation,
                "note": _english(c.note),
            }
            for c in checkpoints
        ],
    }


def status_table(
    console: Console,
    projects: Sequence[Project],
    heartbeat: Mapping[str, Any] | None,
    translate: Translate,
) -> None:
    titles = (
        say("project"),
        say("state"),
        say("since"),
        say("remote job"),
        say("next tick"),
        say("waiting for / hold"),
    )
    table = Table(*[translate(title) for title in titles], box=SIMPLE_HEAD, pad_edge=False)
    for project in projects:
        table.add_row(
            escape(project.name),
            _state(project),
            _ago(project.since),
            escape(_job(project, translate)),
            _until(project.due_at),
            _why(project, translate),
        )
    console.print(table)
    if heartbeat is not None:
        console.print(translate(_daemon(heartbeat)), style="dim")


def _daemon(heartbeat: Mapping[str, Any]) -> Text:
    ago = _ago(heartbeat["last_tick"])
    if heartbeat["running"] is False:
        return say(
            "No daemon is running (last tick {ago} ago): nothing goes on until `run` is started"
            " again.",
            ago=ago,
        )
    return say("Daemon: pid {pid}, last tick {ago} ago.", pid=heartbeat["pid"], ago=ago)


def _state(project: Project) -> str:
    colour = (
        "red"
        if project.state.value in ("FAILED", "CANCELLED")
        else "green"
        if project.state.is_terminal
        else "cyan"
    )
    return f"[{colour}]{project.state.value}[/]"


def _job(project: Project, translate: Translate) -> str:
    facts = project.facts
    if facts.analyzed is not None and facts.evaluated is not None:
        percent = f"{(facts.evaluated.accuracy or 0) * 100:.1f}"
        return translate(
            say("{percent} % right, grade {grade}", percent=percent, grade=facts.analyzed.grade)
        )
    if facts.created is None:
        return "—"
    progress = facts.created.progress
    step = f", {progress.step:g}" if progress else ""
    return f"{facts.created.status or '?'}{step}"


def _why(project: Project, translate: Translate) -> str:
    if project.hold is not None:
        return f"[bold red]{escape(_for(project, translate(project.hold)))}[/]"
    if project.last_error is not None:
        return f"[red]{escape(_for(project, translate(project.last_error)))}[/]"
    waiting_for = None if project.state.is_terminal else project.waiting_for
    return "" if waiting_for is None else escape(_for(project, translate(waiting_for)))


def _for(project: Project, message: str) -> str:
    """The commands in a message as they are typed: with the project's name."""
    return re.sub(
        r"`(retry|cancel|advance)\b(?! " + re.escape(project.name) + r")",
        rf"`\1 {project.name}",
        message,
    )


def history_table(
    console: Console, checkpoints: Sequence[Checkpoint], translate: Translate
) -> None:
    table = Table(
        *[translate(t) for t in (say("when"), say("from"), say("event"), say("to"), say("note"))],
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for c in checkpoints:
        note = "" if c.note is None else escape(translate(c.note))
        table.add_row(_local(c.at), c.from_state.value, c.event.value, c.to_state.value, note)
    console.print(table)


def progress_line(project: Project, note: Text | None, translate: Translate) -> str:
    """One line a change, for whoever watches `run`. `note`: what there is to say of the newest checkpoint."""
    waiting_for = (
        None if project.state.is_terminal or project.waiting_for is None else project.waiting_for
    )
    text = (
        project.hold
        or project.last_error
        or (waiting_for and say("Waiting for {what}", what=waiting_for))
        or note
    )
    said = f"  {_for(project, translate(text))}" if text else ""
    return f"{_local(time.time(), '%H:%M:%S')}  {project.name}  {project.state.value}{said}"


def _english(text: Text | None) -> str | None:
    return None if text is None else str(text)


def _iso(seconds: float | None) -> str | None:
    return (
        None
        if seconds is None
        else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    )


def _local(seconds: float, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime(form)


def _ago(seconds: float) -> str:
    return _span(time.time() - seconds)


def _until(seconds: float | None) -> str:
    return "—" if seconds is None else _span(max(seconds - time.time(), 0))


def _span(seconds: float) -> str:
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{max(seconds, 0):.0f} s"
