"""data_preparation_summary.json: what the check found, what will be trained, and its price.

check_data writes it; the command line shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from states.intents.data_rules import Data
from states.intents.findings import Finding
from states.text import Text

# Worst first: what makes the model useless or dangerous, what makes its figure worthless, what
# makes it weaker.
ORDER = (
    "secrets",
    "personal_data",
    "leakage",
    "leaked_cases",
    "repeated_cases",
    "label_errors",
    "near_contradictions",
    "close_sentences",
    "labels_alike",
    "confused_intents",
    "long_instruction",
    "near_leakage",
    "intents_without_cases",
    "no_cases",
    "imbalance",
    "other_language",
    "near_duplicates",
    "small_intents",
    "few_sentences",
    "retirement",
    "no_price",
    "missing_library",
)


def summarize(
    data: Data,
    found: Sequence[Finding],
    figures: Mapping[str, Any],
    prices: Mapping[str, Any],
    translate: Callable[[Text], str],
) -> dict[str, Any]:
    """JSON. `figures`: of the local classifier; `prices`: of the catalogue."""
    errors = [finding for finding in found if finding.is_error]
    warnings = sorted(_without_twins(found), key=_rank)
    return {
        "ready": not errors,
        "errors": [translate(finding.text) for finding in errors],
        "warnings": [translate(finding.text) for finding in warnings],
        "findings": [as_json(finding, translate) for finding in (*errors, *warnings)],
        "files": {file.place: file.as_json() for file in (data.training, data.validation)},
        "base_model": data.base_model,
        "epochs": data.epochs,
        "estimated_training_tokens": data.job_tokens,
        "estimated_cost": _estimate_cost(data, prices),
        "local_classifier": dict(figures),
    }


def _rank(finding: Finding) -> int:
    return ORDER.index(finding.kind) if finding.kind in ORDER else len(ORDER)


def _without_twins(found: Sequence[Finding]) -> list[Finding]:
    """The warnings. The local look tells more of the cases that leak than the rule does."""
    kinds = {finding.kind for finding in found}
    twins = {"leaked_cases"} if "leakage" in kinds else set()
    return [finding for finding in found if not finding.is_error and finding.kind not in twins]


def as_json(finding: Finding, translate: Callable[[Text], str]) -> dict[str, Any]:
    """One finding, in a person's language."""
    return {
        "kind": finding.kind,
        "is_error": finding.is_error,
        "text": translate(finding.text),
        "count": finding.count or len(finding.rows) or 1,
        "rows": [translate(row) for row in finding.rows],
        "command": None if finding.command is None else translate(finding.command),
    }


def _estimate_cost(data: Data, prices: Mapping[str, Any]) -> dict[str, Any]:
    """The training's price, with its source and date; nulls where none is known."""
    price = data.price
    if price is None:
        return {"amount": None, "currency": prices["currency"], "source": None, "date": None}
    return {
        "amount": round(data.job_tokens * price["usd_per_million_tokens"] / 1e6, 6),
        "currency": prices["currency"],
        "usd_per_million_tokens": price["usd_per_million_tokens"],
        "hosting_usd_per_hour": prices["hosting"]["usd_per_hour"],
        "source": price["source"],
        "date": str(price["date"]),
        "confidence": price.get("confidence", "documented"),
    }
