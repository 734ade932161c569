"""`advance --checkpoint`: a project goes on with another checkpoint of its training."""

from __future__ import annotations

import argparse
from functools import partial

from agent.bootstrap import Application
from agent.cli.exit_codes import FINE
from agent.cli.output import tell
from agent.cli.retry import tell_gone, tell_of_theirs
from agent.engine.checkpoints import describe_price, plan_checkpoint
from states.evaluation.checkpoints import BEST, FINAL
from states.facts import known
from states.model import Project
from states.stages import DELETED
from states.text import say


def checkpoint_name(value: str) -> str:
    """What may be typed for one, for argparse: a step, `best` or `final`."""
    if value in (BEST, FINAL):
        return value
    if value.isascii() and value.isdecimal():
        return value.lstrip("0") or "0"
    raise argparse.ArgumentTypeError(f"{value!r}: STEP (1, 2, 3 …), {BEST}, {FINAL}")


def take_checkpoint(app: Application, project: Project, wanted: str) -> int:
    """Tells what it costs, then makes it the project's model. Returns the exit code."""
    ports = app.ports_for(project)
    plan = plan_checkpoint(project, ports, wanted)
    if plan is None:
        model = known(project.facts.trained).model
        tell(app, say("{model} is the model of {name} already.", model=model, name=project.name))
        return FINE
    tell(app, describe_price(project, known(plan.facts.trained).model, ports))
    after = app.decisions.reopen(project.name, partial(plan_checkpoint, wanted=wanted))
    _tell_what_gave_way(app, project)
    tell(
        app,
        say(
            "{project} goes on from {state} with {model} (generation {generation}).",
            project=after.name,
            state=after.state.value,
            model=known(after.facts.trained).model,
            generation=after.generation,
        ),
    )
    daemon = app.heartbeat()
    if daemon is None or daemon["running"] is False:
        tell(app, say("No daemon is running: start `run`, and it goes on."))
    return FINE


def _tell_what_gave_way(app: Application, before: Project) -> None:
    deployed, requested = before.facts.deployed, before.facts.requested
    found = deployed or (requested if requested and requested.is_ours else None)
    if found is None or found.status == DELETED:
        return
    if found.is_ours:
        tell_gone(app, found.name)
    else:
        tell_of_theirs(app, found.name)
