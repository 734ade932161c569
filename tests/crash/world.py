"""A machine to be broken: its disk, its clock, its service, and the agents that live, are stopped, and die on it.

Everything here is the product's own (store, ticker, effects, artifacts, operator, report) but for the clock and the service.
A `Boundary` counts the places where a process can end: around every request, around and inside every transaction, and between
write, fsync, rename and the fsync of the folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import event, select

import store.files
from agent.engine.artifacts import FolderArtifacts
from agent.engine.decisions import Decisions
from agent.engine.exactly_once import Timing
from agent.engine.mutations import Mutations
from agent.engine.send_deadline import seconds_left
from agent.engine.sweep import Sweep
from agent.engine.tick import LONGEST_WAIT, Ticked, Ticker
from agent.resources.catalog import PackagedCatalog
from agent.views.deployment_guide import Target
from agent.views.language import translator
from agent.views.results import Results
from states.errors import AfinadorError, StoreError, Throttled
from states.facts import Plan
from states.model import Project
from states.places import Artifact, Result
from states.ports import Ports, Preferences
from states.state import State
from store.engine import open_engine, reading
from store.migrate import upgrade
from store.schema import checkpoints
from store.sql import SqlStore
from tests.crash.service import LAG, MUTATIONS, SEND, SETTLE, TIMEOUT, Clock, Service
from tests.memory_disk import memory_disk

NAME, UID = "tienda", "0badcafe"
EXAMPLES = {
    "encender": [
        f"Enciende la luz {where}"
        for where in (
            "del salón",
            "de la cocina",
            "del baño",
            "de arriba",
            "de abajo",
            "ya",
            "aquí",
        )
    ],
    "apagar": [
        f"Apaga la luz {where}"
        for where in (
            "del salón",
            "de la cocina",
            "del baño",
            "de arriba",
            "de abajo",
            "ya",
            "aquí",
        )
    ],
}
CASES = [
    {"text": "Que haya luz", "expected": "encender"},
    {"text": "Déjalo a oscuras", "expected": "apagar"},
    {"text": "Dale al interruptor", "expected": "encender"},
]
FILES = tuple(Artifact)
EDITABLE = (Artifact.PROMPTS, Artifact.TRAINING, Artifact.VALIDATION)


class Ended(BaseException):
    """The process is gone at this very point. Not an Exception: nothing in the product may catch it."""


class Boundary:
    """Counts the points a process passes. At the one numbered `at` it does `then` (by default: the process ends there)."""

    def __init__(
        self,
        at: int | None = None,
        then: Callable[[str], None] | None = None,
        *,
        only_requests: bool = False,
    ) -> None:
        self.at, self.then, self._only_requests = at, then, only_requests
        self.count, self.trail, self.over = 0, "", False
        self.power_cut = False

    def __call__(self, name: str) -> None:
        if self._reached(name):
            if self.then is None:
                self.end(name)
            then, self.then = self.then, lambda _: None
            then(name)

    def in_flight(self, name: str, send: Callable[[], None]) -> None:
        """A point at which the request has left the machine: should the process end here, it is acted upon later."""
        if self._reached(name):
            if self.then is None:
                send()
                self.end(name)
            then, self.then = self.then, lambda _: None
            then(name)

    def _reached(self, name: str) -> bool:
        if self.over:
            raise Ended(name)  # the dead do nothing more, not even clean up
        if self._only_requests and name.startswith(("transaction", "file")):
            return False
        self.count += 1
        if self.count - 1 == self.at:
            self.trail = name
            return True
        return False

    def end(self, name: str) -> None:
        self.over = True
        raise Ended(name)


class Wire:
    """The service as one process reaches it."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def __getattr__(self, name: str) -> Callable[..., Any]:
        agent = self._agent

        def call(*given: Any) -> Any:
            service = agent.world.service
            agent.point(f"{name}: before")
            if name in MUTATIONS:
                service.connect()
                if seconds_left() <= 0:
                    raise Throttled("It took too long to be sent.")
                agent.sending = True
                agent.point.in_flight(
                    f"{name}: in flight", lambda: service.act_later(TIMEOUT * 0.9, name, given)
                )
            agent.sending = False
            found = service.request(name, *given)
            agent.point(f"{name}: after")
            return found

        return call


