"""The quota of an account: for each model and SKU so many units of capacity.

arm_models.py shows it, deployment_row.py refuses what exceeds it, where a test has set one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from agent.emulator.resources.base_models import BaseModel, find_base_of, is_tuned, sku_name_of
from agent.emulator.resources.context import Context

if TYPE_CHECKING:
    from agent.emulator.resources.deployment_row import Deployment

_SHOWN = 1000  # thousands of tokens a minute, where no test has set another


def amount_of(context: Context) -> int:
    """Units that each model has for each SKU."""
    set_by_test = context.behaviour.current.quota
    return _SHOWN if set_by_test is None else set_by_test


def usage_name_of(model: BaseModel, sku: str, *, is_tuned: bool) -> str:
    """The quota that a deployment counts in."""
    return f"OpenAI.{sku}.{model.family}{'-finetune' if is_tuned else ''}"


def count_used(deployed: Iterable[Deployment], usage_name: str) -> int:
    """Units that these deployments take of one quota."""
    return sum(one.capacity for one in deployed if _usage_name_of(one) == usage_name)


def _usage_name_of(deployment: Deployment) -> str | None:
    base = find_base_of(deployment.model)
    sku = sku_name_of(json.loads(deployment.sku)["name"])
    return usage_name_of(base, sku, is_tuned=is_tuned(deployment.model)) if base else None
