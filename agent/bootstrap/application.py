"""What works: ticks, decisions, the daemon, each built when it is first used.

Longer than other files, so that all of this wiring stands in one place.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING

from agent.bootstrap.looking import Looking
from states.errors import NeedsOperator, StoreError, Superseded, Unreachable
from states.text import Text, say

if TYPE_CHECKING:
    from agent.drivers.choice import Driver
    from agent.drivers.errand import Ending, Errand
    from agent.drivers.progress import Tell
    from agent.drivers.temporal.decided import Decided
    from agent.engine.decisions import Decisions
    from agent.engine.exactly_once import Timing
    from agent.engine.preparation import Preparation
    from agent.engine.tick import Ticker
    from agent.providers.contract import Connection
    from agent.resources.tokens import O200kTokens
    from states.model import Project
    from states.ports import Do, Ports, Read
    from states.quality_port import Quality
    from states.steps.leftovers import Leftover


class Application(Looking):
    """Everything, imported and built when it is first used."""

    _has_moved = False  # this process has moved a project

    @cached_property
    def tokens(self) -> O200kTokens:
        from agent.resources.tokens import O200kTokens

        return O200kTokens()

    @cached_property
    def ticker(self) -> Ticker:
        return self._ticker_with(self.ports_for)

    def _ticker_with(self, ports_for: Callable[[Project], Ports]) -> Ticker:
        from agent.engine.tick import Ticker

        home = self.home_view.identity
        return Ticker(self.store, ports_for, self._publish, time.time, self.redactor, home)

    @cached_property
    def preparation(self) -> Preparation:
        """For the states that need no service: it is not even connected to."""
        from agent.engine.preparation import Preparation
        from store.files import write_atomically

        ticker = self._ticker_with(self.local_ports)
        return Preparation(
            self.settings.home, self.store, ticker, write_atomically, self.home_view.given
        )

    @cached_property
    def decided(self) -> Decided:
        from agent.drivers.temporal.decided import Decided

        return Decided(self.settings)

    def _publish(self, project: Project) -> None:
        self._has_moved = True
        if self.settings.temporal.address:
            self.decided.note(project)
        self.results.publish(project)

    def tell_workers(self) -> None:
        """Those of other machines look at once at what a command has moved. Unreachable says why
        Temporal's workflows are not awake."""
        if self._has_moved:
            with suppress(StoreError):  # they look again by themselves
                self.store.wake()
        if "decided" in self.__dict__:
            self.decided.tell()

    @cached_property
    def decisions(self) -> Decisions:
        from agent.engine.decisions import Decisions

        return Decisions(self.store, self.ticker, self.ports_for, time.time)

    @cached_property
    def connection(self) -> Connection:
        return self.settings.service.connect(self.settings, self.redactor)

    @property
    def _timing(self) -> Timing:
        from agent.engine.exactly_once import Timing

        settings = self.settings
        spare = (
            settings.settle_seconds
            - settings.request_timeout_seconds
            - settings.listing_lag_seconds
        )
        return Timing(settings.settle_seconds, spare)

    def ports_for(self, project: Project) -> Ports:
        """The ports of one project for one tick.

        Starts the local emulator if it is needed and not running."""
        from agent.engine import clock
        from agent.engine.mutations import Mutations

        provider = self.connection.provider()
        do = Mutations(
            project, self.store, provider, self._timing, clock.now, self.connection.get_ready
        )
        return self._ports(project, provider, do)

    def _ports(self, project: Project, read: Read, do: Do) -> Ports:
        from agent.engine import clock
        from states.ports import Ports

        return Ports(
            read=read,
            do=do,
            artifacts=self.home_view.artifacts_of(project),
            memory=self.store.memory(project.name),
            tokens=self.tokens,
            catalog=self.catalog,
            quality=self._quality_for(project),
            purse=self.spending,
            preferences=self.settings.preferences_for(project),
            now=clock.now().wall,
            charges_money=self.settings.service.charges_money,
            translate=self.translate,
            goes_on=lambda: not self._ending.is_set(),
        )

    def _quality_for(self, project: Project) -> Quality:
        from states.quality_port import NoQuality

        if self.settings.for_project(project).data_check == "rules":
            return NoQuality()
        from agent.quality.apart import ApartQuality

        return ApartQuality(self._ending.is_set)

    def connect(self) -> None:
        """What this machine lacks comes out now, and not in the middle of a tick.

        An emulator that died while it was starting is started again by the ticks."""
        # Neither vocabulary nor SDK: each takes longer than all the rest of a start, and a training
        # is followed without them. The first count, and the first request that is more than a look,
        # load them; a failure there, for want of file handles, say, passes and is not remembered.
        with suppress(Unreachable):
            self.connection.provider()

    def recover(self) -> None:
        """All of it at once."""
        self.recover_going()
        self.recover_resting(lambda: True)

    def recover_going(self, only: str | None = None) -> None:
        """What may go on in the first sweep: for that, nothing else has to be waited for.

        `only`: beside that project, no other."""
        from agent.engine.finding import projects_of
        from agent.engine.recovery import recover

        if not self.store.is_shared:  # else another worker may have gone on with any of them
            named = projects_of(self.store, only)
            going = (project for project in named if project.due_at is not None)
            recover(going, self.home_view.artifacts_of, self.ticker.publish)

    def recover_resting(self, goes_on: Callable[[], bool], only: str | None = None) -> None:
        """All the rest, of however many finished projects, while `goes_on`; `only` as above."""
        from agent.engine.finding import projects_of
        from agent.engine.recovery import recover
        from store.files import remove_leftovers

        for folder in ("data", "results"):
            remove_leftovers(self.settings.home / folder, time.time())
        self.store.remove_abandoned_pieces(time.time())
        is_shared = self.store.is_shared
        for seen in projects_of(self.store, only):
            if not goes_on():
                return
            is_wanted = is_shared or seen.due_at is None
            # Read once more: a person may have decided something since.
            project = self.store.load(seen.name) if is_wanted else None
            if project is None:
                continue
            # Of a shared database the files of data/ are made anew when they are looked at: any
            # worker may have gone on. What was never shown here is shown by whoever works on it.
            if not is_shared:
                recover([project], self.home_view.artifacts_of, self.ticker.publish)
            elif self.results.files_of(project):
                self.ticker.publish(project)

    def _take_mended(self, project: Project) -> Project:
        if not self.home_view.sees(project):
            return project
        with suppress(NeedsOperator, Superseded):  # met again, and told of, by the ticks
            return self.ticker.take_mended(project, self.home_view.artifacts_of)
        return project

    def _log_ignored_settings(self) -> None:
        if self.settings.prompt_loss_weight is not None:
            import structlog

            log = structlog.get_logger()
            log.warning(
                "setting_ignored",
                setting="FINE_TUNING_PROMPT_LOSS_WEIGHT",
                reason=str(say("No current version of the service knows it, so it is not sent.")),
            )

    def check_connection(self) -> None:
        """SettingsError if no client can be built here (a proxy of nonsense, say).

        Called before anything is begun; nothing is sent."""
        _ = self.connection

    def claim(self, project: Project) -> Project:
        from agent.engine.ownership import claim

        self.check_connection()
        return claim(self.store, project, self.settings.service)

    def local_ports(self, project: Project) -> Ports:
        """For what needs no service: it is not even connected to."""
        from agent.engine.preparation import DO, READ

        return self._ports(project, READ, DO)

    def cancel(
        self,
        name: str,
        delete_files: bool,
        tell: Callable[[Text], None],
        *,
        keeps_parent: bool = False,
    ) -> Project:
        """CANCELLED and cleaned up; see finish_cancellation for `tell`."""
        from agent.engine.cancellation import finish_cancellation

        project = self.decisions.cancel(name, delete_files, keeps_parent)
        return finish_cancellation(project, self.ticker, tell, time.time)

    def tear_down(self, name: str, tell: Callable[[Text], None]) -> Project:
        """Our deployments of an ANALYZED project are deleted; `tell` as for `cancel`."""
        from agent.engine.cancellation import finish_cancellation
        from agent.engine.teardown import plan_teardown

        project = self.decisions.make(name, lambda found: plan_teardown(found, time.time()))
        return finish_cancellation(project, self.ticker, tell, time.time)

    def clean(self, name: str, going: Sequence[Leftover], tell: Callable[[Text], None]) -> Project:
        """What a project has left at the service is deleted; `tell` as for `cancel`."""
        from agent.engine.cancellation import finish_cancellation
        from agent.engine.cleanup import plan_cleanup

        memory = self.store.memory(name)
        project = self.decisions.make(
            name, lambda found: plan_cleanup(found, going, memory, time.time())
        )
        return finish_cancellation(project, self.ticker, tell, time.time)

    def run(self, errand: Errand, tell: Tell, rest: Callable[[], None]) -> Ending:
        """The daemon goes to work; see agent/drivers/daemon.py."""
        from agent.drivers.daemon import Daemon, retry_while_busy
        from agent.drivers.errand import TEMPORAL
        from agent.notices.courier import open_courier

        self._log_ignored_settings()
        retry_while_busy(lambda: self.store)  # PostgreSQL may start at the same time as this does
        if errand.driver == TEMPORAL:
            self.decided.become_worker()
        daemon = Daemon(
            self.settings.home,
            self.store,
            self.settings.service,
            partial(self.recover_going, errand.project),
            partial(self.recover_resting, only=errand.project),
            self._take_mended,
            self.home_view.given,
            self.connect,
            self._build_driver,
            open_courier(self.settings, self.store, self.translate, self.spending),
        )
        return daemon.run(errand, tell, rest)

    def _build_driver(self, errand: Errand) -> Driver:
        from agent.drivers.choice import build_driver
        from agent.drivers.errand import LOCAL
        from agent.engine.standing import StandingWaits
        from agent.engine.sweep import Sweep

        standing = StandingWaits(self.store, self.connection.provider, time.time)
        sweep = Sweep(
            self.ticker,
            self.store,
            time.time,
            wanted=lambda p: errand.wants(p) and self.home_view.sees(p),
            standing=standing if errand.driver == LOCAL else None,
            shortest_rest=self.settings.sweep_seconds,
        ).only_at(errand.service, errand.project)
        return build_driver(errand, sweep, self.store, self.settings, self._ending.set)

    def close(self) -> None:
        """Connections are closed, and the emulator that was started here is gone."""
        if "connection" in self.__dict__:
            self.connection.close()
        if "store" in self.__dict__:
            self.store.close()
