"""People are told by the program itself: `run`, killed in the middle of telling, and `notify`."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.webhook import Webhook, open_webhook

pytest.importorskip("apprise")
SECRET = "Kl4v3-S3cr3t4"


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with open_webhook() as opened:
        yield opened


@pytest.mark.slow
def test_a_kill_while_somebody_is_told_tells_it_once_more(
    home: Path, cli: Any, daemon: Any, hook: Webhook
) -> None:
    """Killed when the message is there and not noted: the next run tells it again, a third does
    not. The address is in nothing that is written.
    """
    env = {"AGENT_NOTIFY": hook.address(f"avisos/{SECRET}"), "AGENT_DEPLOY": "manual"}
    started: list[Any] = []

    def kill(_: Any) -> None:
        if len(hook.seen) == 1:
            os.kill(started[0].process.pid, signal.SIGKILL)

    hook.on_message = kill
    started.append(daemon(home, "--until", "AWAITING_DEPLOY", env=env))
    started[0].process.wait(timeout=100)
    assert started[0].process.returncode == -signal.SIGKILL
    again = [cli(home, "run", "--until", "AWAITING_DEPLOY", env=env) for _ in range(2)]
    assert [ended.code for ended in again] == [0, 0]
    assert len(set(hook.titles)) == 1
    assert len(hook.titles) == 2
    assert "tienda" in hook.titles[0]
    written = [path for path in home.rglob("*") if path.is_file()]
    assert not [path for path in written if SECRET.encode() in path.read_bytes()]
    assert not [ended for ended in again if SECRET in ended.text]


def test_a_test_message_tells_which_address_failed(home: Path, cli: Any, hook: Webhook) -> None:
    hook.moods = [200, 500]
    bad = f"json://yo:{SECRET}@127.0.0.1:{hook.port}/otro"
    env = {"AGENT_NOTIFY": f"{hook.address('uno')} {bad}", "AGENT_LANGUAGE": "en"}
    ended = cli(home, "notify", "--test", env=env)
    assert ended.code == 1
    first, second = ended.out.splitlines()
    assert (first, second[:19]) == ("1: json: sent", "2: json: not taken ")
    assert "500" in second
    assert SECRET not in ended.text
    assert hook.titles == ["Afinador: a test"]
    assert cli(home, "notify", "--test", env={**env, "AGENT_NOTIFY": hook.address()}).code == 0


@pytest.mark.parametrize("arguments", [["notify"], ["notify", "--test"]])
def test_nobody_to_be_told_is_a_wrong_setting(home: Path, cli: Any, arguments: list[str]) -> None:
    ended = cli(home, *arguments)
    assert ended.code == 2
    with contextlib.suppress(FileNotFoundError):
        assert not list((home / "data").iterdir())
