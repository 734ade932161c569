"""A machine to be broken: its disk, its clock, its service, and the agents that live and
die on it.
"""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import store.files
from states.ports import Preferences
from states.stages import Plan
from store.engine import open_engine
from store.migrate import upgrade
from store.schema import metadata
from tests.crash.agent import Agent
from tests.crash.boundary import Boundary
from tests.crash.disk import Disk
from tests.crash.shop import UID
from tests.fake_objects import LAG, SEND, SETTLE, Clock
from tests.fake_service import Service
from tests.memory_disk import memory_disk
from tests.watcher import folder_prefix


class World:
    """One machine and one service.

    `settle`, `send`, `auto`, `deployment_name`, `epochs`: the settings. `postgres`: the URL of a
    database with the schema, which is emptied; else it is SQLite's, in the home.
    """

    def __init__(
        self,
        home: Path,
        *,
        auto: bool = True,
        deployment_name: str | None = None,
        postgres: str | None = None,
    ) -> None:
        self.home, self.clock, self.disk = home, Clock(), Disk()
        self.uid = UID
        self.service: Any = Service(self.clock)
        self.settle, self.send = SETTLE, SEND
        self.auto, self.deployment_name, self.epochs = auto, deployment_name, 3
        self.teardown = "never"
        self.base_model, self.renewals = "gpt-4o-mini", 0
        self.deploy_sku: str | None = None
        self.budget: float | None = None  # USD, of the home
        self.rivals: tuple[str, ...] = ()  # deployments of untuned models, asked as well
        self.write: Callable[[Path, bytes | Iterable[bytes]], None] = store.files.write_atomically
        self.agents: list[Agent] = []
        self.poll_seconds = 1.0
        (home / "data").mkdir(parents=True, exist_ok=True)
        self.url = postgres or f"sqlite:///{home}/data/agent.db"
        if postgres is None:
            shutil.copy(_template(), home / "data" / "agent.db")
        else:
            _empty(postgres)

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
    def preferences(self) -> Preferences:
        return Preferences(
            plan=Plan(self.base_model, self.epochs, 1, 0.1, 42),
            train_split=0.8,
            deploy_automatically=self.auto,
            deployment_name=self.deployment_name,
            poll_seconds=self.poll_seconds,
            listing_lag_seconds=LAG,
            base_deployments=self.rivals,
            home_budget=self.budget,
            teardown=self.teardown,
            deploy_sku=self.deploy_sku,
            developer_renewals=self.renewals,
        )

    # What a person does ---------------------------------------------------------------------------

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
        done = [j for j in self.service.jobs.values() if j.status(self.clock.true) == "succeeded"]
        if done and name not in self.service.deployments:
            self.service.deploy_by_hand(name, done[-1].model)
        return bool(done)

    def replace_by_hand(self) -> bool:
        """Somebody puts another model under the names of our deployments."""
        ours = [d for d in self.service.deployments.values() if not d.by_hand]
        for found in ours:
            self.service.deploy_by_hand(found.name, "another")
        return bool(ours)


@cache
def _template() -> Path:
    """An empty database with the newest schema, made once per process: migrating takes longer than
    a life in these tests.
    """
    path = Path(tempfile.mkdtemp(prefix=folder_prefix("crash"))) / "agent.db"
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    import atexit

    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    return path


def _empty(url: str) -> None:
    """As new: a database for each of thousands of lives would fill the disk."""
    engine = open_engine(url)
    names = ", ".join(table.name for table in metadata.sorted_tables)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
    engine.dispose()


_POSTGRES: list[str] = []


@contextmanager
def on_postgres(url: str) -> Iterator[None]:
    """Within it every machine has that database."""
    _POSTGRES.append(url)
    try:
        yield
    finally:
        _POSTGRES.clear()


@contextmanager
def machine(**settings: Any) -> Iterator[World]:
    """A world in a folder of its own that is gone afterwards."""
    settings = {"postgres": _POSTGRES[0], **settings} if _POSTGRES else settings
    random.seed(7)  # the back-off's jitter
    where, prefix = memory_disk(2**26), folder_prefix("crash")
    with tempfile.TemporaryDirectory(prefix=prefix, dir=where) as folder:
        world = World(Path(folder), **settings)
        try:
            yield world
        finally:
            world.close()
