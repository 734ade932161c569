"""The deployments, listed once for all who wait for one at the same poll. Made by azure.py.

overview.py does so for jobs and files, of which there are thousands; of deployments there are some
dozens, so that each is kept as it is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence

import structlog

from agent.providers import overview
from states.errors import NeedsOperator, Permanent, Transient
from states.remote import RemoteDeployment

log = structlog.get_logger()


class SharedList:
    """`read` lists them. Used by many threads. `steady`: seconds of a clock that nobody sets."""

    def __init__(
        self,
        read: Callable[[], Iterable[RemoteDeployment]],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read, self._steady, self._lock = read, steady, threading.Lock()
        self._asked: dict[str, float] = {}  # name of a deployment -> when it was last wanted
        self._begun = self._rests_until = -float("inf")
        self._listed: Sequence[RemoteDeployment] = ()

    def look(self, name: str, within: float) -> Sequence[RemoteDeployment] | None:
        """All, by a listing begun at most `within` seconds ago. `name`: what is looked for.

        None where few look for one, or they cannot be listed at the moment. Raises nothing."""
        now = self._steady()
        with self._lock:
            self._asked[name] = now
            if len(self._asked) <= overview.FEW or now < self._rests_until:
                return None
            if now - self._begun > within:
                self._asked = {
                    one: at for one, at in self._asked.items() if now - at <= overview.INTEREST
                }
                try:
                    self._listed, self._begun = list(self._read()), now
                except (Transient, Permanent, NeedsOperator) as fault:
                    log.warning("listing_failed", reason=fault.text.for_log())
                    self._rests_until = now + overview.LAG
                    return None
            return self._listed
