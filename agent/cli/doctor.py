"""`doctor`: what keeps this installation from working. It spends nothing and changes nothing."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.exit_codes import FINE, IN_TROUBLE
from agent.cli.output import open_screen, print_json
from agent.doctor.lines import Line, Status, failed
from agent.views.language import Translate
from agent.views.screen import Styled
from states.errors import AfinadorError
from states.text import say

WIDTH = 17  # columns of the longest name and a space
COLOURS = {
    Status.OK: "green",
    Status.WARNING: "yellow",
    Status.FAILED: "red",
    Status.SKIPPED: "grey",
}
WORDS = {
    Status.OK: say("ok"),
    Status.WARNING: say("warning"),
    Status.FAILED: say("failed"),
    Status.SKIPPED: say("skipped"),
}


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("--json", action="store_true", help=t(say("a stable JSON document")))


def _doctor(app: Application, given: argparse.Namespace) -> int:
    # Only here: it loads the SDK, and every other command must start without.
    from agent.doctor.examination import examine
    from agent.doctor.patient import Patient

    patient = Patient(
        app.settings,
        app.redactor,
        app.catalog,
        app.tokens,
        app.look_at_database,
        time.time,
        lambda: _check_addresses(app),
    )
    return _tell(examine(patient), app.translate, app.redactor, as_json=given.json)


def _check_addresses(app: Application) -> Iterator[tuple[str, AfinadorError | None]]:
    """Of AGENT_NOTIFY. SettingsError where its library is missing."""
    from agent.notices.channel import Undelivered, open_channels

    for channel in open_channels(app.settings.notify):
        try:
            channel.check()
        except Undelivered as problem:
            yield channel.name, problem
        else:
            yield channel.name, None


def tell_wrong_settings(error: AfinadorError, given: argparse.Namespace, t: Translate) -> int:
    """Where the settings cannot be read, that is the one line there is; it quotes no secret."""
    return _tell([failed("settings", error.text)], t, str, as_json=given.json)


def _tell(
    lines: Iterable[Line], t: Translate, redact: Callable[[str], str], *, as_json: bool
) -> int:
    """Shows each line as soon as it is found, or all as one document."""
    found: list[Line] = []
    out = open_screen()
    for line in lines:
        found.append(line)
        if not as_json:
            word = f"{t(WORDS[line.status]):<12}"
            told = f" {line.name:<{WIDTH}}{redact(t(line.text))}"
            out.print(Styled.join(Styled(word, COLOURS[line.status]), told))
            if line.advice is not None:
                out.print(f"{'':<13}{'':<{WIDTH}}→ {redact(t(line.advice))}")
    is_fine = all(line.status is not Status.FAILED for line in found)
    if as_json:
        listed = [_to_json(line, t, redact) for line in found]
        print_json({"schema": 1, "ok": is_fine, "lines": listed})
    return FINE if is_fine else IN_TROUBLE


def _to_json(line: Line, t: Translate, redact: Callable[[str], str]) -> dict[str, Any]:
    advice = None if line.advice is None else redact(t(line.advice))
    return {
        "name": line.name,
        "status": line.status.value,
        "text": redact(t(line.text)),
        "advice": advice,
    }


COMMAND = Command(
    _doctor,
    _add_arguments,
    on_wrong_settings=tell_wrong_settings,
)
