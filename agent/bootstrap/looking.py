"""What a command needs that only looks: the settings, the store, and what people read of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.engine.heartbeat import read_heartbeat
from agent.redactor import Redactor
from agent.settings.services import Service, make_identity
from agent.views.language import translator
from states.errors import SettingsError
from states.text import say

if TYPE_CHECKING:
    from agent.engine.home_view import HomeView
    from agent.engine.spending import Spending
    from agent.resources.catalog import PackagedCatalog
    from agent.settings.config import Settings
    from agent.views.deployment_guide import Target
    from agent.views.result_content import Json, ResultContent
    from agent.views.results import Results
    from states.model import Project
    from states.places import Result
    from store.sql import SqlStore


class Looking:
    """Each part is imported and built when it is first used: `status` loads neither SDK nor log.

    `is_look`: for a command that reads the store and does nothing that would be logged."""

    def __init__(
        self, settings: Settings, *, is_daemon: bool = False, is_look: bool = False
    ) -> None:
        self.settings, self._may_create, self._is_look = settings, False, is_look
        self._ending = threading.Event()
        if is_daemon:
            self.make_home()
        self.redactor = Redactor(settings.secrets)
        self.translate = translator(settings.language)
        if not is_look:
            self._configure_log(is_daemon)

    def _configure_log(self, is_daemon: bool) -> None:
        from agent import logs

        settings = self.settings
        folder = settings.home / "logs" if is_daemon or not self.is_empty else None
        logs.configure(folder, settings.log_level, settings.secrets, rotate=is_daemon)

    def make_home(self) -> None:
        """A first project may be created here, at a service that is known again."""
        from agent.drivers.home_lock import refuse_unwritable

        refuse_unwritable(self.settings.home)
        self._may_create, service = True, self.settings.service
        if service.has_identity:
            make_identity(service.home(self.settings.home))

    @property
    def is_empty(self) -> bool:
        """No project was ever made here: a command that only looks must not make a database."""
        from store.engine import is_absent

        return is_absent(self.settings.database_url)

    @cached_property
    def store(self) -> SqlStore:
        if not self._may_create and self.is_empty:
            raise SettingsError(
                say(
                    "There is no project yet in {home}. `new` creates one.",
                    home=str(self.settings.home),
                )
            )
        from store.engine import open_engine
        from store.migrate import upgrade
        from store.sql import SqlStore

        engine = open_engine(self.settings.database_url)
        upgrade(engine)
        return SqlStore(engine)

    def look_at_database(self) -> bool | None:
        """Whether it has this version's schema, None without one. Makes and changes nothing."""
        from store.look import look

        return look(self.settings.database_url)

    @cached_property
    def catalog(self) -> PackagedCatalog:
        from agent.resources.catalog import PackagedCatalog

        return PackagedCatalog(self.settings.prices)

    @cached_property
    def spending(self) -> Spending:
        from agent.engine.spending import Spending

        return Spending(self.store, self.catalog, self.settings.deploy_sku, time.time)

    @cached_property
    def result_content(self) -> ResultContent:
        from agent.views.result_content import ResultContent
        from agent.views.result_money import MoneyContent

        return ResultContent(
            self.store,
            self.catalog,
            self._find_target,
            self.translate,
            lambda name: Service.named(name).is_stand_in,
            MoneyContent(
                self.spending, self.settings.budget_of, self.settings.project.budget
            ).render,
        )

    def _find_target(self) -> Target:
        from agent.views.deployment_guide import target_of

        return target_of(self.settings)

    @cached_property
    def results(self) -> Results:
        from agent.views.results import Results
        from store.files import write_atomically

        return Results(
            self.settings.home,
            self.store,
            self.result_content,
            self._render_reports,
            write_atomically,
        )

    def _render_reports(
        self, results: Mapping[Result, Json], preparation: Json | None
    ) -> Iterator[tuple[Result, bytes]]:
        from agent.report.render import Reports

        return Reports(self.translate, self.settings.language).render(results, preparation)

    @cached_property
    def home_view(self) -> HomeView:
        from agent.engine.home_view import HomeView
        from store.files import write_atomically

        return HomeView(self.settings.home, self.store, write_atomically)

    def heartbeat(self) -> dict[str, Any] | None:
        return read_heartbeat(self.store)

    def is_ours(self, project: Project) -> bool:
        """It lives at the service of the settings; nothing is ever sent to another one."""
        return project.service == self.settings.service.name

    def find(self, name: str | None) -> Project:
        from agent.engine.finding import find_project

        project = find_project(self.store, name)
        if self.store.is_shared and not self._is_look:
            self.home_view.renew(project)
        return project

    def files_of(self, project: Project) -> list[Path]:
        return self.results.files_of(project)