class Engine:
    """A SQLAlchemy engine with points around its transactions."""

    def __init__(self, agent: Agent, url: str) -> None:
        self._agent, self._engine = agent, open_engine(url)
        _compile_once(self._engine)
        self._writes = False
        self._connections: list[Any] = []
        event.listen(self._engine, "connect", self._connected)
        event.listen(self._engine, "after_cursor_execute", self._executed)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    @property
    def real(self) -> Any:
        return self._engine

    @contextmanager
    def begin(self) -> Iterator[Any]:
        self._agent.point("transaction: before")
        with self._engine.begin() as connection:
            self._writes = True
            try:
                yield connection
                self._agent.locked("transaction: before COMMIT")
            finally:
                self._writes = False
        self._agent.point("transaction: after COMMIT")

    def _executed(self, connection: Any, *_: Any) -> None:
        if self._writes:
            try:
                self._agent.locked("transaction: inside")
            except Ended:
                # The system rolls back at once; here the dead one's frames still hold a cursor, and with it the lock.
                connection.connection.dbapi_connection.rollback()
                raise

    def _connected(self, connection: Any, _record: Any) -> None:
        # A process that ends loses nothing that the system has; the power cut is modelled for files alone (class Disk).
        connection.execute("PRAGMA synchronous=OFF")
        self._connections.append(connection)

    def cut_off(self) -> None:
        """As the system does when a process ends: every connection is closed, whatever was open on it is rolled back."""
        for connection in self._connections:
            connection.close()
        with suppress(Exception):
            self._engine.dispose()


_COMPILED: dict[str, Any] = {}


def _compile_once(engine: Any) -> None:
    # Each life has engines of its own, and compiling the same statements anew would take a third of its time.
    if not _COMPILED:
        with engine.connect():
            _COMPILED.update(dialect=engine.dialect, cache=engine._compiled_cache)
    engine.dialect, engine._compiled_cache = _COMPILED["dialect"], _COMPILED["cache"]


class Disk:
    """What a power cut leaves: a file not fsynced before its rename is empty, a rename not followed by a folder fsync is undone."""

    def __init__(self) -> None:
        self._synced: set[str] = set()
        self._unsure: dict[
            Path, bytes | None
        ] = {}  # renamed, folder not fsynced: what was there before

    def synced(self, path: str) -> None:
        if Path(path).is_dir():
            self._unsure = {p: old for p, old in self._unsure.items() if p.parent != Path(path)}
        else:
            self._synced.add(path)

    def rename(self, source: str, target: Path) -> None:
        before = target.read_bytes() if target.exists() else None
        Path(source).replace(target)
        if source in self._synced:
            self._unsure.setdefault(target, before)
        else:
            self._unsure[target] = b""

    def cut(self) -> None:
        for path, before in self._unsure.items():
            if before is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(before)
        self._unsure = {}


