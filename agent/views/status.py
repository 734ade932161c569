"""Where every project stands, for a terminal: `status`, and what `run` says.

cli/status.py and cli/run.py call this; the JSON form is in status_json.py."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from agent.views.generations import describe_generations
from agent.views.language import Translate
from agent.views.layout import print_table, print_wrapped
from agent.views.score import score_text
from agent.views.screen import Screen, Styled
from agent.views.times import local_time, since, until
from states.model import Project
from states.state import State
from states.text import Text, say

NOTHING = "—"
SILENCE = 120.0  # seconds without a sweep; the longest pace is 5
MANY = 20  # projects; more of them scroll away, and are counted at the end
PROJECT, SINCE = say("project"), say("since")
TITLES = (
    PROJECT,
    say("state"),
    SINCE,
    say("remote job"),
    say("result"),
    say("next tick"),
    say("waiting for / hold"),
)


def render_status(
    screen: Screen,
    projects: Sequence[Project],
    heartbeat: Mapping[str, Any] | None,
    translate: Translate,
    service: Mapping[str, Any] | None = None,
    money: Mapping[str, Text | None] | None = None,
    lifetimes: Mapping[str, Text | None] | None = None,
) -> None:
    """A table where it fits, else a paragraph for each project; then the daemon, if asked for.

    `service`: the catalogue, for what two deployments cost; `money`: what each has spent;
    `lifetimes`: how long what each has deployed goes on."""
    titles = [translate(title) for title in TITLES]
    rows = [_row(project, translate) for project in projects]
    if not print_table(screen, *_without_empty_columns(titles, rows)):
        for project, row in zip(projects, rows, strict=True):
            _print_stacked(screen, titles, row, _story(project, translate))
    for project in projects:
        more = [(known or {}).get(project.name) for known in (lifetimes, money)]
        for told in (*describe_generations(project, service), *filter(None, more)):
            print_wrapped(screen, Styled(f"{project.name}: {translate(told)}"))
    if len(projects) > MANY:
        print_wrapped(screen, Styled(translate(_count(projects))))
    if heartbeat is not None:
        text = translate(_describe_daemon(projects, heartbeat))
        print_wrapped(screen, Styled(text, style="dim"))


def _row(project: Project, translate: Translate) -> list[Styled]:
    score = score_text(project)
    return [
        Styled(project.name),
        Styled(project.state.value, style=_colour(project.state)),
        Styled(since(project.since)),
        Styled(_job(project)),
        Styled(NOTHING if score is None else translate(score)),
        Styled(until(project.due_at)),
        _reason(project, translate),
    ]


def _without_empty_columns(
    titles: Sequence[str], rows: Sequence[Sequence[Styled]]
) -> tuple[list[str], list[list[Styled]]]:
    kept = [
        index
        for index in range(len(titles))
        if any(row[index].plain not in ("", NOTHING) for row in rows)
    ]
    return [titles[index] for index in kept], [[row[index] for index in kept] for row in rows]


def _print_stacked(
    screen: Screen, titles: Sequence[str], row: Sequence[Styled], story: Styled
) -> None:
    """`story`: the reason as a sentence of its own, since it stands under no title here."""
    name, state, *others, _ = row
    screen.print()
    screen.print(Styled.join(Styled(name.plain, "bold"), "  ", state))
    for title, cell in zip(titles[2:-1], others, strict=True):
        if cell.plain != NOTHING:
            print_wrapped(screen, Styled(f"  {title}: {cell.plain}"), "    ")
    for line in story.plain.splitlines():
        print_wrapped(screen, Styled(f"  {line}", style=story.style), "    ")


def _colour(state: State) -> str:
    if state in (State.FAILED, State.CANCELLED):
        return "red"
    return "green" if state.is_terminal else "cyan"


def _job(project: Project) -> str:
    job = project.facts.created
    if job is None:
        return NOTHING
    step = "" if job.progress is None else f", {job.progress.step:g}"
    return f"{job.status or '?'}{step}"


def _reason(project: Project, translate: Translate) -> Styled:
    """Why it does not go on at this moment, under the title of its column."""
    return _styled(project, _pending(project), translate)


def _story(project: Project, translate: Translate) -> Styled:
    return _styled(project, _with_verb(project, _pending(project)), translate)


def _styled(project: Project, text: Text | None, translate: Translate) -> Styled:
    if text is None:
        return Styled("")
    style = "bold red" if project.hold else "red" if project.last_error else ""
    return Styled(name_project(project.name, translate(text)), style=style)


def _pending(project: Project) -> Text | None:
    """A hold before a fault, a fault before what is waited for."""
    is_over = project.state.is_terminal and project.state is not State.ANALYZED
    waiting_for = None if is_over else project.waiting_for
    return project.hold or project.last_error or waiting_for


def name_project(project: str, message: str) -> str:
    """The commands in a message as they are typed: with the project's name."""
    return re.sub(
        r"`(retry|cancel|advance|pause|resume|checkpoints)\b(?! " + re.escape(project) + r")",
        rf"`\1 {project}",
        message,
    )


