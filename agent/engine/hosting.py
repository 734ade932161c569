"""Whose the deployments of an account are, and what they cost. Called by the command `deployments`.

Only looks: nothing is deleted here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from states.facts import Facts
from states.model import Project
from states.money.prices import (
    HOURS_OF_A_DAY,
    Price,
    end_of_developer,
    is_tuned,
    price_of_hosting,
)
from states.remote import RemoteDeployment
from states.store_port import VOIDED, Store

HOUR = 3600.0


@dataclass(frozen=True)
class Hosted:
    """A deployment of a fine-tuned model. `project`: None where it is nobody's here.

    `is_ours`: this program made it; `hours`: None where nobody knows since when it is there;
    `price`: of an hour, None where it is not known."""

    remote: RemoteDeployment
    project: str | None
    is_ours: bool
    hours: float | None
    price: Price | None

    @property
    def ends(self) -> float | None:
        """Unix seconds, when it ends by itself; None where it does not, or nobody knows."""
        return end_of_developer(self.remote.sku, self.remote.created_at)

    @property
    def usd(self) -> float | None:
        """So far."""
        if self.hours is None or self.price is None:
            return None
        return self.hours * self.price.usd

    @property
    def usd_per_day(self) -> float | None:
        return None if self.price is None else self.price.usd * HOURS_OF_A_DAY

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.remote.name,
            "model": self.remote.model,
            "status": self.remote.status,
            "project": self.project,
            "made_by": _MADE_BY[self.is_ours, self.project is not None],
            "sku": self.remote.sku,
            "hours": None if self.hours is None else round(self.hours, 2),
            "usd": None if self.usd is None else round(self.usd, 6),
            "usd_per_day": None if self.usd_per_day is None else round(self.usd_per_day, 6),
            "ends_at": None if self.ends is None else int(self.ends),
        }


_MADE_BY = {(True, True): "agent", (False, True): "person", (False, False): "unknown"}


@dataclass(frozen=True)
class Owned:
    """What the projects of a home have at the service.

    `names`: of a deployment, in small letters -> (project, model), of those that this program has
    made and not deleted; `models`: fine-tuned model -> the project that trained it."""

    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def read(projects: Sequence[Project], store: Store) -> Owned:
        """Of every generation: what was forgotten is found as well."""
        names: dict[str, tuple[str, str]] = {}
        models: dict[str, str] = {}
        for project in projects:
            names.update(_find_made(project, store))
            for facts in (*(moment.facts for moment in store.moments(project)), project.facts):
                models.update(dict.fromkeys(_models_of(facts), project.name))
        return Owned(names, models)


def find_hosted(
    listed: Iterable[RemoteDeployment], owned: Owned, service: Mapping[str, Any], now: float
) -> list[Hosted]:
    """Those of fine-tuned models, the dearest first. `service`: the catalogue; `now`: unix
    seconds."""
    found = [
        _judge(one, owned, service, now)
        for one in listed
        if is_tuned(one.model) or one.model in owned.models
    ]
    return sorted(found, key=lambda one: (-(one.usd_per_day or 0), one.remote.name))


def _judge(one: RemoteDeployment, owned: Owned, service: Mapping[str, Any], now: float) -> Hosted:
    owner, model = owned.names.get(one.name.casefold(), (None, None))
    is_ours = owner is not None and model == one.model
    hours = None if one.created_at is None else max(now - one.created_at, 0.0) / HOUR
    project = owner if is_ours else owned.models.get(one.model)
    return Hosted(one, project, is_ours, hours, price_of_hosting(service, one.sku))


def _find_made(project: Project, store: Store) -> Iterator[tuple[str, tuple[str, str]]]:
    done = [one for one in store.intents(project) if one.receipt not in (None, VOIDED)]
    deleted = {
        (one.spec.get("name"), one.spec.get("model"))
        for one in done
        if one.kind.startswith("delete-deployment.")
    }
    for one in done:
        name, model = one.spec.get("name"), one.spec.get("model")
        if one.kind == "create-deployment" and (name, model) not in deleted:
            yield str(name).casefold(), (project.name, str(model))


def _models_of(facts: Facts) -> Iterator[str]:
    if facts.trained is not None:
        yield facts.trained.model
        if facts.trained.checkpoint is not None:
            yield from (facts.trained.checkpoint.id, facts.trained.final)
    if facts.parent is not None:
        yield facts.parent.model
