"""What can be done at the service, each once: how it is asked for, and by which mark it is found again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Protocol

import structlog

from agent.engine.exactly_once import Mutation, Once, Timing
from states.errors import NeedsOperator, NotFound, NotYet, Permanent
from states.model import Project
from states.remote import DeploymentSpec, FileSpec, JobSpec
from states.store_port import Instant, Store
from states.text import say

log = structlog.get_logger()


class Mutations(Protocol):
    """The service's side: each mutation, and the way to see whether it has happened already."""

    def upload(self, filename: str, content: bytes) -> str: ...
    def files_named(self, prefix: str, ending: str) -> Sequence[str]:
        """Ids of all living files whose name begins and ends so."""
        ...

    def create_job(self, spec: JobSpec, suffix: str) -> str: ...
    def jobs_like(self, spec: JobSpec, suffix: str) -> Sequence[str]:
        """Ids of all jobs of this training file that carry the suffix (or, where it is not echoed, the seed)."""
        ...

    def cancel_job(self, job_id: str) -> None: ...
    def is_job_over(self, job_id: str) -> bool:
        """True only if the service says so; not when it does not find the job."""
        ...

    def create_deployment(self, spec: DeploymentSpec) -> None: ...
    def deployed_model(self, name: str) -> str | None:
        """The model the deployment of that name is of, whatever its state; None when there is none, or it is being deleted."""
        ...

    def delete_deployment(self, name: str) -> None: ...
    def delete_file(self, file_id: str) -> None: ...
    def is_file_deleted(self, file_id: str) -> bool:
        """True only if the service says so; not when it does not find the file."""
        ...


