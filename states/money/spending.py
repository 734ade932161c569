"""What a project has spent, and what is set aside for it, from what the store knows of it.

agent/engine/spending.py reads it there. Nothing here is a bill: the service has the last word."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from states.facts import Facts
from states.model import Project
from states.money.estimate import TrainingEstimate, estimate_training
from states.money.prices import BY_THE_HOUR, price_of_answers, price_of_hosting
from states.stages import DELETED
from states.state import State

HOUR = 3600.0
FAILED_JOB = "failed"  # which is not billed; one that was cancelled is, for what it has done
_PAYING = (State.UPLOADED, State.TRAINING)


@dataclass(frozen=True)
class Moment:
    """The facts as a checkpoint left them. `at`: unix seconds."""

    at: float
    generation: int
    facts: Facts


@dataclass(frozen=True)
class Asked:
    """Paid answers of one model. `untold`: those of which the service told no tokens."""

    model: str
    prompt: int
    completion: int
    untold: int = 0


@dataclass(frozen=True)
class Trail:
    """What the store knows. `moments`: oldest first; `jobs`: id -> generation, also of those that
    no checkpoint names."""

    moments: Sequence[Moment]
    jobs: Mapping[str, int]
    asked: Sequence[Asked]


@dataclass(frozen=True)
class Spent:
    """US dollars. `committed`: set aside for a training that is not over.

    `unknown`: what was paid for and has no known price. `tokens`: that were trained; `hours`: for
    which something was deployed."""

    training: float = 0.0
    hosting: float = 0.0
    answers: float = 0.0
    committed: float = 0.0
    unknown: tuple[str, ...] = ()
    tokens: int = 0
    hours: float = 0.0

    @property
    def total(self) -> float:
        """Without what is merely set aside."""
        return self.training + self.hosting + self.answers

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.training + other.training,
            self.hosting + other.hosting,
            self.answers + other.answers,
            self.committed + other.committed,
            tuple(dict.fromkeys((*self.unknown, *other.unknown))),
            self.tokens + other.tokens,
            self.hours + other.hours,
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "spent_usd": _round(self.total),
            "training_usd": _round(self.training),
            "trained_tokens": self.tokens,
            "hosting_usd": _round(self.hosting),
            "hosting_hours": round(self.hours, 4),
            "answers_usd": _round(self.answers),
            "set_aside_usd": _round(self.committed),
            "unknown_prices": list(self.unknown),
        }


def _round(usd: float) -> float:
    return round(usd, 6)


@dataclass
class _Bill:
    service: Mapping[str, Any]
    sku: str | None  # of what this program deploys, where a deployment does not say its own
    unknown: list[str] = field(default_factory=list)

    def price_hours(self, sku: str | None, is_ours: bool, seconds: float) -> float:
        """Of one that a person made and nobody can look at, the dearest is taken."""
        sku = sku or (self.sku if is_ours else BY_THE_HOUR)
        price = price_of_hosting(self.service, sku)
        if price is None:
            self.unknown.append(sku or "—")
            return 0.0
        return seconds / HOUR * price.usd

    def price_training(self, job: TrainingEstimate) -> float:
        if job.usd is None:
            self.unknown.append(job.model)
            return 0.0
        return job.usd

    def price_answers(self, asked: Asked) -> float:
        price = price_of_answers(self.service, asked.model)
        if price is None or asked.untold:
            self.unknown.append(asked.model)
        return 0.0 if price is None else price.cost(asked.prompt, asked.completion)


def add_up(
    project: Project, trail: Trail, service: Mapping[str, Any], sku: str | None, now: float
) -> Spent:
    """`service`: the catalogue; `sku`: that of the settings; `now`: unix seconds."""
    bill = _Bill(service, sku)
    moments = [*trail.moments, Moment(now, project.generation, project.facts)]
    jobs = list(_list_jobs(project, trail, moments, service))
    hosted = [
        (sku_of_it, is_ours, max(min(after.at, ends or math.inf) - before.at, 0.0))
        for before, after in pairwise(moments)
        for is_ours, sku_of_it, ends in _list_deployed(before.facts).values()
    ]
    training = sum(map(bill.price_training, jobs))
    hosting = sum(bill.price_hours(*one) for one in hosted)
    answers = sum(map(bill.price_answers, trail.asked))
    return Spent(
        training,
        hosting,
        answers,
        _set_aside(project, service),
        tuple(dict.fromkeys(bill.unknown)),
        sum(job.tokens or 0 for job in jobs),
        sum(seconds for _, _, seconds in hosted) / HOUR,
    )


def price_now(
    facts: Facts, service: Mapping[str, Any], sku: str | None
) -> tuple[Sequence[str], float | None]:
    """The names of what is deployed, as far as anybody knows, and the USD an hour of all of it;
    None where a price is not known. Arguments as of `add_up`."""
    bill, found = _Bill(service, sku), _list_deployed(facts)
    usd = sum(bill.price_hours(of_it, is_ours, HOUR) for is_ours, of_it, _ in found.values())
    return sorted(found), None if bill.unknown else usd


def _list_jobs(
    project: Project, trail: Trail, moments: Sequence[Moment], service: Mapping[str, Any]
) -> Iterator[TrainingEstimate]:
    """Every job that was created and is over, each with the tokens that it is billed for."""
    for job, generation in trail.jobs.items():
        own = [moment.facts for moment in moments if moment.generation == generation]
        if generation == project.generation and project.state in _PAYING:
            continue  # it is set aside
        if any(facts.created and facts.created.status == FAILED_JOB for facts in own):
            continue
        yield _price_job(job, own, service)


def _price_job(job: str, own: Sequence[Facts], service: Mapping[str, Any]) -> TrainingEstimate:
    """With the real tokens where the service has told them, else as it was estimated: of one that
    was cancelled nobody knows how far it was billed."""
    plans = [facts.prepared for facts in own if facts.prepared]
    told = [facts.trained.tokens for facts in own if facts.trained and facts.trained.tokens]
    if not plans:
        return TrainingEstimate(job, 0, None, None)
    prepared = plans[-1]
    tokens = told[-1] if told else prepared.tokens
    return estimate_training(service, prepared.plan.base_model, prepared.plan.epochs, tokens)


def _set_aside(project: Project, service: Mapping[str, Any]) -> float:
    facts = project.facts
    if project.state is State.VALIDATED:
        return facts.reserved or 0.0
    if project.state not in _PAYING or facts.prepared is None:
        return 0.0
    if facts.reserved is not None:
        return facts.reserved
    plan = facts.prepared.plan
    found = estimate_training(service, plan.base_model, plan.epochs, facts.prepared.tokens)
    return found.usd or 0.0


def _list_deployed(facts: Facts) -> dict[str, tuple[bool, str | None, float | None]]:
    """Name -> (made by this program, SKU, when it ends by itself) of those that are there, as far
    as anybody knows."""
    found: dict[str, tuple[bool, str | None, float | None]] = {}
    parent = None if facts.parent is None else facts.parent.deployment
    if parent is not None and parent.status != DELETED:
        found[parent.name] = parent.is_ours, parent.sku, parent.ends
    requested, deployed = facts.requested, facts.deployed
    if deployed is not None and deployed.status != DELETED:
        found[deployed.name] = deployed.is_ours, deployed.sku, deployed.ends
    elif deployed is None and requested and requested.is_ours and requested.status != DELETED:
        found[requested.name] = True, requested.sku, requested.ends
    return found


def sum_up(spent: Iterable[Spent]) -> Spent:
    return sum(spent, Spent())
