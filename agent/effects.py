"""Write-ahead: every remote mutation is intended, looked for, made once, and receipted (docs/guarantees.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Protocol

import structlog

from agent.deadline import leaving_within
from states.errors import Missing, NeedsOperator, NotFound, NotYet, Permanent, Throttled, Transient, Unreachable
from states.model import Project
from states.records import VOID, Instant, Intent, Store
from states.remote import DeploymentSpec, FileSpec, JobSpec
from states.text import say

log = structlog.get_logger()

GLITCHES = 3  # times the service must say that it does not know a thing before that is believed: gateways err


@dataclass(frozen=True)
class Timing:
    """Seconds. `settle`: after the last sign of an unanswered request it can no longer come true unseen; `send`: a request that
    has not left so long after its stamp never leaves, so that settling may count from the stamp."""

    settle: float
    send: float


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
        """The model the deployment of that name serves; None when there is none that lives."""
        ...

    def delete_deployment(self, name: str) -> None: ...
    def delete_file(self, file_id: str) -> None: ...
    def is_file_deleted(self, file_id: str) -> bool:
        """True only if the service says so; not when it does not find the file."""
        ...


@dataclass(frozen=True)
class Mutation:
    """One thing to happen once. `find` names every remote object that carries the key. `target`: what is to come to an end by it,
    so that there is nothing left to do once it is gone."""

    kind: str
    spec: Mapping[str, Any]
    make: Callable[[], str]
    find: Callable[[], Sequence[str]]
    target: str | None = None


class Effects:
    """`ports.do` of one project: states.ports.Do over a Store and the service's Mutations."""

    def __init__(self, project: Project, store: Store, service: Mutations, timing: Timing, clock: Callable[[], Instant]) -> None:
        self._project, self._store, self._service = project, store, service
        self._timing, self._clock = timing, clock

    # What can be done -------------------------------------------------------------------------------------------------

    def upload(self, spec: FileSpec) -> str:
        # Found by content, whichever generation sent it: the same bytes are never sent twice.
        ending = _file_ending(spec.role, spec.sha256)
        return self._once(
            Mutation(
                f"upload-{spec.role}.{spec.sha256[:16]}",
                {"role": spec.role, "sha256": spec.sha256},
                make=lambda: self._service.upload(f"{self._project.remote_name}{ending}", spec.content),
                find=lambda: self._uploaded(ending),
            )
        )

    def begun_uploads(self) -> Sequence[str]:
        found = []
        for intent in self._store.intents(self._project):
            if intent.kind.startswith("upload-"):
                ending = _file_ending(intent.spec["role"], intent.spec["sha256"])
                found.append(self._ended(intent, partial(self._uploaded, ending)))
        return list(dict.fromkeys(filter(None, found)))

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

    def begun_job(self) -> str | None:
        intent = self._as_begun("create-job")
        return self._ended(intent, lambda: self._service.jobs_like(JobSpec(**intent.spec), job_suffix(self._project)))

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
            Mutation("create-deployment", asdict(spec), make=lambda: self._deploy(spec), find=lambda: self._ours_if_there(spec))
        )

    def begun_deployment(self) -> DeploymentSpec | None:
        intent = self._as_begun("create-deployment")
        name = self._ended(intent, lambda: self._same_if_there(DeploymentSpec(**intent.spec)))
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
        found = self._found(mutation.kind, mutation.find)
        if found is not None:
            return self._received(intent, found, adopted=True)
        self._wait_to_settle(intent, looked_at)
        last_look()
        won = self._store.restamp(intent, self._clock())
        if won is None:
            raise NotYet(say("Another process is doing {kind} at this moment.", kind=mutation.kind), self._timing.settle)
        return self._received(won, self._made(won, mutation), adopted=False)

    def _ended(self, intent: Intent, find: Callable[[], Sequence[str]]) -> str | None:
        """What the intent has made, if anything; else it is called off, so that nobody can make it later."""
        if intent.receipt is not None:
            return intent.receipt or None
        # Never sent by us: what may lie there under the name was made by a person and is theirs.
        looked_at = self._clock()
        found = self._found(intent.kind, find) if intent.tries else None
        if found is not None:
            return self._received(intent, found, adopted=True)
        self._wait_to_settle(intent, looked_at)
        # One compare-and-swap: whoever was about to send loses its own, and nobody can slip in between.
        if not self._store.call_off(intent, self._clock().wall):
            raise NotYet(say("Another process is doing {kind} at this moment.", kind=intent.kind), self._timing.settle)
        return None

    def _as_begun(self, kind: str) -> Intent:
        """As it was intended, whatever the settings say now; a new one, with nothing in it, if it never was."""
        return self._store.intend(self._project, self._key(kind), kind, {}, self._clock().wall)

    def _key(self, kind: str) -> str:
        return f"{self._project.name}.{self._project.uid}.g{self._project.generation}.{kind}"

    def _intended(self, mutation: Mutation) -> Intent:
        key, now = self._key(mutation.kind), self._clock().wall
        intent = self._store.intend(self._project, key, mutation.kind, mutation.spec, now)
        if intent.spec != mutation.spec and intent.receipt != VOID:
            raise NeedsOperator(
                say(
                    "{kind} was begun with other settings or data than now ({former}); going on could pay twice. Put the former ones back, "
                    "or `retry --restart` to begin anew.",
                    kind=intent.kind,
                    former=", ".join(f"{k}: {v}" for k, v in intent.spec.items() if mutation.spec.get(k) != v),
                )
            )
        return intent

    def _found(self, kind: str, find: Callable[[], Sequence[str]]) -> str | None:
        try:
            found = sorted(set(find()))
        except NotFound as error:
            # A service that knows no such listing says nothing about what was made.
            raise NeedsOperator(error.text, heals=True) from error
        if len(found) > 1:
            raise NeedsOperator(
                say(
                    "{count} objects at the service carry the mark of one {kind}: {ids}. Delete all but one and `retry`.",
                    count=len(found),
                    kind=kind,
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
        if passed < self._timing.settle:
            raise NotYet(
                say("an unanswered {kind} to settle before it is sent again", kind=intent.kind), self._timing.settle - passed
            )

    def _made(self, intent: Intent, mutation: Mutation) -> str:
        log.info("effect_sent", kind=mutation.kind, key=intent.key, tries=intent.tries)
        try:
            with leaving_within(self._time_to_send(intent)):
                return mutation.make()
        except NotFound:
            self._store.restamp(intent, None)
            if mutation.target is None:
                raise
            return self._missed(intent, mutation.target)
        except (Unreachable, Throttled, Permanent, NeedsOperator):
            # Certainly not acted upon: the next try, or a person's retry, need not wait for anything to settle.
            self._store.restamp(intent, None)
            raise
        except Transient:
            # It may have taken long (time-outs are counted between two signs of life): it can come true from now on.
            self._store.restamp(intent, self._clock())
            raise

    def _time_to_send(self, intent: Intent) -> Callable[[], float]:
        """Seconds left, counted from the stamp: a process that was stopped after it sends nothing late."""
        stamp = intent.stamp
        assert stamp is not None  # noqa: S101  it has just been taken
        return lambda: self._timing.send - self._clock().seconds_since(stamp)

    @staticmethod
    def _missed(intent: Intent, target: str) -> str:
        """What does not exist needs no ending; but that it does not is believed only when it is said again and again."""
        if intent.tries < 2 * GLITCHES - 1:  # each try counts twice: its stamp, and its answer
            raise Missing(say("The service does not find {target} at the moment; it is asked again.", target=target))
        log.info("already_gone", name=target)
        return target

    def _received(self, intent: Intent, receipt: str, adopted: bool) -> str:
        self._store.receive(intent.key, receipt, self._clock().wall)
        log.info("effect_received", kind=intent.kind, key=intent.key, receipt=receipt, adopted=adopted)
        return receipt

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
                    "There is a deployment {name} already, serving {model}. Set another FINE_TUNED_MODEL_DEPLOYMENT, or delete it, and `retry`.",
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
                    raise NotYet(say("the deletion of {name} to settle", name=name), self._timing.settle - passed)

    def _same_if_there(self, spec: DeploymentSpec) -> Sequence[str]:
        return [spec.name] if self._service.deployed_model(spec.name) == spec.model else []

    def _another_if_there(self, spec: DeploymentSpec) -> Sequence[str]:
        """Somebody has put another model under that name: ours is gone, and theirs is not to be deleted.

        One that is not shown proves nothing: only the answer to the deletion itself does."""
        return [spec.name] if self._service.deployed_model(spec.name) not in (None, spec.model) else []

    def _uploaded(self, ending: str) -> Sequence[str]:
        own = f"{self._project.name}-{self._project.uid}-"
        deleted = {i.receipt for i in self._store.intents(self._project) if i.kind.startswith("delete-file.")}
        return [file_id for file_id in self._service.files_named(own, ending) if file_id not in deleted]

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
