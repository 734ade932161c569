"""The loss curve: the service's result file, read into numbers."""

from __future__ import annotations

import csv
import io
from typing import Any

# The service writes both spellings, depending on model and version.
_RENAMED = {
    "validation_mean_token_accuracy": "valid_mean_token_accuracy",
    "train_accuracy": "train_mean_token_accuracy",
}


def parsed(content: bytes) -> list[dict[str, Any]]:
    """One dict per step: `step` (int) and the columns of the file (float, None where the cell is empty or -1)."""
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig", errors="replace")))
    return [_row(row) for row in rows if (row.get("step") or "").strip()]


def _row(row: dict[str, str | None]) -> dict[str, Any]:
    values: dict[str, Any] = {"step": int(float(row["step"] or 0))}
    for name, cell in row.items():
        if name and name != "step":
            values[_RENAMED.get(name, name)] = _number(cell)
    return values


def _number(cell: str | None) -> float | None:
    try:
        value = float(cell or "")
    except ValueError:
        return None
    return None if value == -1 else value
