"""A desk to work at: the real store, steps and ticker, with a service in memory and a clock that only moves when told to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from agent.engine.artifacts import FolderArtifacts
from agent.engine.decisions import Operator
from agent.engine.exactly_once import Timing
from agent.engine.mutations import Mutations
from agent.engine.tick import Ticked, Ticker
from agent.providers.contract import Service
from agent.resources.catalog import PackagedCatalog
from agent.views.deployment_guide import Target
from agent.views.language import translator
from agent.views.results import Report
from states import places
from states.errors import NotFound
from states.model import Plan, Project, State
from states.ports import Ports, Wishes
from states.remote import (
    DeploymentSpec,
    FileSpec,
    JobEvent,
    JobSpec,
    Phase,
    RemoteDeployment,
    RemoteFile,
    RemoteJob,
    Reply,
)
from states.store_port import Instant
from store.files import write_atomically

SETTLE = 100.0
TIMING = Timing(SETTLE, send=20.0)


@dataclass
class Clock:
    """Both clocks; they move together unless a test sets the people's one."""

    wall: float = 1_800_000_000.0
    ticks: float | None = 5_000.0
    boot: str | None = "first"

    def now(self) -> Instant:
        return Instant(self.wall, self.boot, self.ticks)

    def passes(self, seconds: float) -> None:
        self.wall += seconds
        self.ticks = None if self.ticks is None else self.ticks + seconds


