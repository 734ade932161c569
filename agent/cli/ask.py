"""`ask`: one sentence to the deployed model."""

from __future__ import annotations

import argparse

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE
from agent.cli.output import open_screen, print_json, remark
from agent.engine.single_question import ask_sentence, find_answering
from agent.views.asked import asked_json, render_asked
from agent.views.language import Translate
from states.errors import SettingsError
from states.intents.annotated_json import has_half_a_pair
from states.intents.forms import tidy
from states.text import say


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("names", nargs="+", metavar="[PROJECT] SENTENCE")
    parser.add_argument("--json", action="store_true", help=t(say("a stable JSON document")))


def _ask(app: Application, given: argparse.Namespace) -> int:
    name, sentence = _read(given.names)
    if name is None and app.store.load(sentence) is not None:
        told = say('Say what to ask: `ask {project} "…"`.', project=sentence)
        raise SettingsError(told)
    project = app.claim(app.find(name))
    answering = find_answering(project, app.store)

    def before_paying(deployment: str) -> None:
        if app.settings.service.charges_money:
            told = say("One question to {deployment}, which is paid.", deployment=deployment)
            remark(app.translate(told))

    asked = ask_sentence(answering, app.ports_for(answering), sentence, before_paying)
    if given.json:
        print_json(asked_json(project.name, asked))
    else:
        render_asked(open_screen(), asked, app.translate)
    return FINE


def _read(names: list[str]) -> tuple[str | None, str]:
    """The project, if it is named, and the sentence, which stands in quotes."""
    if len(names) > 2:
        raise SettingsError(
            say('Put the sentence into quotes: `ask {project} "…"`.', project=names[0])
        )
    *named, said = names
    if has_half_a_pair(said):
        raise SettingsError(
            say("The sentence is not UTF-8 text: the terminal sends another encoding.")
        )
    sentence = tidy(said).strip()  # as a test case is
    if not sentence:
        raise SettingsError(say("The sentence is empty."))
    return (named[0] if named else None), sentence


COMMAND = Command(
    _ask,
    _add_arguments,
)
