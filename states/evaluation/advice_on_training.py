"""What to change in the training, from the loss curve. suggestions.py collects it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from states.evaluation.evidence import Evidence, Suggestion
from states.evaluation.loss_curve import LossCurve
from states.text import Text, say

CHECKPOINTS = 3  # the service keeps those of the last epochs


def suggest_for_curve(evidence: Evidence, bounds: Mapping[str, Any]) -> list[Suggestion]:
    """Advice on hyper-parameters; none without a curve."""
    curve, accuracy = evidence.curve, evidence.total.accuracy or 0.0
    if curve.diverged_at is not None:
        text = say(
            "Train again with a lower FINE_TUNING_LR_MULT: the loss diverged (no number any more"
            " from step {step} on), so this model may have learnt nothing.",
            step=curve.diverged_at,
        )
        return [Suggestion("diverged", text, 1.0)]
    full = [row["full_valid_loss"] for row in _validated(curve)]
    if len(full) > 1 and full[-1] > min(full) * bounds["overfitting"]:
        return [Suggestion("fewer_epochs", _describe_overfitting(evidence))]
    train = [row["train_loss"] for row in curve.rows if row.get("train_loss") is not None]
    if accuracy < bounds["good_accuracy"] and _is_still_high(train, bounds["underfitting"]):
        return [Suggestion("more_epochs", _describe_underfitting(evidence.epochs))]
    return []


def _validated(curve: LossCurve) -> list[Mapping[str, Any]]:
    """The steps after which all validation data was looked at."""
    return [row for row in curve.rows if row.get("full_valid_loss") is not None]


def _describe_overfitting(evidence: Evidence) -> Text:
    curve, epochs = evidence.curve, evidence.epochs
    rows = _validated(curve)
    best = min(rows, key=lambda row: float(row["full_valid_loss"]))
    values: dict[str, float | int] = {
        "lowest": round(best["full_valid_loss"], 3),
        "last": round(rows[-1]["full_valid_loss"], 3),
        "step": best["step"],
    }
    last_step = max(row["step"] for row in curve.rows)
    if epochs is None or last_step <= 0:
        return say(
            "Try fewer epochs: the validation loss was lowest ({lowest}) at step {step} and has"
            " risen to {last} since: over-fitting.",
            **values,
        )
    best_epoch = min(max(math.ceil(best["step"] * epochs / last_step), 1), epochs)
    values |= {"best": best_epoch, "epochs": epochs}
    if best_epoch == epochs:
        return say(
            "Try a lower FINE_TUNING_LR_MULT: the validation loss was lowest ({lowest}) at step"
            " {step}, within the last epoch, and has risen to {last} since: over-fitting.",
            **values,
        )
    text = say(
        "Try FINE_TUNING_EPOCHS={best} in place of {epochs}: the validation loss was lowest"
        " ({lowest}) at step {step}, in epoch {best}, and has risen to {last} since: over-fitting.",
        **values,
    )
    if epochs - best_epoch >= CHECKPOINTS or evidence.step == best["step"]:
        return text
    return say(
        "{advice} The service keeps the checkpoint of epoch {best}: `advance {project} --checkpoint"
        " {step}` deploys it and asks it the same cases, without a new training.",
        advice=text,
        best=best_epoch,
        step=best["step"],
        project=evidence.project,
    )


def _describe_underfitting(epochs: int | None) -> Text:
    if epochs is None:
        return say(
            "Try more epochs, or a higher FINE_TUNING_LR_MULT: the training loss was still above"
            " half of where it began: under-fitting."
        )
    return say(
        "Try FINE_TUNING_EPOCHS={more} in place of {epochs}, or a higher FINE_TUNING_LR_MULT: the"
        " training loss was still above half of where it began: under-fitting.",
        more=epochs * 2,
        epochs=epochs,
    )


def _is_still_high(train: Sequence[float], share: float) -> bool:
    """True when the last tenth of the training losses is above `share` of the first tenth."""
    tenth = max(len(train) // 10, 1)
    return len(train) > 1 and sum(train[-tenth:]) > share * sum(train[:tenth])
