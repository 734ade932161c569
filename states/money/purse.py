"""What a step may know of the money that was spent: `ports.purse`.

Implemented by agent/engine/spending.py."""

from __future__ import annotations

from typing import Protocol

from states.model import Project
from states.money.budget import Account
from states.money.spending import Spent


class Purse(Protocol):
    """What has been spent so far, as the store knows it."""

    def account(self, project: Project) -> Account: ...


class NoPurse:
    """Nothing was spent, and nothing is set aside."""

    def account(self, project: Project) -> Account:
        return Account(Spent(), Spent(), {})
