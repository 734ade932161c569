"""One run of the program: parse, open the application, do the command, return the exit code.

Called by agent/__main__.py; every error that the program knows ends here."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.cli.exit_codes import FINE, IN_TROUBLE, INTERRUPTED, WRONG_USAGE
from agent.cli.output import remark, replace_what_cannot_be_written
from agent.cli.parser import CommandLine
from agent.settings.environment import language_of
from agent.views.language import Translate, translator
from states.errors import AfinadorError, NotYet, SettingsError, StoreError
from states.text import Text, say

if TYPE_CHECKING:
    from agent.bootstrap import Application


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command, and returns its exit code (exit_codes.py)."""
    replace_what_cannot_be_written()
    language = language_of()
    try:
        given = CommandLine(language).parse(sys.argv[1:] if arguments is None else arguments)
        return _run(given, translator(language))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # `agent history | head`: whoever reads has seen enough.
        sys.stderr.close()
        return FINE


def _run(given: argparse.Namespace, translate: Translate) -> int:
    # Nothing of this is needed to show a help, nor to refuse a command.
    from agent.bootstrap import Application
    from agent.redactor import Redactor
    from agent.settings.config import load

    # Until the settings are read there is no secret to strike out; their own mistakes quote none.
    redact = Redactor(())
    try:
        try:
            settings = load()
        except SettingsError as error:
            if given.command.on_wrong_settings is None:
                raise
            return int(given.command.on_wrong_settings(error, given, translate))
        redact = Redactor(settings.secrets)
        if settings.service.runs_locally:
            remark(translate(say("local emulator: nothing is sent to Azure")))
        for warning in settings.warnings:
            remark(translate(warning))
        command = given.command
        app = Application(settings, is_daemon=command.is_daemon, is_look=command.is_look)
        try:
            code: int = given.command.action(app, given)
            return code
        finally:
            _tell_workers(app)
            app.close()
    except AfinadorError as error:
        remark(f"afinador: {redact(translate(_complaint(error)))}")
        return WRONG_USAGE if isinstance(error, SettingsError | StoreError) else IN_TROUBLE


def _tell_workers(app: Application) -> None:
    """What the command has decided is decided, whether Temporal hears of it now or later."""
    try:
        app.tell_workers()
    except AfinadorError as error:
        remark(app.redactor(app.translate(error.text)))
        remark(app.translate(say("Its workers look again within a minute.")))


def _complaint(error: AfinadorError) -> Text:
    if isinstance(error, NotYet):
        return say(
            "Not yet: it waits for {what}. Repeat this in {count} second.",
            "Not yet: it waits for {what}. Repeat this in {count} seconds.",
            what=error.text,
            count=math.ceil(error.retry_after or 1),
        )
    return error.text
