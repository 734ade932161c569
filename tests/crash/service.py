"""A service in memory, with all the malice of a real one: lost requests and replies, late
acts, slow answers, lagging listings.

It implements agent.providers.contract.Provider on a clock that tests turn, and keeps a ledger of
every act. Longer than most files, because it is one class: every request, its fate and its act.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from states.errors import (
    DeploymentNotReady,
    NeedsOperator,
    NotFound,
    Permanent,
    Throttled,
    Unclear,
    Unreachable,
)
from states.intents import cases
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
from tests.crash.objects import MUTATIONS, Act, Clock, Deployment, Fate, File, Job


class Service:
    """One resource.

    `lag`: how far the listings are behind at this moment, also behind what was deleted.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock, self.lag = clock, 0.0
        self.connecting = 0.0  # seconds that a mutation needs to get to the wire
        self.files: dict[str, File] = {}
        self.jobs: dict[str, Job] = {}
        self.deployments: dict[str, Deployment] = {}
        self.deleted: dict[str, tuple[float, Deployment]] = {}  # by name, when the last one was
        self.ledger: list[Act] = []
        self.fates: dict[str, deque[Fate]] = {
            name: deque() for name in MUTATIONS
        }  # for the mutations to come
        self.looks: deque[Fate] = deque()  # for the looks and reads to come
        self.late: list[tuple[float, str, tuple[Any, ...]]] = []
        self.failing_jobs = 0  # so many of the jobs to come will fail
        self.in_a_hurry = False  # while True no answer takes any time
        self._serial = 0
        clock.passing.append(self._catch_up)

    # How requests fare ----------------------------------------------------------------------------

    def request(self, name: str, *given: Any) -> Any:
        """One request over the wire, with whatever fate awaits it."""
        self._catch_up()
        if name in MUTATIONS:
            return self._mutated(
                name, given, self.fates[name].popleft() if self.fates[name] else None
            )
        fate = self.looks.popleft() if self.looks else None
        if fate is not None and fate.kind == "unclear_look":
            raise Unclear("The service is in trouble; it is asked again.")
        if fate is not None and fate.kind == "deaf":
            raise Unreachable("Nobody answers.")
        if (
            fate is not None
            and fate.kind == "unknown"
            and name not in ("is_job_over", "is_file_deleted")
        ):
            raise NotFound("There is no such thing (HTTP 404).")
        if fate is not None and fate.kind == "refused":
            raise NeedsOperator("The service refuses to be asked (HTTP 400).", heals=True)
        seen = getattr(self, f"_{name}")(*given)
        if fate is not None and fate.kind == "slow":
            self._spend(fate.seconds)
        return seen

    def _mutated(self, name: str, given: tuple[Any, ...], fate: Fate | None) -> Any:
        if fate is None:
            return self._act(name, given)
        if fate.kind == "refused_connection":
            raise Unreachable("Nobody answers.")
        if fate.kind == "busy":
            raise Throttled("The service is busy.", fate.seconds)
        if fate.kind == "unknown":
            raise NotFound("There is no such thing (HTTP 404).")
        if fate.kind == "slow":
            done = self._act(name, given)
            self._spend(fate.seconds)
            return done
        if (
            fate.kind == "long"
        ):  # time-outs are counted between two signs of life, so a request may take longer than one
            self._spend(fate.seconds)
        if fate.kind in ("silent", "long"):
            self._act(name, given)
        if fate.kind == "late":
            self.act_later(fate.seconds, name, given)
        raise Unclear("No answer in time.")

    def connect(self) -> None:
        """A name to be looked up, a connection to be made: nothing has been sent yet."""
        self._spend(self.connecting)

    def act_later(self, seconds: float, name: str, given: tuple[Any, ...]) -> None:
        """The sender has given up or is dead; the request is on its way all the same."""
        self.late.append((self.clock.true + seconds, name, given))

    def _spend(self, seconds: float) -> None:
        if not self.in_a_hurry:
            self.clock.spend(seconds)

    def _catch_up(self) -> None:
        now = self.clock.true
        due = sorted((late for late in self.late if late[0] <= now), key=lambda late: late[0])
        self.late = [late for late in self.late if late[0] > now]
        for when, name, given in due:
            self.clock.true = when  # it happens then, though the model gets to it only now
            with suppress(Permanent):  # nobody hears it
                self._act(name, given)
        self.clock.true = now

    def _act(self, name: str, given: tuple[Any, ...]) -> Any:
        return getattr(self, f"_{name}")(*given)

    def _new(self, kind: str) -> str:
        self._serial += 1
        return f"{kind}-{self._serial}"

    def _record(self, kind: str, subject: str, **detail: Any) -> None:
        self.ledger.append(Act(kind, subject, detail))

    def _listed(self, made: float) -> bool:
        return self.clock.true - made >= self.lag

    # Mutations ------------------------------------------------------------------------------------

    def _upload(self, filename: str, content: bytes) -> str:
        file = File(self._new("file"), filename, content, self.clock.true)
        alive = [
            f.id
            for f in self.files.values()
            if (f.role, f.sha256) == (file.role, file.sha256) and not f.deleted
        ]
        self.files[file.id] = file
        self._record(
            "upload", file.id, role=file.role, sha256=file.sha256, name=filename, again=bool(alive)
        )
        return file.id

    def _create_job(self, spec: JobSpec, suffix: str) -> str:
        for file_id in (spec.training_file, spec.validation_file):
            if file_id not in self.files or self.files[file_id].deleted:
                raise Permanent(f"The file {file_id} does not exist.", remote=True)
        fails = self.failing_jobs > 0
        self.failing_jobs -= fails
        content = self.files[spec.training_file].sha256
        job = Job(self._new("job"), spec, suffix, self.clock.true, fails, content=content)
        self.jobs[job.id] = job
        self._record("create_job", job.id, suffix=suffix, content=content)
        return job.id

    def _cancel_job(self, job_id: str) -> None:
        job = self._known_job(job_id)
        if not job.lives(self.clock.true):
            raise Permanent("The job is over and cannot be cancelled.", remote=True)
        job.cancelled = self.clock.true
        self._record("cancel_job", job_id)

    def _create_deployment(self, spec: DeploymentSpec) -> None:
        before = self.deployments.get(spec.name)
        if before is not None and before.model == spec.model:
            return  # a PUT of what is there already
        self.deployments[spec.name] = Deployment(spec.name, spec.model, self.clock.true)
        self._record("create_deployment", spec.name, model=spec.model, over=before and before.model)

    def _delete_deployment(self, name: str) -> None:
        if name not in self.deployments:
            raise NotFound("There is no such deployment.")
        gone = self.deployments.pop(name)
        self.deleted[name] = (self.clock.true, gone)
        self._record("delete_deployment", name, by_hand=gone.by_hand)

    def _delete_file(self, file_id: str) -> None:
        if file_id not in self.files or self.files[file_id].deleted:
            raise NotFound("There is no such file.")
        self.files[file_id].deleted = True
        self._record("delete_file", file_id)

    # Looks ----------------------------------------------------------------------------------------

    def _files_named(self, prefix: str, ending: str) -> Sequence[str]:
        return [
            f.id
            for f in self.files.values()
            if self._listed(f.made)
            and f.name.startswith(prefix)
            and f.name.endswith(ending)
            and not (f.deleted or f.broken)
        ]

    def _jobs_like(self, spec: JobSpec, suffix: str) -> Sequence[str]:
        return [
            j.id
            for j in self.jobs.values()
            if self._listed(j.made)
            and j.suffix == suffix
            and j.spec.training_file == spec.training_file
        ]

    def _is_job_over(self, job_id: str) -> bool:
        return job_id in self.jobs and not self.jobs[job_id].lives(self.clock.true)

    def _deployed_model(self, name: str) -> str | None:
        found = self._deployment(name)
        return found.model if found else None

    def _is_file_deleted(self, _file_id: str) -> bool:
        return False  # what is deleted is not found, which proves nothing

    # Reads ----------------------------------------------------------------------------------------

    def _file(self, file_id: str) -> RemoteFile:
        file = self.files.get(file_id)
        if file is None or file.deleted:
            raise NotFound("There is no such file.")
        phase = (
            Phase.DEAD
            if file.broken
            else Phase.READY
            if self.clock.true - file.made >= 1
            else Phase.WORKING
        )
        return RemoteFile(file.id, file.name, phase.value, phase, int(file.made))

    def _known_job(self, job_id: str) -> Job:
        if job_id not in self.jobs:
            raise NotFound("There is no such job.")
        return self.jobs[job_id]

    def _job(self, job_id: str) -> RemoteJob:
        job, now = self._known_job(job_id), self.clock.true
        status = job.status(now)
        over = status == "succeeded"
        phase = Phase.READY if over else Phase.WORKING if job.lives(now) else Phase.DEAD
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
            error="it did not work out" if status == "failed" else None,
            cancelled=status == "cancelled",
        )

    def _events(self, job_id: str) -> Sequence[JobEvent]:
        job = self._known_job(job_id)
        steps = min(int(self.clock.true - job.made), 3)
        told = [
            JobEvent(
                f"{job_id}-{n}",
                int(job.made) + n,
                "info",
                f"step {n}",
                {"step": n, "train_loss": 1.0 / n},
            )
            for n in range(1, steps + 1)
        ]
        return list(reversed(told))

    def _content(self, _file_id: str) -> bytes:
        return b"step,train_loss\n1,1.0\n2,0.5\n3,0.25\n"

    def _deployment(self, name: str) -> RemoteDeployment | None:
        found = self.deployments.get(name)
        if found is None or not self._listed(found.made):
            when, found = self.deleted.get(name, (-self.lag, None))
            if found is None or self._listed(when):
                return None
        phase = Phase.READY if self.clock.true - found.made >= 1 else Phase.WORKING
        return RemoteDeployment(
            name, found.model, "succeeded" if phase is Phase.READY else "creating", phase
        )

    def _deployments_of(self, model: str) -> Sequence[RemoteDeployment]:
        seen = [self._deployment(name) for name, d in self.deployments.items() if d.model == model]
        return [d for d in seen if d is not None]

    def _chat(self, deployment: str, messages: Sequence[Mapping[str, str]]) -> Reply:
        found = self.deployments.get(deployment)
        if found is None:
            raise NotFound("There is no such deployment.")
        if self.clock.true - found.made < 1.5:
            raise DeploymentNotReady("The deployment is not ready yet.", 0.5)
        question = cases.digest(messages)
        self._record("chat", question, model=found.model, probe=len(messages) == 1)
        # Any answer does, as long as the same question always has the same one.
        names = [
            line[2:].split(":")[0]
            for line in messages[0]["content"].splitlines()
            if line.startswith("- ")
        ]
        return Reply(names[int(question, 16) % len(names)] if names else "Hola", found.model, 0.01)
