"""The same life over real HTTP: the real provider and the real SDK against an emulator process, on
the real clock.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from agent.engine import clock
from agent.providers.arm import Arm, ArmAccount
from agent.providers.azure import AzureService
from agent.providers.azure_client import Endpoint
from agent.providers.credentials import Given
from agent.providers.errors import Errors
from agent.redactor import Redactor
from states.errors import AfinadorError
from states.state import State
from states.store_port import Instant
from tests.crash.boundary import Boundary, Ended
from tests.crash.shop import CASES, NAME
from tests.crash.world import World, machine
from tests.emulator_process import control_headers
from tests.watcher import folder_prefix

TIMEOUT, SEND = 1.0, 0.8  # seconds: this clock is the real one
SETTLE = TIMEOUT + SEND
LATE = 0.4
QUICK = {f"EMULATOR_{what}_SECONDS": "0" for what in ("FILE", "QUEUE", "TRAIN", "DEPLOY")}
MOST_LIVES = 25  # of one emulator: it keeps at most a hundred files, as the service does


class Emulator:
    """A process of its own on a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("AZURE_", "OPENAI_", "AGENT_"))
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agent.emulator", "--home", str(home), "--until-stdin-closes"],
            env={**kept, **QUICK, "EMULATOR_ENCODER": "hash"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdout is not None
        self.url = str(json.loads(self.process.stdout.readline())["url"])

    def order(self, *rules: dict[str, Any]) -> None:
        """Faults for the requests to come, and no others."""
        request = urllib.request.Request(  # noqa: S310  loopback
            f"{self.url}/_emulator/faults",
            method="PUT",
            data=json.dumps(rules).encode(),
            headers=control_headers(self.home),
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            request, timeout=10
        ) as answer:
            answer.read()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


def ledger(home: Path, uid: str) -> dict[str, int]:
    """How often each mutation of this project was accepted, and a chat asked, from the emulator's
    own record.
    """
    found: dict[str, int] = {}
    with closing(
        sqlite3.connect(f"{(home / 'emulator.sqlite3').as_uri()}?mode=ro", uri=True)
    ) as connection:
        for kind, subject, detail in connection.execute("SELECT kind, id, detail FROM ledger"):
            said = json.loads(detail)
            mark = f"{subject} {said.get('filename')} {said.get('suffix')}"
            if uid in mark:
                name = f"upload-{said['filename'].split('-')[-2]}" if kind == "upload" else kind
                found[name] = found.get(name, 0) + 1
    return found


class Remote:
    """The provider, where tests/fake_service.py stands otherwise."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self.in_a_hurry = False
        errors = Errors(emulator.url, Redactor(["a-key"]))
        account = ArmAccount(emulator.url, "local", "local", "emulator", "standard", 50)
        self.azure = AzureService(
            Endpoint(emulator.url, "a-key", "2024-12-01-preview", TIMEOUT),
            Arm(account, Given("a-token"), TIMEOUT, errors),
            errors,
        )

    def connect(self) -> None:
        """The real one does that itself."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.azure, name)

    def act_later(self, _seconds: float, name: str, given: tuple[Any, ...]) -> None:
        """The connection is lost at once, and the service acts a little later."""
        self._emulator.order({"match": {}, "do": {"kind": "act_later", "seconds": LATE}})
        with suppress(AfinadorError):
            getattr(self.azure, name)(*given)
        self._emulator.order()

    def close(self) -> None:
        self.azure.close()


class RealClock:
    """As tests/fake_service.py's Clock, but nobody turns it."""

    def wall(self) -> float:
        return time.time()

    def now(self) -> Instant:
        return clock.now()

    def spend(self, seconds: float) -> None:
        time.sleep(max(seconds, 0.0))


@contextmanager
def wired(emulator: Emulator) -> Iterator[World]:
    """A machine whose service is the emulator."""
    with machine() as world:
        world.clock, world.service, world.uid = RealClock(), Remote(emulator), secrets.token_hex(4)  # type: ignore[assignment]
        world.settle, world.send, world.poll_seconds, world.epochs = SETTLE, SEND, 0.05, 1
        try:
            yield world
        finally:
            world.close()
            world.service.close()


@contextmanager
def emulators() -> Iterator[Iterator[Emulator]]:
    """One emulator after the other, each for so many lives."""
    with tempfile.TemporaryDirectory(prefix=folder_prefix("crash")) as folder:
        running: list[Emulator] = []

        def each() -> Iterator[Emulator]:
            number = 0
            while True:
                if number % MOST_LIVES == 0:
                    for old in running:
                        old.close()
                    running[:] = [Emulator(Path(folder) / str(number))]
                number += 1
                yield running[0]

        try:
            yield each()
        finally:
            for old in running:
                old.close()


# The answers: one for each case, and the probe.
ONCE = {
    "upload-training": 1,
    "upload-validation": 1,
    "create_job": 1,
    "create_deployment": 1,
    "chat": len(CASES) + 1,
}


def every_request(points: Iterable[int]) -> int:
    """A process ends before, during and after every request, over real HTTP; another goes on.

    The number tried.
    """
    tried = 0
    with emulators() as each:
        for k, emulator in zip(points, each, strict=False):
            with wired(emulator) as world:
                point = Boundary(k, only_requests=True)
                agent = world.start(point)
                try:
                    agent.begin().rest()
                except Ended:
                    world.crashed(agent)
                    agent = world.start().begin()
                    agent.rest()
                where = f"after a crash at request point {k}: {point.trail}"
                assert agent.project.state is State.ANALYZED, f"{agent.project} {where}"
                # An answer that had arrived, and was not kept yet, is the one that is paid for
                # again.
                expected = {**ONCE, "chat": ONCE["chat"] + (point.trail == "chat: after")}
                assert ledger(emulator.home, world.uid) == expected, (
                    f"{ledger(emulator.home, world.uid)} {where}"
                )
            if not point.trail:
                return tried
            tried += 1
    return tried


def every_lost_reply() -> int:
    """The reply to each mutation is lost, over real HTTP: the SDK sends nothing a second time, and
    neither does the agent.
    """
    paths = (("POST", "/files"), ("POST", "/fine_tuning/jobs"), ("PUT", "/deployments/"))
    with emulators() as each:
        for (method, path), emulator in zip(paths, each, strict=False):
            with wired(emulator) as world:
                emulator.order(
                    {"match": {"method": method, "path": path}, "do": {"kind": "drop_after"}}
                )
                agent = world.start().begin()
                agent.rest()
                assert agent.store.load(NAME) is not None
                assert agent.project.state is State.ANALYZED, (
                    f"{agent.project} after a lost reply to {method} {path}"
                )
                found = ledger(emulator.home, world.uid)
                assert found == ONCE, f"{found} after a lost reply to {method} {path}"
    return len(paths)
