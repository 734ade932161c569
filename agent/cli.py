"""The command line: parse, call, print. No decisions."""

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console

from agent.bootstrap import Application
from agent.settings.config import DEPLOYMENT_NAME, language_of, load
from agent.views import argparse_language as usage
from agent.views import status as show
from agent.views.language import Translate, translator
from states.errors import AfinadorError, NotYet, SettingsError, StoreError
from states.model import Project, State
from states.text import Text, say

FINE, IN_TROUBLE, WRONG_USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. Returns the exit code: 0 fine, 1 a project is FAILED or held, 2 wrong usage or settings."""
    translate = translator(language_of())
    usage.speak(translate)
    try:
        parsed = _parser(translate).parse_args(arguments)
        settings = load()
        if settings.service.runs_locally:
            _aside(translate(say("local emulator: nothing is sent to Azure")))
        app = Application(settings, is_daemon=parsed.command is _run)
        try:
            code: int = parsed.command(app, parsed)
            return code
        finally:
            app.close()
    except (SettingsError, StoreError) as error:
        return _complain(error, settings_secrets(), translate, WRONG_USAGE)
    except NotYet as error:
        later = say(
            "Not yet: it waits for {what}. Repeat this in {seconds} seconds.",
            what=error.text,
            seconds=math.ceil(error.retry_after or 1),
        )
        return _complain(AfinadorError(later), settings_secrets(), translate, IN_TROUBLE)
    except AfinadorError as error:
        return _complain(error, settings_secrets(), translate, IN_TROUBLE)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # `agent history | head`: whoever read us has seen enough.
        sys.stderr.close()
        return FINE


def settings_secrets() -> tuple[str, ...]:
    """What may not be shown even while complaining; nothing when the settings themselves are wrong (they never quote a secret)."""
    try:
        return load().secrets
    except AfinadorError:
        return ()


def _complain(
    error: AfinadorError, secrets: tuple[str, ...], translate: Translate, code: int
) -> int:
    message = translate(error.text)
    for secret in secrets:
        message = message.replace(secret, "[secret]")
    _aside(f"afinador: {message}")
    return code


def _aside(line: str) -> None:
    """Told on stderr. A full disk under it, or nobody at its other end, must not stop the work that it tells of."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)


# Commands ---------------------------------------------------------------------------------------------------------------


def _run(app: Application, given: argparse.Namespace) -> int:
    from agent.drivers.daemon import Ending, Errand, as_soon_as_free, run

    errand = Errand(given.project, given.until, given.once, app.settings.service.name)

    def tell(project: Project, note: Text | None) -> None:
        _aside(show.progress_line(project, note, app.translate))

    before = as_soon_as_free(lambda: {p.name: p.version for p in app.store.all()})

    def rest() -> None:
        _aside(
            app.translate(
                say(
                    "Nothing more happens by itself; this daemon waits for `retry` and the like."
                    " Ctrl-C ends it."
                )
            )
        )

    ending = run(app, errand, tell, rest)
    if ending is Ending.DIED:
        # The scheduler is dead or hangs, and Python would wait for its threads for ever: a supervisor starts us again.
        logging.shutdown()
        os._exit(IN_TROUBLE)
    projects = [p for p in app.store.all() if app.is_ours(p) and given.project in (None, p.name)]
    if given.until is not None:
        unchanged = all(before.get(p.name) == p.version for p in projects)
        if unchanged and all(p.state.has_reached(given.until) for p in projects):
            print(
                app.translate(
                    say(
                        "Already done: every project has reached {state}. Nothing was changed.",
                        state=given.until.value,
                    )
                )
            )
            _newer_examples(app, projects)
    if given.until is not None or given.once or sys.stdout.isatty():
        show.status_table(_console(), projects, None, app.translate)
        _paths(app, projects)
    if ending is Ending.STOPPED:
        return FINE
    missed = given.until is not None and not all(p.state.has_reached(given.until) for p in projects)
    return IN_TROUBLE if missed else _verdict(projects)


def _newer_examples(app: Application, projects: Sequence[Project]) -> None:
    """They were changed since the training, and nobody has said that they are to be trained on."""
    for project in projects:
        place = app.operator.newer_examples(project)
        if place is not None:
            note = say(
                "{place} was changed since it was used. To train on it as it is now (paid again):"
                " `retry {project} --restart`.",
                place=place,
                project=project.name,
            )
            print(app.translate(note))


