"""Which driver an errand is done with. Called by bootstrap; each is loaded when it is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from agent.drivers.errand import TEMPORAL, Errand

if TYPE_CHECKING:
    from agent.engine.sweep import Sweep
    from agent.settings.config import Settings
    from states.store_port import Store


class Driver(Protocol):
    """Who calls the ticks: agent/drivers/local.py or agent/drivers/temporal/driver.py."""

    has_left_ticks: bool  # after `run`: some did not end in time, and go on

    def run(self, is_finished: Callable[[], bool], observe: Callable[[], None]) -> bool:
        """True when finished or stopped in order; False when what drives it died."""
        ...

    def run_once(self) -> None:
        """One sweep: every due project goes on until it has to wait."""
        ...

    def stop(self) -> None: ...


def build_driver(
    errand: Errand,
    sweep: Sweep,
    store: Store,
    settings: Settings,
    on_stop: Callable[[], None],
) -> Driver:
    """`on_stop` is called once the driver is told to stop."""
    from agent.drivers.systemd import Systemd

    seconds = settings.sweep_seconds
    if errand.driver == TEMPORAL:
        from agent.drivers.temporal.driver import Post, TemporalDriver

        service, poll = settings.service.name, settings.poll_seconds
        post = Post(settings.temporal, service, errand.wants, seconds, poll)
        return TemporalDriver(sweep, store, post, Systemd(), on_stop)
    from agent.drivers.local import LocalDriver, Pace

    pace = Pace(seconds, dead_after=max(60.0, 20 * seconds))
    return LocalDriver(sweep, pace, Systemd(), on_stop, store.listen)