class Cloud:
    """The service in memory: keeps what it accepts, and raises what a test has ordered.

    `before[kind]`: raised without acting; `after[kind]`: raised although it has acted; `hidden`: listings show nothing.
    """

    def __init__(self) -> None:
        self.files: dict[str, tuple[str, bytes]] = {}
        self.jobs: dict[str, tuple[JobSpec, str]] = {}
        self.deployments: dict[str, tuple[str, str]] = {}
        self.sent: list[str] = []
        self.before: dict[str, list[Exception]] = {}
        self.after: dict[str, list[Exception]] = {}
        self.hidden = False
        self.unlisted = False
        self.job_status = "succeeded"
        self.job_error: str | None = None
        self.file_status = "processed"
        self.deployment_status = "succeeded"
        self.answer = ""

    def _act(self, kind: str, act: Callable[[], Any]) -> Any:
        self.sent.append(kind)
        if self.before.get(kind):
            raise self.before[kind].pop(0)
        made = act()
        if self.after.get(kind):
            raise self.after[kind].pop(0)
        return made

    def _asked(self, kind: str) -> None:
        if self.before.get(kind):
            raise self.before[kind].pop(0)

    # Mutations

    def upload(self, filename: str, content: bytes) -> str:
        return str(self._act("upload", lambda: self._keep(self.files, "file", (filename, content))))

    def create_job(self, spec: JobSpec, suffix: str) -> str:
        return str(self._act("create_job", lambda: self._keep(self.jobs, "job", (spec, suffix))))

    @staticmethod
    def _keep(table: dict[str, Any], kind: str, value: Any) -> str:
        name = f"{kind}-{len(table) + 1}"
        table[name] = value
        return name

    def files_named(self, prefix: str, ending: str) -> Sequence[str]:
        self._asked("list_files")
        return (
            []
            if self.hidden
            else [
                i for i, (n, _) in self.files.items() if n.startswith(prefix) and n.endswith(ending)
            ]
        )

    def jobs_like(self, spec: JobSpec, suffix: str) -> Sequence[str]:
        return [] if self.hidden else [i for i, (_, own) in self.jobs.items() if own == suffix]

    def cancel_job(self, job_id: str) -> None:
        def act() -> None:
            self.job_status = "cancelled"

        self._act("cancel_job", act)

    def is_job_over(self, job_id: str) -> bool:
        return self.job_status in ("succeeded", "failed", "cancelled")

    def create_deployment(self, spec: DeploymentSpec) -> None:
        self._act(
            "create_deployment",
            lambda: self.deployments.update({spec.name: (spec.model, self.deployment_status)}),
        )

    def deployed_model(self, name: str) -> str | None:
        return self.deployments[name][0] if name in self.deployments else None

    def delete_deployment(self, name: str) -> None:
        self._act("delete_deployment", lambda: self.deployments.pop(name, None))

    def delete_file(self, file_id: str) -> None:
        self._act("delete_file", lambda: self.files.pop(file_id, None))

    def is_file_deleted(self, file_id: str) -> bool:
        return False  # like most services it forgets what is deleted, and a 404 proves nothing

    # Reading

    def file(self, file_id: str) -> RemoteFile:
        self._asked("file")
        if file_id not in self.files:
            raise NotFound("no such file")
        phases = {"processed": Phase.READY, "error": Phase.DEAD}
        return RemoteFile(
            file_id,
            self.files[file_id][0],
            self.file_status,
            phases.get(self.file_status, Phase.WORKING),
            0,
            "bad line 3",
        )

    def job(self, job_id: str) -> RemoteJob:
        self._asked("job")
        if job_id not in self.jobs:
            raise NotFound("no such job")
        spec, suffix = self.jobs[job_id]
        phase = {"succeeded": Phase.READY, "failed": Phase.DEAD, "cancelled": Phase.DEAD}.get(
            self.job_status, Phase.WORKING
        )
        return RemoteJob(
            id=job_id,
            status=self.job_status,
            phase=phase,
            base_model=spec.base_model,
            model=f"{spec.base_model}.ft-{suffix}" if phase is Phase.READY else None,
            training_file=spec.training_file,
            validation_file=spec.validation_file,
            suffix=suffix,
            seed=spec.seed,
            created_at=1,
            finished_at=2,
            trained_tokens=1000,
            hyperparameters={"n_epochs": spec.epochs},
            result_files=("results",),
            error=self.job_error,
            cancelled=self.job_status == "cancelled",
        )

    def events(self, job_id: str) -> Sequence[JobEvent]:
        return [
            JobEvent("e2", 5, "info", "Step 10", {"step": 10, "train_loss": 0.5}),
            JobEvent("e1", 5, "info", "Started"),
        ]

    def content(self, file_id: str) -> bytes:
        return b"step,train_loss,full_valid_loss\n1,2.0,\n2,1.0,0.9\n"

    def deployment(self, name: str) -> RemoteDeployment | None:
        if self.unlisted:
            raise NotFound("cannot be listed")
        return next((d for d in self._shown() if d.name == name), None)

    def deployments_of(self, model: str) -> Sequence[RemoteDeployment]:
        if self.unlisted:
            raise NotFound("cannot be listed")
        return [d for d in self._shown() if d.model == model]

    def _shown(self) -> list[RemoteDeployment]:
        phases = {"succeeded": Phase.READY, "failed": Phase.DEAD}
        return [
            RemoteDeployment(n, m, s, phases.get(s, Phase.WORKING))
            for n, (m, s) in self.deployments.items()
        ]

    def chat(self, deployment: str, messages: Sequence[Mapping[str, str]]) -> Reply:
        self._asked("chat")
        if deployment not in self.deployments:
            raise NotFound("no such deployment")
        return Reply(self.answer or "comprar", self.deployments[deployment][0], 0.1)


WISHES = Wishes(
    plan=Plan("gpt-4o-mini", 3, 1, 0.1, 42),
    train_split=0.8,
    deploy_automatically=True,
    deployment_name=None,
    poll_seconds=1.0,
    listing_lag_seconds=10.0,
)


class Words:
    """Counting tokens needs half a second of loading; a word is close enough here."""

    def count(self, text: str) -> int:
        return len(text.split())

    def is_exact_for(self, base_model: str) -> bool:
        return False


