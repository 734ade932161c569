"""What classifications cost: the catalogue's prices, fixed when the answers were there.

ask_cases.py makes the tariff, candidates.py multiplies. US dollars before tax.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from states.bases.table import price_key

HOURS = 730  # of a month, as the service's own price pages have it
BY_TOKEN = ("standard", "developertier")  # also within globalstandard, datazonestandard


@dataclass(frozen=True)
class Price:
    """Of one model, per million tokens."""

    input_usd: float
    output_usd: float


@dataclass(frozen=True)
class Tariff:
    """`prices`: by the model of a candidate; one that is not there has a price nobody knows.

    `hosting_usd_per_hour`: of a tuned model that is deployed for good, used or not; None: unknown.
    """

    monthly_volume: int  # classifications
    prices: Mapping[str, Price]
    hosting_usd_per_hour: float | None

    def per_1000(self, model: str, prompt: float, completion: float) -> float | None:
        """Of 1,000 classifications with so many tokens each; None where the price is unknown."""
        price = self.prices.get(model)
        if price is None:
            return None
        return (prompt * price.input_usd + completion * price.output_usd) / 1000

    def per_month(self, per_1000: float | None, *, is_hosted: bool) -> float | None:
        """Of the monthly volume, and the hours of the deployment if it `is_hosted`."""
        hosting = self.hosting_usd_per_hour if is_hosted else 0.0
        if per_1000 is None or hosting is None:
            return None
        return self.monthly_volume / 1000 * per_1000 + HOURS * hosting

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any] | None) -> Tariff | None:
        if data is None:
            return None
        prices = {model: Price(**price) for model, price in data["prices"].items()}
        return Tariff(data["monthly_volume"], prices, data["hosting_usd_per_hour"])


def make_tariff(
    based_on: Mapping[str, str], service: Mapping[str, Any], monthly_volume: int, sku: str | None
) -> Tariff:
    """`based_on`: the model of each candidate -> the model by whose price it is billed: a tuned
    one's tokens cost what its base model's do.

    `sku`: as which the model is deployed. A Developer deployment has no hourly fee but ends after
    24 hours, so that a month is reckoned with the fee of a Standard one. Of a provisioned one
    nothing is known: it is no price by token.
    """
    is_by_token = (sku or "standard").lower().endswith(BY_TOKEN)
    known = service["prices"]["inference"]
    prices = {
        model: Price(found["input_usd_per_million_tokens"], found["output_usd_per_million_tokens"])
        for model, billed in based_on.items()
        if (found := known.get(price_key(service, billed))) is not None
    }
    hosting = service["prices"]["hosting"]["usd_per_hour"] if is_by_token else None
    return Tariff(monthly_volume, prices, hosting)