class _Os:
    """The calls of store.files, with points between them. fsync is only noted: the disk is a model here."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def fsync(self, handle: int) -> None:
        self._agent.point("file: before fsync")
        self._agent.world.disk.synced(str(Path(f"/proc/self/fd/{handle}").readlink()))
        self._agent.point("file: after fsync")

    def fdopen(self, handle: int, mode: str) -> _Half:
        return _Half(os.fdopen(handle, mode), self._agent)


class _Half:
    """A file whose writing can end in the middle."""

    def __init__(self, file: Any, agent: Agent) -> None:
        self._file, self._agent = file, agent

    def __enter__(self) -> _Half:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, content: bytes) -> None:
        self._agent.point("file: before write")
        self._file.write(content[: len(content) // 2])
        self._file.flush()
        self._agent.point("file: half written")
        self._file.write(content[len(content) // 2 :])


class _Path:
    """pathlib.Path as store.files uses it."""

    def __init__(self, agent: Agent, name: str) -> None:
        self._agent, self._name = agent, name

    def replace(self, target: Path) -> None:
        self._agent.point("file: before rename")
        self._agent.world.disk.rename(self._name, target)
        self._agent.point("file: after rename")

    def unlink(self) -> None:
        self._agent.point("file: before unlink")
        Path(self._name).unlink()


class Tokens:
    """states.ports.Tokens, without the vocabulary."""

    def count(self, text: str) -> int:
        return len(text) // 4

    def is_exact_for(self, base_model: str) -> bool:
        return False


class Catalog(PackagedCatalog):
    """The packaged one with a small example set, so that a whole life is short."""

    @property
    def starter_examples(self) -> bytes:
        return json.dumps(EXAMPLES, ensure_ascii=False).encode()

    @property
    def starter_cases(self) -> bytes:
        return json.dumps(CASES, ensure_ascii=False).encode()


CATALOG = Catalog()


class World:
    """One machine and one service. `settle`, `send`, `auto`, `deployment_name`, `epochs`: the settings."""

    def __init__(
        self, home: Path, *, auto: bool = True, deployment_name: str | None = None
    ) -> None:
        self.home, self.clock, self.disk = home, Clock(), Disk()
        self.uid = UID
        self.service: Any = Service(self.clock)
        self.settle, self.send = SETTLE, SEND
        self.auto, self.deployment_name, self.epochs = auto, deployment_name, 3
        self.write: Callable[[Path, bytes], None] = store.files.write_atomically
        self.agents: list[Agent] = []
        self.poll_seconds = 1.0
        (home / "data").mkdir(parents=True, exist_ok=True)
        shutil.copy(_template(), home / "data" / "agent.db")

    def start(self, point: Boundary | None = None) -> Agent:
        """A process: the daemon's start and its wiring."""
        return Agent(self, point or Boundary())

    def crashed(self, agent: Agent) -> None:
        """After this call nothing of the process is left but what it has written."""
        agent.close()
        if agent.point.power_cut:
            self.disk.cut()

    def close(self) -> None:
        for agent in list(self.agents):
            agent.close()

    @property
    def url(self) -> str:
        return f"sqlite:///{self.home}/data/agent.db"

    @property
    def preferences(self) -> Preferences:
        return Preferences(
            plan=Plan("gpt-4o-mini", self.epochs, 1, 0.1, 42),
            train_split=0.8,
            deploy_automatically=self.auto,
            deployment_name=self.deployment_name,
            poll_seconds=self.poll_seconds,
            listing_lag_seconds=LAG,
        )

    # What a person does -----------------------------------------------------------------------------------------------

    def edit(self, place: str) -> bool:
        """Somebody adds a sentence of their own to the file. False if there is none."""
        path = self.home / place
        lines = path.read_text().splitlines() if path.is_file() else []
        if not lines:
            return False
        row = json.loads(lines[0])
        row["messages"][1]["content"] = f"Una frase más, la {len(lines)}, de {Path(place).stem}"
        path.write_text("\n".join([*lines, json.dumps(row, ensure_ascii=False)]) + "\n")
        return True

    def deploy_by_hand(self, name: str = "a-mano") -> bool:
        """Somebody deploys the newest model in the portal."""
        from tests.crash.service import Deployment

        done = [j for j in self.service.jobs.values() if j.status(self.clock.true) == "succeeded"]
        if done and name not in self.service.deployments:
            self.service.deployments[name] = Deployment(
                name, done[-1].model, self.clock.true, by_hand=True
            )
        return bool(done)

    def replace_by_hand(self) -> bool:
        """Somebody puts another model under the names of our deployments."""
        from tests.crash.service import Deployment

        ours = [d for d in self.service.deployments.values() if not d.by_hand]
        for found in ours:
            self.service.deployments[found.name] = Deployment(
                found.name, "another", self.clock.true, by_hand=True
            )
        return bool(ours)


@cache
def _template() -> Path:
    """An empty database with the newest schema, made once per process: migrating takes longer than a life in these tests."""
    path = Path(tempfile.mkdtemp(prefix="afinador-crash-")) / "agent.db"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    import atexit

    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    return path


