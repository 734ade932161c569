"""One address of AGENT_NOTIFY, and how it is reached: the only file that knows apprise.

apprise is loaded when there is something to send, and nothing that it says gets out as it is: it
quotes addresses, and at debug level whole messages.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING

from agent.redactor import REDACTED
from agent.settings.notify import parts_of, scheme_of
from states.errors import AfinadorError, SettingsError
from states.foreign import clean
from states.text import Text, say

if TYPE_CHECKING:
    from apprise import Apprise

    from agent.notices.notice import Message

LONGEST_REASON = 300  # characters of what apprise says
ROUNDS = 100_000  # of the digest: who reads the database must not find a short password by trying


class Undelivered(AfinadorError):
    """The message is not there, as far as can be told; to be tried again."""


def open_channels(addresses: Sequence[str]) -> list[Channel]:
    """One for each address; SettingsError where the extra `notify` is not installed."""
    if addresses and find_spec("apprise") is None:
        raise SettingsError(
            say("AGENT_NOTIFY needs a library: pip install 'afinador[notify]' (apprise).")
        )
    return [Channel(address, number) for number, address in enumerate(addresses, start=1)]


class Channel:
    """`number`: of the address in the setting, from 1. It may be used by one thread at a time."""

    def __init__(self, address: str, number: int) -> None:
        self._address = address
        self.name = f"{number}: {scheme_of(address)}"  # for the log and the terminal
        self._hidden = parts_of(address)

    @cached_property
    def digest(self) -> str:
        """Tells addresses apart in the store, which holds no secret. Takes some 50 ms."""
        found = hashlib.pbkdf2_hmac("sha256", self._address.encode(), b"afinador", ROUNDS, 16)
        return found.hex()

    def check(self) -> None:
        """Undelivered where nothing could be sent to such an address; sends nothing."""
        _ = self._service

    def send(self, message: Message) -> None:
        """The service at the other end has taken it; Undelivered says why not."""
        from apprise import NotifyFormat

        try:
            result = self._service.notify(
                body=message.body, title=message.title, body_format=NotifyFormat.TEXT
            )
            is_there, said = bool(result), [entry.message for entry in result.logs()]
        except Undelivered:
            raise
        except Exception as error:  # whatever a plugin raises: the others are told all the same
            raise Undelivered(self._explain(f"{type(error).__name__}: {error}")) from None
        if not is_there:
            raise Undelivered(self._explain("; ".join(dict.fromkeys(said))))

    @cached_property
    def _service(self) -> Apprise:
        from apprise import Apprise, AppriseAsset

        # Its log would go to ours, at debug level with every message.
        library = logging.getLogger("apprise")
        library.propagate = False
        if not library.handlers:
            library.addHandler(logging.NullHandler())
        # In the thread that calls: a pool of its own could not be left behind when we end.
        asset = AppriseAsset(app_id="Afinador", async_mode=False, service_timeout=0)
        service = Apprise(asset=asset)
        if not service.add(self._address):
            raise Undelivered(
                say("apprise does not know such an address. See https://appriseit.com/services/")
            )
        return service

    def _explain(self, said: str) -> Text:
        """What apprise says, without any part of the address."""
        for part in self._hidden:
            said = said.replace(part, REDACTED)
        shown = " ".join(clean(said).split())[:LONGEST_REASON]
        return say("not taken ({reason})", reason=shown or "—")
