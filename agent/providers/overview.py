"""One listing for many looks: what the service's list of jobs, or of files, says of each.

Made by azure.py, one for each kind of object; shared by all threads and projects of the process. A
listing only ever tells that something goes on as before. Whatever it lacks, or says to have ended,
is looked at by itself: a listing may be old, and is no proof that anything is gone.

Ids and statuses are interned: ten thousand of each are known here in several places.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from sys import intern

import structlog

from states.errors import NeedsOperator, Permanent, Transient

log = structlog.get_logger()

FEW = 3  # so many are looked at one by one: a listing would save little
INTEREST = 900.0  # seconds for which what was asked for counts among the many
LAG = 60.0  # seconds after which a listing should know what a look has told
DISTRUST = 600.0  # seconds without listings, after one that was older than that
LONGEST_REST = 3600.0  # seconds without listings, where they cost more than they save

Page = Mapping[str, str]  # id -> status


@dataclass
class _Listing:
    """As far as it was read; further pages are read when somebody asks for what they may have."""

    begun: float
    pages: Iterator[Page]
    probe: str | None  # what is looked at all the same, to see whether the listing is true
    seen: dict[str, str] = field(default_factory=dict)
    read: int = 0  # pages
    dry: int = 0  # the last so many of them had nothing new that is wanted
    answers: int = 0
    is_over: bool = False


class Overview:
    """`read`: the pages of a new listing. `rank`: of a status; those of what goes on are below
    `ended`, and a status never falls in rank.
    """

    def __init__(
        self,
        read: Callable[[], Iterator[Page]],
        rank: Callable[[str], int],
        ended: int,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read, self._rank, self._ended, self._steady = read, rank, ended, steady
        self._lock = threading.Lock()
        self._listing: _Listing | None = None
        self._asked: dict[str, float] = {}  # id -> when somebody last wanted to know
        self._looked: dict[str, tuple[str, float]] = {}  # id -> what a look of its own told, when
        self._rests_until, self._rest = -float("inf"), 0.0

    @property
    def is_of_many(self) -> bool:
        """More are asked for than are worth looking at one by one."""
        return len(self._asked) > FEW

    def look_up(self, object_id: str, within: float) -> str | None:
        """Its status by a listing begun at most `within` seconds ago, as long as it goes on.

        None: a look of its own is needed. Raises nothing."""
        now, object_id = self._steady(), intern(object_id)
        with self._lock:
            self._asked[object_id] = now
            if not self.is_of_many or now < self._rests_until:
                return None
            listing = self._listing
            if listing is None or now - listing.begun > within:
                listing = self._begin(now)
            if listing is None or object_id == listing.probe:
                return None
            self._read_on(listing, object_id)
            status = listing.seen.get(object_id)
            if status is None or self._is_of_no_use(object_id, status, listing.begun):
                return None
            listing.answers += 1
            return status

    def learn(self, object_id: str, status: str) -> None:
        """What a look of its own has told; "" where it was changed and nobody knows into what."""
        self._looked[intern(object_id)] = intern(status), self._steady()
        listing = self._listing
        if listing is not None and listing.probe == object_id:
            listing.probe = None

    def _begin(self, now: float) -> _Listing | None:
        """A new listing; None where the last one has shown that they do not pay."""
        self._forget(now)
        last = self._listing
        if last is not None and last.answers < last.read:
            self._rest_for(LAG, "listings_do_not_pay")
            return None
        if last is not None:
            self._rest = 0.0
        never = ("", -float("inf"))
        probe = min(self._asked, key=lambda one: self._looked.get(one, never)[1])
        self._listing = _Listing(now, self._read(), probe if len(self._asked) > 1 else None)
        return self._listing

    def _forget(self, now: float) -> None:
        self._asked = {one: at for one, at in self._asked.items() if now - at <= INTEREST}
        for one, (_, at) in list(self._looked.items()):
            if one not in self._asked and now - at > INTEREST:
                self._looked.pop(one, None)

    def _read_on(self, listing: _Listing, object_id: str) -> None:
        """Until it is found, or the pages are more than what they save."""
        while object_id not in listing.seen and not listing.is_over:
            if listing.dry and listing.dry + 1 >= self._count_unseen(listing):
                return
            try:
                page = next(listing.pages, None)
            except (Transient, Permanent, NeedsOperator) as fault:
                log.warning("listing_failed", reason=fault.text.for_log())
                listing.is_over = True
                self._rest_for(LAG, "listing_failed")
                return
            if page is None:
                listing.is_over = True
                return
            listing.read += 1
            # What was seen before is no find: a listing may show the same page again and again.
            finds = any(one in self._asked and one not in listing.seen for one in page)
            listing.dry = 0 if finds else listing.dry + 1
            listing.seen.update((intern(one), intern(status)) for one, status in page.items())
            if self._is_old(listing, page):
                listing.is_over = True
                listing.seen.clear()
                self._rest_for(DISTRUST, "listing_is_old")

    def _count_unseen(self, listing: _Listing) -> int:
        return sum(1 for one in self._asked if one not in listing.seen)

    def _is_old(self, listing: _Listing, page: Iterable[str]) -> bool:
        """It shows as going on what has ended before, and not just now."""
        return any(
            self._rank(status) >= self._ended > self._rank(listing.seen[one])
            for one, (status, at) in (
                (one, self._looked[one]) for one in page if one in self._looked
            )
            if listing.begun > at + LAG
        )

    def _is_of_no_use(self, object_id: str, status: str, begun: float) -> bool:
        """Something has happened to it since, or before."""
        known, at = self._looked.get(object_id, (status, -float("inf")))
        if at >= begun and status != known:
            return True
        return self._rank(status) >= self._ended or self._rank(status) < self._rank(known)

    def _rest_for(self, least: float, reason: str) -> None:
        """No listing for a while: twice as long each time, until one pays."""
        self._listing, seconds = None, max(least, min(2 * self._rest, LONGEST_REST))
        self._rests_until, self._rest = self._steady() + seconds, seconds
        log.info("looks_one_by_one", reason=reason, seconds=seconds)
