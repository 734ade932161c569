"""Write-ahead: every remote mutation is intended, looked for, made once, and receipted (docs/guarantees.md)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

import structlog

from states.errors import NeedsOperator, NotFound, NotYet, Permanent, Throttled, Transient, Unreachable
from states.model import Project
from states.records import VOID, Instant, Intent, Store
from states.remote import DeploymentSpec, FileSpec, JobSpec
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
    def is_job_over(self, job_id: str) -> bool: ...
    def create_deployment(self, spec: DeploymentSpec) -> None: ...
    def deployed_model(self, name: str) -> str | None:
        """The model the deployment of that name serves; None when there is none that lives."""
        ...

    def delete_deployment(self, name: str) -> None: ...
    def delete_file(self, file_id: str) -> None: ...
    def has_file(self, file_id: str) -> bool: ...


@dataclass(frozen=True)
class Mutation:
    """One thing to happen once. `find` names every remote object that carries the key."""

    kind: str
    spec: Mapping[str, object]
    make: Callable[[], str]
    find: Callable[[], Sequence[str]]


class Effects:
    """`ports.do` of one project: states.ports.Do over a Store and the service's Mutations."""

    def __init__(
        self, project: Project, store: Store, service: Mutations, settle_seconds: float, clock: Callable[[], Instant]
    ) -> None:
        self._project, self._store, self._service = project, store, service
        self._settle, self._clock = settle_seconds, clock

    # What can be done -------------------------------------------------------------------------------------------------

    def upload(self, spec: FileSpec) -> str:
        # Found by content, whichever generation sent it: the same bytes are never sent twice.
        ending = f"-{spec.role}-{spec.sha256[:16]}.jsonl"
        own = f"{self._project.name}-{self._project.uid}-"
        return self._once(
            Mutation(
                f"upload-{spec.role}.{spec.sha256[:16]}",
                {"role": spec.role, "sha256": spec.sha256},
                make=lambda: self._service.upload(f"{self._project.remote_name}{ending}", spec.content),
                find=lambda: self._service.files_named(own, ending),
            )
        )

    def create_job(self, spec: JobSpec, last_look: Callable[[], None]) -> str:
        return self._once(self._job(spec), last_look)

    def begun_job(self, spec: JobSpec) -> str | None:
        return self._begun(self._job(spec))

    def _job(self, spec: JobSpec) -> Mutation:
        suffix = job_suffix(self._project)
        return Mutation(
            "create-job",
            asdict(spec),
            make=lambda: self._service.create_job(spec, suffix),
            find=lambda: self._service.jobs_like(spec, suffix),
        )

    def cancel_job(self, job_id: str) -> str:
        return self._once(
            Mutation(
                f"cancel-job.{job_id}",
                {"job": job_id},
                make=lambda: self._cancelled(job_id),
                find=lambda: [job_id] if self._service.is_job_over(job_id) else [],
            )
        )

    def create_deployment(self, spec: DeploymentSpec) -> str:
        return self._once(self._deployment(spec))

    def begun_deployment(self, spec: DeploymentSpec) -> str | None:
        return self._begun(self._deployment(spec))

    def _deployment(self, spec: DeploymentSpec) -> Mutation:
        return Mutation(
            "create-deployment",
            asdict(spec),
            make=lambda: self._deploy(spec),
            find=lambda: self._ours_if_there(spec),
        )

    def delete_deployment(self, name: str) -> str:
        return self._once(
            Mutation(
                f"delete-deployment.{name}",
                # Each generation's deployment of that name is another one, to be deleted without waiting.
                {"deployment": name, "generation": self._project.generation},
                make=lambda: self._gone(self._service.delete_deployment, name),
                # Only the answer to the deletion itself says that it is gone: a listing may not show it yet.
                find=lambda: [],
            )
        )

    def delete_file(self, file_id: str) -> str:
        return self._once(
            Mutation(
                f"delete-file.{file_id}",
                {"file": file_id},
                make=lambda: self._gone(self._service.delete_file, file_id),
                find=lambda: [] if self._service.has_file(file_id) else [file_id],
            )
        )

    # Once -------------------------------------------------------------------------------------------------------------

    def _once(self, mutation: Mutation, last_look: Callable[[], None] = lambda: None) -> str:
        intent = self._intended(mutation)
        if intent.receipt == VOID:
            raise NeedsOperator(
                say(
                    "{kind} was called off by a person's decision that was not carried out to its end. Repeat it.",
                    kind=mutation.kind,
                )
            )
        if intent.receipt is not None:
            return intent.receipt
        looked_at = self._clock()
        found = self._found(mutation)
        if found is not None:
            return self._received(intent, found, adopted=True)
        self._wait_to_settle(intent, looked_at)
        last_look()
        won = self._store.restamp(intent, self._clock())
        if won is None:
            raise NotYet(say("Another process is doing {kind} at this moment.", kind=mutation.kind), self._settle)
        return self._received(won, self._made(won, mutation), adopted=False)

    def _begun(self, mutation: Mutation) -> str | None:
        """What the mutation has made, if anything; else it is called off, so that nobody can make it later."""
        intent = self._intended(mutation)
        if intent.receipt is not None:
            return intent.receipt or None
        # Never sent by us: what may lie there under the name was made by a person and is theirs.
        looked_at = self._clock()
        found = self._found(mutation) if intent.tries else None
        if found is not None:
            return self._received(intent, found, adopted=True)
        self._wait_to_settle(intent, looked_at)
        # One compare-and-swap: whoever was about to send loses its own, and nobody can slip in between.
        if not self._store.call_off(intent, self._clock().wall):
            raise NotYet(say("Another process is doing {kind} at this moment.", kind=mutation.kind), self._settle)
        return None

    def _key(self, kind: str) -> str:
        return f"{self._project.name}.{self._project.uid}.g{self._project.generation}.{kind}"

    def _intended(self, mutation: Mutation) -> Intent:
        digest = hashlib.sha256(json.dumps(mutation.spec, sort_keys=True).encode()).hexdigest()
        intent = self._store.intend(self._project.name, self._key(mutation.kind), mutation.kind, digest, self._clock().wall)
        if intent.spec_digest != digest:
            raise NeedsOperator(
                say(
                    "{kind} was begun with other settings or data than now; going on could pay twice. Put the former ones back, or "
                    "`retry --restart` to begin anew.",
                    kind=intent.kind,
                )
            )
        return intent

    def _found(self, mutation: Mutation) -> str | None:
        try:
            found = sorted(set(mutation.find()))
        except Permanent as error:
            # That a look is refused says nothing about what was made: a retry must go on under the same keys.
            raise Permanent(error.text, remote=False) from error
        if len(found) > 1:
            raise NeedsOperator(
                say(
                    "{count} objects at the service carry the mark of one {kind}: {ids}. Delete all but one and `retry`.",
                    count=len(found),
                    kind=mutation.kind,
                    ids=", ".join(found),
                )
            )
        return found[0] if found else None

    def _wait_to_settle(self, intent: Intent, looked_at: Instant) -> None:
        """Returns once an unanswered request can no longer have come true unseen: from the LAST time it was sent to the look."""
        if intent.stamp is None:
            return
        # Not to now: a look that took long, or a process that was stopped after it, has not seen what happened meanwhile.
        passed = looked_at.seconds_since(intent.stamp)
        if passed < 0:
            # The clock was set back, across a restart of the machine. Nobody knows how long ago it was: count from now.
            self._store.restamp(intent, self._clock())
            passed = 0.0
        if passed < self._settle:
            raise NotYet(say("an unanswered {kind} to settle before it is sent again", kind=intent.kind), self._settle - passed)

    def _made(self, intent: Intent, mutation: Mutation) -> str:
        log.info("effect_sent", kind=mutation.kind, key=intent.key, tries=intent.tries)
        try:
            return mutation.make()
        except (Unreachable, Throttled, Permanent, NeedsOperator):
            # Certainly not acted upon: the next try, or a person's retry, need not wait for anything to settle.
            self._store.restamp(intent, None)
            raise
        except Transient:
            # It may have taken long (time-outs are counted between two signs of life): it can come true from now on.
            self._store.restamp(intent, self._clock())
            raise

    def _received(self, intent: Intent, receipt: str, adopted: bool) -> str:
        self._store.receive(intent.key, receipt, self._clock().wall)
        log.info("effect_received", kind=intent.kind, key=intent.key, receipt=receipt, adopted=adopted)
        return receipt

    # Details ----------------------------------------------------------------------------------------------------------

    def _deploy(self, spec: DeploymentSpec) -> str:
        self._service.create_deployment(spec)
        return spec.name

    def _ours_if_there(self, spec: DeploymentSpec) -> Sequence[str]:
        model = self._service.deployed_model(spec.name)
        if model is not None and model != spec.model:
            raise NeedsOperator(
                say(
                    "There is a deployment {name} already, serving {model}. Set another FINE_TUNED_MODEL_DEPLOYMENT, or delete it, and `retry`.",
                    name=spec.name,
                    model=model,
                )
            )
        return [spec.name] if model else []

    def _cancelled(self, job_id: str) -> str:
        try:
            self._service.cancel_job(job_id)
        except Permanent:
            # It may have ended, or gone, in the moment between the look and the request: then nothing is left to do.
            if not self._service.is_job_over(job_id):
                raise
            log.info("already_over", job=job_id)
        return job_id

    @staticmethod
    def _gone(remove: Callable[[str], None], name: str) -> str:
        try:
            remove(name)
        except NotFound:
            log.info("already_gone", name=name)
        return name


def job_suffix(project: Project) -> str:
    """At most 18 of [a-z0-9-], no dots (what every version of the service takes): name, uid and generation."""
    mark = f"{project.uid}g{project.generation}"
    return f"{project.name[: 17 - len(mark)].rstrip('-_')}-{mark}".lower()
