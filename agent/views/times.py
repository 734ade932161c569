"""Points in time and durations, as a person and as a program reads them.

The other views call this."""

from __future__ import annotations

import time
from datetime import UTC, datetime

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))  # seconds; the same letters in every language


def iso_time(seconds: float | None) -> str | None:
    """ISO 8601 in UTC, to the millisecond."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def foreign_time(seconds: float | None) -> str | None:
    """As `iso_time`, to the second, of a time that a stranger says.

    None for no time, and for one that no calendar knows."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat("T", "seconds") if seconds else None
    except (ValueError, OverflowError, OSError):
        return None


def local_time(seconds: float, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime(form)


def since(seconds: float) -> str:
    """How long ago."""
    return span(time.time() - seconds)


def until(seconds: float | None) -> str:
    """In how long; a dash for never."""
    return "—" if seconds is None else span(max(seconds - time.time(), 0))


def span(seconds: float) -> str:
    for unit, name in _UNITS:
        if seconds >= unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{max(seconds, 0):.0f} s"
