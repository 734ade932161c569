"""Looks at Azure Resource Manager: rights, the model there, SKUs, quota, names of deployments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from agent.doctor.lines import Line, failed, ok, skipped, warning
from agent.doctor.model_there import (
    check_model,
    check_quota,
    check_sku,
    check_training_type,
)
from agent.doctor.names import check_names, list_by_data_plane
from agent.doctor.patient import Patient
from agent.doctor.reading import host_of, items_of, object_of
from agent.providers.looks import Looks, Seen
from agent.settings.config import Settings
from states.text import say

DEPLOYMENTS, ACCOUNTS = "2024-10-01", "2024-10-01"
PERMISSIONS = "2022-04-01"
WRITE = "Microsoft.CognitiveServices/accounts/deployments/write"


def check_manager(patient: Patient, looks: Looks) -> Iterator[Line]:
    """All of it; by the data plane's old listing alone where Resource Manager is not set."""
    if not looks.manager_url:
        yield skipped(
            "manager",
            say("AZURE_SUBSCRIPTION_ID and AZURE_RESOURCE_GROUP are not set"),
            say("With them the agent can deploy by itself, and this look sees more."),
        )
        yield check_sku(patient)
        yield from check_names(patient, list_by_data_plane(patient, looks))
        return
    account = path_of(patient.settings)
    listed = looks.manager(f"{account}/deployments", DEPLOYMENTS)
    if listed.problem is not None:
        yield failed("manager", listed.problem.text)
        yield check_sku(patient)
        return
    deployments = items_of(listed.body, "value")
    yield ok("manager", say("deployments can be listed ({count})", count=len(deployments)))
    found = looks.manager(account, ACCOUNTS)
    yield from _check_account(patient, found)
    yield _check_right(
        patient,
        looks.manager(f"{account}/providers/Microsoft.Authorization/permissions", PERMISSIONS),
    )
    models = looks.manager(f"{account}/models", ACCOUNTS)
    yield from check_model(patient, models)
    yield check_training_type(patient, found.body.get("location"))
    yield check_sku(patient)
    yield from check_quota(patient, looks, found, models)
    yield from check_names(patient, [str(one.get("name")) for one in deployments])


def path_of(settings: Settings) -> str:
    """Of the account, in Resource Manager."""
    subscription, group, account = (
        quote(part or "local", safe="")
        for part in (settings.subscription, settings.resource_group, settings.account)
    )
    return (
        f"/subscriptions/{subscription}/resourceGroups/{group}"
        f"/providers/Microsoft.CognitiveServices/accounts/{account}"
    )


def _check_account(patient: Patient, seen: Seen) -> Iterator[Line]:
    if seen.problem is not None:
        yield skipped("account", seen.problem.text)
        return
    settings, properties = patient.settings, object_of(seen.body.get("properties"))
    if properties.get("disableLocalAuth") is True and not settings.uses_entra:
        yield failed(
            "account",
            say("{name} takes no keys (disableLocalAuth)", name=settings.account),
            say("Set AZURE_OPENAI_AUTH=entra."),
        )
        return
    addresses = [properties.get("endpoint"), *object_of(properties.get("endpoints")).values()]
    hosts = set(filter(None, map(host_of, addresses)))
    subdomain = str(properties.get("customSubDomainName") or "").casefold()
    host = host_of(settings.endpoint)
    is_gateway = not re.search(r"\.azure\.\w+$", host)
    if hosts and not is_gateway and host not in hosts and host.split(".")[0] != subdomain:
        yield warning(
            "account",
            say("{name} is not the resource at {host}", name=settings.account, host=host),
            say("Check AZURE_OPENAI_RESOURCE: deployments would be made at another resource."),
        )
    else:
        place = str(seen.body.get("location") or "?")[:100]
        yield ok("account", say("{name}, in {place}", name=settings.account, place=place))


def _check_right(patient: Patient, seen: Seen) -> Line:
    name = "right_to_deploy"
    if seen.problem is not None:
        return skipped(name, seen.problem.text)
    if any(_allows(grant, WRITE) for grant in items_of(seen.body, "value")):
        return ok(name, say("this identity may make deployments"))
    tell = failed if patient.settings.project.deploy_automatically else warning
    return tell(
        name,
        say("this identity may not make deployments"),
        say("Give it the role “Cognitive Services Contributor”, or set AGENT_DEPLOY=manual."),
    )


def _allows(grant: Mapping[str, Any], action: str) -> bool:
    """By Azure's rule: one of its `actions` covers it, and none of its `notActions`."""
    return _covers(grant.get("actions"), action) and not _covers(grant.get("notActions"), action)


def _covers(patterns: object, action: str) -> bool:
    given = [str(one) for one in patterns] if isinstance(patterns, list) else []
    shapes = (re.escape(one).replace(r"\*", ".*") for one in given)
    return any(re.fullmatch(shape, action, re.IGNORECASE) for shape in shapes)
