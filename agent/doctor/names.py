"""Looks at the names of deployments: the one to be made or found, and those of untuned models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.doctor.lines import Line, failed, ok, skipped, warning
from agent.doctor.patient import Patient
from agent.doctor.reading import items_of
from agent.providers.looks import Looks
from agent.settings.services import is_undated
from states.text import say

LEGACY = "2023-03-15-preview"  # the last version of the data plane that lists deployments


def check_names(patient: Patient, names: Sequence[str] | None) -> Iterator[Line]:
    """The deployment that is to be made or found, and those of untuned models."""
    own, bases = patient.settings.project.deployment_name, patient.settings.project.base_deployments
    if names is None:
        yield skipped("deployment_names", say("deployments cannot be listed here"))
        return
    there = {name.casefold() for name in names}
    if own is not None and own.casefold() in there:
        yield warning(
            "deployment_names",
            say("a deployment {name} is there already", name=own),
            say("It is used if it serves the trained model; else set another name."),
        )
    missing = [] if patient.is_local else [one for one in bases if one.casefold() not in there]
    if missing:
        yield failed(
            "deployment_names",
            say("there is no deployment {names}", names=", ".join(missing)),
            say("Make it in the portal, or correct AZURE_OPENAI_BASE_DEPLOYMENT (or `none`)."),
        )
    if not missing and (own is None or own.casefold() not in there):
        yield ok("deployment_names", say("nothing is in the way"))


def list_by_data_plane(patient: Patient, looks: Looks) -> Sequence[str] | None:
    if is_undated(patient.settings.api_version):
        return None
    seen = looks.data("/deployments", LEGACY)
    if seen.problem is not None:
        return None
    return [str(one.get("id")) for one in items_of(seen.body, "data")]
