"""What a step may know of the money that was spent: `ports.purse`.

Implemented by agent/engine/spending.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from states.model import Project

if TYPE_CHECKING:
    from states.money.budget import Account


class Purse(Protocol):
    """What has been spent so far, as the store knows it."""

    def account(self, project: Project) -> Account: ...


class NoPurse:
    """Nothing was spent, and nothing is set aside."""

    def account(self, project: Project) -> Account:
        from states.money.budget import Account
        from states.money.spending import Spent

        return Account(Spent(), Spent(), {})
