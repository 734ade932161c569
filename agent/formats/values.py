"""What a cell of a workbook, or a value of JSON or Parquet, looks like to a person."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isnan

_PLAIN = (int, Decimal, date, time, timedelta)


def as_text(value: object) -> str | None:
    """Empty for nothing. None for what is no single value: a list, a formula over many cells."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return "" if isnan(value) else f"{value:.15g}"  # the digits that a spreadsheet shows
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return str(value) if isinstance(value, _PLAIN) else None
