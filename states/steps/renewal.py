"""A deployment that is gone is made anew, for the same model: the answers that were paid for count.

Either this program has deleted it in its time while a person was waited for (overdue.py), and that
person has had the project go on; or it was of the Developer tier, which ends by itself after 24
hours, and AGENT_DEVELOPER_RENEW has some left. A new generation, since a deployment is made once in
each; the price is told before it is asked for.
"""

from __future__ import annotations

from dataclasses import replace

from states.errors import NotFound
from states.facts import Facts, known
from states.model import Project
from states.money.ends import has_ended
from states.money.estimate import HostingEstimate
from states.money.prices import is_developer, price_of_hosting
from states.outcome import Done
from states.ports import Ports
from states.stages import DELETED, Deployed, Renewed, Requested
from states.state import Event, State
from states.steps.generation import end_generation
from states.text import Text, say


def deploy_again(project: Project, ports: Ports) -> Done | None:
    """For a project that goes on though this program has deleted its deployment; else None."""
    found: Deployed | Requested | None = project.facts.deployed or project.facts.requested
    if found is None or found.status != DELETED or not ports.preferences.deploy_automatically:
        return None
    return _reopen(project, ports, None)


def renew(project: Project, ports: Ports) -> Done | None:
    """For one whose Developer deployment has ended; None where it is not to be made anew: one that
    is gone before its time a person has deleted."""
    if not may_be_renewed(project.facts, ports):
        return None
    former, deployed = project.facts.renewed, known(project.facts.deployed)
    if not has_ended(deployed, ports.now) or not is_gone(project, ports):
        return None
    until = deployed.until if former is None else former.until
    return _reopen(project, ports, Renewed((former.count if former else 0) + 1, until))


def may_be_renewed(facts: Facts, ports: Ports) -> bool:
    """Made by this program as a Developer deployment, as those that it makes now; not more often
    than a person has said, and not beyond the time for which it is wished."""
    deployed, wanted = facts.deployed, ports.preferences
    if deployed is None or not deployed.is_ours or deployed.status == DELETED:
        return False
    is_developer_s = is_developer(deployed.sku) and is_developer(wanted.deploy_sku)
    count = facts.renewed.count if facts.renewed else 0
    is_over = deployed.until is not None and deployed.until <= ports.now
    is_left = wanted.deploy_automatically and count < wanted.developer_renewals
    return is_developer_s and is_left and not is_over and facts.gives_up is None


def is_gone(project: Project, ports: Ports) -> bool:
    """The service says that it is not there; False where nobody can say."""
    deployed = project.facts.deployed
    if deployed is None:
        return False
    try:
        return ports.read.deployment(deployed.name) is None
    except NotFound:
        return False


def _reopen(project: Project, ports: Ports, renewed: Renewed | None) -> Done:
    end_generation(project, ports)  # what is gone is not ours any more, whoever takes its name
    facts = replace(project.facts.back_to(State.TRAINED), renewed=renewed)
    sku = ports.preferences.deploy_sku
    price = HostingEstimate(sku, price_of_hosting(ports.catalog.service, sku)).text
    return Done(
        Event.DEPLOYMENT_REOPENED, facts, _describe(project, price, renewed), begins_generation=True
    )


def _describe(project: Project, price: Text, renewed: Renewed | None) -> Text:
    found = project.facts.deployed or project.facts.requested
    name = "—" if found is None else found.name
    if renewed is None:
        return say(
            "the deployment {name} was deleted in its time: another one is asked for ({price})",
            name=name,
            price=price,
        )
    return say(
        "the Developer deployment {name} has ended by itself: it is made anew (renewal {count};"
        " {price})",
        name=name,
        count=renewed.count,
        price=price,
    )