def _paths(app: Application, projects: Sequence[Project]) -> None:
    files = [path for project in projects for path in app.files_of(project)]
    if files:
        print(app.translate(say("Files:")))
        for path in files:
            # As they are typed from here; below another home, whole.
            print(f"  {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


def _status(app: Application, given: argparse.Namespace) -> int:
    if app.is_empty and given.project is None:
        projects, heartbeat = [], None
    else:
        projects, heartbeat = (
            ([app.find(given.project)] if given.project else list(app.store.all())),
            app.heartbeat(),
        )
    if given.json:
        print(json.dumps(show.status_json(projects, heartbeat), ensure_ascii=False, indent=2))
    elif projects:
        show.status_table(_console(), projects, heartbeat, app.translate)
    else:
        print(app.translate(say("There is no project yet. `run` creates one.")))
    return _verdict(projects)


def _history(app: Application, given: argparse.Namespace) -> int:
    project = app.find(given.project)
    checkpoints = app.store.history(project.name)
    if given.json:
        print(
            json.dumps(show.history_json(project.name, checkpoints), ensure_ascii=False, indent=2)
        )
    else:
        show.history_table(_console(), checkpoints, app.translate)
    return FINE


def _advance(app: Application, given: argparse.Namespace) -> int:
    app.claim(app.find(given.project))
    ticked = app.operator.advance(given.project, given.deployment)
    after = ticked.after
    if after.state is not ticked.before.state:
        print(
            app.translate(
                say(
                    "{project}: {old} → {new}",
                    project=after.name,
                    old=ticked.before.state.value,
                    new=after.state.value,
                )
            )
        )
    elif ticked.outcome == "idle":
        print(
            app.translate(
                say(
                    "{project} is in {state}: there is nothing more to do.",
                    project=after.name,
                    state=after.state.value,
                )
            )
        )
    else:
        print(
            app.translate(
                say("{project} stays in {state}.", project=after.name, state=after.state.value)
            )
        )
    if ticked.text is not None:
        print(
            app.translate(say("Waiting for {what}", what=ticked.text))
            if ticked.outcome == "waiting"
            else app.translate(ticked.text)
        )
    refused = ticked.outcome == "retrying" or (
        given.deployment is not None and after.state is State.AWAITING_DEPLOY
    )
    return IN_TROUBLE if refused else _verdict([after])


def _retry(app: Application, given: argparse.Namespace) -> int:
    deployed = app.claim(app.find(given.project)).facts
    project = app.operator.retry(given.project, restore=given.restore, restart=given.restart)
    if deployed.deployment_is_ours and not project.facts.deployment_is_ours:
        print(
            app.translate(
                say(
                    "The deployment {name}, made by the agent, is gone from the service.",
                    name=str(deployed.deployment or deployed.deployment_requested),
                )
            )
        )
    print(
        app.translate(
            say(
                "{project} goes on from {state} (generation {generation}).",
                project=project.name,
                state=project.state.value,
                generation=project.generation,
            )
        )
    )
    daemon = app.heartbeat()
    if daemon is None or daemon["running"] is False:
        print(app.translate(say("No daemon is running: start `run`, and it goes on.")))
    return FINE


def _cancel(app: Application, given: argparse.Namespace) -> int:
    app.claim(app.find(given.project))
    project = app.cancel(
        given.project, given.delete_files, lambda text: _aside(app.translate(text))
    )
    print(
        app.translate(say("{project} is {state}.", project=project.name, state=project.state.value))
    )
    return IN_TROUBLE if project.hold is not None else FINE


def _report(app: Application, given: argparse.Namespace) -> int:
    projects = [app.find(given.project)] if given.project else list(app.store.all())
    for project in projects:
        app.report.publish(project)
    _paths(app, projects)
    return FINE


def _verdict(projects: Sequence[Project]) -> int:
    return (
        IN_TROUBLE if any(p.state is State.FAILED or p.hold is not None for p in projects) else FINE
    )


def _console() -> Console:
    # Piped output is not wrapped at 80 columns: it goes to a file or to grep.
    return Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=200)


