"""What the training will cost, told before it is paid for, and whether the budget has it.

check_data.py tells the price when the data is accepted; upload_files.py and create_job.py ask for
the money."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from states.errors import NeedsOperator
from states.facts import Facts, known
from states.model import Project
from states.money.budget import Limit, describe_spent, limit_of
from states.money.estimate import Estimate, TrainingEstimate, estimate, estimate_training
from states.outcome import GoOn, Outcome, Wait
from states.places import Artifact
from states.ports import Ports
from states.text import Text, dollars, say

PAUSE = 1.0  # seconds in which another project sees what this one has set aside


def estimate_of(facts: Facts, ports: Ports) -> TrainingEstimate:
    """With the prices of this moment. Needs the plan."""
    prepared = known(facts.prepared)
    tokens = prepared.tokens
    if tokens is None:  # from before 0.2
        tokens = _read_summary(facts, ports).get("estimated_training_tokens")
    plan = prepared.plan
    return estimate_training(ports.catalog.service, plan.base_model, plan.epochs, tokens)


def estimate_all(facts: Facts, ports: Ports) -> Estimate:
    """The training, the questions and the deployment. Needs the plan."""
    training, summary = estimate_of(facts, ports), _read_summary(facts, ports)
    sku = ports.preferences.deploy_sku
    return estimate(ports.catalog.service, training, summary, sku)


def describe_training(facts: Facts, ports: Ports) -> Text:
    """The one line about its price that everybody is told before anything is sent."""
    told = estimate_of(facts, ports).text
    if ports.charges_money:
        return told
    return say("{estimate}; the emulator charges nothing", estimate=told)


def _read_summary(facts: Facts, ports: Ports) -> Mapping[str, Any]:
    """data_preparation_summary.json; empty where version 0.1 recorded none."""
    if Artifact.PREPARATION not in facts.artifacts:
        return {}
    read: Mapping[str, Any] = json.loads(ports.artifacts.recorded(Artifact.PREPARATION))
    return read


def mind_budget(project: Project, ports: Ports) -> Outcome | None:
    """VALIDATED: the price of the training is set aside, if the budget has it; else NeedsOperator.

    An outcome while that is being decided. It is written down first and judged then, so that of
    two projects that share a budget at least one sees the other."""
    limit, usd = _find_limit(project, ports), estimate_of(project.facts, ports).usd
    if limit is None:
        return None
    if not _fits(usd, limit):
        return _give_way(project, ports, limit, usd)
    if project.facts.reserved == usd:
        return None
    return GoOn(_describe_work(), replace(project.facts, reserved=usd))


def warn_of_budget(project: Project, ports: Ports) -> Text | None:
    """That little is left once this training is paid; None while there is enough."""
    limit = _find_limit(project, ports)
    if limit is None:
        return None
    set_aside = replace(
        limit.spent, committed=limit.spent.committed + (project.facts.reserved or 0)
    )
    after = replace(limit, spent=set_aside)
    return describe_spent(set_aside, after) if after.is_warned else None


def refuse_over_budget(project: Project, ports: Ports) -> None:
    """The last look before the job is paid for: the budget may be another one than at VALIDATED."""
    limit = _find_limit(project, ports)
    if limit is not None and not _fits(estimate_of(project.facts, ports).usd, limit):
        raise _over_budget(project, ports, limit)


def _find_limit(project: Project, ports: Ports) -> Limit | None:
    """Without what is set aside for this very training."""
    own, home = ports.preferences.budget, ports.preferences.home_budget
    if own is None and home is None:
        return None
    return limit_of(own, home, ports.purse.account(project))


def _fits(usd: float | None, limit: Limit) -> bool:
    """What nobody knows does not fit."""
    return usd is not None and usd <= limit.left


def _give_way(project: Project, ports: Ports, limit: Limit, usd: float | None) -> Outcome:
    """Where two ask at once, the first by name waits for the other to see it and give way."""
    facts = project.facts
    if facts.reserved is None:
        raise _over_budget(project, ports, limit)
    asking = ports.purse.account(project).asking if limit.is_home else {}
    is_first = bool(asking) and project.name < min(asking)
    would_fit = usd is not None and usd <= limit.left + sum(asking.values())
    if facts.reserved == usd and is_first and would_fit:
        return Wait(PAUSE, _describe_work())
    return GoOn(_describe_work(), replace(facts, reserved=None))


def _describe_work() -> Text:
    return say("the budget to be set aside")


def _over_budget(project: Project, ports: Ports, limit: Limit) -> NeedsOperator:
    """It heals: prices, budgets and what others have set aside may change."""
    found = estimate_of(project.facts, ports)
    figures = say(
        "{left} of {budget} USD are left, {spent} spent, {committed} set aside",
        left=limit.left_shown,
        budget=dollars(limit.usd),
        spent=dollars(limit.spent.total),
        committed=dollars(limit.spent.committed),
    )
    whose = say("the home's budget") if limit.is_home else say("the project's budget")
    if found.usd is None:
        told = say(
            "The training is not started: no price of {model} is known, which counts as over"
            " {whose} ({figures}). AGENT_PRICES names a file with its price; `advance --budget"
            " none` trains without a budget; `cancel` ends the project.",
            model=found.model,
            whose=whose,
            figures=figures,
        )
    else:
        told = say(
            "The training is not started: at about {usd} USD it is over {whose} ({figures})."
            " `advance --budget N` gives this project N USD in all, and it goes on; `cancel` ends"
            " it.",
            usd=dollars(found.usd),
            whose=whose,
            figures=figures,
        )
    return NeedsOperator(told, heals=True)
