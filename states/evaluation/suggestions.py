"""What to change next, from the answers and the loss curve. analysis.py collects it.

The thresholds are in states/catalog/service.toml, section [analysis].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from states.evaluation.loss_curve import LossCurve
from states.evaluation.scores import Score, find_extremes
from states.evaluation.statistics import cases_for_half_width
from states.text import Text, say


@dataclass(frozen=True)
class Suggestion:
    """One thing to change, with its reason. `kind`: a stable word for programs."""

    kind: str
    text: Text


def suggest(
    total: Score,
    per_intent: Mapping[str, Score],
    curve: LossCurve,
    bounds: Mapping[str, Any],
) -> list[Suggestion]:
    """What to change next, each with its reason, the most useful first."""
    accuracy = total.accuracy or 0.0
    found: list[Suggestion] = []
    if accuracy < bounds["low_accuracy"]:
        found += _suggest_for_low(accuracy)
    found += _suggest_for_imbalance(per_intent, bounds["imbalance_gap"])
    found += _suggest_for_curve(curve, accuracy, bounds)
    low, high = total.interval
    if high - low >= bounds["wide_interval"]:
        text = say(
            "Add test cases: with {cases} the true accuracy may lie anywhere between {low} % and"
            " {high} %. About {wanted} cases would narrow that to ± 5 points.",
            cases=total.cases,
            low=round(low * 100),
            high=round(high * 100),
            wanted=cases_for_half_width(accuracy, 0.05),
        )
        found.append(Suggestion("more_cases", text))
    return found


def _suggest_for_imbalance(per_intent: Mapping[str, Score], least: float) -> list[Suggestion]:
    best, worst = find_extremes(per_intent)
    # Rounded: in floating point 1.0 - 0.8 is a little less than the bound of 0.2.
    gap = round((per_intent[best].accuracy or 0.0) - (per_intent[worst].accuracy or 0.0), 4)
    if gap < least:
        return []
    # Where the intervals overlap, another handful of cases could reverse the order.
    is_certain = per_intent[best].interval[0] > per_intent[worst].interval[1]
    values: dict[str, str | int] = {"worst": worst, "best": best, "gap": round(gap * 100)}
    if is_certain:
        text = say(
            "Write more sentences for {worst}: it is {gap} points behind {best}, so new examples"
            " pay most there.",
            **values,
        )
    else:
        text = say(
            "Look at {worst} first: it is {gap} points behind {best}. With so few test cases that"
            " may be chance, so add some for it; if it stays behind, write more sentences for it.",
            **values,
        )
    return [Suggestion("balance", text)]


def _suggest_for_low(accuracy: float) -> list[Suggestion]:
    return [
        Suggestion(
            "more_data",
            say(
                "Collect more sentences for every intent: {percent} % is low, and few examples are"
                " the usual cause.",
                percent=round(accuracy * 100),
            ),
        ),
        Suggestion(
            "review_labels",
            say(
                "Read the labels again: sentences that two people would label differently teach the"
                " model to guess."
            ),
        ),
    ]


def _suggest_for_curve(
    curve: LossCurve, accuracy: float, bounds: Mapping[str, Any]
) -> list[Suggestion]:
    """Advice on hyper-parameters from the loss curve; none without one."""
    if curve.diverged_at is not None:
        text = say(
            "Train again with a lower FINE_TUNING_LR_MULT: the loss diverged (no number any more"
            " from step {step} on), so this model may have learnt nothing.",
            step=curve.diverged_at,
        )
        return [Suggestion("diverged", text)]
    train = [row["train_loss"] for row in curve.rows if row.get("train_loss") is not None]
    full = [row["full_valid_loss"] for row in curve.rows if row.get("full_valid_loss") is not None]
    if len(full) > 1 and full[-1] > min(full) * bounds["overfitting"]:
        text = say(
            "Try fewer epochs: the validation loss was lowest ({lowest}) at evaluation {position}"
            " of {count} and has risen to {last} since: over-fitting.",
            lowest=round(min(full), 3),
            position=full.index(min(full)) + 1,
            count=len(full),
            last=round(full[-1], 3),
        )
        return [Suggestion("fewer_epochs", text)]
    if accuracy < bounds["good_accuracy"] and _is_still_high(train, bounds["underfitting"]):
        text = say(
            "Try more epochs, or a higher FINE_TUNING_LR_MULT: the training loss was still above"
            " half of where it began: under-fitting."
        )
        return [Suggestion("more_epochs", text)]
    return []


def _is_still_high(train: Sequence[float], share: float) -> bool:
    """True when the last tenth of the training losses is above `share` of the first tenth."""
    tenth = max(len(train) // 10, 1)
    return len(train) > 1 and sum(train[-tenth:]) > share * sum(train[:tenth])
