"""Delivers while the daemon works, each address in a thread of its own: a slow mail server stops
nobody. Built by bootstrap, begun and ended by agent/drivers/daemon.py.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import structlog

from agent.notices.channel import Channel, Undelivered, open_channels
from agent.notices.memory import Store
from agent.notices.outbox import Outbox, Telling
from agent.redactor import Redactor
from agent.settings.config import Settings
from agent.views.language import Translate
from states.errors import StoreError
from states.model import Project

if TYPE_CHECKING:
    from agent.engine.spending import Spending
    from states.money.budget import Limit

log = structlog.get_logger()

SHORTEST_REST = 5.0  # seconds until an address that took nothing is tried again; then doubled
LONGEST_REST = 900.0
REMINDED_EVERY = 3600.0  # seconds between two looks at what comes with time


def open_courier(
    settings: Settings, store: Store, translate: Translate, spending: Spending
) -> Courier:
    """For the addresses of the settings, perhaps none. SettingsError where the library is missing.

    `spending`: of the projects of the store."""

    def limits() -> Callable[[Project], Limit | None]:
        from agent.engine.budgets import Limits

        return Limits(spending, settings.budget_of, settings.project.budget).of

    redactor = Redactor(settings.secrets)
    telling = Telling(store, settings.home, translate, redactor, spending.catalog, limits=limits)
    return Courier(open_channels(settings.notify), telling, settings.sweep_seconds)


class Courier:
    """`channels`: who is told; `every`: seconds between two looks at what is new."""

    def __init__(self, channels: Sequence[Channel], telling: Telling, every: float) -> None:
        self._channels, self._telling, self._every = channels, telling, every
        self._rounds = [_Round(Outbox(channel, telling)) for channel in channels]
        self._ending = threading.Event()
        # Daemons: one that hangs must not keep the process. What it did not send is sent later.
        self._threads = [
            threading.Thread(target=self._run, args=(one,), daemon=True, name="notices")
            for one in self._rounds
        ]

    def follow(self) -> None:
        """Whoever is new is told of what comes; who is named no more, of nothing."""
        digests = [channel.digest for channel in self._channels]
        if not digests and self._telling.store.is_shared:
            return  # other workers tell
        self._telling.store.follow(self._telling.home, digests)

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self, seconds: float) -> None:
        """Each address gets one more chance, rested or not; nobody waits longer than `seconds`."""
        self._ending.set()
        end = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(end - time.monotonic(), 0))
        left = [r.address for r, t in zip(self._rounds, self._threads, strict=True) if t.is_alive()]
        if left:
            log.warning("notices_left", addresses=left)

    def _run(self, one: _Round) -> None:
        while not self._ending.wait(self._every):
            one.go_if_rested()
        one.go()


class _Round:
    """One address, and how it fared."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.address = outbox.channel.name
        self._rest = self._until = 0.0
        self._failures = 0
        self._reminded_at: float | None = None

    def go_if_rested(self) -> None:
        if time.monotonic() >= self._until:
            self.go()

    def go(self) -> None:
        """Raises nothing: whatever is wrong is logged, and tried again after a rest."""
        try:
            now = time.monotonic()
            is_time = self._reminded_at is None or now >= self._reminded_at + REMINDED_EVERY
            if self._outbox.go(is_time) and is_time:
                self._reminded_at = now
        except Undelivered as error:
            self._put_off("notice_failed", error)
        except StoreError as error:
            self._put_off("store_trouble", error)
        except Exception:
            log.exception("notices_broke", address=self.address)
            self._take_rest()
        else:
            self._rest = self._until = 0.0
            self._failures = 0

    def _put_off(self, event: str, error: Undelivered | StoreError) -> None:
        self._take_rest()
        log.warning(
            event,
            address=self.address,
            reason=error.text.for_log(),
            attempts=self._failures,
            retry_after=self._rest,
        )

    def _take_rest(self) -> None:
        self._failures += 1
        self._rest = min(max(2 * self._rest, SHORTEST_REST), LONGEST_REST)
        self._until = time.monotonic() + self._rest
