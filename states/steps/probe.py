"""Asks a deployment whether it answers, and whether it serves the model that was trained.

find_deployment.py calls `probe` for each deployment that may be the one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from states.errors import DeploymentNotReady, NoAnswer, NotFound
from states.facts import Facts, known
from states.model import Project
from states.places import Result, place_of
from states.ports import Ports
from states.steps.asking import ask, learn
from states.text import Text, say

QUESTION = ({"role": "user", "content": "Hola"},)


@dataclass(frozen=True)
class Candidate:
    """A deployment worth asking. `is_verified`: a listing says which model it serves.

    `is_absent`: deployments can be listed here, and none of this model is.
    """

    name: str
    status: str
    is_verified: bool
    is_absent: bool = False
    sku: str | None = None
    ends: float | None = None  # unix seconds, by itself


class Verdict(Enum):
    """What came of a probe."""

    TAKEN = "taken"
    SILENT = "silent"  # it did not answer
    REFUSED = "refused"  # it answered, which is paid for, and may be another model


@dataclass(frozen=True)
class Probed:
    """`text`: what speaks against it, or what a person should hear of one that is taken."""

    verdict: Verdict
    text: Text | None
    facts: Facts  # with what asking has taught
    is_verified: bool = True


def probe(project: Project, ports: Ports, candidate: Candidate) -> Probed:
    """Asks the deployment, which is paid for where it answers."""
    try:
        reply = ask(project, ports, candidate.name, QUESTION)
    except (NotFound, DeploymentNotReady, NoAnswer):
        return Probed(Verdict.SILENT, _describe_silence(project, candidate), project.facts)
    facts, served = learn(project.facts, reply), reply.served_model or ""
    model = known(facts.trained).model
    if candidate.is_verified or served.casefold() == model.casefold():
        return Probed(Verdict.TAKEN, None, facts)
    if not _says_nothing(served, candidate.name, facts):
        text = describe_other_model(project, candidate.name, served)
        return Probed(Verdict.REFUSED, text, facts)
    if known(facts.requested).named == candidate.name:
        text = _describe_word(project, candidate.name, served)
        return Probed(Verdict.TAKEN, text, facts, is_verified=False)
    text = _describe_unverified(project, candidate.name, served)
    return Probed(Verdict.REFUSED, text, facts)


def _says_nothing(served: str, deployment: str, facts: Facts) -> bool:
    """True where the name in the answer fits our model and others: gateways echo less than it.

    Some echo the base model, some the name they were asked by, some nothing."""
    if served.casefold() in ("", deployment.casefold()):
        return True
    base = re.split(r"\.ft-|:", known(facts.trained).model.removeprefix("ft:"))[0]
    planned = facts.prepared.plan.base_model if facts.prepared else base
    dated = re.escape(served) + r"(-\d{4}-\d{2}-\d{2})?"
    return any(re.fullmatch(dated, name, re.IGNORECASE) for name in (base, planned))


def _describe_silence(project: Project, candidate: Candidate) -> Text:
    if candidate.is_verified:
        return say(
            "the deployment {name} to answer (created, but not yet serving)", name=candidate.name
        )
    if known(project.facts.requested).named:
        return say(
            "a deployment of {model}: there is none named {name} here that answers",
            model=known(project.facts.trained).model,
            name=candidate.name,
        )
    return describe_absence(project)


def describe_other_model(project: Project, name: str, model: str) -> Text:
    return say(
        "a deployment of {wanted}: {name} serves {model}, another model",
        wanted=known(project.facts.trained).model,
        name=name,
        model=model,
    )


def _describe_unverified(project: Project, name: str, served: str) -> Text:
    return say(
        "a deployment of {wanted} that can be verified: {name} answers as {served}, which any"
        " deployment of the base model might do, and deployments cannot be listed here. Set"
        " AZURE_SUBSCRIPTION_ID and AZURE_RESOURCE_GROUP, which settle it, and start again; or, if"
        " you are sure of it, `advance --deployment {name}`. Each question is paid for, so it is"
        " asked ever more seldom",
        wanted=known(project.facts.trained).model,
        name=name,
        served=served or "—",
    )


def _describe_word(project: Project, name: str, served: str) -> Text:
    return say(
        "the deployment {name} is taken at your word: it answers as {served}, which does not prove"
        " that it serves {model}",
        name=name,
        served=served or "—",
        model=known(project.facts.trained).model,
    )


def describe_absence(project: Project) -> Text:
    requested = known(project.facts.requested)
    if requested.is_ours:
        return say(
            "the deployment {name}, which the service does not show at the moment",
            name=requested.name,
        )
    return say(
        "a deployment of {model} by you: see {place}, then `advance` (the name {name} is"
        " suggested)",
        model=known(project.facts.trained).model,
        name=requested.name,
        place=place_of(Result.DEPLOYMENT_INFO, project.name),
    )