@dataclass
class Desk:
    """One home with its store, service, clock and ticker."""

    home: Path
    store: Any
    cloud: Cloud = field(default_factory=Cloud)
    clock: Clock = field(default_factory=Clock)
    wishes: Wishes = WISHES
    published: list[Project] = field(default_factory=list)
    fault: list[Exception] = field(default_factory=list)  # raised instead of the next step
    catalog: PackagedCatalog = field(default_factory=PackagedCatalog)

    def ports_for(self, project: Project) -> Ports:
        if self.fault:
            raise self.fault.pop(0)
        return Ports(
            read=self.cloud,
            do=Mutations(project, self.store, self.cloud, TIMING, self.clock.now),
            artifacts=FolderArtifacts(self.home, self.store, write_atomically),
            memory=self.store.memory(project.name),
            tokens=Words(),
            catalog=self.catalog,
            wishes=self.wishes,
            now=self.clock.wall,
            charges_money=Service.named(project.service).charges_money,
        )

    @property
    def ticker(self) -> Ticker:
        return Ticker(self.store, self.ports_for, self.published.append, lambda: self.clock.wall)

    @property
    def operator(self) -> Operator:
        return Operator(
            self.store, self.ticker, self.ports_for, lambda: self.clock.wall, self.clock.passes
        )

    @property
    def report(self) -> Report:
        target = Target(
            "http://127.0.0.1:1",
            "2024-12-01-preview",
            "acc",
            None,
            "standard",
            1,
            False,
            "/tmp/e",  # noqa: S108
        )
        return Report(
            self.home,
            self.store,
            self.catalog,
            lambda: target,
            translator("es"),
            write_atomically,
            lambda name: Service.named(name).is_stand_in,
        )

    def create(self, name: str = "tienda") -> Project:
        """With eight test cases instead of the shop's forty: each is a tick."""
        cases = self.home / places.of_project(name, places.CASES)
        if (
            not cases.exists()
            and not (self.home / places.of_project(name, places.EXAMPLES)).exists()
        ):
            self.write(
                places.of_project(name, places.CASES),
                [{"text": f"caso {n}", "expected": "queja"} for n in range(8)],
            )
        return self.store.create(name, "00c0ffee", "emulator", self.clock.wall)

    def project(self, name: str = "tienda") -> Project:
        found = self.store.load(name)
        assert found is not None
        return found

    def tick(self, name: str = "tienda") -> Ticked:
        return self.ticker.tick(name)

    def go(self, until: State, name: str = "tienda") -> Project:
        """Ticks, with time passing as the project asks for, until it stands in `until`."""
        if self.store.load(name) is None:
            self.create(name)
        for _ in range(400):
            project = self.project(name)
            if project.state is until:
                return project
            assert project.hold is None, project.hold
            assert project.due_at is not None, project
            self.clock.passes(max(project.due_at - self.clock.wall, 0))
            self.tick(name)
        raise AssertionError(f"stuck in {self.project(name)}")

    def write(self, place: str, content: str | bytes | Any) -> Path:
        path = self.home / place
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, str | bytes):
            content = json.dumps(content, ensure_ascii=False)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def wish(self, **changes: Any) -> None:
        self.wishes = replace(self.wishes, **changes)


@pytest.fixture
def desk(store: Any, home: Path) -> Iterator[Desk]:
    """A desk on an empty home; the project `tienda` appears with `create` or `go`."""
    return Desk(home, store)


@pytest.fixture
def file_spec() -> Callable[..., FileSpec]:
    def spec(content: bytes = b"row", role: str = "training") -> FileSpec:
        return FileSpec(
            role, "data/training/train_data.jsonl", hashlib.sha256(content).hexdigest(), content
        )

    return spec


@pytest.fixture
def job_spec() -> JobSpec:
    return JobSpec("gpt-4o-mini", "file-1", "file-2", 3, 1, 0.1, 42)


@pytest.fixture
def settle() -> float:
    return SETTLE


@pytest.fixture
def timing() -> Timing:
    return TIMING
