"""The rules about the base model: what the catalogue knows of it, before anything is paid.

data_rules.py applies them; a refusal is mended by a setting, and not in the data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from states.bases import table
from states.bases.table import Entry, Fit
from states.intents.findings import Finding
from states.text import Text, say

# What a setting mends. The `kind` of a finding.
METHOD, TRAINING_TYPE, SKU = "method", "training_type", "deployment_sku"
BY_SETTINGS = (METHOD, TRAINING_TYPE, SKU)


def warn_of_retirement(name: str, model: Entry, now: float) -> list[Finding]:
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


def warn_of_unknown_model(name: str, model: Entry, known: Sequence[str] = ()) -> list[Finding]:
    """It may be new, or one that was fine-tuned before: only the service can tell. `known`: what
    it may be a slip of."""
    if model:
        return []
    text = say(
        "This program's catalogue does not know {model}: only the service can tell whether it is"
        " trained and deployed as wished.",
        model=table.suggest(name, known),
    )
    return [Finding(text, kind="unknown_model")]


def check_method(name: str, model: Entry) -> list[Finding]:
    if table.fits_method(model) is not Fit.NO:
        return []
    text = say(
        "{model} is not trained by examples with their answers (its methods: {methods}): set"
        " another AZURE_OPENAI_MODEL, `models` lists them.",
        model=name,
        methods=", ".join(model["methods"]),
    )
    return [Finding(text, is_error=True, kind=METHOD)]


def check_training_type(name: str, model: Entry, given: str | None) -> list[Finding]:
    """`given`: None where none is sent, which the service takes for Standard."""
    fit, wanted = table.fits_training_type(model, given), given or "Standard"
    if fit is Fit.NO:
        text = say(
            "{model} is not trained as {type}: set AGENT_TRAINING_TYPE to one of {fitting}, or"
            " another AZURE_OPENAI_MODEL.",
            model=name,
            type=wanted,
            fitting=_join(table.training_types_of(model)),
        )
        return [Finding(text, is_error=True, kind=TRAINING_TYPE)]
    if given is not None and given.casefold() not in table.SENT_TYPES:
        text = say(
            "AGENT_TRAINING_TYPE={type} is sent as it is: no document that was read names it, so"
            " the service may refuse it, or quietly take it for Standard.",
            type=wanted,
        )
        return [Finding(text, kind=TRAINING_TYPE)]
    return []


def check_deployment_sku(name: str, model: Entry, sku: str | None, deploys: bool) -> list[Finding]:
    """That the model can be served as it is to be: the refusal would come after the training.

    `deploys`: the agent makes the deployment itself, so that `sku` is certain to be asked for.
    """
    if sku is None or not model:
        return []
    fit = table.fits_sku(model, sku)
    if fit is Fit.YES:
        return []
    if fit is Fit.NO:
        return [Finding(_refuse_sku(name, model, sku), is_error=deploys, kind=SKU)]
    text = say(
        "Nothing is known of {model} deployed as {sku} (known to fit: {fitting}).",
        model=name,
        sku=sku,
        fitting=_join(table.skus_of(model)),
    )
    return [Finding(text, kind=SKU)]


def _refuse_sku(name: str, model: Entry, sku: str) -> Text:
    fitting = table.skus_of(model)
    if not fitting:
        return say(
            "{model} cannot be deployed as {sku}, nor as anything else that this program makes"
            " (managed compute): train another AZURE_OPENAI_MODEL, `models` lists them.",
            model=name,
            sku=sku,
        )
    return say(
        "{model} cannot be deployed as {sku}, which would be refused when the training is paid:"
        " set AGENT_DEPLOY_SKU to one of {fitting}, which are billed by the hour, or train another"
        " AZURE_OPENAI_MODEL (`models` lists them).",
        model=name,
        sku=sku,
        fitting=_join(fitting),
    )


def warn_of_unknown_price(name: str, price: Mapping[str, Any] | None) -> list[Finding]:
    if price is not None:
        return []
    text = say("No price is known for {model}: the cost was not estimated.", model=name)
    return [Finding(text, kind="no_price")]


def _join(words: Sequence[str]) -> str:
    return ", ".join(words) or "—"
