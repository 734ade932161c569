"""`report`: results/ is written again from the database alone, and the page opened if wanted."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE
from agent.cli.output import list_files, tell, tell_reports
from agent.views.language import Translate
from states.model import Project
from states.text import say


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", nargs="?", metavar="PROJECT")
    parser.add_argument(
        "--open",
        action="store_true",
        help=t(say("show report.html in the browser of this desktop")),
    )


def _report(app: Application, given: argparse.Namespace) -> int:
    projects = [app.find(given.project)] if given.project else list(app.store.all())
    for project in projects:
        app.results.publish_everything(project)
    list_files(app, projects)
    tell_reports(app, projects)
    if given.open:
        _open(app, projects)
    return FINE


def _open(app: Application, projects: Sequence[Project]) -> None:
    """Where there is no browser, the path that was told has to do."""
    pages = [page for project in projects if (page := app.results.report_of(project))]
    if not pages:
        tell(app, say("There is no report yet: it is written when a project is ANALYZED."))
    for page in pages:
        if not show(page):
            tell(app, say("No browser was found here; open the page yourself."))
            return


def show(page: Path) -> bool:
    """Whether a browser took the page. Not one for the terminal: it would take that from us."""
    import webbrowser

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    # A browser of the console would wait for its reader.
    if isinstance(browser, webbrowser.GenericBrowser) and not isinstance(
        browser, webbrowser.BackgroundBrowser
    ):
        return False
    return browser.open(page.absolute().as_uri())


COMMAND = Command(
    _report,
    _add_arguments,
)
