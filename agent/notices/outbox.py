"""What one address has not been told yet, sent in order. courier.py calls `deliver`.

The outbox is the history itself: every checkpoint stands there in order, once and for good. All
that is kept beside it is how far an address has been told, and that is written once the message
was taken. A kill in between tells it twice, and no kill tells it never.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from agent.notices.channel import Channel
from agent.notices.memory import Store
from agent.settings.services import Service
from agent.views.language import Translate
from states.errors import StoreError
from states.model import Project
from states.ports import Catalog

if TYPE_CHECKING:
    from agent.notices.notice import Notice
    from states.money.budget import Limit

log = structlog.get_logger()


@dataclass(frozen=True)
class Telling:
    """What all addresses share. `folder`: the agent's home; `redact`: takes secrets out;
    `wall`: unix seconds; `limits`: for one look at all projects, the
    budget that each is measured by."""

    store: Store
    folder: Path
    translate: Translate
    redact: Callable[[str], str]
    catalog: Catalog
    wall: Callable[[], float] = time.time
    limits: Callable[[], Callable[[Project], Limit | None]] = lambda: lambda _project: None

    @cached_property
    def home(self) -> str:
        """Tells several agents on one database apart; workers that share it tell as one."""
        if self.store.is_shared:
            return "shared"
        return hashlib.sha256(str(self.folder).encode()).hexdigest()[:16]


class Outbox:
    """Of one address. For one thread."""

    def __init__(self, channel: Channel, telling: Telling) -> None:
        self.channel, self._telling = channel, telling

    def go(self, remind: bool) -> bool:
        """`deliver`, then `remind` if wanted. False where another worker is at it just now."""
        name = f"notices to {self.channel.digest}"
        with self._telling.store.lock_project(name) as is_held:
            if is_held is None:
                return False
            self.deliver()
            if remind:
                self.remind()
            return True

    def deliver(self) -> None:
        """Everything that has happened is told. Undelivered where the address takes no more for
        now: what is left comes first the next time. StoreError: the store itself is in trouble."""
        store, whose = self._telling.store, (self._telling.home, self.channel.digest)
        trouble: StoreError | None = None
        for name, version in store.untold(*whose).items():
            try:
                self._tell_history(name, version)
            except StoreError as error:  # a row that nobody can read must not silence the others
                trouble = error
        if trouble is not None:
            raise trouble

    def remind(self) -> None:
        """What comes with time is told, each stage of it once. Raises as `deliver`."""
        from agent.notices.watched import Look, reminders

        telling, address = self._telling, self.channel.digest
        now, limit_of = telling.wall(), telling.limits()
        for project in telling.store.each():
            if project.version < 0 or not Service.named(project.service).charges_money:
                continue
            for reminder in reminders(
                project, Look(telling.catalog.service, now, limit_of(project))
            ):
                whose = "" if reminder.is_shared else f"{project.name} "
                topic = f"{whose}{reminder.topic}"
                if telling.store.told(telling.home, address, topic) < reminder.stage:
                    self._send(project, reminder.notice, now)
                    telling.store.mark_told(telling.home, address, topic, reminder.stage)

    def _tell_history(self, name: str, version: int) -> None:
        from agent.notices.notice import notice_of

        store, home, address = self._telling.store, self._telling.home, self.channel.digest
        seen = version
        for project, checkpoint in store.checkpoints_after(name, version):
            notice = notice_of(project, checkpoint)
            if notice is not None:
                self._send(project, notice, checkpoint.at)
                store.mark_told(home, address, name, checkpoint.version)
                version = checkpoint.version
            seen = checkpoint.version
        if seen > version:
            store.mark_told(home, address, name, seen)

    def _send(self, project: Project, notice: Notice, at: float) -> None:
        from agent.notices.notice import Message, write

        written = write(notice, project, at, self._telling.translate)
        redact = self._telling.redact
        self.channel.send(Message(redact(written.title), redact(written.body)))
        log.info("notice_sent", project=project.name, address=self.channel.name)
