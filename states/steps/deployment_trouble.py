"""What is wrong with a deployment that is asked the test cases. Called by ask_cases.py."""

from __future__ import annotations

from contextlib import suppress

from states.errors import DeploymentNotReady, NotFound, Permanent, Transient
from states.facts import known
from states.model import Project
from states.money.ends import has_ended
from states.money.prices import LIFE_OF_A_DEVELOPER
from states.ports import Ports
from states.stages import Deployed
from states.text import say


def explain(trouble: Exception, deployed: Deployed, ports: Ports) -> Exception:
    """The trouble with the deployment, in the words of an evaluation."""
    name = deployed.name
    if isinstance(trouble, DeploymentNotReady):
        return Transient(trouble.text, trouble.retry_after)
    if not isinstance(trouble, NotFound):
        return trouble
    if has_ended(deployed, ports.now) and _is_deleted(ports, name):
        return Permanent(
            say(
                "The Developer deployment {name} is gone, as such ones are after {hours} hours."
                " Answers so far are kept: `retry` asks for a new deployment. With"
                " AGENT_DEVELOPER_RENEW the agent makes its own anew by itself.",
                name=name,
                hours=LIFE_OF_A_DEVELOPER,
            ),
            remote=True,
        )
    if _is_deleted(ports, name):
        return Permanent(
            say(
                "The deployment {name} was deleted during the evaluation. Answers so far are"
                " kept: `retry` asks for a new deployment.",
                name=name,
            ),
            remote=True,
        )
    return Transient(say("The deployment {name} does not answer at the moment.", name=name))


def refuse_another_model(project: Project, ports: Ports, name: str) -> None:
    """Raises Permanent where another model has been put under that name: it would be graded."""
    with suppress(NotFound):  # cannot be listed here, so nobody knows
        found = ports.read.deployment(name)
        model = "" if found is None else found.model  # an answer may name none
        if model and not known(project.facts.trained).is_named(model):
            raise Permanent(
                say(
                    "The deployment {name} serves {model} now, another model. Answers so far are"
                    " kept: `retry` asks for a new deployment.",
                    name=name,
                    model=model,
                ),
                remote=True,
            )


def _is_deleted(ports: Ports, name: str) -> bool:
    try:
        return ports.read.deployment(name) is None
    except NotFound:
        return False  # cannot be listed here, so nobody knows
