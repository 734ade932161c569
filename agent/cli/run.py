"""`run`: the daemon in the foreground. drivers/daemon.py does the work; this file tells of it.

What tells of the end is loaded at the end: nothing delays the first look at a training.
"""

from __future__ import annotations

import argparse
import logging
import math
import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE, IN_TROUBLE, exit_code_of
from agent.cli.output import list_files, open_screen, remark, tell, tell_reports
from agent.cli.telling import Telling
from agent.cli.values import goal, project_name
from agent.engine.finding import marks_of, projects_of
from agent.views.language import Translate
from states.errors import SettingsError
from states.model import Project
from states.money.ends import next_end
from states.state import State
from states.text import Text, say

if TYPE_CHECKING:
    from agent.drivers.errand import Ending
    from states.evaluation.analysis import Analysis


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument(
        "--project",
        type=project_name,
        metavar="NAME",
        help=t(say("only this project; it is created if it does not exist")),
    )
    parser.add_argument(
        "--until",
        type=goal(t),
        metavar="STATE",
        help=t(say("end as soon as every selected project has reached STATE")),
    )
    parser.add_argument(
        "--once", action="store_true", help=t(say("one sweep, then end (for cron)"))
    )
    parser.add_argument(
        "--driver",
        choices=("local", "temporal"),
        default="local",
        help=t(say("who says when: a clock of its own, or Temporal, for which this is a worker")),
    )


def run(app: Application, given: argparse.Namespace) -> int:
    """Works until `given` says that it is enough, and shows how it is then. `evaluate` ends so."""
    from agent.drivers.daemon import retry_while_busy
    from agent.drivers.errand import LOCAL, TEMPORAL, Ending, Errand

    driver = getattr(given, "driver", LOCAL)
    if driver == TEMPORAL:
        _refuse_for_temporal(app, given)
    app.check_connection()
    retry_while_busy(lambda: _tell_of_meters(app, given.project))
    errand = Errand(given.project, given.until, given.once, app.settings.service.name, driver)
    before = retry_while_busy(lambda: _versions(app, given)) if given.until is not None else {}
    with Telling(app.translate) as telling:
        ending = app.run(errand, telling.progress, telling.idle)
    if ending is Ending.DIED:
        # So that a supervisor starts it again.
        _end_process(IN_TROUBLE)
    if ending is Ending.ABANDONED:
        _end_process(FINE)
    ours = filter(app.is_ours, projects_of(app.store, given.project))
    projects = [app.results.with_counts(project) for project in ours]
    _show(app, given, projects, before)
    return _exit_code(ending, given.until, projects)


def _versions(app: Application, given: argparse.Namespace) -> dict[str, int]:
    service = app.settings.service.name
    return {name: version for name, version, _ in marks_of(app.store, service, given.project)}


def _refuse_for_temporal(app: Application, given: argparse.Namespace) -> None:
    """A worker takes whatever Temporal gives it, for as long as it runs."""
    from agent.drivers.temporal.extra import require_temporal

    require_temporal(app.settings.temporal)
    if given.project is not None or given.until is not None:
        raise SettingsError(
            say(
                "With `--driver temporal` there is no --project and no --until: a worker takes"
                " every project that Temporal gives it."
            )
        )
    if app.settings.database_url.startswith("sqlite"):
        remark(
            app.translate(
                say(
                    "This worker keeps its projects in its own home (SQLite), where no other worker"
                    " sees them. To share them, set AGENT_DATABASE_URL to a PostgreSQL database."
                )
            )
        )


def _tell_of_meters(app: Application, only: str | None) -> None:
    """First of all: what should have been deleted while nobody was at work."""
    for project in () if app.is_empty else projects_of(app.store, only):
        is_late = (next_end(project.facts) or math.inf) < time.time()
        if is_late and app.is_ours(project):
            _tell_of_meter(app, project)


