"""Projects that wait for their jobs as they did a poll ago: one listing, and one write for all.

The sweep (sweep.py) has them looked after together. Whatever has changed of a job, or of a
project, is ticked as always: nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from sys import intern
from typing import Protocol

import structlog

from agent.engine.backoff import next_poll
from agent.engine.tick import Ticked
from states.errors import AfinadorError, StoreError
from states.outcome import Standing
from states.patience import since_poll
from states.remote import Glimpse
from states.store_port import Mark, Postponed, ProjectStore

log = structlog.get_logger()

FEW = 3  # so many are ticked: they are looked at one by one anyway
AT_ONCE = 500  # projects in one write


class Looks(Protocol):
    """See states.ports.Read."""

    def job_glimpse(self, job_id: str, within: float) -> Glimpse | None: ...


@dataclass(frozen=True, slots=True)
class _Kept:
    """The row as the last tick has left it, and what it waits with."""

    version: int
    due_at: float
    standing: Standing


class StandingWaits:
    """`service`: returns the one at which the jobs are, once it is connected to.

    `note` may be called by many threads; `take` by the sweep alone, and `run` by one thread after
    each `take` that has kept something back."""

    def __init__(
        self, store: ProjectStore, service: Callable[[], Looks], wall: Callable[[], float]
    ) -> None:
        self._store, self._service, self._wall = store, service, wall
        self._kept: dict[str, _Kept] = {}
        self._in_hand: Collection[str] = ()

    @property
    def is_busy(self) -> bool:
        """`run` has been asked for, and has not ended yet."""
        return bool(self._in_hand)

    def note(self, ticked: Ticked) -> None:
        """A tick has ended."""
        after, standing = ticked.after, ticked.standing
        if standing is None or after.due_at is None or after.hold is not None:
            self._kept.pop(after.name, None)
        else:
            # Of ten thousand jobs neither id nor status is kept twice, see providers/overview.py.
            job, status = intern(standing.job), intern(standing.status)
            standing = replace(standing, job=job, status=status)
            self._kept[after.name] = _Kept(after.version, after.due_at, standing)

    def take(self, due: Sequence[Mark]) -> Sequence[str]:
        """Those of the due projects that are to be ticked; the others are left to `run`."""
        if self.is_busy:
            return [name for name, _, _ in due if name not in self._in_hand]
        now = self._wall()
        together = {mark[0] for mark in due if self._is_standing(mark, now)}
        if len(together) <= FEW:
            return [name for name, _, _ in due]
        self._in_hand = together
        return [name for name, _, _ in due if name not in together]

    def _is_standing(self, mark: Mark, now: float) -> bool:
        """The row is as its last tick has left it, and the job is not one that lingers."""
        name, version, due_at = mark
        kept = self._kept.get(name)
        return (
            kept is not None
            and (kept.version, kept.due_at) == (version, due_at)
            and now < kept.standing.until
        )

    def run(self, goes_on: Callable[[], bool]) -> bool:
        """Whoever waits as before is due at the next poll. True if others are to be ticked now.

        Raises StoreError. Trouble of the service is met again, and told of, by the ticks."""
        waiting, has_others = iter(self._in_hand), False
        try:
            service = self._service()
            while goes_on() and (some := list(islice(waiting, AT_ONCE))):
                still = {
                    name: kept
                    for name, kept in self._known(some)
                    if self._is_as_before(kept, service)
                }
                self._forget(set(some).difference(still))
                has_others |= len(still) < len(some)
                has_others |= not self._postpone(still)
        except StoreError:
            raise
        except AfinadorError as fault:
            log.warning("ticked_one_by_one", reason=fault.text.for_log())
            self._forget(self._in_hand)
            has_others = True
        finally:
            self._in_hand = ()
        return has_others

    def _known(self, names: Sequence[str]) -> Iterator[tuple[str, _Kept]]:
        for name in names:
            kept = self._kept.get(name)
            if kept is not None:
                yield name, kept

    def _is_as_before(self, kept: _Kept, service: Looks) -> bool:
        standing = kept.standing
        seen = service.job_glimpse(standing.job, since_poll(self._wall(), standing.poll))
        return seen is not None and seen.status == standing.status

    def _postpone(self, still: Mapping[str, _Kept]) -> bool:
        """False where a person, or another worker, has done something with one of them."""
        now = self._wall()
        due = {name: next_poll(now, kept.standing.poll) for name, kept in still.items()}
        rows = [Postponed(name, k.version, k.due_at, due[name]) for name, k in still.items()]
        changed = set(self._store.postpone(rows))
        for name, kept in still.items():
            self._kept[name] = _Kept(kept.version, due[name], kept.standing)
        self._forget(changed)
        log.debug("waited_on", projects=len(rows) - len(changed))
        return not changed

    def _forget(self, names: Collection[str]) -> None:
        for name in names:
            self._kept.pop(name, None)
