"""What a project's data is worth, once it is checked: shown by `new`, `import` and `check`."""

from __future__ import annotations

import json

from agent.bootstrap import Application
from agent.cli.exit_codes import FINE, IN_TROUBLE
from agent.cli.output import open_screen, remark, tell
from agent.views.data_report import render_data_report
from agent.views.status import name_project
from states.model import Project
from states.places import Artifact
from states.state import State
from states.text import Text, say


def show_prepared(app: Application, project: Project) -> int:
    """The report of the check and the next step. Returns the exit code."""
    app.home_view.renew(project)
    path = app.preparation.path(project.name, Artifact.PREPARATION)
    is_checked = Artifact.PREPARATION in project.facts.artifacts
    if path.is_file() and (is_checked or project.state is State.FAILED):
        render_data_report(open_screen(), json.loads(path.read_bytes()), app.translate)
    trouble = project.hold or project.last_error
    if trouble is not None:
        remark(name_project(project.name, app.translate(trouble)))
    if not project.state.has_reached(State.VALIDATED):
        return IN_TROUBLE
    tell(app, _describe_next_step(app, project.name))
    return FINE


def _describe_next_step(app: Application, project: str) -> Text:
    daemon = app.heartbeat()
    if daemon is not None and daemon["running"] is not False:
        return say(
            "Ready. A daemon is running: unless it was started for other projects, it uploads the"
            " files now, and trains (this is what is paid). `cancel {project}` ends that.",
            project=project,
        )
    return say(
        "Ready; nothing has been sent. To train (this is what is paid): `run --project"
        " {project} --until ANALYZED`.",
        project=project,
    )
