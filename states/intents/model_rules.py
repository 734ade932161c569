"""The rules about the base model: what the catalogue knows of it, before anything is paid.

data_rules.py applies them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from states.intents.findings import Finding
from states.text import say

Model = Mapping[str, Any]  # its entry in the catalogue; empty for an unknown one


def warn_of_retirement(name: str, model: Model, now: float) -> list[Finding]:
    """`now` in unix seconds."""
    ends = model.get("base_model_ends")
    if not isinstance(ends, date) or ends > datetime.fromtimestamp(now, UTC).date():
        return []
    text = say(
        "{model}: the base model was due to retire on {date}; customers who have not trained it"
        " before may be refused. Check the model list of your resource.",
        model=name,
        date=str(ends),
    )
    return [Finding(text, kind="retirement")]


def check_deployment_sku(name: str, model: Model, sku: str | None, deploys: bool) -> list[Finding]:
    """That the model can be served as it is to be: the refusal would come after the training.

    `deploys`: the agent makes the deployment itself, so that `sku` is certain to be asked for.
    """
    if sku is None or sku.casefold() not in model.get("refused_skus", ()):
        return []
    text = say(
        "{model} cannot be deployed as {sku}, which would be refused when the training is paid:"
        " set AGENT_DEPLOY_SKU (standard, say, which is billed by the hour), or train another"
        " AZURE_OPENAI_MODEL (gpt-4.1-mini, say).",
        model=name,
        sku=sku,
    )
    return [Finding(text, is_error=deploys, kind="deployment_sku")]


def warn_of_unknown_price(name: str, price: Mapping[str, Any] | None) -> list[Finding]:
    if price is not None:
        return []
    text = say("No price is known for {model}: the cost was not estimated.", model=name)
    return [Finding(text, kind="no_price")]
