"""`check`: what is wrong with a file of sentences, or with a project's, before anything is made.

It does what `new` does, in a folder that is thrown away: the same code as the SPLIT step's.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.data_options import (
    READING,
    add_choice_arguments,
    add_column_arguments,
    choices_of,
    given_of,
)
from agent.cli.exit_codes import FINE, IN_TROUBLE
from agent.cli.export import delimiter_of, open_new, sentences_of, write_rows
from agent.cli.imported import Imported, read_given, show_given
from agent.cli.output import open_screen, print_json, tell
from agent.cli.values import PROJECT_NAME
from agent.engine.preparation import Content, encode_case_file, encode_set
from agent.views.data_report import render_data_report
from agent.views.language import Translate
from states.errors import SettingsError
from states.intents.example_set import Choices
from states.intents.summary import as_json
from states.places import DEFAULT_PROJECT, Artifact
from states.state import State
from states.text import Text, say, with_suggestion

RAW = (
    Artifact.EXAMPLES,
    Artifact.SOURCES,
    Artifact.CASES,
    Artifact.CASE_SOURCES,
    Artifact.INTENTS,
)
Json = dict[str, Any]
OF_A_FILE = ("--cases", "--fix", *READING)


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("what", metavar="FILE|PROJECT")
    parser.add_argument(
        "--cases", nargs="+", metavar="FILE", help=t(say("test cases, in the same formats"))
    )
    parser.add_argument("--json", action="store_true", help=t(say("a stable JSON document")))
    parser.add_argument(
        "--fix",
        metavar="OUT",
        help=t(say("write a CSV without contradictions and repeats, with labels merged")),
    )
    add_column_arguments(parser, t)
    add_choice_arguments(parser, t)


def _check(app: Application, given: argparse.Namespace) -> int:
    is_project = _is_project(app, given.what)
    if is_project:
        _refuse_options_of_a_file(given)
    summary = _check_project(app, given.what) if is_project else _check_file(app, given)
    if given.json:
        print_json(summary)
    else:
        render_data_report(open_screen(), summary, app.translate)
        if summary["ready"]:
            tell(app, say("Nothing that the service would refuse was found."))
    return FINE if summary["ready"] else IN_TROUBLE


def _is_project(app: Application, name: str) -> bool:
    is_name = not app.is_empty and re.fullmatch(PROJECT_NAME, name) is not None
    return is_name and app.store.load(name) is not None


def _refuse_options_of_a_file(given: argparse.Namespace) -> None:
    """A project is checked as it is."""
    told = given_of(given, OF_A_FILE)
    if told:
        raise SettingsError(
            say(
                "{project} is a project, and these options are for a file: {options}. `export"
                " {project} --out FILE` writes one.",
                project=given.what,
                options=told,
            )
        )


def _check_project(app: Application, name: str) -> Json:
    settings = app.find(name).settings
    paths = {artifact: app.preparation.path(name, artifact) for artifact in RAW}
    files: dict[Artifact, Content] = {
        artifact: path.read_bytes() for artifact, path in paths.items() if path.is_file()
    }
    if Artifact.EXAMPLES not in files:
        raise SettingsError(say("There are no sentences in {path}.", path=str(paths[RAW[0]])))
    return _check_apart(app, name, files, settings)


def _check_file(app: Application, given: argparse.Namespace) -> Json:
    _refuse_neither(app, given.what)
    imported = read_given(app, given, [given.what], choices_of(given))
    if not given.json:
        show_given(app, imported)
    mistakes = [finding for finding in imported.findings if finding.is_error]
    fixed = imported
    if mistakes or given.fix is not None:
        fixed = read_given(app, given, [given.what], Choices(True, True, True))
    if given.fix is not None:
        _write_fixed(app, given.fix, fixed)
    summary: Json = {"ready": True, "errors": [], "warnings": [], "findings": []}
    if fixed.examples is not None and not any(f.is_error for f in fixed.examples.findings):
        files = encode_set(fixed.examples)
        if fixed.cases is not None and fixed.cases.cases:
            files |= encode_case_file(fixed.cases)
        settings = {"system_prompt": imported.system_prompt} if imported.system_prompt else {}
        summary = _check_apart(app, DEFAULT_PROJECT, files, settings)
    if fixed.cases is None:
        summary = _without_advice_on_cases(summary)
    told = [as_json(finding, app.translate) for finding in mistakes]
    return {
        **summary,
        "ready": summary["ready"] and not mistakes,
        "errors": [*(one["text"] for one in told), *summary["errors"]],
        "findings": [*told, *summary["findings"]],
    }


def _without_advice_on_cases(summary: Json) -> Json:
    """That a project has no file of cases says nothing to whoever has no project."""
    kept = [finding for finding in summary["findings"] if finding["kind"] != "no_cases"]
    warnings = [finding["text"] for finding in kept if not finding["is_error"]]
    return {**summary, "findings": kept, "warnings": warnings}


def _refuse_neither(app: Application, what: str) -> None:
    """A mistyped project is not to be told that it is no file."""
    if Path(what).exists() or not re.fullmatch(PROJECT_NAME, what):
        return
    known = [] if app.is_empty else app.store.names()
    complaint = say("There is neither a file nor a project {name}", name=what)
    raise SettingsError(with_suggestion(complaint, what, known))


def _write_fixed(app: Application, out: str, fixed: Imported) -> None:
    if fixed.examples is None:
        return
    with open_new(out, "csv") as file:
        rows = sentences_of(fixed.examples)
        write_rows(file, rows, "csv", is_of_cases=False, delimiter=delimiter_of(app))
    tell(
        app,
        say(
            "{path}: {count} sentence, {dropped}.",
            "{path}: {count} sentences, {dropped}.",
            path=out,
            count=fixed.examples.count,
            dropped=say(
                "{count} row fewer", "{count} rows fewer", count=len(fixed.examples.dropped)
            ),
        ),
    )


def _check_apart(
    app: Application, name: str, files: Mapping[Artifact, Content], settings: Mapping[str, Any]
) -> Json:
    """The summary that the states up to VALIDATED make of these files."""
    with TemporaryDirectory(prefix="afinador-") as folder:
        home = Path(folder)
        database = f"sqlite:///{home / 'check.db'}"
        apart = Application(replace(app.settings, home=home, database_url=database))
        apart.make_home()
        try:
            apart.preparation.write_files(name, files)
            apart.preparation.create(name, apart.settings.service.name, time.time(), settings)
            project = apart.preparation.check(name)
            path = apart.preparation.path(name, Artifact.PREPARATION)
            if path.is_file():
                summary: Json = json.loads(path.read_bytes())
                return {**summary, "place": None}
            trouble = _problem_of(project.hold or project.last_error or say("unknown"))
            told = [] if project.state.has_reached(State.VALIDATED) else [app.translate(trouble)]
            return {"ready": not told, "errors": told, "warnings": [], "findings": []}
        finally:
            apart.close()


def _problem_of(hold: Text) -> Text:
    """What is wrong, without what to do about it: no agent watches a file that is only checked."""
    problem = hold.values.get("problem")
    return problem if isinstance(problem, Text) else hold


COMMAND = Command(
    _check,
    _add_arguments,
)
