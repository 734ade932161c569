"""The checkpoints of a training beside each other: which is best, and which a person means.

The command `checkpoints` shows them; agent/engine/checkpoints.py puts one in the final model's
place."""

from __future__ import annotations

from collections.abc import Sequence

from states.errors import SettingsError
from states.remote import RemoteCheckpoint
from states.text import say

BEST, FINAL = "best", "final"
# The loss over all of the validation file, else over the batch of that step.
_LOSSES = ("full_valid_loss", "valid_loss")


def validation_loss(checkpoint: RemoteCheckpoint) -> float | None:
    """None where the service has not measured it."""
    measured = (checkpoint.metrics.get(name) for name in _LOSSES)
    return next((loss for loss in measured if loss is not None), None)


def find_best(listed: Sequence[RemoteCheckpoint]) -> RemoteCheckpoint | None:
    """That of the lowest validation loss, of equals the latest; None where none was measured."""
    losses = [(validation_loss(one), -one.step, one) for one in listed]
    measured = [found for found in losses if found[0] is not None]
    return min(measured, key=lambda found: found[:2])[2] if measured else None


def choose(listed: Sequence[RemoteCheckpoint], wanted: str, final: str) -> RemoteCheckpoint | None:
    """The one that a person means by BEST, FINAL or its step. None: the model `final`, which
    needs no checkpoint to be deployed.

    SettingsError where there is none such."""
    if wanted == FINAL:
        return None
    if wanted == BEST:
        found = find_best(listed)
        if found is None:
            raise SettingsError(
                say(
                    "The service tells the validation loss of no checkpoint ({steps}), so that none"
                    " is best: name its step.",
                    steps=_list_steps(listed),
                )
            )
    else:
        found = next((one for one in listed if str(one.step) == wanted), None)
        if found is None:
            raise SettingsError(
                say(
                    "The service keeps no checkpoint of step {step} (it keeps: {steps}).",
                    step=wanted,
                    steps=_list_steps(listed),
                )
            )
    return None if found.model == final else found


def _list_steps(listed: Sequence[RemoteCheckpoint]) -> str:
    return ", ".join(str(one.step) for one in listed) or "—"
