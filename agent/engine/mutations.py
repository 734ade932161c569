"""The changes this program makes at the remote service, and the tag by which each is found again.

Built by bootstrap for one project and one tick; steps call it as `ports.do`. How a change happens
only once stands in agent/engine/exactly_once.py.

Longer than other files, so that all changes stand in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import structlog

from agent.engine.exactly_once import ExactlyOnce, Mutation, Timing
from agent.engine.jobs_made import jobs_made
from agent.engine.obedience import obeys, send_order
from states.errors import NeedsOperator, NotFound, NotYet, Permanent
from states.model import Project
from states.remote import DeploymentSpec, FileSpec, JobSpec
from states.stages import Order
from states.store_port import Instant, Store
from states.text import say

if TYPE_CHECKING:
    from agent.providers.contract import Provider

log = structlog.get_logger()

DELETE_JOB = "delete-job"


class Mutations:
    """states.ports.Do of one project, over an ExactlyOnce and a Provider."""

    def __init__(
        self,
        project: Project,
        store: Store,
        service: Provider,
        timing: Timing,
        clock: Callable[[], Instant],
        get_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self._project, self.service = project, service
        self._once = ExactlyOnce(project, store, timing, clock, get_ready)

    def upload(self, spec: FileSpec) -> str:
        # Found by content, whichever generation sent it: the same bytes are never sent twice.
        ending = _file_ending(spec.role, spec.sha256)
        filename = f"{self._project.remote_name}{ending}"
        return self._once.ensure(
            Mutation(
                f"upload-{spec.role}.{spec.sha256[:16]}",
                {"role": spec.role, "sha256": spec.sha256},
                make=lambda: self.service.upload(filename, spec.content),
                find=lambda: self.find_uploads(ending, len(spec.content)),
            )
        )

    def conclude_uploads(self) -> Sequence[str]:
        found = []
        for intent in self._once.intents():
            if intent.kind.startswith("upload-"):
                ending = _file_ending(intent.spec["role"], intent.spec["sha256"])
                find = partial(self.find_uploads, ending)
                found.append(self._once.conclude(intent, find, is_ours=True))
        # And whatever else bears the project's name: the database may have been restored from an
        # older copy, which does not know of it.
        found += self.find_uploads("")
        deleted = self._deleted_files()
        return [name for name in dict.fromkeys(filter(None, found)) if name not in deleted]

    def create_job(self, spec: JobSpec, last_look: Callable[[], None]) -> str:
        suffix = job_suffix(self._project)
        return self._once.ensure(
            Mutation(
                "create-job",
                asdict(spec),
                make=lambda: self.service.create_job(spec, suffix),
                find=lambda: self.service.jobs_like(spec, suffix),
                last_look=last_look,
            )
        )

    def conclude_job(self, spec: JobSpec | None) -> str | None:
        intent = self._once.reopen_or_intend("create-job", asdict(spec) if spec else {})
        suffix = job_suffix(self._project)
        return self._once.conclude(
            intent, lambda: self.service.jobs_like(JobSpec(**intent.spec), suffix), is_ours=True
        )

    def cancel_job(self, job_id: str) -> str:
        return self._once.ensure(
            Mutation(
                f"cancel-job.{job_id}",
                {"job": job_id},
                make=lambda: self._cancel(job_id),
                find=lambda: [job_id] if self.service.is_job_over(job_id) else [],
                target=job_id,
            )
        )

    def order_job(self, job_id: str, order: Order) -> str:
        return self._once.ensure(
            Mutation(
                f"{order.wants}-job.{job_id}.{order.number}",
                {"job": job_id},
                make=lambda: send_order(self.service, job_id, order),
                find=lambda: [job_id] if obeys(self.service, job_id, order) else [],
            )
        )

    def create_deployment(self, spec: DeploymentSpec) -> str:
        return self._once.ensure(
            Mutation(
                "create-deployment",
                spec.as_json(),
                make=lambda: self._deploy(spec),
                find=lambda: self._find_ours_or_refuse(spec),
            )
        )

    def conclude_deployment(self, spec: DeploymentSpec | None) -> DeploymentSpec | None:
        intent = self._once.reopen_or_intend("create-deployment", spec.as_json() if spec else {})
        is_ours = spec is not None and intent.spec.get("name") == self._project.remote_name
        name = self._once.conclude(
            intent, lambda: self._find_same(DeploymentSpec(**intent.spec)), is_ours=is_ours
        )
        return DeploymentSpec(**intent.spec) if name else None

    def delete_deployment(self, spec: DeploymentSpec) -> str:
        return self._once.ensure(
            Mutation(
                f"delete-deployment.{spec.name}",
                # Each generation's deployment of that name is another one, and is deleted without
                # waiting for the deletion of the former one.
                {
                    "name": spec.name,
                    "model": spec.model,
                    "generation": self._project.generation,
                },
                make=lambda: _delete(self.service.delete_deployment, spec.name),
                find=lambda: self.find_replacement(spec),
                target=spec.name,
            )
        )

    def delete_file(self, file_id: str) -> str:
        return self._once.ensure(
            Mutation(
                f"delete-file.{file_id}",
                {"file": file_id},
                make=lambda: _delete(self.service.delete_file, file_id),
                find=lambda: [file_id] if self.service.is_file_deleted(file_id) else [],
                target=file_id,
            )
        )

    def delete_job(self, job_id: str, last_look: Callable[[], None]) -> str:
        return self._once.ensure(
            Mutation(
                f"{DELETE_JOB}.{job_id}",
                {"job": job_id},
                make=lambda: _delete(self.service.delete_job, job_id),
                find=lambda: (),  # what is not found proves nothing: only the answer does
                target=job_id,
                last_look=last_look,
            )
        )

    def made_files(self) -> Sequence[str]:
        deleted = self._deleted_files()
        made = [one.receipt for one in self._once.intents() if one.kind.startswith("upload-")]
        found = dict.fromkeys((*filter(None, made), *self.find_uploads("")))
        return [file_id for file_id in found if file_id not in deleted]

    def made_jobs(self) -> Mapping[str, int]:
        intents = self._once.intents()
        deleted = {one.receipt for one in intents if one.kind.startswith(f"{DELETE_JOB}.")}
        return {job: n for job, n in jobs_made(intents).items() if job not in deleted}

    # How each is looked up --------------------------------------------------------------------

    def find_uploads(self, ending: str, size: int | None = None) -> Sequence[str]:
        """This project's files, of any generation, whose name ends so; not those it has deleted.

        `size`: nor those of other content, which a stranger has given the same name."""
        own = f"{self._project.name}-{self._project.uid}-"
        deleted = self._deleted_files()
        return [
            file_id
            for file_id in self.service.files_named(own, ending, size)
            if file_id not in deleted
        ]

    def find_replacement(self, spec: DeploymentSpec) -> Sequence[str]:
        """Proof that our deployment is deleted: somebody put another model under its name.

        That one is not ours to delete. A deployment that the listing does not show proves nothing:
        only the answer to the deletion itself does."""
        return (
            [spec.name] if self.service.deployed_model(spec.name) not in (None, spec.model) else []
        )

    def _find_same(self, spec: DeploymentSpec) -> Sequence[str]:
        return [spec.name] if self.service.deployed_model(spec.name) == spec.model else []

    def _find_ours_or_refuse(self, spec: DeploymentSpec) -> Sequence[str]:
        """NeedsOperator when the name is taken by another model."""
        self._refuse_unsettled_deletion(spec.name)
        model = self.service.deployed_model(spec.name)
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

    def _refuse_unsettled_deletion(self, name: str) -> None:
        """A listing may go on showing the former deployment of that name after its deletion."""
        for intent in self._once.intents():
            if intent.kind == f"delete-deployment.{name}":
                left = self._once.seconds_to_settle(intent)
                if left > 0:
                    raise NotYet(say("the deletion of {name} to settle", name=name), left)

    def _deleted_files(self) -> set[str | None]:
        """A listing may still show them."""
        return {i.receipt for i in self._once.intents() if i.kind.startswith("delete-file.")}

    # How each is made -------------------------------------------------------------------------

    def _deploy(self, spec: DeploymentSpec) -> str:
        self.service.create_deployment(spec)
        return spec.name

    def _cancel(self, job_id: str) -> str:
        try:
            self.service.cancel_job(job_id)
        except NotFound:
            raise
        except Permanent:
            # The job may have ended between the look and the request: nothing is left to do then.
            if not self.service.is_job_over(job_id):
                raise
            log.info("already_over", job=job_id)
        return job_id


def _delete(delete: Callable[[str], None], name: str) -> str:
    delete(name)
    return name


def _file_ending(role: str, sha256: str) -> str:
    return f"-{role}-{sha256[:16]}.jsonl"


def job_suffix(project: Project) -> str:
    """The job's correlation tag: name, uid and generation.

    At most 18 of [a-z0-9-] and no dots, which is what every version of the service takes."""
    tag = f"{project.uid}g{project.generation}"
    return f"{project.name[: 17 - len(tag)].rstrip('-_')}-{tag}".lower()