def _count(projects: Sequence[Project]) -> Text:
    """How many stand where, along the way they all go."""
    found = Counter(project.state for project in projects)
    return say(
        "{count} projects: {states}; held: {held}.",
        count=len(projects),
        states=", ".join(f"{found[state]} {state.value}" for state in State if found[state]),
        held=sum(project.hold is not None for project in projects),
    )


def _describe_daemon(projects: Sequence[Project], heartbeat: Mapping[str, Any]) -> Text:
    ago, workers = since(heartbeat["last_tick"]), heartbeat.get("workers", 1)
    is_wanted = any(project.due_at is not None for project in projects)
    is_silent = is_wanted and time.time() - heartbeat["last_tick"] > SILENCE
    if is_silent and heartbeat["running"]:
        return say(
            "Daemon: pid {pid}, which has given no sign of life for {ago}: logs/agent.jsonl says"
            " why (the database or Temporal may be away).",
            pid=heartbeat["pid"],
            ago=ago,
        )
    if workers > 1:
        return say("Workers: {count}, last tick {ago} ago.", count=workers, ago=ago)
    if heartbeat["running"] is None:  # on another machine: nobody here can tell
        where = {"pid": heartbeat["pid"], "host": heartbeat["host"]}
        if is_silent:
            return say(
                "Nothing has been heard for {ago} of the daemon that came last (pid {pid} on"
                " {host}): if it is gone, nothing goes on until `run` is started again.",
                ago=ago,
                **where,
            )
        return say("Daemon: pid {pid} on {host}, last tick {ago} ago.", ago=ago, **where)
    if heartbeat["running"]:
        return say("Daemon: pid {pid}, last tick {ago} ago.", pid=heartbeat["pid"], ago=ago)
    if is_wanted:
        return say(
            "No daemon is running (last tick {ago} ago): nothing goes on until `run` is started"
            " again.",
            ago=ago,
        )
    return say("No daemon is running (last tick {ago} ago), and none is needed now.", ago=ago)


def progress_line(project: Project, note: Text | None, translate: Translate) -> str:
    """One line a change, for whoever watches `run`. `note`: of the newest checkpoint."""
    parts = [local_time(time.time(), "%H:%M:%S"), project.name, project.state.value]
    text = _progress(project, note)
    if text is not None:
        parts.append(name_project(project.name, translate(text)))
    return "  ".join(parts)


def _progress(project: Project, note: Text | None) -> Text | None:
    return _with_verb(project, _pending(project)) or note or score_text(project)


def _with_verb(project: Project, pending: Text | None) -> Text | None:
    """What is waited for is stored without its verb: it mostly stands under a title."""
    if pending is None or pending is not project.waiting_for:
        return pending
    return say("Waiting for {what}", what=pending)
