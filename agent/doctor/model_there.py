"""Looks at what Resource Manager offers: the model, its end, the training type, SKU and quota."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from agent.doctor.data_plane import judge_end
from agent.doctor.lines import Line, failed, ok, skipped, warning
from agent.doctor.patient import Patient
from agent.doctor.reading import items_of, object_of
from agent.providers.base_models import find_model, from_manager, is_named
from agent.providers.looks import Looks, Seen
from states.bases.table import find_entry, known_names, suggest
from states.intents import model_rules
from states.text import say

VERSION = "2024-10-01"
LONGEST = 100  # characters of a word of the service's that are shown


def check_model(patient: Patient, seen: Seen) -> Iterator[Line]:
    name = "model_there"
    if seen.problem is not None:
        yield skipped(name, seen.problem.text)
        return
    model = patient.base_model
    found = find_model(model, list(map(from_manager, items_of(seen.body, "value"))))
    if found is None or not found.is_listed:
        yield warning(
            name,
            say(
                "Resource Manager does not offer {model} to this subscription here",
                model=suggest(model, known_names(patient.catalog.service)),
            ),
            say("Set an AZURE_OPENAI_MODEL that the portal offers for fine-tuning here."),
        )
        return
    status = found.lifecycle or ""
    if status.casefold() in ("deprecated", "legacy", "retired"):
        yield warning(
            name,
            say("{model} is {status}: new customers may be refused", model=model, status=status),
            say("Plan the change to another AZURE_OPENAI_MODEL."),
        )
    yield judge_end(name, model, found.training_ends, say("Resource Manager"), patient.now())


def check_training_type(patient: Patient, place: object) -> Line:
    """Where a region is known to train nothing regionally, that is said. `place`: the region."""
    name, chosen = "training_type", patient.settings.project.training_type or "Standard"
    region = str(place or "").casefold().replace(" ", "")
    regions = patient.catalog.service["limits"]["standard_regions"]["value"]
    model, given = patient.base_model, patient.settings.project.training_type
    entry = find_entry(patient.catalog.service, model)
    for finding in model_rules.check_training_type(model, entry, given):
        return (failed if finding.is_error else warning)(name, finding.text)
    text = say("{type}, in {place}", type=chosen, place=region or "?")
    if chosen.casefold() != "standard" or not region or region in regions:
        return ok(name, text)
    return warning(name, text, say("Set AGENT_TRAINING_TYPE=GlobalStandard."))


def check_sku(patient: Patient) -> Line:
    settings, model = patient.settings, patient.base_model
    entry = find_entry(patient.catalog.service, model)
    deploys = settings.project.deploy_automatically
    for finding in model_rules.check_deployment_sku(model, entry, settings.deploy_sku, deploys):
        return (failed if finding.is_error else warning)("deployment_sku", finding.text)
    return ok(
        "deployment_sku",
        say("nothing is known against {sku} for {model}", sku=settings.deploy_sku, model=model),
    )


def check_quota(patient: Patient, looks: Looks, account: Seen, models: Seen) -> Iterator[Line]:
    """What is left of the pool that the SKU of this model counts into, where both are told."""
    settings, place = patient.settings, account.body.get("location")
    same = (
        object_of(one.get("model")) or one
        for one in items_of(models.body, "value")
        if is_named(from_manager(one).name, patient.base_model)
    )
    skus = items_of(next(same, {}), "skus")
    pools = {
        str(one.get("usageName"))[:LONGEST]
        for one in skus
        if str(one.get("name")).casefold() == settings.deploy_sku.casefold()
    }
    if not (pools and isinstance(place, str)):
        yield skipped("quota", say("nobody says what is left for {sku}", sku=settings.deploy_sku))
        return
    subscription = quote(settings.subscription or "local", safe="")
    path = f"/subscriptions/{subscription}/providers/Microsoft.CognitiveServices/locations/"
    seen = looks.manager(f"{path}{quote(place, safe='')}/usages", VERSION)
    listed = items_of(seen.body, "value")
    usages = {str(object_of(one.get("name")).get("value")): one for one in listed}
    for pool in sorted(pools):
        usage = usages.get(pool, {})
        used, limit = usage.get("currentValue"), usage.get("limit")
        if not (isinstance(used, int | float) and isinstance(limit, int | float)):
            yield skipped("quota", say("nobody says what is left for {sku}", sku=pool))
            continue
        wanted = settings.deploy_capacity
        text = say(
            "{pool}: {left} left, {wanted} wanted",
            pool=pool,
            left=f"{limit - used:g}",
            wanted=wanted,
        )
        if limit - used >= wanted:
            yield ok("quota", text)
        else:
            advice = say("Set a lower AGENT_DEPLOY_CAPACITY, delete a deployment, or ask for more.")
            yield warning("quota", text, advice)