# Parsing ----------------------------------------------------------------------------------------------------------------


def _parser(translate: Translate) -> argparse.ArgumentParser:
    def t(template: Text) -> str:
        return translate(template).replace("%", "%%")

    parser = argparse.ArgumentParser(
        prog="afinador",
        description=t(
            say(
                "Takes an intent-classification project from example sentences to a fine-tuned,"
                " deployed, evaluated model on Azure OpenAI."
            )
        ),
        epilog=t(
            say(
                "Exit codes: 0 fine; 1 a project is FAILED or held; 2 wrong usage or settings."
                " Settings: .env.example."
            )
        ),
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"afinador {_version()}",
        help=t(say("show program's version number and exit")),
    )
    commands = parser.add_subparsers(title=t(say("commands")), required=True, metavar="COMMAND")

    def command(
        name: str, action: Callable[[Application, argparse.Namespace], int], help_text: Text
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=t(help_text), description=t(help_text))
        sub.set_defaults(command=action)
        return sub

    run = command("run", _run, say("Run the daemon: it takes every project as far as it will go."))
    run.add_argument(
        "--project",
        type=_name,
        metavar="NAME",
        help=t(say("only this project; it is created if it does not exist")),
    )
    run.add_argument(
        "--until",
        type=_goal,
        metavar="STATE",
        help=t(say("end as soon as every selected project has reached STATE")),
    )
    run.add_argument("--once", action="store_true", help=t(say("one sweep, then end (for cron)")))
    status = command("status", _status, say("Show where every project stands."))
    status.add_argument("project", nargs="?", metavar="PROJECT")
    status.add_argument("--json", action="store_true", help=t(say("a stable JSON document")))
    advance = command("advance", _advance, say("Say “I have deployed it”, or do one tick now."))
    advance.add_argument("project", nargs="?", metavar="PROJECT")
    advance.add_argument(
        "--deployment",
        type=_deployment,
        metavar="NAME",
        help=t(say("the name you gave to the deployment")),
    )
    history = command("history", _history, say("Show every checkpoint of a project."))
    history.add_argument("project", nargs="?", metavar="PROJECT")
    history.add_argument("--json", action="store_true", help=t(say("a stable JSON document")))
    retry = command("retry", _retry, say("Go on after FAILED, CANCELLED or a hold."))
    retry.add_argument("project", metavar="PROJECT")
    way = retry.add_mutually_exclusive_group()
    way.add_argument(
        "--restore", action="store_true", help=t(say("put an edited file back to what was checked"))
    )
    way.add_argument(
        "--restart",
        action="store_true",
        help=t(
            say(
                "begin anew from DRAFT with the data as it is now: a new training, paid again; the"
                " agent's deployment is deleted"
            )
        ),
    )
    cancel = command(
        "cancel",
        _cancel,
        say("Give a project up: cancel its training and delete the deployment made by the agent."),
    )
    cancel.add_argument("project", metavar="PROJECT")
    cancel.add_argument(
        "--delete-files", action="store_true", help=t(say("delete the uploaded files as well"))
    )
    report = command("report", _report, say("Write results/ again from the database alone."))
    report.add_argument("project", nargs="?", metavar="PROJECT")
    return parser


def _version() -> str:
    try:
        return version("afinador")
    except PackageNotFoundError:
        return "0 (not installed)"


def _goal(value: str) -> State:
    """A state that lies on the way: nobody runs a project in order to see it fail."""
    goals = [state for state in State if state not in (State.FAILED, State.CANCELLED)]
    if value.upper() not in goals:
        raise argparse.ArgumentTypeError(f"{value!r}: {', '.join(goals)}")
    return State(value.upper())


def _deployment(value: str) -> str:
    if not re.fullmatch(DEPLOYMENT_NAME, value):
        raise argparse.ArgumentTypeError(f"{value!r}: A-Z, a-z, 0-9, '-', '.', '_' (2-64)")
    return value


def _name(value: str) -> str:
    """Project names become part of file names, deployment names and job suffixes."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", value):
        raise argparse.ArgumentTypeError(f"{value!r}: a-z, 0-9, '-' (1-32)")
    return value