class Effects(Once):
    """`ports.do` of one project: states.ports.Do over a Store and the service's Mutations."""

    def __init__(
        self,
        project: Project,
        store: Store,
        service: Mutations,
        timing: Timing,
        clock: Callable[[], Instant],
    ) -> None:
        super().__init__(project, store, timing, clock)
        self._service = service

    # What can be done -------------------------------------------------------------------------------------------------

    def upload(self, spec: FileSpec) -> str:
        # Found by content, whichever generation sent it: the same bytes are never sent twice.
        ending = _file_ending(spec.role, spec.sha256)
        return self._once(
            Mutation(
                f"upload-{spec.role}.{spec.sha256[:16]}",
                {"role": spec.role, "sha256": spec.sha256},
                make=lambda: self._service.upload(
                    f"{self._project.remote_name}{ending}", spec.content
                ),
                find=lambda: self._uploaded(ending),
            )
        )

    def begun_uploads(self) -> Sequence[str]:
        found = []
        for intent in self._store.intents(self._project):
            if intent.kind.startswith("upload-"):
                ending = _file_ending(intent.spec["role"], intent.spec["sha256"])
                found.append(self._ended(intent, partial(self._uploaded, ending), is_ours=True))
        # Whatever else bears the project's name: of a database that was put back from an older copy, say.
        found += self._uploaded("")
        return [
            file_id
            for file_id in dict.fromkeys(filter(None, found))
            if file_id not in self._deleted_files()
        ]

    def create_job(self, spec: JobSpec, last_look: Callable[[], None]) -> str:
        suffix = job_suffix(self._project)
        return self._once(
            Mutation(
                "create-job",
                asdict(spec),
                make=lambda: self._service.create_job(spec, suffix),
                find=lambda: self._service.jobs_like(spec, suffix),
            ),
            last_look,
        )

    def begun_job(self, spec: JobSpec | None) -> str | None:
        intent = self._as_begun("create-job", asdict(spec) if spec else {})
        suffix = job_suffix(self._project)
        return self._ended(
            intent, lambda: self._service.jobs_like(JobSpec(**intent.spec), suffix), is_ours=True
        )

    def cancel_job(self, job_id: str) -> str:
        return self._once(
            Mutation(
                f"cancel-job.{job_id}",
                {"job": job_id},
                make=lambda: self._cancelled(job_id),
                find=lambda: [job_id] if self._service.is_job_over(job_id) else [],
                target=job_id,
            )
        )

    def create_deployment(self, spec: DeploymentSpec) -> str:
        return self._once(
            Mutation(
                "create-deployment",
                asdict(spec),
                make=lambda: self._deploy(spec),
                find=lambda: self._ours_if_there(spec),
            )
        )

    def begun_deployment(self, spec: DeploymentSpec | None) -> DeploymentSpec | None:
        intent = self._as_begun("create-deployment", asdict(spec) if spec else {})
        is_ours = spec is not None and intent.spec.get("name") == self._project.remote_name
        name = self._ended(
            intent, lambda: self._same_if_there(DeploymentSpec(**intent.spec)), is_ours=is_ours
        )
        return DeploymentSpec(**intent.spec) if name else None

    def delete_deployment(self, spec: DeploymentSpec) -> str:
        return self._once(
            Mutation(
                f"delete-deployment.{spec.name}",
                # Each generation's deployment of that name is another one, to be deleted without waiting.
                {**asdict(spec), "generation": self._project.generation},
                make=lambda: self._deleted(self._service.delete_deployment, spec.name),
                find=lambda: self._another_if_there(spec),
                target=spec.name,
            )
        )

    def delete_file(self, file_id: str) -> str:
        return self._once(
            Mutation(
                f"delete-file.{file_id}",
                {"file": file_id},
                make=lambda: self._deleted(self._service.delete_file, file_id),
                find=lambda: [file_id] if self._service.is_file_deleted(file_id) else [],
                target=file_id,
            )
        )

    # Details ----------------------------------------------------------------------------------------------------------

    def _deploy(self, spec: DeploymentSpec) -> str:
        self._service.create_deployment(spec)
        return spec.name

    def _ours_if_there(self, spec: DeploymentSpec) -> Sequence[str]:
        self._refuse_what_was_deleted(spec.name)
        model = self._service.deployed_model(spec.name)
        if model is not None and model != spec.model:
            raise NeedsOperator(
                say(
                    "There is a deployment {name} already, serving {model}. Set another"
                    " FINE_TUNED_MODEL_DEPLOYMENT, or delete it, and `retry`.",
                    name=spec.name,
                    model=model,
                )
            )
        return [spec.name] if model else []

    def _refuse_what_was_deleted(self, name: str) -> None:
        """A look may still show the former deployment of that name for a while after we have deleted it."""
        now = self._clock()
        for intent in self._store.intents(self._project):
            if intent.kind == f"delete-deployment.{name}" and intent.stamp is not None:
                passed = now.seconds_since(intent.stamp)
                if 0 <= passed < self._timing.settle:
                    raise NotYet(
                        say("the deletion of {name} to settle", name=name),
                        self._timing.settle - passed,
                    )

    def _same_if_there(self, spec: DeploymentSpec) -> Sequence[str]:
        return [spec.name] if self._service.deployed_model(spec.name) == spec.model else []

    def _another_if_there(self, spec: DeploymentSpec) -> Sequence[str]:
        """Somebody has put another model under that name: ours is gone, and theirs is not to be deleted.

        One that is not shown proves nothing: only the answer to the deletion itself does."""
        return (
            [spec.name] if self._service.deployed_model(spec.name) not in (None, spec.model) else []
        )

    def _uploaded(self, ending: str) -> Sequence[str]:
        own = f"{self._project.name}-{self._project.uid}-"
        deleted = self._deleted_files()
        return [
            file_id for file_id in self._service.files_named(own, ending) if file_id not in deleted
        ]

    def _deleted_files(self) -> set[str | None]:
        """A listing may still show them."""
        return {
            i.receipt
            for i in self._store.intents(self._project)
            if i.kind.startswith("delete-file.")
        }

    def _cancelled(self, job_id: str) -> str:
        try:
            self._service.cancel_job(job_id)
        except NotFound:
            raise
        except Permanent:
            # It may have ended in the moment between the look and the request: then nothing is left to do.
            if not self._service.is_job_over(job_id):
                raise
            log.info("already_over", job=job_id)
        return job_id

    @staticmethod
    def _deleted(delete: Callable[[str], None], name: str) -> str:
        delete(name)
        return name


def _file_ending(role: str, sha256: str) -> str:
    return f"-{role}-{sha256[:16]}.jsonl"


def job_suffix(project: Project) -> str:
    """At most 18 of [a-z0-9-], no dots (what every version of the service takes): name, uid and generation."""
    mark = f"{project.uid}g{project.generation}"
    return f"{project.name[: 17 - len(mark)].rstrip('-_')}-{mark}".lower()
