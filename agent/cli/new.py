"""`new`: a project from the files that a person has, checked as far as VALIDATED."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
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
from agent.cli.exit_codes import FINE
from agent.cli.imported import Imported, read_given, show_given
from agent.cli.named_model import refuse_forbidden, tell_unknown
from agent.cli.output import tell
from agent.cli.prepared import show_prepared
from agent.cli.project_options import (
    OPTIONS,
    add_setting_arguments,
    given_settings,
    read_settings,
)
from agent.cli.small_files import read_instruction, read_small
from agent.cli.values import project_name
from agent.engine.preparation import Content, encode_case_file, encode_set
from agent.views.language import Translate
from states.errors import Mistake, SettingsError
from states.intents import descriptions
from states.intents.language import guess_language
from states.places import Artifact
from states.text import Text, say


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", type=project_name, metavar="NAME")
    sentences = parser.add_mutually_exclusive_group()
    sentences.add_argument(
        "--examples",
        nargs="+",
        metavar="FILE",
        help=t(say("the sentences: CSV, TSV, XLSX, JSON, JSONL or Parquet")),
    )
    sentences.add_argument(
        "--sample",
        action="store_true",
        help=t(say("the 48 sentences of a clothing shop that come with the program")),
    )
    parser.add_argument(
        "--cases",
        nargs="+",
        metavar="FILE",
        help=t(say("the test cases, in the same formats; they are never trained on")),
    )
    parser.add_argument(
        "--intents", metavar="FILE", help=t(say('JSON with {{"intent": "what it is about"}}'))
    )
    parser.add_argument(
        "--system-prompt",
        metavar="FILE",
        help=t(say("the instruction for the model, in place of the one made of the intents")),
    )
    parser.add_argument(
        "--dry-run", action="store_true", help=t(say("show what is understood, write nothing"))
    )
    add_column_arguments(parser, t)
    add_choice_arguments(parser, t)
    add_setting_arguments(parser, t, OPTIONS)


def _new(app: Application, given: argparse.Namespace) -> int:
    name = given.project
    if not app.is_empty and app.store.load(name) is not None:
        raise SettingsError(
            say(
                "There is a project {project} already. `import {project} FILE…` adds sentences to"
                " it.",
                project=name,
            )
        )
    if not given.sample and not given.examples:
        raise SettingsError(
            say(
                "Say where the sentences are: `--examples FILE…`; or `--sample` for those of a"
                " clothing shop."
            )
        )
    if given.sample and (told := given_of(given, ("--cases", "--intents", *READING))):
        raise SettingsError(
            say(
                "--sample takes no files of yours, for which these options are: {options}.",
                options=told,
            )
        )
    _mind_model(app, given)
    imported = (
        _sample() if given.sample else read_given(app, given, given.examples, choices_of(given))
    )
    files = _files(app, given, imported)
    settings = _settings(app, given, imported)
    if imported.examples is not None:
        show_given(app, imported)
        tell(app, _describe_language(given, settings, imported))
        imported.refuse_mistakes()
    if given.dry_run:
        tell(app, say("Nothing was written (--dry-run)."))
        return FINE
    app.make_home()
    _refuse_other_files(app, name, files)
    app.preparation.write_files(name, files)
    app.preparation.create(name, app.settings.service.name, time.time(), settings)
    del imported, files  # a million sentences, which the check reads anew
    return show_prepared(app, app.preparation.check(name))


def _mind_model(app: Application, given: argparse.Namespace) -> None:
    """Told before a million sentences are read. A project keeps the model and the training type
    that are named for it: with those of the settings it waits for other settings."""
    row = read_settings(app, given_settings(given))
    own, _ = app.settings.read_row(row)
    if {"base_model", "training_type"} & row.keys():
        refuse_forbidden(app, own)
    tell_unknown(app, own)


def _sample() -> Imported:
    return Imported(None, None, [], [])


def _files(
    app: Application, given: argparse.Namespace, imported: Imported
) -> dict[Artifact, Content]:
    """What will stand in the project's folder."""
    catalog = app.catalog
    files: dict[Artifact, Content] = {
        Artifact.EXAMPLES: catalog.starter_examples,
        Artifact.CASES: catalog.starter_cases,
        Artifact.INTENTS: catalog.starter_intents,
    }
    if imported.examples is not None:
        files = {**encode_set(imported.examples), **imported.drop_file()}
    if imported.cases is not None:
        files |= encode_case_file(imported.cases)
    if given.intents is not None:
        content = read_small(given.intents)
        names = imported.examples.groups if imported.examples else {}
        try:
            descriptions.parse(content, given.intents, names)
        except Mistake as error:
            raise SettingsError(error.text) from error
        files[Artifact.INTENTS] = content
    return files


def _settings(app: Application, given: argparse.Namespace, imported: Imported) -> dict[str, Any]:
    """The project's row of settings. SettingsError with every mistake of the options."""
    row = given_settings(given)
    if given.system_prompt is not None:
        row["system_prompt"] = read_instruction(given.system_prompt)
    elif imported.system_prompt:
        row["system_prompt"] = imported.system_prompt
    return read_settings(app, row)


def _describe_language(
    given: argparse.Namespace, settings: Mapping[str, Any], imported: Imported
) -> Text:
    """In which language the model is instructed, and why."""
    if settings.get("system_prompt"):
        count = len(settings["system_prompt"])
        if given.intents is not None:
            return say(
                "Instruction: yours ({count} character), as it is: the descriptions of"
                " `--intents` are not put into it.",
                "Instruction: yours ({count} characters), as it is: the descriptions of"
                " `--intents` are not put into it.",
                count=count,
            )
        return say(
            "Instruction: yours ({count} character).",
            "Instruction: yours ({count} characters).",
            count=count,
        )
    chosen = settings.get("data_language")
    texts = (one.text for one in imported.examples.sentences()) if imported.examples else ()
    language = chosen or guess_language(texts)
    if language == "en":
        return say("Instruction: in English, as the sentences are (`--language es` for Spanish).")
    return say("Instruction: in Spanish, as the sentences are (`--language en` for English).")


def _refuse_other_files(app: Application, name: str, files: Mapping[Artifact, Content]) -> None:
    """Nothing of a person's is overwritten; what is the same already does not matter."""
    for artifact, content in files.items():
        path = app.preparation.path(name, artifact)
        if path.is_file() and not app.preparation.holds(name, artifact, content):
            raise SettingsError(
                say(
                    "{path} is there already, and says something else. Move it away, or choose"
                    " another name for the project.",
                    path=str(path),
                )
            )


COMMAND = Command(
    _new,
    _add_arguments,
)
