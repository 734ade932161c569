"""The loss curve: the service's result file, read into numbers. follow_job reads it once.

The file decorates a training that is done and paid for, so nothing in it may stop the project:
what cannot be read is left out and counted.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

LONGEST_FILE = 8_000_000  # characters: what MOST_STEPS with six columns need
MOST_STEPS = 100_000  # lines: ten epochs over 10,000 sentences, one by one
MOST_COLUMNS = 32  # the service writes five or six
LONGEST_CELL = 10_000  # characters; numbers are shorter
MOST_PREFACE = 20  # lines before the names of the columns: `sep=;` of spreadsheets, comments
_DELIMITERS = ",;\t|"
# The service writes both spellings, depending on model and version.
_RENAMED = {
    "validation_mean_token_accuracy": "valid_mean_token_accuracy",
    "train_accuracy": "train_mean_token_accuracy",
    "steps": "step",
    "global_step": "step",
    "step_number": "step",
}
_BASE64 = re.compile(rb"\s*+[A-Za-z0-9+/\r\n]{16,}+={0,2}+\s*+")  # possessive: one look, any size
# As C libraries write what is no number.
_NOT_A_NUMBER = re.compile(r"[+-]?(1\.#)?(q|s)?(nan|ind|inf)(\(\w*\)|0*)", re.IGNORECASE)


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
    lines = [line for line in _read_text(content).splitlines() if line.strip()]
    if not lines:
        return LossCurve()
    header, delimiter, names = _find_header(lines)
    if "step" not in names:
        return LossCurve(unreadable=len(lines))
    end = header + 1 + MOST_STEPS
    curve = _read_rows(names, _split(lines[header + 1 : end], delimiter))
    return replace(curve, unreadable=curve.unreadable + len(lines[end:]))


def _read_text(content: bytes) -> str:
    """The text of the file, which the service wraps in Base64 at times, and exporters in UTF-16."""
    content = content[: 4 * LONGEST_FILE]
    if _BASE64.fullmatch(content):
        with suppress(binascii.Error):
            unpacked = base64.b64decode(content)
            content = unpacked if b"step" in unpacked.lower() else content
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = content.decode("utf-16" if is_wide else "utf-8", errors="replace")[:LONGEST_FILE]
    if text.startswith('"') and "\n" not in text:  # a gateway made JSON of it
        with suppress(ValueError):
            text = str(json.loads(text))
    return text.replace("\0", "").replace("\ufeff", "")


def _find_header(lines: Sequence[str]) -> tuple[int, str, list[str]]:
    """Where the names of the columns stand, what parts them, and they themselves."""
    found = [(number, *_read_names(line)) for number, line in enumerate(lines[:MOST_PREFACE])]
    return next((header for header in found if "step" in header[2]), found[0])


def _read_names(line: str) -> tuple[str, list[str]]:
    delimiter = max(_DELIMITERS, key=line.count)
    return delimiter, [_to_column(name) for name in line.split(delimiter)[:MOST_COLUMNS]]


def _to_column(name: str) -> str:
    """`Train Loss` and `train-loss` are train_loss."""
    plain = re.sub(r"[\s\-]+", "_", name.strip().strip('"').strip().lower())
    return _RENAMED.get(plain, plain)


def _split(lines: Sequence[str], delimiter: str) -> Iterator[list[str] | None]:
    """The cells of each line; None for one that is no line of a table."""
    for line in lines:
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
    if found := _NOT_A_NUMBER.fullmatch(plain):
        return math.inf if found[3].lower() == "inf" else math.nan
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
