"""The loss curve: the service's result file, read into numbers. follow_job reads it once.

The file decorates a training that is done and paid for, so nothing in it may stop the project:
what cannot be read is left out and counted.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

LONGEST_FILE = 8_000_000  # characters: what MOST_STEPS with six columns need
MOST_STEPS = 100_000  # lines: ten epochs over 10,000 sentences, one by one
MOST_COLUMNS = 32  # the service writes five or six
LONGEST_CELL = 10_000  # characters; numbers are shorter
_DELIMITERS = ",;\t"
# The service writes both spellings, depending on model and version.
_RENAMED = {
    "validation_mean_token_accuracy": "valid_mean_token_accuracy",
    "train_accuracy": "train_mean_token_accuracy",
}


@dataclass(frozen=True)
class LossCurve:
    """`rows`: one per step, `step` (int) and the columns of the file.

    A column is a float, or None where the cell is no finite number, or -1 (the service's "not
    measured"). `diverged_at`: the first step with a loss of NaN or infinity. `unreadable`: lines
    that are no step of a curve, or one too many.
    """

    rows: Sequence[Mapping[str, Any]] = ()
    diverged_at: int | None = None
    unreadable: int = 0


def parse(content: bytes) -> LossCurve:
    """The curve, as far as it can be read. Never raises for what the file holds."""
    text = content[: 4 * LONGEST_FILE].decode("utf-8-sig", errors="replace")[:LONGEST_FILE]
    lines = text.replace("\0", "").splitlines()
    header = next((number for number, line in enumerate(lines) if line.strip()), None)
    if header is None:
        return LossCurve()
    delimiter = max(_DELIMITERS, key=lines[header].count)
    names = [_to_column(name) for name in lines[header].split(delimiter)[:MOST_COLUMNS]]
    if "step" not in names:
        return LossCurve(unreadable=sum(bool(line.strip()) for line in lines))
    end = header + 1 + MOST_STEPS
    curve = _read_rows(names, _split(lines[header + 1 : end], delimiter))
    return replace(curve, unreadable=curve.unreadable + len(lines[end:]))


def _to_column(name: str) -> str:
    """`Train Loss` and `train-loss` are train_loss."""
    plain = re.sub(r"[\s\-]+", "_", name.strip().strip('"').strip().lower())
    return _RENAMED.get(plain, plain)


def _split(lines: Sequence[str], delimiter: str) -> Iterator[list[str] | None]:
    """The cells of each line that is not empty; None for one that is no line of a table."""
    for line in lines:
        if not line.strip():
            continue
        try:
            yield next(csv.reader(io.StringIO(line), delimiter=delimiter))
        except (csv.Error, StopIteration):
            yield None


def _read_rows(names: Sequence[str], table: Iterator[list[str] | None]) -> LossCurve:
    rows: list[dict[str, Any]] = []
    diverged_at, unreadable = None, 0
    for cells in table:
        numbers = {} if cells is None else dict(zip(names, map(_to_number, cells), strict=False))
        step = numbers.pop("step", None)
        if step is None or not math.isfinite(step):
            unreadable += 1
            continue
        is_diverged = any(
            value is not None and not math.isfinite(value)
            for name, value in numbers.items()
            if name.endswith("loss")
        )
        if is_diverged and diverged_at is None:
            diverged_at = int(step)
        measured = {name: _finite(value) for name, value in numbers.items() if name}
        rows.append({"step": int(step), **measured})
    return LossCurve(rows, diverged_at, unreadable)


def _to_number(cell: str) -> float | None:
    """The number in a cell, which may be NaN or infinite; None for anything else."""
    plain = cell.strip().strip("'\"")
    if len(plain) > LONGEST_CELL:
        return None
    try:
        return float(plain)
    except ValueError:
        pass
    try:
        return float(plain.replace(",", "."))  # a decimal comma, in a file with semicolons
    except ValueError:
        return None


def _finite(value: float | None) -> float | None:
    return None if value is None or value == -1 or not math.isfinite(value) else value
