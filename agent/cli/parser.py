"""argparse, set up from the table of commands. main.py calls `parse`.

Only the command that is asked for is imported; the help of the whole needs none of them.
Abbreviations are off: `--restar` must never be taken for `--restart`, which is paid for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from functools import cached_property

from agent import VERSION
from agent.cli.commands import COMMANDS, load_command
from agent.cli.exit_codes import WRONG_USAGE
from agent.views.language import gettext_speaks, translator
from states.text import Text, say, with_suggestion

ALWAYS = ("-h", "--help", "--version")  # what may stand where the command stands


class CommandLine:
    """The whole grammar, in one language."""

    def __init__(self, language: str) -> None:
        self._language, self._translate = language, translator(language)

    @cached_property
    def parsers(self) -> dict[str, argparse.ArgumentParser]:
        """The parser of each command, by name; every command is imported."""
        with gettext_speaks(self._language):
            return self._add_commands(self._make_parser(), COMMANDS)

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
            version=f"afinador {VERSION}",
            help=self._for_argparse(say("show program's version number and exit")),
        )
        return parser

    def _make_parser_of_all(self) -> argparse.ArgumentParser:
        """It knows every command by its name and help alone."""
        parser = self._make_parser()
        room = self._make_room(parser)
        for name, text in COMMANDS.items():
            room.add_parser(name, help=self._for_argparse(text), add_help=False)
        return parser

    def _make_room(
        self, parser: argparse.ArgumentParser
    ) -> argparse._SubParsersAction[argparse.ArgumentParser]:
        title = self._for_argparse(say("commands"))
        return parser.add_subparsers(title=title, required=True, metavar="COMMAND")

    def _add_commands(
        self, parser: argparse.ArgumentParser, names: Iterable[str]
    ) -> dict[str, argparse.ArgumentParser]:
        room = self._make_room(parser)
        return {name: self._add(room, name) for name in names}

    def _add(
        self, room: argparse._SubParsersAction[argparse.ArgumentParser], name: str
    ) -> argparse.ArgumentParser:
        command, text = load_command(name), self._for_argparse(COMMANDS[name])
        parser = room.add_parser(name, help=text, description=text, allow_abbrev=False)
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
            self._make_parser_of_all().print_help(sys.stderr)
            raise SystemExit(WRONG_USAGE)
        first = arguments[0]
        if first in ALWAYS:
            return self._make_parser_of_all().parse_args(arguments)  # and it ends there
        if first not in COMMANDS:
            self._refuse_unknown_command(first)
        parser = self._make_parser()
        own = self._add_commands(parser, (first,))[first]
        given, unknown = parser.parse_known_args(arguments)
        if unknown:
            self._refuse_unknown_arguments(own, unknown)
        return given

    def _refuse_unknown_command(self, first: str) -> None:
        parser = self._make_parser_of_all()
        if first.startswith("-"):
            self._refuse_unknown_arguments(parser, [first])
        names = ", ".join(COMMANDS)
        complaint = say(
            "there is no command {command} (there are: {known})", command=repr(first), known=names
        )
        parser.error(self._translate(with_suggestion(complaint, first, COMMANDS)))

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
