"""What is decided goes on: by the daemon that is running, else here. evaluate and iterate."""

from __future__ import annotations

import argparse

from agent.bootstrap import Application
from agent.cli.exit_codes import FINE
from agent.cli.output import tell
from agent.cli.run import run
from states.model import Project
from states.state import State
from states.text import say


def go_on(app: Application, project: Project) -> int:
    """Until it is ANALYZED, where no daemon is running. Returns the exit code."""
    daemon = app.heartbeat()
    if daemon is not None and daemon["running"] is not False:
        tell(
            app,
            say(
                "A daemon is running: unless it was started for other projects, it asks them now."
                " `status` shows how far it is."
            ),
        )
        return FINE
    return run(app, argparse.Namespace(project=project.name, until=State.ANALYZED, once=False))
