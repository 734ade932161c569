"""Pages of a listing: `after=<id>` and `limit=<n>`, as the service and the SDK's cursors use them.

The listing handlers in resources/ call `take_page`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from agent.emulator.protocol.errors import invalid

T = TypeVar("T")


def take_page(
    items: Sequence[T],
    item_id: Callable[[T], str],
    query: Mapping[str, str],
    default: int,
    most: int,
) -> tuple[list[T], bool]:
    """The items after the cursor, at most `limit` of them, and whether there are more."""
    start = 0
    if query.get("after"):
        ids = [item_id(item) for item in items]
        if query["after"] not in ids:
            raise invalid(f"The cursor '{query['after']}' is not in this list.", "after")
        start = ids.index(query["after"]) + 1
    end = start + _read_limit(query, default, most)
    return list(items[start:end]), end < len(items)


def _read_limit(query: Mapping[str, str], default: int, most: int) -> int:
    text = query.get("limit")
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise invalid(f"limit must be a whole number from 1 to {most}.", "limit")
    return int(text)
