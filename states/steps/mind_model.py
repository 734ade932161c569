"""VALIDATED, before anything is sent or asked: what the service itself says of the base model.

upload_files.py calls it. A look that is refused, or fails, says nothing and holds nothing.
"""

from __future__ import annotations

from dataclasses import replace

from states.bases.lifetime import (
    choose,
    describe_deployment_left,
    from_service,
    warn_of_training_end,
)
from states.bases.table import (
    OPENAI,
    Fit,
    base_of,
    find_entry,
    fits_method,
    format_of,
    known_names,
    suggest,
)
from states.errors import AfinadorError, NotYet, Permanent
from states.facts import Facts, known
from states.model import Project
from states.ports import Ports
from states.remote import RemoteModel
from states.text import Text, say


def mind_model(project: Project, ports: Ports) -> Facts:
    """The facts with the dates that the service told.

    Raises Permanent where it does not know the model, or says that it is not trained."""
    facts, model = project.facts, known(project.facts.prepared).plan.base_model
    if facts.uploaded is not None or facts.offered is not None or base_of(model) != model:
        return facts  # it has been looked at, or was fine-tuned before, which no list tells
    found = _look(model, ports)
    if found is None:
        return facts
    problem = _object_to(model, found, ports)
    if problem is not None:
        raise Permanent(_describe_way_out(project, problem))
    if not (found.training_ends or found.deployment_ends or found.lifecycle):
        return facts
    told = from_service(found.training_ends, found.deployment_ends, found.lifecycle, ports.now)
    return replace(facts, offered=told)


def _describe_way_out(project: Project, problem: Text) -> Text:
    if "base_model" in project.settings:
        return say(
            "{problem}: nothing was sent. {project} has a model of its own (`--model`), which no"
            " setting changes: `cancel {project}`, and begin another project with one that"
            " `models` lists.",
            problem=problem,
            project=project.name,
        )
    return say(
        "{problem}: nothing was sent. Set an AZURE_OPENAI_MODEL that `models` lists, and `retry`.",
        problem=problem,
    )


def find_objection(model: str, ports: Ports) -> Text | None:
    """What the catalogue or the service has against training on `model`, before anything begins.

    None where they have nothing, or where the service does not answer."""
    if base_of(model) != model:
        return None
    entry = find_entry(ports.catalog.service, model)
    if fits_method(entry) is Fit.NO:
        return say(
            "{model} is not trained by examples with their answers (its methods: {methods})",
            model=model,
            methods=", ".join(entry["methods"]),
        )
    try:
        found = _look(model, ports)
    except NotYet:
        return None
    return None if found is None else _object_to(model, found, ports)


def _look(model: str, ports: Ports) -> RemoteModel | None:
    try:
        return ports.read.model(model)
    except NotYet:
        raise
    except AfinadorError:
        return None


def _object_to(model: str, found: RemoteModel, ports: Ports) -> Text | None:
    """Not to open weights: Microsoft's own skill warns that the lists are wrong about them."""
    service = ports.catalog.service
    if format_of(find_entry(service, model)) != OPENAI:
        return None
    if not found.is_listed:
        known = suggest(model, known_names(service))
        return say("The service does not know {model}", model=known)
    if found.can_train is False:
        return say("The service says that {model} cannot be fine-tuned here", model=model)
    return None


def warn_of_end(facts: Facts, ports: Ports) -> Text | None:
    """That the model, or what is trained on it now, ends soon; None where it does not."""
    service, model = ports.catalog.service, known(facts.prepared).plan.base_model
    found, advice = choose(facts.offered, find_entry(service, model)), service["advice"]
    if found is None:
        return None
    told = warn_of_training_end(model, found, ports.now, advice)
    left = describe_deployment_left(model, found, ports.now, advice)
    if left is None or not left[1]:
        return told
    return left[0] if told is None else say("{first}; {second}", first=told, second=left[0])
