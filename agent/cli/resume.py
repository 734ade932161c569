"""`resume`: a paused training goes on."""

from __future__ import annotations

import argparse

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.order import add_project, give_order
from states.stages import RESUME


def _resume(app: Application, given: argparse.Namespace) -> int:
    return give_order(app, given.project, RESUME)


COMMAND = Command(_resume, add_project)
