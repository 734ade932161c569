"""What can be trained at the service of the settings: `models` shows it.

The published table and the prices of the catalogue, with what the service's own lists say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from states.bases.lifetime import Lifetime, choose, days_left, from_service
from states.bases.table import (
    METHOD,
    OPENAI,
    Entry,
    Fit,
    base_of,
    find_entry,
    fits_method,
    fits_sku,
    format_of,
    skus_of,
    training_types_of,
)
from states.money.prices import Price, price_of_training
from states.remote import RemoteModel
from states.text import Text, say


@dataclass(frozen=True)
class Offer:
    """A base model. `is_listed`: by the service; None where nobody could say. `why_not`: it cannot
    be trained by this program here; None where it can, as far as anybody knows."""

    name: str
    entry: Entry
    lifetime: Lifetime | None
    price: Price | None
    is_listed: bool | None
    why_not: Text | None
    recommended: Text | None = None  # why it is the one that is recommended
    is_doubted: bool = False  # the service's list denies it, as it does of open weights it trains

    def as_json(self, now: float) -> dict[str, Any]:
        found = self.lifetime
        training, deployment = (
            (found.training_ends, found.deployment_ends) if found else (None, None)
        )
        return {
            "name": self.name,
            "format": format_of(self.entry),
            "methods": list(self.entry.get("methods", ())),
            "training_types": training_types_of(self.entry),
            "deployment_skus": skus_of(self.entry),
            "price_per_million_tokens": self.price and self.price.as_json(),
            "lifecycle": found and found.lifecycle,
            "training_ends": training,
            "training_days_left": days_left(training, now),
            "deployment_ends": deployment,
            "deployment_days_left": days_left(deployment, now),
            "dates_source": found and found.source,
            "dates_of": found and found.read,
            "is_listed": self.is_listed,
            "is_doubted": self.is_doubted,
            "can_be_trained": self.why_not is None,
            "why_not": self.why_not and str(self.why_not),
            "is_recommended": self.recommended is not None,
            "reason": self.recommended and str(self.recommended),
        }


def list_offers(
    service: Mapping[str, Any], listed: Sequence[RemoteModel], sku: str | None, now: float
) -> list[Offer]:
    """The recommended one, the catalogue's other models, then others that the service trains.

    `service`: the catalogue; `listed`: empty where the service was not asked; `sku`: as which the
    model is to be deployed."""
    seen: dict[str, RemoteModel] = {one.name: one for one in listed}
    found = []
    for name, entry in service["models"].items():
        if name == "aliases":
            continue
        same = _take(seen, service, name, entry)
        found.append(_offer(service, name, entry, same, bool(listed), now))
    others = [one for one in seen.values() if one.can_train and base_of(one.name) == one.name]
    found += [_offer(service, one.name, {}, one, True, now) for one in others]
    return _recommend(found, service["advice"], sku, now)


def _take(
    seen: dict[str, RemoteModel], service: Mapping[str, Any], name: str, entry: Entry
) -> RemoteModel | None:
    """What the service says of a model of the catalogue, under any of its names."""
    names = [other for other in seen if other == name or find_entry(service, other) is entry]
    taken = [seen.pop(other) for other in names]
    return taken[0] if taken else None


def _offer(
    service: Mapping[str, Any],
    name: str,
    entry: Entry,
    same: RemoteModel | None,
    is_asked: bool,
    now: float,
) -> Offer:
    told = None
    if same is not None and (same.training_ends or same.deployment_ends or same.lifecycle):
        told = from_service(same.training_ends, same.deployment_ends, same.lifecycle, now)
    lifetime = choose(told, entry)
    is_listed = (same is not None) if is_asked else None
    is_denied = is_listed is False or (same is not None and same.can_train is False)
    return Offer(
        same.name if same and format_of(entry) != OPENAI else name,
        entry,
        lifetime,
        price_of_training(service, name),
        is_listed,
        _why_not(entry, same, is_listed, lifetime, now),
        is_doubted=is_denied and format_of(entry) != OPENAI,
    )


def _why_not(
    entry: Entry,
    same: RemoteModel | None,
    is_listed: bool | None,
    lifetime: Lifetime | None,
    now: float,
) -> Text | None:
    if fits_method(entry) is Fit.NO:
        return say(
            "trained by {methods}, and this program by {method}",
            methods=", ".join(entry["methods"]),
            method=METHOD,
        )
    if entry and not entry["skus"]:
        return say("deployed by managed compute, which this program does not do")
    left = days_left(lifetime.training_ends, now) if lifetime else None
    if left is not None and left < 0:
        return say("not trained any more")
    if format_of(entry) != OPENAI:
        return None  # the service's lists are wrong about open weights
    if is_listed is False:
        return say("the service does not list it")
    if same is not None and same.can_train is False:
        return say("the service says that it cannot be fine-tuned here")
    return None


def _recommend(
    offers: Sequence[Offer], advice: Mapping[str, Any], sku: str | None, now: float
) -> list[Offer]:

    for name in advice["models"]:
        for one in offers:
            if one.entry and _is_same(one, name) and _suits(one, advice, sku, now):
                reason = _explain(one, sku, now)
                rest = [other for other in offers if other is not one]
                return [replace(one, recommended=reason), *rest]
    return list(offers)


def _is_same(offer: Offer, name: str) -> bool:
    return offer.name == name or offer.name.casefold().startswith(f"{name.casefold()}-")


def _suits(offer: Offer, advice: Mapping[str, Any], sku: str | None, now: float) -> bool:
    left = days_left(offer.lifetime.training_ends, now) if offer.lifetime else None
    is_short = left is not None and left < advice["training_days"]
    is_refused = sku is not None and fits_sku(offer.entry, sku) is Fit.NO
    return offer.why_not is None and not is_short and not is_refused


def _explain(offer: Offer, sku: str | None, now: float) -> Text:
    left = days_left(offer.lifetime.deployment_ends, now) if offer.lifetime else None
    first = say("the first of this program's list that is trained here")
    if sku is not None:
        first = say("{first} and suits AGENT_DEPLOY_SKU={sku}", first=first, sku=sku)
    if left is None:
        return first
    return say(
        "{first}; its deployments go on for {count} day",
        "{first}; its deployments go on for {count} days",
        first=first,
        count=left,
    )
