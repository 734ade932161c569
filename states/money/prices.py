"""The catalogue's prices, each with where it comes from. US dollars before tax.

estimate.py multiplies them. A price that is not in the catalogue is None: nobody knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from states.bases.table import price_key
from states.text import Text, say

HOURS_OF_A_DAY = 24
SECONDS_OF_AN_HOUR = 3600.0
HOURS_OF_A_MONTH = 730  # as the service's own price pages have it
MILLION = 1_000_000
FREE_SKU = "developertier"  # no hourly fee; it ends by itself after 24 hours
LIFE_OF_A_DEVELOPER = 24  # hours (Microsoft Learn, Cost management for fine-tuning, 2026-10-05)
BY_THE_HOUR = "standard"  # within globalstandard and datazonestandard as well
_TUNED = ".ft-"  # in the name of every fine-tuned model
_CHECKPOINT = "ftchkpt-"  # before the id of a checkpoint, by which one may be deployed as well


@dataclass(frozen=True)
class Source:
    """Where a price comes from. `date`: ISO; `is_verified`: read in an official document."""

    name: str
    date: str
    is_verified: bool

    @property
    def text(self) -> Text:
        if self.is_verified:
            return say("{source}, {date}", source=self.name, date=self.date)
        return say("{source}, {date}, unverified", source=self.name, date=self.date)

    def as_json(self) -> dict[str, Any]:
        return {"source": self.name, "date": self.date, "is_verified": self.is_verified}


@dataclass(frozen=True)
class Price:
    """`usd` for one unit: a million tokens of a training, an hour of hosting."""

    usd: float
    source: Source

    def as_json(self) -> dict[str, Any]:
        return {"usd": self.usd, **self.source.as_json()}


@dataclass(frozen=True)
class AnswerPrice:
    """Of a million tokens, in the question and in the answer."""

    input_usd: float
    output_usd: float
    source: Source

    def cost(self, prompt: float, completion: float) -> float:
        return (prompt * self.input_usd + completion * self.output_usd) / MILLION

    def as_json(self) -> dict[str, Any]:
        return {
            "input_usd": self.input_usd,
            "output_usd": self.output_usd,
            **self.source.as_json(),
        }


def price_of_training(service: Mapping[str, Any], model: str) -> Price | None:
    """Of a million tokens. `service`: the catalogue; `model`: with or without its date."""
    found = service["prices"]["training"].get(price_key(service, model))
    return None if found is None else Price(found["usd_per_million_tokens"], _source_of(found))


def price_of_answers(service: Mapping[str, Any], model: str) -> AnswerPrice | None:
    """A fine-tuned model's tokens cost what its base model's do."""
    base = price_key(service, model.partition(_TUNED)[0])
    found = service["prices"]["inference"].get(base)
    if found is None:
        return None
    return AnswerPrice(
        found["input_usd_per_million_tokens"],
        found["output_usd_per_million_tokens"],
        _source_of(found),
    )


def price_of_hosting(service: Mapping[str, Any], sku: str | None) -> Price | None:
    """Of an hour of one deployment of a fine-tuned model, used or not.

    None where nobody knows the SKU, and of a provisioned one, which is billed otherwise."""
    found = service["prices"]["hosting"]
    name = (sku or "").lower()
    if is_developer(sku):
        return Price(0.0, _source_of(found))
    return Price(found["usd_per_hour"], _source_of(found)) if name.endswith(BY_THE_HOUR) else None


def is_developer(sku: str | None) -> bool:
    """Such a deployment ends by itself, LIFE_OF_A_DEVELOPER hours after it was made."""
    return (sku or "").lower() == FREE_SKU


def end_of_developer(sku: str | None, made_at: float | None) -> float | None:
    """Unix seconds, when it ends by itself; None where it does not, or nobody knows."""
    is_known = made_at is not None and is_developer(sku)
    return made_at + LIFE_OF_A_DEVELOPER * SECONDS_OF_AN_HOUR if made_at and is_known else None


def is_tuned(model: str) -> bool:
    """Its name is that of a fine-tuned model, whoever trained it."""
    return _TUNED in model or model.startswith(_CHECKPOINT)


def _source_of(entry: Mapping[str, Any]) -> Source:
    return Source(entry["source"], str(entry["date"]), entry.get("confidence") != "unverified")
