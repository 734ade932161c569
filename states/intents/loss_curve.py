"""The loss curve: the service's result file, read into numbers. follow_job reads it once."""

from __future__ import annotations

import csv
import io
from typing import Any

# The service writes both spellings, depending on model and version.
_RENAMED = {
    "validation_mean_token_accuracy": "valid_mean_token_accuracy",
    "train_accuracy": "train_mean_token_accuracy",
}


def parse(content: bytes) -> list[dict[str, Any]]:
    """One dict per step: `step` (int) and the columns of the file.

    A column is a float, or None where the cell is empty or -1 (the service's "not measured").
    """
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig", errors="replace")))
    return [_parse_row(row) for row in rows if (row.get("step") or "").strip()]


def _parse_row(row: dict[str, str | None]) -> dict[str, Any]:
    values: dict[str, Any] = {"step": int(float(row["step"] or 0))}
    for name, cell in row.items():
        if name and name != "step":
            values[_RENAMED.get(name, name)] = _parse_number(cell)
    return values


def _parse_number(cell: str | None) -> float | None:
    try:
        value = float(cell or "")
    except ValueError:
        return None
    return None if value == -1 else value
