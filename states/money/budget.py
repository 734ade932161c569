"""What may still be spent: a project's own budget, else the home's.

states/steps/budgeting.py asks before a training is paid; `status` shows it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from states.money.spending import Spent
from states.text import Rounded, Text, dollars, say

WARNED_FROM = 0.8  # of the budget, spent or set aside


@dataclass(frozen=True)
class Account:
    """`own`: of this project; `others`: of every other one of the home at the same service.

    `asking`: of these, those that are about to be judged as well, by name: what each has set
    aside at this moment."""

    own: Spent
    others: Spent
    asking: Mapping[str, float]


@dataclass(frozen=True)
class Limit:
    """`usd`: the budget; `is_home`: that of all projects together. `spent`: as far as it counts."""

    usd: float
    is_home: bool
    spent: Spent

    @property
    def used(self) -> float:
        return self.spent.total + self.spent.committed

    @property
    def left(self) -> float:
        return round(self.usd - self.used, 9)  # sums of floats leave dust

    @property
    def left_shown(self) -> Rounded:
        """Rounded down, never more than there is: it stands beside a price that exceeds it."""
        digits = dollars(max(self.left, 0.0)).digits
        shown = math.floor(max(self.left, 0.0) * 10**digits + 1e-6)
        return Rounded(shown / 10**digits, digits)

    @property
    def share(self) -> float:
        """Of the budget that is spent or set aside; more than 1 where it is exceeded."""
        return self.used / self.usd if self.usd > 0 else math.inf

    @property
    def is_warned(self) -> bool:
        return self.share >= WARNED_FROM

    def as_json(self) -> dict[str, Any]:
        return {
            "budget_usd": self.usd,
            "budget_of": "home" if self.is_home else "project",
            "left_usd": round(self.left, 6),
            "is_warned": self.is_warned,
        }


def limit_of(own: float | None, home: float | None, account: Account) -> Limit | None:
    """The budget that a project is measured by; None where there is none.

    `own`: its own, which a person has set for it alone: it takes the place of the home's."""
    if own is not None:
        return None if math.isinf(own) else Limit(own, False, account.own)
    if home is None or math.isinf(home):
        return None
    return Limit(home, True, account.own + account.others)


def describe_spent(spent: Spent, limit: Limit | None) -> Text | None:
    """One line for `status`; None where there is nothing to tell."""
    if limit is None:
        return _describe_money(spent) if spent.total or spent.committed or spent.unknown else None
    whose = say("of the home's budget") if limit.is_home else say("of the budget")
    told = say(
        "{money}; {left} USD left {whose} of {usd} USD",
        money=_describe_money(spent),
        left=limit.left_shown,
        whose=whose,
        usd=dollars(limit.usd),
    )
    if not limit.is_warned:
        return told
    if limit.left < 0:
        return say("{told}: exceeded by {usd} USD", told=told, usd=dollars(-limit.left))
    share = 100.0 if math.isinf(limit.share) else 100 * limit.share
    return say("{told}: {share} % of it are spent or set aside", told=told, share=Rounded(share))


def _describe_money(spent: Spent) -> Text:
    told = say("spent about {usd} USD", usd=dollars(spent.total))
    if spent.committed:
        told = say("{told}, {usd} set aside", told=told, usd=dollars(spent.committed))
    if spent.unknown:
        told = say(
            "{told}, and what has no known price ({names})",
            told=told,
            names=", ".join(spent.unknown),
        )
    return told
