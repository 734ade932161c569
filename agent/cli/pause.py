"""`pause`: a training that goes on rests, until somebody resumes it."""

from __future__ import annotations

import argparse

from agent.bootstrap import Application
from agent.cli.command import Command
from agent.cli.order import add_project, give_order
from states.stages import PAUSE


def _pause(app: Application, given: argparse.Namespace) -> int:
    return give_order(app, given.project, PAUSE)


COMMAND = Command(_pause, add_project)