class Agent:
    """One process. After `Ended` only `close` may be called."""

    def __init__(self, world: World, point: Boundary) -> None:
        self.world, self.point = world, point
        self.sending = False  # between the last look at the deadline and the sending: no time may pass here (docs/guarantees.md)
        self._engine = Engine(self, world.url)
        world.agents.append(self)
        self.store = SqlStore(self._engine)
        clock = world.clock
        self.results = Results(
            world.home,
            self.store,
            CATALOG,
            _target,
            translator("es"),
            self.write,
            lambda _name: True,
        )
        self.ticker = Ticker(self.store, self.ports_for, self.results.publish, clock.wall)
        self.decisions = Decisions(self.store, self.ticker, self.ports_for, clock.wall, clock.spend)
        self._sweep = Sweep(self.ticker, self.store, clock.wall)

    def begin(self) -> Agent:
        """What the daemon does before its first sweep."""
        upgrade(self._engine.real)
        if self.store.load(NAME) is None:
            self.store.create(NAME, self.world.uid, "emulator", self.world.clock.wall())
        for project in self.store.all():
            self.results.publish(project)
            if project.hold is not None and project.due_at is not None:
                self.ticker.tick(project.name)
        return self

    def locked(self, name: str) -> None:
        """A point inside a transaction: a process can end here, but nobody else can write."""
        if self.point.then is None or self.point.over:
            self.point(name)

    def ports_for(self, project: Project) -> Ports:
        wire: Any = Wire(self)
        return Ports(
            read=wire,
            do=Mutations(
                project,
                self.store,
                wire,
                Timing(self.world.settle, self.world.send),
                self.world.clock.now,
            ),
            artifacts=FolderArtifacts(self.world.home, self.store, self.write, project),
            memory=self.store.memory(project.name),
            tokens=Tokens(),
            catalog=CATALOG,
            preferences=self.world.preferences,
            now=self.world.clock.wall(),
            charges_money=False,
        )

    def write(self, path: Path, content: bytes) -> None:
        with (
            patch.object(store.files, "os", _Os(self)),
            patch.object(store.files, "Path", lambda name: _Path(self, name)),
        ):
            self.world.write(path, content)

    @property
    def project(self) -> Project:
        found = self.store.load(NAME)
        assert found is not None
        return found

    def due(self) -> bool:
        return bool(self._sweep.due())

    def tick(self) -> Ticked:
        self.sending = False
        return self.ticker.tick(NAME)

    def sweep(self) -> None:
        """One tick of the daemon, if the project is due."""
        if self.due():
            self.tick()

    def wait(self, project: Project | None = None) -> bool:
        """Time passes until the project is due. False if it never will be by itself."""
        due, now = (project or self.project).due_at, self.world.clock.wall()
        if due is None:
            return False
        if (
            now < due <= now + LONGEST_WAIT
        ):  # further off counts as due: the clock has been set back
            self.world.clock.spend(due - now + 0.001)
        return True

    def rest(self, most: int = 150) -> Project:
        """Ticks on, and lets time pass, until nothing happens by itself any more."""
        project = self.project
        for _ in range(most):
            if self._waits_for_a_person(project) or not self.wait(project):
                return project
            project = self.tick().after
        raise AssertionError(f"it does not come to rest: {project}")

    @property
    def model(self) -> str | None:
        trained = self.project.facts.trained
        return trained and trained.model

    def _waits_for_a_person(self, project: Project) -> bool:
        if self.world.auto or project.state is not State.AWAITING_DEPLOY:
            return False
        return all(
            d.model != project.facts.trained.model for d in self.world.service.deployments.values()
        )

    def decide(self, decision: Callable[[Decisions], object]) -> str | None:
        """A person's command; the reason if it is refused."""
        try:
            decision(self.decisions)
        except StoreError:
            raise
        except AfinadorError as refusal:
            return str(refusal)
        return None

    def close(self) -> None:
        if self in self.world.agents:
            self.world.agents.remove(self)
        self._engine.cut_off()

    # What was written down --------------------------------------------------------------------------------------------

    def accepted(self) -> dict[int, set[str]]:
        """Generation -> digests of the training data that passed every check in it."""
        with reading(self._engine.real) as connection:
            rows = connection.execute(
                select(checkpoints.c.generation, checkpoints.c.event, checkpoints.c.facts)
            ).all()
        found: dict[int, set[str]] = {}
        for row in rows:
            if row.event == "DATA_ACCEPTED":
                found.setdefault(row.generation, set()).add(
                    row.facts["artifacts"][Artifact.TRAINING]
                )
        return found


