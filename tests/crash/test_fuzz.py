"""Whatever the service answers: to every read and every act, thousands of replies of all kinds.

`AFINADOR_FUZZ_SEED=… AFINADOR_FUZZ_LIFE=… pytest tests/crash/test_fuzz.py` repeats one life: both
numbers are told when it fails, with the replies that brought it about.
"""

from __future__ import annotations

import inspect
import os
import signal
import time
from collections.abc import Iterable
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from agent.providers.contract import Provider
from tests.crash.conftest import Tell
from tests.crash.fuzz import lives, search
from tests.crash.fuzz.azure import Azure
from tests.crash.fuzz.memory import memory_of
from tests.crash.fuzz.replies import CURSORS, LARGE, Reply
from tests.crash.fuzz.requests import METHODS, Op
from tests.crash.fuzz.server import Server
from tests.fake_objects import Clock
from tests.fake_service import Service

PARTS = 2  # each has lives of its own, so that two processes share the work
SHORT, LONG = 500, 5_000  # replies in all, at least: `make test`, `make test-crash`
SLOW, HUGE = 0.01, 0.02  # of all replies


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(
    "replies",
    [
        pytest.param(SHORT // PARTS, id="short"),
        pytest.param(LONG // PARTS, id="long", marks=pytest.mark.slow),
    ],
)
def test_whatever_the_service_answers_a_project_arrives(
    part: int, replies: int, tell: Tell
) -> None:
    """No bug, no hold without a next step, no effect twice, no hang, no more memory than there is;
    and once the service is well again, ANALYZED with one of each.
    """
    tell(f"seed {search.SEED}")  # before anything can fail
    chosen = os.environ.get("AFINADOR_FUZZ_LIFE")
    numbers = count(part * 100_000) if chosen is None else iter([int(chosen)])
    wanted = set(Op) if chosen is None and replies > SHORT // PARTS else set()
    found = search.prove(numbers, replies, wanted, slow=SLOW, large=HUGE)
    told = ", ".join(f"{number} {op.value}" for op, number in sorted(found.items()))
    tell(f"{found.total()} hostile replies ({told}): 0 faults", replies=found.total())
    assert chosen is not None or found.total() >= replies
    assert set(found) >= wanted


def _of_acts(*given: dict[str, Any]) -> lives.Orders:
    return {op: tuple(Reply(op, **more) for more in given) for op in Op if op.is_act}


# For each kind what is answered in one life.
KINDS: dict[str, lives.Orders] = {
    "redirects": _of_acts(
        {"status": 307, "location": "{here}/openai/files"},
        {"status": 308, "location": "http://elsewhere.test/in", "acts": False},
        {"status": 302, "location": "", "acts": False},
    ),
    "success of another shape": _of_acts(
        *({"body": body, "acts": False} for body in ("object", "list", "error", "log-in page"))
    ),
    "text of strangers": {op: (Reply(op, status=500, body="error", acts=False),) for op in Op},
    "codecs": {op: (Reply(op, type="text/plain; charset=base64"),) for op in Op},
    **{large: {op: (Reply(op, large=large),) for op in Op} for large in LARGE},
    **{
        cursor: {op: (Reply(op, cursor=cursor),) for op in Op if op.is_listing}
        for cursor in CURSORS
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_reply_is_outlived(kind: str) -> None:
    """Each by itself, to all that is asked for in one life, and in one that is cancelled."""
    _outlive(kind, [0] if kind in (*LARGE, *CURSORS) else [0, 9])


@pytest.mark.slow
@pytest.mark.parametrize("surface", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_reply_is_outlived_on_every_surface(kind: str, surface: int) -> None:
    """The undated one, and without Resource Manager."""
    _outlive(kind, range(surface, 12, len(lives.SURFACES)))


def _outlive(kind: str, numbers: Iterable[int]) -> None:
    with lives.staged() as stage:
        for number in numbers:
            life = stage.live(number, KINDS[kind])
            assert not life.faults, search.explain(number, life)


HOSTILE = {
    "a listing without end": Reply(Op.LIST_FILES, cursor="fresh for ever"),
    "a bomb": Reply(Op.LIST_FILES, large="bomb"),
    "a flood": Reply(Op.LIST_FILES, large="endless"),
    "a drip": Reply(Op.LIST_FILES, pace="drip"),
}


@pytest.mark.parametrize(
    "kind",
    [next(iter(HOSTILE)), *(pytest.param(k, marks=pytest.mark.slow) for k in [*HOSTILE][1:])],
)
def test_a_daemon_whose_service_answers_so_ends_when_it_is_told(
    kind: str, daemon: Any, home: Path, small_set: Any, eventually: Any
) -> None:
    """Within seconds, and without much memory."""
    small_set(home)
    with closing(Server()) as server:
        server.azure = Azure(Service(Clock()))
        server.orders[Op.LIST_FILES].extend([HOSTILE[kind]] * 1_000)
        settings = {
            **{"AGENT_PROVIDER": "azure", "AZURE_OPENAI_ENDPOINT": server.url},
            **{"AZURE_OPENAI_KEY": "a-key-of-the-tests", "AZURE_OPENAI_VERSION": "v1"},
        }
        running = daemon(home, env=settings)
        eventually(lambda: server.delivered)
        time.sleep(0.5)  # in the middle of it
        needed = memory_of(running.pid)
        began = time.monotonic()
        assert running.end(signal.SIGTERM, seconds=20).code == 0
        assert time.monotonic() - began < 10  # five, on a machine that is not busy
        assert needed < 400 * 2**20, f"{needed // 2**20} MiB"


def test_every_read_and_every_act_of_the_contract_is_asked_for() -> None:
    """A new method of a provider needs its request here."""
    named = {name for name, _ in inspect.getmembers(Provider, inspect.isfunction) if name[0] != "_"}
    assert set(METHODS) == named
    assert {op for ops in METHODS.values() for op in ops} == set(Op)
