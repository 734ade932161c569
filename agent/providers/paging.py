"""The pages of a listing, up to its end or a bound. Called by azure_client.py and arm.py."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TypeVar

from states.errors import Unclear
from states.text import say

MOST_PAGES = 200
MOST_ITEMS = 20_000  # no resource may hold as many files, jobs or deployments
LONGEST = 120.0  # seconds; other projects wait for the thread

T = TypeVar("T")
Page = tuple[Iterable[T], str | None]  # its items, and the cursor of the next one


def read_pages(read: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """Every item of a listing. `read` gets the cursor of a page, None for the first one.

    Raises what `each_page` raises."""
    return chain.from_iterable(each_page(read))


def each_page(read: Callable[[str | None], Page[T]]) -> Iterator[Iterator[T]]:
    """The items of a listing, a page at a time; the next one is read when it is asked for.

    Unclear for a listing that comes back to a page it had, or goes on beyond all bounds: what is
    not in it may be there all the same.
    """
    end = time.monotonic() + LONGEST
    cursor, seen, left = None, set[str | None](), MOST_ITEMS

    def count(item: T) -> T:
        nonlocal left
        left -= 1
        return item

    while cursor not in seen and left > 0 and len(seen) < MOST_PAGES and time.monotonic() < end:
        seen.add(cursor)
        items, cursor = read(cursor)
        yield map(count, items)
        if cursor is None:
            return
    raise Unclear(
        say(
            "A listing of the service has no end ({count} page was read); it is read again.",
            "A listing of the service has no end ({count} pages were read); it is read again.",
            count=len(seen),
        )
    )
