"""argparse, set up from the list of commands. main.py calls `parse`.

Abbreviations are off: `--restar` must never be taken for `--restart`, which is paid for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from agent.cli.command import Command
from agent.cli.commands import load_commands
from agent.cli.exit_codes import WRONG_USAGE
from agent.views.language import gettext_speaks, translator
from states.text import Text, say, with_suggestion

ALWAYS = ("-h", "--help", "--version")  # what may stand where the command stands


class CommandLine:
    """The whole grammar, in one language. `parsers`: the parser of each command, by name."""

    def __init__(self, language: str) -> None:
        self._language, self._translate = language, translator(language)
        self.commands = {command.name: command for command in load_commands()}
        with gettext_speaks(language):
            self._parser = self._make_parser()
            self.parsers = self._add_commands()

    def _make_parser(self) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser(
            prog="afinador",
            description=self._for_argparse(
                say(
                    "Takes an intent-classification project from example sentences to a fine-tuned,"
                    " deployed, evaluated model on Azure OpenAI."
                )
            ),
            epilog=self._for_argparse(
                say(
                    "Exit codes: 0 fine; 1 a project is FAILED or held; 2 wrong usage or settings;"
                    " 3 undecided (`gate`). Settings: .env.example."
                )
            ),
            allow_abbrev=False,
        )
        parser.add_argument(
            "--version",
            action="version",
            version=f"afinador {_version()}",
            help=self._for_argparse(say("show program's version number and exit")),
        )
        return parser

    def _add_commands(self) -> dict[str, argparse.ArgumentParser]:
        title = self._for_argparse(say("commands"))
        room = self._parser.add_subparsers(title=title, required=True, metavar="COMMAND")
        return {name: self._add(room, command) for name, command in self.commands.items()}

    def _add(
        self, room: argparse._SubParsersAction[argparse.ArgumentParser], command: Command
    ) -> argparse.ArgumentParser:
        text = self._for_argparse(command.help)
        parser = room.add_parser(command.name, help=text, description=text, allow_abbrev=False)
        parser.set_defaults(command=command)
        command.add_arguments(parser, self._for_argparse)
        return parser

    def _for_argparse(self, text: Text) -> str:
        """argparse fills in its help texts with `%`."""
        return self._translate(text).replace("%", "%%")

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """What was asked for; `command` is the Command. SystemExit after help and wrong usage.

        Without any argument the help goes to stderr, with the code of wrong usage: a script
        that forgot its command must notice."""
        with gettext_speaks(self._language):
            return self._parse(arguments)

    def _parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        if not arguments:
            self._parser.print_help(sys.stderr)
            raise SystemExit(WRONG_USAGE)
        self._refuse_unknown_command(arguments[0])
        given, unknown = self._parser.parse_known_args(arguments)
        if unknown:
            self._refuse_unknown_arguments(self.parsers[given.command.name], unknown)
        return given

    def _refuse_unknown_command(self, first: str) -> None:
        if first in self.commands or first in ALWAYS:
            return
        if first.startswith("-"):
            self._refuse_unknown_arguments(self._parser, [first])
        names = ", ".join(self.commands)
        complaint = say(
            "there is no command {command} (there are: {known})", command=repr(first), known=names
        )
        self._parser.error(self._translate(with_suggestion(complaint, first, self.commands)))

    def _refuse_unknown_arguments(
        self, parser: argparse.ArgumentParser, unknown: Sequence[str]
    ) -> None:
        """Names the first unknown option; what follows it may be its value."""
        option = next((one for one in unknown if one.startswith("-")), None)
        if option is None:
            told = say("nothing is known of {arguments}", arguments=" ".join(unknown))
            parser.error(self._translate(told))
        typed = option.partition("=")[0]
        complaint = say("there is no option {option}", option=typed)
        parser.error(self._translate(with_suggestion(complaint, typed, options_of(parser))))


def options_of(parser: argparse.ArgumentParser) -> list[str]:
    """Every option that this parser knows, as it is typed."""
    return list(parser._option_string_actions)  # argparse has no public way to list them


def _version() -> str:
    try:
        return version("afinador")
    except PackageNotFoundError:
        return "0 (not installed)"
