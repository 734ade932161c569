"""`cleanup`: files, trainings and models of projects that are over are deleted at the service."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE, IN_TROUBLE
from agent.cli.output import open_screen, print_json, remark, tell
from agent.engine.cleanup import is_asked, is_free_for_all, refuse_cleanup
from agent.views.language import Translate
from agent.views.leftovers import Found, describe_consequences, found_json, render_leftovers
from states.model import Project
from states.steps.leftovers import survey
from states.text import Text, say

SCHEMA = 1


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", metavar="PROJECT", nargs="?")
    parser.add_argument(
        "--dry-run", action="store_true", help=t(say("only show what would be deleted"))
    )
    parser.add_argument(
        "--keep-models", action="store_true", help=t(say("only files: every model stays"))
    )
    parser.add_argument("--json", action="store_true", help=t(say("a stable JSON document")))


def _cleanup(app: Application, given: argparse.Namespace) -> int:
    projects = _choose(app, given.project)
    found = [_look(app, one, not given.keep_models) for one in projects]
    if not given.json:
        _show(app, found)
    projects = [one.project for one in found if one.left.going or is_asked(one.project)]
    done = {} if given.dry_run else {one.name: _delete(app, one, found) for one in projects}
    if not given.json:
        for name, told in done.items():
            tell(app, say("{project}: {text}", project=name, text=told or "—"))
    else:
        print_json(
            {
                "schema": SCHEMA,
                "service": app.settings.service.name,
                "dry_run": given.dry_run,
                "projects": [found_json(one, done.get(one.project.name)) for one in found],
            }
        )
    is_complete = all(told is None or "{reason}" not in told.template for told in done.values())
    return FINE if is_complete else IN_TROUBLE


def _choose(app: Application, name: str | None) -> Sequence[Project]:
    """The named one; or all that are over. SettingsError where the named one is not."""
    if name is None:
        everyone = () if app.is_empty else app.store.each()
        return [one for one in everyone if app.is_ours(one) and is_free_for_all(one)]
    project = app.claim(app.find(name))
    refuse_cleanup(project)
    return [project]


def _look(app: Application, project: Project, models: bool) -> Found:
    return Found(project, survey(project, app.ports_for(project), models=models))


def _show(app: Application, found: Sequence[Found]) -> None:
    if not any(one.left.going or one.left.staying for one in found):
        tell(app, say("Nothing of a project that is over is left at the service."))
        return
    render_leftovers(open_screen(), found, app.translate)
    for one in found:
        told = describe_consequences(one)
        if told is not None:
            tell(app, told)


def _delete(app: Application, project: Project, found: Sequence[Found]) -> Text | None:
    """What became of it, as the history has it."""
    going = next(one.left.going for one in found if one.project.name == project.name)

    def progress(text: Text) -> None:
        remark(app.translate(text))

    after = app.clean(project.name, going, progress)
    if after.hold is not None:
        remark(app.translate(after.hold))
        return after.hold
    return app.store.history(after.name, last=1)[-1].note


COMMAND = Command(
    _cleanup,
    _add_arguments,
)
