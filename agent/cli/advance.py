"""`advance`: one tick now, the name that a person gave to the deployment, or another checkpoint."""

from __future__ import annotations

import argparse

from agent.bootstrap import Application
from agent.cli.checkpoint_choice import checkpoint_name, take_checkpoint
from agent.cli.command import Command
from agent.cli.exit_codes import IN_TROUBLE, exit_code_of
from agent.cli.output import tell, tell_of
from agent.cli.project_options import read_settings
from agent.cli.values import deployment_name
from agent.engine.tick import Ticked
from agent.views.language import Translate
from states.errors import SettingsError
from states.facts import known
from states.state import State
from states.text import Text, dollars, say


def _add_arguments(parser: argparse.ArgumentParser, t: Translate) -> None:
    parser.add_argument("project", nargs="?", metavar="PROJECT")
    parser.add_argument(
        "--deployment",
        type=deployment_name,
        metavar="NAME",
        help=t(say("the name you gave to the deployment")),
    )
    parser.add_argument(
        "--checkpoint",
        type=checkpoint_name,
        metavar="STEP",
        help=t(
            say(
                "deploy and ask that checkpoint of the training in place of its model: its step,"
                " `best` (the lowest validation loss) or `final`; the agent's deployment gives way"
            )
        ),
    )
    parser.add_argument(
        "--budget",
        metavar="USD",
        help=t(
            say("what this project may cost in all, in place of AGENT_BUDGET; `none`: no limit")
        ),
    )


def _advance(app: Application, given: argparse.Namespace) -> int:
    project = app.claim(app.find(given.project))
    if given.checkpoint is not None:
        _refuse_others(given)
        return take_checkpoint(app, project, given.checkpoint)
    budget = None
    if given.budget is not None:
        budget = read_settings(app, {**project.settings, "budget": given.budget})["budget"]
    ticked = app.decisions.advance(given.project, given.deployment, budget)
    if budget is not None:
        tell(app, _describe_budget(project.name, budget))
    tell(app, _headline(ticked))
    if ticked.text is not None:
        waiting = ticked.outcome == "waiting"
        told = say("Waiting for {what}", what=ticked.text) if waiting else ticked.text
        tell_of(app, project, told)
    deployed = ticked.after.facts.deployed
    if given.deployment is not None and deployed and deployed.name != given.deployment:
        tell(
            app,
            say(
                "There is no deployment {named} of this model; {found} is one, and was taken.",
                named=given.deployment,
                found=deployed.name,
            ),
        )
        return IN_TROUBLE
    is_refused = given.deployment is not None and ticked.after.state is State.AWAITING_DEPLOY
    if is_refused or ticked.outcome == "retrying":
        return IN_TROUBLE
    return exit_code_of([ticked.after])


def _refuse_others(given: argparse.Namespace) -> None:
    if given.deployment is not None or given.budget is not None:
        raise SettingsError(
            say("`--checkpoint` stands alone: a deployment and a budget are named afterwards.")
        )


def _describe_budget(project: str, budget: float | str) -> Text:
    """It is kept in whatever state the project is."""
    if isinstance(budget, str):
        return say("{project} has no budget from now on.", project=project)
    return say(
        "{project} may cost {usd} USD in all from now on.", project=project, usd=dollars(budget)
    )


def _headline(ticked: Ticked) -> Text:
    project, state = ticked.after.name, ticked.after.state.value
    if ticked.outcome == "already":
        return say(
            "{project} is in {state}: the daemon had found the deployment {name} already.",
            project=project,
            state=state,
            name=known(ticked.after.facts.deployed).name,
        )
    if ticked.after.state is not ticked.before.state:
        old = ticked.before.state.value
        return say("{project}: {old} → {new}", project=project, old=old, new=state)
    if ticked.outcome == "idle":
        return say(
            "{project} is in {state}: there is nothing more to do.", project=project, state=state
        )
    return say("{project} stays in {state}.", project=project, state=state)


COMMAND = Command(
    _advance,
    _add_arguments,
)
