"""The service in memory for the unit tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from states.errors import NotFound
from states.remote import (
    DeploymentSpec,
    JobEvent,
    JobSpec,
    Phase,
    RemoteDeployment,
    RemoteFile,
    RemoteJob,
    Reply,
)


class Cloud:
    """The service in memory: keeps what it accepts, and raises what a test has ordered.

    `before[kind]`: raised without acting; `after[kind]`: raised although it has acted; `hidden`:
    listings show nothing.
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
        self._asked("events")
        return [
            JobEvent("e2", 5, "info", "Step 10", {"step": 10, "train_loss": 0.5}),
            JobEvent("e1", 5, "info", "Started"),
        ]

    def content(self, file_id: str) -> bytes:
        self._asked("content")
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
