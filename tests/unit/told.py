"""An address in memory, and its outbox on a desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from agent.notices.notice import Message
from agent.notices.outbox import Outbox, Telling
from agent.views.language import translator
from tests.unit.desk import Desk


@dataclass
class Channel:
    """In the place of an address: keeps what it is sent, or says why not."""

    digest: str = "one"
    name: str = "1: test"
    sent: list[Message] = field(default_factory=list)
    trouble: list[BaseException] = field(default_factory=list)

    def send(self, message: Message) -> None:
        if self.trouble:
            raise self.trouble.pop(0)
        self.sent.append(message)

    @property
    def titles(self) -> list[str]:
        return [message.title for message in self.sent]


def open_outbox(
    desk: Desk, channel: Channel, language: str = "en", *, follows: bool = True
) -> Outbox:
    telling = Telling(
        desk.store,
        Path("/home/agent"),
        translator(language),
        lambda text: text.replace("hunter22", "[secret]"),
        desk.catalog,
        desk.clock.wall,
    )
    if follows:
        desk.store.follow(telling.home, [channel.digest])
    return Outbox(channel, telling)  # type: ignore[arg-type]
