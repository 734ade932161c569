"""`notify --test`: tells every address of AGENT_NOTIFY something, and which of them failed."""

from __future__ import annotations

import argparse
import time

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE, IN_TROUBLE
from agent.cli.output import open_screen
from agent.views.language import Translate
from states.errors import SettingsError
from states.text import say


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument(
        "--test",
        action="store_true",
        help=t(say("send a test message to every address of AGENT_NOTIFY")),
    )


def _notify(app: Application, given: argparse.Namespace) -> int:
    # Only here: no other command sends anything.
    from agent.notices.channel import Undelivered, open_channels
    from agent.notices.notice import write_test

    if not given.test:
        raise SettingsError(say("`notify --test` is all there is: it sends a test message."))
    if not app.settings.notify:
        raise SettingsError(say("AGENT_NOTIFY names no address. `.env.example` shows some."))
    message, out, code = write_test(app.translate, time.time()), open_screen(), FINE
    for channel in open_channels(app.settings.notify):
        try:
            channel.send(message)
            line = say("{address}: sent", address=channel.name)
        except Undelivered as error:
            code = IN_TROUBLE
            line = say("{address}: {problem}", address=channel.name, problem=error.text)
        out.print(app.redactor(app.translate(line)))
    return code


COMMAND = Command(_notify, _add_arguments)