def _tell_of_meter(app: Application, project: Project) -> None:
    from agent.views.generations import describe_end

    told = describe_end(project, time.time())
    if told is not None:
        remark(f"{project.name}: {app.translate(told)}")


def _end_process(code: int) -> NoReturn:
    """Ends this process at once: Python would wait for threads that hang.

    Whatever they are in the middle of is found again, as after any kill."""
    logging.shutdown()
    os._exit(code)


def _exit_code(ending: Ending, until: State | None, projects: Sequence[Project]) -> int:
    from agent.drivers.errand import Ending

    if ending is Ending.STOPPED:
        return FINE
    if until is not None and not (projects and _have_reached(until, projects)):
        return IN_TROUBLE
    return exit_code_of(projects)


def _show(
    app: Application,
    given: argparse.Namespace,
    projects: Sequence[Project],
    before: Mapping[str, int],
) -> None:
    """What there is now. `before`: the version of each project when the run began."""
    if not projects and (given.until is not None or given.once):
        tell(
            app,
            say(
                "There is no project at {service}: `new NAME --examples FILE` makes one.",
                service=app.settings.service.name,
            ),
        )
        return
    unchanged = all(before.get(p.name) == p.version for p in projects)
    if given.until is not None and unchanged and _have_reached(given.until, projects):
        tell(
            app,
            say(
                "Already done: every project has reached {state}. Nothing was changed.",
                state=given.until.value,
            ),
        )
        _tell_newer_examples(app, projects)
    # A daemon that was stopped, on a pipe: its log has it all.
    if given.until is not None or given.once or sys.stdout.isatty():
        from agent.views.status import render_status

        render_status(
            open_screen(), projects, None, app.translate, lifetimes=_find_ends(app, projects)
        )
        _tell_readings(app, projects)
        list_files(app, projects)
        tell_reports(app, projects)


def _find_ends(app: Application, projects: Sequence[Project]) -> dict[str, Text | None]:
    """The warnings alone: `status` has every date."""
    from agent.views.lifetimes import describe_lifetime

    service, now = app.catalog.service, time.time()
    return {p.name: describe_lifetime(p, service, now, only_soon=True) for p in projects}


def _tell_readings(app: Application, projects: Sequence[Project]) -> None:
    """What each finished project scored, and what to do next. results/ has all the advice."""
    from agent.views.candidates import render_candidates
    from agent.views.deployment_advice import advise_on_deployment
    from agent.views.reading import render_reading
    from states.facts import known

    for project in projects:
        if project.state is State.ANALYZED:
            analysis = app.result_content.read_analysis(project)
            steps = [
                *analysis.next_steps[:1],
                *_first_suggestion(analysis),
                *analysis.next_steps[1:2],
                *advise_on_deployment(project, app.settings.service.is_stand_in),
            ]
            evaluation = app.result_content.read_evaluation(project, known(project.facts.evaluated))
            render_candidates(open_screen(), evaluation, app.translate)
            render_reading(open_screen(), project.name, analysis, steps, app.translate)


def _first_suggestion(analysis: Analysis) -> list[Text]:
    """Not that more cases are wanted, where the verdict has just said how many."""
    is_said = analysis.verdict is not None and analysis.verdict.cases_to_decide is not None
    others = (
        one.text for one in analysis.suggestions if not (is_said and one.kind == "more_cases")
    )
    return list(others)[:1]


def _have_reached(goal: State, projects: Sequence[Project]) -> bool:
    return all(p.state.has_reached(goal) for p in projects)


def _tell_newer_examples(app: Application, projects: Sequence[Project]) -> None:
    """Where examples were changed since the training: says how to train on them."""
    for project in projects:
        place = app.decisions.newer_examples(project)
        if place is not None:
            tell(
                app,
                say(
                    "{place} was changed since it was used. To train on it as it is now (paid"
                    " again): `retry {project} --restart`.",
                    place=place,
                    project=project.name,
                ),
            )


COMMAND = Command(
    run,
    _add_arguments,
    is_daemon=True,
)
