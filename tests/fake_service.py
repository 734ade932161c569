"""The service in memory, the only one in the tests: its objects, and what it does when asked.

The unit tests' Desk and the crash tests' World hold one. It implements
agent.providers.contract.Provider on a clock that tests turn, and keeps a ledger of every act. How
a request for an act fares is in tests/fake_requests.py.

Longer than most files: one class has every act.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from states.errors import DeploymentNotReady, NotFound, Permanent
from states.intents import cases
from states.remote import (
    DeploymentSpec,
    Heard,
    JobEvent,
    JobSpec,
    Phase,
    Question,
    RemoteDeployment,
    RemoteFile,
    RemoteJob,
    RemoteModel,
    Reply,
)
from tests.fake_glimpses import PHASES, Glimpses
from tests.fake_objects import Act, Clock, Deployment, File, Job, one_by_one, to_tokens
from tests.fake_requests import Requests, request
from tests.fake_trainings import Trainings


class Service(Trainings, Glimpses, Requests):
    """One resource. Without orders every request is acted upon at once and answered.

    `lag`: how far the listings are behind at this moment, also behind what was deleted.
    `file_status`, `job_status`, `deployment_status`: what is said of each, whatever its age.
    `forgiving`: what a mutation names need not exist.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.lag = 0.0
        self.files: dict[str, File] = {}
        self.jobs: dict[str, Job] = {}
        self.deployments: dict[str, Deployment] = {}
        self.deleted: dict[str, tuple[float, Deployment]] = {}  # by name, when the last one was
        self.ledger: list[Act] = []
        self.failing_jobs = 0  # so many of the jobs to come will fail
        self.file_status: str | None = None
        self.job_status: str | None = None
        self.job_error: str | None = "it did not work out"
        self.deployment_status: str | None = None
        self.answer: str | None = None  # to every question
        self.chance: float | None = None  # of the answer, where it is told
        self.models: dict[str, RemoteModel] = {}  # what its lists say; of others they say nothing
        self.forgiving = False
        self.sku: str | None = None  # of every deployment, as far as it is told
        self.batch = 4  # so many questions are asked together
        self._made = Counter[str]()

    def _new(self, kind: str, taken: Mapping[str, object]) -> str:
        self._made[kind] += 1
        name = f"{kind}-{self._made[kind]}"
        return self._new(kind, taken) if name in taken else name

    def _record(self, kind: str, subject: str, **detail: Any) -> None:
        self.ledger.append(Act(kind, subject, detail))

    def _listed(self, made: float) -> bool:
        return self.clock.true - made >= self.lag

    def _job_status(self, job_id: str) -> str:
        return self.job_status or self._known_job(job_id).status(self.clock.true)

    def deploy_by_hand(self, name: str, model: str, status: str | None = None) -> None:
        """A person does it, in the portal."""
        self.deployments[name] = Deployment(
            name, model, self.clock.true, by_hand=True, status=status or self.deployment_status
        )

    # Mutations ------------------------------------------------------------------------------------

    @request
    def upload(self, filename: str, content: bytes) -> str:
        file = File(self._new("file", self.files), filename, content, self.clock.true)
        alive = [
            f.id for f in self.files.values() if (f.role, f.sha256) == (file.role, file.sha256)
        ]
        self.files[file.id] = file
        self._record(
            "upload", file.id, role=file.role, sha256=file.sha256, name=filename, again=bool(alive)
        )
        return file.id

    @request
    def create_job(self, spec: JobSpec, suffix: str) -> str:
        for file_id in (spec.training_file, spec.validation_file):
            if file_id not in self.files and not self.forgiving:
                raise Permanent(f"The file {file_id} does not exist.", remote=True)
        fails = self.failing_jobs > 0
        self.failing_jobs -= fails
        content = self.files.get(spec.training_file, File(spec.training_file, "")).sha256
        job = Job(
            self._new("job", self.jobs), spec, suffix, self.clock.true, fails, content=content
        )
        self.jobs[job.id] = job
        self._record("create_job", job.id, suffix=suffix, content=content)
        return job.id

    @request
    def cancel_job(self, job_id: str) -> None:
        if self.job_status is not None:
            self.job_status = "cancelled"
            return
        job = self._known_job(job_id)
        if not job.lives(self.clock.true):
            raise Permanent("The job is over and cannot be cancelled.", remote=True)
        job.cancelled = self.clock.true
        self._record("cancel_job", job_id)

    @request
    def create_deployment(self, spec: DeploymentSpec) -> None:
        before = self.deployments.get(spec.name)
        if before is not None and before.model == spec.model:
            return  # a PUT of what is there already
        self.deployments[spec.name] = Deployment(
            spec.name, spec.model, self.clock.true, status=self.deployment_status
        )
        self._record("create_deployment", spec.name, model=spec.model, over=before and before.model)

    @request
    def delete_deployment(self, name: str) -> None:
        gone = self.deployments.pop(name, None)
        if gone is None:
            self._missed("deployment")
            return
        self.deleted[name] = (self.clock.true, gone)
        self._record("delete_deployment", name, by_hand=gone.by_hand)

    @request
    def delete_file(self, file_id: str) -> None:
        if self.files.pop(file_id, None) is None:
            self._missed("file")
            return
        self._record("delete_file", file_id)

    @request
    def delete_job(self, job_id: str) -> None:
        job = self.jobs.get(job_id)
        if job is None:
            self._missed("job")
            return
        served = [one.name for one in self.deployments.values() if one.model == job.model]
        if served:
            raise Permanent(f"Its model is deployed as {served[0]}.", remote=True)
        del self.jobs[job_id]
        self._record("delete_job", job_id)

    def _missed(self, what: str) -> None:
        if not self.forgiving:
            raise NotFound(f"There is no such {what}.")

    # Looks ----------------------------------------------------------------------------------------

    @request
    def files_named(self, prefix: str, ending: str, size: int | None = None) -> Sequence[str]:
        return [
            f.id
            for f in self.files.values()
            if self._listed(f.made)
            and f.name.startswith(prefix)
            and f.name.endswith(ending)
            and size in (len(f.content) or size, None)
        ]

    @request
    def jobs_like(self, spec: JobSpec, suffix: str) -> Sequence[str]:
        return [
            j.id
            for j in self.jobs.values()
            if self._listed(j.made)
            and j.suffix == suffix
            and j.spec.training_file == spec.training_file
        ]

    @request
    def is_job_over(self, job_id: str) -> bool:
        if job_id not in self.jobs and not self.forgiving:
            return False
        return self._job_status(job_id) in PHASES

    @request
    def deployed_model(self, name: str) -> str | None:
        found = self._shown(name)
        return found.model if found else None

    @request
    def is_file_deleted(self, _file_id: str) -> bool:
        return False  # what is deleted is not found, which proves nothing

    # Reads ----------------------------------------------------------------------------------------

    @request
    def file(self, file_id: str) -> RemoteFile:
        file = self.files.get(file_id)
        if file is None:
            raise NotFound("There is no such file.")
        status = self.file_status or (
            "processed" if self.clock.true - file.made >= 1 else "running"
        )
        phase = PHASES.get(status, Phase.WORKING)
        return RemoteFile(file.id, file.name, status, phase, int(file.made), "bad line 3")

    def _known_job(self, job_id: str) -> Job:
        if job_id not in self.jobs:
            raise NotFound("There is no such job.")
        return self.jobs[job_id]

    @request
    def job(self, job_id: str) -> RemoteJob:
        job, status = self._known_job(job_id), self._job_status(job_id)
        phase = PHASES.get(status, Phase.WORKING)
        over = phase is Phase.READY
        return RemoteJob(
            id=job.id,
            status=status,
            phase=phase,
            base_model=job.spec.base_model,
            model=job.model if over else None,
            training_file=job.spec.training_file,
            validation_file=job.spec.validation_file,
            suffix=job.suffix,
            seed=job.spec.seed,
            created_at=int(job.made),
            finished_at=int(job.made + 3) if over else None,
            trained_tokens=1000 if over else None,
            hyperparameters={"n_epochs": job.spec.epochs},
            result_files=(f"result-{job.id}",) if over else (),
            error=self.job_error if status == "failed" else None,
            cancelled=status == "cancelled",
            paused=status == "paused",
        )

    @request
    def events(self, job_id: str) -> Sequence[JobEvent]:
        job = self._known_job(job_id)
        steps = 2 if self.job_status else min(int(self.clock.true - job.made), 2)
        told = [
            JobEvent(
                f"{job_id}-{n}",
                int(job.made) + n,
                "info",
                f"Step {5 * n}",
                {"step": 5 * n, "train_loss": 1.0 / n},
            )
            for n in range(1, steps + 1)
        ]
        return [*reversed(told), JobEvent(f"{job_id}-0", int(job.made), "info", "Started")]

    @request
    def content(self, _file_id: str) -> bytes:
        return b"step,train_loss,full_valid_loss\n1,2.0,\n2,1.0,0.9\n"

    @request
    def deployment(self, name: str) -> RemoteDeployment | None:
        return self._shown(name)

    @request
    def model(self, name: str) -> RemoteModel | None:
        return self.models.get(name)

    @request
    def deployments_of(self, model: str) -> Sequence[RemoteDeployment]:
        seen = [self._shown(name) for name, d in self.deployments.items() if d.model == model]
        return [d for d in seen if d is not None]

    @request
    def deployments_listed(self) -> Sequence[RemoteDeployment]:
        seen = [self._shown(name) for name in (*self.deployments, *self.deleted)]
        return [d for d in seen if d is not None]

    def _shown(self, name: str) -> RemoteDeployment | None:
        found = self.deployments.get(name)
        if found is None or not self._listed(found.made):
            when, found = self.deleted.get(name, (-self.lag, None))
            if found is None or self._listed(when):
                return None
        status = found.status_at(self.clock.true)
        phase, made = PHASES.get(status, Phase.WORKING), int(found.made + self.clock.offset)
        return RemoteDeployment(name, found.model, status, phase, self.sku, made)

    @request
    def chat(
        self,
        deployment: str,
        messages: Sequence[Mapping[str, str]],
        unsupported: Sequence[str] = (),
    ) -> Reply:
        found = self.deployments.get(deployment)
        if found is None:
            raise NotFound("There is no such deployment.")
        if found.status is None and self.clock.true - found.made < 1.5:
            raise DeploymentNotReady("The deployment is not ready yet.", 0.5)
        question = cases.digest(messages)
        self._record("chat", question, model=found.model, probe=len(messages) == 1)
        if self.answer is not None:
            return Reply(
                self.answer,
                found.model,
                0.1,
                unsupported=tuple(unsupported),
                tokens=to_tokens(self.answer, self.chance),
            )
        # Any answer does, as long as the same question always has the same one.
        names = [
            line[2:].split(":")[0]
            for line in messages[0]["content"].splitlines()
            if line.startswith("- ")
        ]
        answer = names[int(question, 16) % len(names)] if names else "Hola"
        return Reply(answer, found.model, 0.01, unsupported=tuple(unsupported))

    def chat_many(
        self,
        deployment: str,
        take: Callable[[], Question | None],
        unsupported: Sequence[str] = (),
        _most: int = 1,
        _at_once: int | None = None,
    ) -> Iterator[Sequence[Heard]]:
        return one_by_one(partial(self.chat, deployment), take, unsupported, self.batch)
