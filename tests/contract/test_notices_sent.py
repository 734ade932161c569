"""Notices over real connections: a webhook and a mail server on loopback, friendly and hostile."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message as Mail
from pathlib import Path
from typing import Any

import pytest

from agent.notices.channel import Channel, Undelivered
from agent.notices.courier import Courier
from agent.notices.notice import Message
from agent.notices.outbox import Telling
from agent.resources.catalog import PackagedCatalog
from agent.views.language import translator
from states.facts import Facts
from states.state import Event, State
from states.store_port import Move
from states.text import say
from store.sql import SqlStore
from tests.webhook import CLOSES, HANGS, Webhook, open_webhook

pytest.importorskip("apprise")
# Of its hundred plugins, all loaded with the first, some are behind the times.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MESSAGE = Message("Afinador: tienda: retenido", "¿Cuánto <b>cuesta</b>?\n\n& más")
SOON = "?cto=1&rto=0.3"  # seconds until an address counts as silent


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with open_webhook() as opened:
        yield opened


@pytest.fixture
def mailbox() -> Iterator[tuple[int, list[Mail]]]:
    """The port of a mail server, and what it has taken."""
    controllers = pytest.importorskip("aiosmtpd.controller")
    taken: list[Mail] = []

    class Handler:
        async def handle_DATA(  # noqa: N802  its name
            self, _server: Any, _session: Any, envelope: Any
        ) -> str:
            taken.append(message_from_bytes(envelope.content))
            return "250 OK"

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = controllers.Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    yield port, taken
    controller.stop()


def test_a_webhook_gets_title_and_message(hook: Webhook) -> None:
    Channel(hook.address("avisos"), 1).send(MESSAGE)
    [taken] = hook.taken
    assert (taken["title"], taken["message"]) == (MESSAGE.title, MESSAGE.body)


def test_a_mail_says_the_same_to_each_recipient(mailbox: tuple[int, list[Mail]]) -> None:
    """Whatever it looks like, it is text: nothing in it becomes markup."""
    port, taken = mailbox
    address = f"mailto://127.0.0.1:{port}?from=agente@a.es&to=uno@b.es,dos@b.es&format=text"
    Channel(address, 1).send(MESSAGE)
    assert len(taken) == 2
    for mail in taken:
        assert str(make_header(decode_header(mail["subject"]))) == MESSAGE.title
        part = next(one for one in mail.walk() if one.get_content_type() == "text/plain")
        body = part.get_payload(decode=True)
        assert isinstance(body, bytes)
        assert "¿Cuánto <b>cuesta</b>?" in body.decode()


@pytest.mark.parametrize("mood", [400, 401, 404, 429, 500, 503, CLOSES, HANGS])
def test_what_was_not_taken_is_undelivered_and_tells_no_secret(
    hook: Webhook, mood: int | str
) -> None:
    hook.moods = [mood, mood]
    channel = Channel(f"json://agente:hunter22x@127.0.0.1:{hook.port}/hooks/K3yK3y{SOON}", 2)
    with pytest.raises(Undelivered) as found:
        channel.send(MESSAGE)
    said = f"{found.value}{found.value.__cause__}{channel.name}"
    assert not [part for part in ("hunter22x", "K3yK3y", "agente") if part in said]
    hook.moods = []
    channel.send(MESSAGE)
    assert len(hook.taken) == 1


@pytest.mark.parametrize(
    "address", ["nosuch://hunter22x", "slack://hunter22x", "mailtos://hunter22x"]
)
def test_an_address_that_is_none_is_undelivered(address: str) -> None:
    with pytest.raises(Undelivered) as found:
        Channel(address, 1).send(MESSAGE)
    assert "hunter22x" not in str(found.value)


def test_a_name_that_nobody_has_is_undelivered() -> None:
    with pytest.raises(Undelivered):
        Channel("jsons://nobody.invalid/hunter22x?cto=1", 1).send(MESSAGE)


# The courier ---------------------------------------------------------------------------------


@pytest.fixture
def telling(store: SqlStore) -> Telling:
    store.create("tienda", "00c0ffee", "emulator/1", 1.0)
    return Telling(store, Path("/h"), translator("en"), str, PackagedCatalog())


def _hold(store: SqlStore, text: str) -> None:
    project = store.load("tienda")
    assert project is not None
    note = say("{what}", what=text)
    store.move(project, Move(Event.HELD, State.DRAFT, Facts(), None, 1, note, note), 2.0)


def _bodies(hook: Webhook) -> list[str]:
    return [message["message"].split("\n")[0] for message in hook.taken]


def test_an_address_that_hangs_stops_no_other_and_no_end(
    store: SqlStore, telling: Telling, hook: Webhook
) -> None:
    """Neither the end of the process: it is left behind, and told by the next."""
    with open_webhook() as deaf:
        deaf.moods = [HANGS] * 9
        channels = [Channel(f"{deaf.address('x')}?rto=50", 1), Channel(hook.address("y"), 2)]
        courier = Courier(channels, telling, 0.02)
        courier.follow()
        courier.begin()
        _hold(store, "now")
        _until(lambda: _bodies(hook) == ["now"] and deaf.seen)
        began = time.monotonic()
        courier.end(0.2)
        assert time.monotonic() - began < 20  # the address would take 50
        deaf.moods = []
        _tell_once(deaf, telling, f"{deaf.address('x')}?rto=50")
        assert _bodies(deaf) == ["now"]


def test_what_fails_is_tried_again_at_the_end_in_order(
    store: SqlStore, telling: Telling, hook: Webhook
) -> None:
    """A rest does not keep the last messages from a run that is over."""
    hook.moods = [500]
    courier = Courier([Channel(hook.address("x"), 1)], telling, 0.02)
    courier.follow()
    courier.begin()
    _hold(store, "first")
    _until(lambda: hook.seen)
    _hold(store, "second")
    courier.end(20)
    assert _bodies(hook) == ["first", "second"]


def test_without_addresses_there_is_nothing_to_do(store: SqlStore, telling: Telling) -> None:
    courier = Courier([], telling, 0.02)
    courier.follow()
    courier.begin()
    courier.end(0)
    assert store.untold(telling.home, "anybody") == {}


def _tell_once(hook: Webhook, telling: Telling, address: str) -> None:
    courier = Courier([Channel(address, 1)], telling, 0.02)
    courier.follow()
    courier.begin()
    courier.end(20)


def _until(question: Any) -> None:
    end = time.monotonic() + 30
    while not question():
        assert time.monotonic() < end
        time.sleep(0.01)