def _target() -> Target:
    return Target(
        "http://127.0.0.1:8080",
        "v1",
        "account",
        "group",
        "developertier",
        50,
        True,
        "data/emulator",
    )


# What must be true ------------------------------------------------------------------------------------------------------


def audit(world: World, agent: Agent) -> None:
    """Nothing was paid twice, nothing was trained that was not checked, and the memory fits together."""
    service = world.service
    jobs: dict[str, list[str]] = {}
    for act in service.ledger:
        if act.kind == "create_job":
            jobs.setdefault(act.detail["suffix"], []).append(act.subject)
        if act.kind == "upload":
            assert not act.detail["again"], f"uploaded again: {act}"
            assert act.detail["sha256"][:16] in act.detail["name"], (
                f"uploaded under the name of another content: {act}"
            )
        if act.kind == "create_deployment":
            assert act.detail["over"] is None, f"somebody else's deployment was replaced: {act}"
    for suffix, ids in jobs.items():
        assert len(ids) == 1, f"{len(ids)} jobs were created for {suffix}: {ids}"
    accepted = agent.accepted()
    for job in service.jobs.values():
        generation = int(job.suffix.rpartition("g")[2])
        assert job.content in accepted.get(generation, ()), (
            f"trained on what was not checked: {job}"
        )
    _audit_history(agent)


def _audit_history(agent: Agent) -> None:
    project, history = agent.project, agent.store.history(NAME)
    assert [c.version for c in history] == list(range(1, len(history) + 1)), "the history has a gap"
    for before, after in pairwise(history):
        assert after.from_state is before.to_state, f"{before} is followed by {after}"
    if history:
        last = history[-1]
        assert (project.version, project.state, project.generation) == (
            last.version,
            last.to_state,
            last.generation,
        )
        assert history[0].from_state is State.DRAFT
    if project.hold is not None:
        assert "unexpected" not in str(project.hold), f"a bug: {project.hold}"
    if project.state is State.FAILED:
        assert project.last_error is not None, "given up without a reason"


def nothing_lives(world: World) -> None:
    """What a cancelled project must not leave behind."""
    alive = [j for j in world.service.jobs.values() if j.lives(world.clock.true)]
    assert not alive, f"a job goes on after the cancellation: {alive}"
    left = [d for d in world.service.deployments.values() if not d.by_hand]
    assert not left, f"a deployment of ours is left after the cancellation: {left}"
    nobody_elses_is_gone(world)


def nobody_elses_is_gone(world: World) -> None:
    taken = [
        a for a in world.service.ledger if a.kind == "delete_deployment" and a.detail["by_hand"]
    ]
    assert not taken, f"a person's deployment was deleted: {taken}"


def counts(world: World) -> dict[str, int]:
    found: dict[str, int] = {}
    for act in world.service.ledger:
        kind = f"{act.kind}-{act.detail['role']}" if act.kind == "upload" else act.kind
        if kind != "chat":
            found[kind] = found.get(kind, 0) + 1
    return found


def asked(world: World) -> dict[str, int]:
    """Question -> how often it was paid for, not counting probes."""
    found: dict[str, int] = {}
    for act in world.service.ledger:
        if act.kind == "chat" and not act.detail["probe"]:
            found[act.subject] = found.get(act.subject, 0) + 1
    return found


_WHEN = ("at", "created_at", "finished_at", "latency_seconds", "attempts")


def written(home: Path) -> dict[str, Any]:
    """Every file of the project: data by its digest, results as JSON without times. A leftover is not a file of the project."""
    found: dict[str, Any] = {}
    for place in FILES:
        path = home / place
        found[place] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
    for place in Result:
        path = home / place
        found[place] = _timeless(json.loads(path.read_text())) if path.is_file() else None
    return found


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _timeless(v) for k, v in value.items() if k not in _WHEN}
    return [_timeless(item) for item in value] if isinstance(value, list) else value


@contextmanager
def machine(**settings: Any) -> Iterator[World]:
    """A world in a folder of its own that is gone afterwards."""
    random.seed(7)  # the back-off's jitter
    with tempfile.TemporaryDirectory(prefix="afinador-crash-", dir=memory_disk(2**26)) as folder:
        world = World(Path(folder), **settings)
        try:
            yield world
        finally:
            world.close()
