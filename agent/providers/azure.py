"""Azure OpenAI as a Provider (contract.py): what is asked of the SDK, and how it is found again.

Made by azure_connection.py. agent/engine/mutations.py makes each mutation happen once.

Longer than other files, so that the whole contract of a provider stands in one place.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from itertools import islice
from urllib.parse import quote

from agent.providers.arm import Arm
from agent.providers.azure_client import AzureClient, Endpoint
from agent.providers.base_models import find_model, from_data_plane, from_manager, read_list
from agent.providers.errors import Errors
from agent.providers.limiter import Limiter
from agent.providers.marks import has_tag, may_have
from agent.providers.overview import Overview
from agent.providers.refused import Refused
from agent.providers.shared_list import SharedList
from agent.providers.statuses import ENDED, file_rank, job_rank, to_glimpse
from agent.providers.translate import (
    read_id,
    read_objects,
    require_echo,
    to_checkpoint,
    to_event,
    to_file,
    to_job,
    to_legacy_deployment,
)
from states.errors import NeedsOperator, NotFound, Permanent
from states.remote import (
    DeploymentSpec,
    Glimpse,
    Heard,
    JobEvent,
    JobSpec,
    Phase,
    Question,
    RemoteCheckpoint,
    RemoteDeployment,
    RemoteFile,
    RemoteJob,
    RemoteModel,
    Reply,
)
from states.text import say

# The last version whose data plane lists deployments; still answered in 2026.
LEGACY_LISTING = "2023-03-15-preview"
JOBS = "/fine_tuning/jobs"
MOST_EVENTS = 10_000  # of one job, the newest; more decorate nothing
MOST_CHECKPOINTS = 1000  # of one job; the service keeps three
_PASSING = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
)
_CANNOT_LIST = say(
    "Deployments cannot be listed here. Set AZURE_SUBSCRIPTION_ID and AZURE_RESOURCE_GROUP: they"
    " are looked for through them."
)


class AzureService:
    """contract.Provider for one endpoint. `arm` None: deployments can only be read."""

    def __init__(self, endpoint: Endpoint, arm: Arm | None, errors: Errors) -> None:
        self._client = AzureClient(endpoint, errors)
        self._arm, self._errors = arm, errors
        self.forget()

    def load_sdk(self) -> None:
        """Unreachable where it cannot be read now."""
        _ = self._client.sdk

    def forget(
        self,
        steady: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """What was learnt of the service: its listings, its limits, and the rests it asked for.

        `steady`: seconds of a clock that nobody sets, which `sleep` lets pass."""
        lists, listed = self._client.list_statuses, partial(Overview, ended=ENDED, steady=steady)
        self._jobs = listed(partial(lists, JOBS), job_rank)
        self._files = listed(partial(lists, "/files"), file_rank)
        self._deployments = SharedList(self.deployments_listed, steady)
        self._limiters: dict[str, Limiter] = {}  # by deployment
        self._make_limiter = partial(Limiter, steady, sleep)
        for plane in (self._client, self._arm):
            if plane is not None:
                plane.rests.forget(steady)

    # Reading --------------------------------------------------------------------------------------

    def file(self, file_id: str) -> RemoteFile:
        with self._errors.translate():
            file = to_file(self._client.look_at("/files", file_id))
        self._files.learn(file_id, file.status)
        return file

    def job(self, job_id: str) -> RemoteJob:
        with self._errors.translate():
            job = to_job(self._client.look_at(JOBS, job_id))
        self._jobs.learn(job_id, job.status)
        return job

    def job_glimpse(self, job_id: str, within: float) -> Glimpse | None:
        status = self._jobs.look_up(job_id, within)
        return None if status is None else to_glimpse(job_id, status)

    def follows_many(self) -> bool:
        return self._jobs.is_of_many

    def file_glimpse(self, file_id: str, within: float) -> str | None:
        return self._files.look_up(file_id, within)

    def newest_events(self, job_id: str) -> Sequence[JobEvent]:
        path = f"{JOBS}/{quote(job_id, safe='')}/events"
        return [to_event(item) for item in self._client.newest(path)]

    def events(self, job_id: str) -> Sequence[JobEvent]:
        path = f"{JOBS}/{quote(job_id, safe='')}/events"
        return [to_event(item) for item in islice(self._client.list_all(path), MOST_EVENTS)]

    def checkpoints(self, job_id: str) -> Sequence[RemoteCheckpoint]:
        path = f"/fine_tuning/jobs/{quote(job_id, safe='')}/checkpoints"
        with self._errors.translate():
            listed = list(islice(self._client.list_all(path), MOST_CHECKPOINTS))
            return [to_checkpoint(item) for item in listed]

    def content(self, file_id: str) -> bytes:
        with self._errors.translate():
            path = f"/files/{quote(file_id, safe='')}/content"
            return self._client.look(path, accept="application/binary").content

    def deployment(self, name: str) -> RemoteDeployment | None:
        if self._arm is not None:
            return self._arm.get(name)
        return next((found for found in self._list_legacy() if found.name == name), None)

    def deployments_glimpse(self, name: str, within: float) -> Sequence[RemoteDeployment] | None:
        return self._deployments.look(name, within)

    def deployments_of(self, model: str) -> Sequence[RemoteDeployment]:
        return [found for found in self.deployments_listed() if found.model == model]

    def deployments_listed(self) -> Iterable[RemoteDeployment]:
        return self._list_legacy() if self._arm is None else self._arm.all()

    def model(self, name: str) -> RemoteModel | None:
        arm = self._arm
        listed = [
            *read_list(lambda: map(from_data_plane, self._client.list_all("/models"))),
            *(read_list(lambda: map(from_manager, arm.models())) if arm else ()),
        ]
        return find_model(name, listed)

    def _list_legacy(self) -> Sequence[RemoteDeployment]:
        if not self._client.is_dated:
            raise NotFound(_CANNOT_LIST)
        with self._errors.translate():
            try:
                answer = self._client.get("/deployments", {"api-version": LEGACY_LISTING})
            except Refused as error:
                if not _is_final(error):
                    raise
                # A retired version may be refused in any way: never this project's fault.
                raise NotFound(_CANNOT_LIST) from error
            return [to_legacy_deployment(item) for item in read_objects(answer.get("data"))]

    def chat(
        self,
        deployment: str,
        messages: Sequence[Mapping[str, str]],
        unsupported: Sequence[str] = (),
    ) -> Reply:
        from agent.providers import chat

        return chat.ask(self._client, deployment, messages, unsupported)

    def chat_many(
        self,
        deployment: str,
        take: Callable[[], Question | None],
        unsupported: Sequence[str] = (),
        most: int = 1,
        at_once: int | None = None,
    ) -> Iterator[Sequence[Heard]]:
        from agent.providers import chat
        from agent.providers.together import Batch

        limiter = self._limiters.setdefault(deployment, self._make_limiter())
        limiter.remember(at_once)
        ask = partial(chat.ask, self._client, deployment)
        return Batch(ask, limiter, most, unsupported).run(take)

    # Mutations ------------------------------------------------------------------------------------

    def upload(self, filename: str, content: bytes) -> str:
        with self._errors.translate(is_mutation=True):
            file = self._client.sdk.files.create(file=(filename, content), purpose="fine-tune")
            answer = self._client.to_json(file)
            require_echo(answer, filename=filename)
            return read_id(answer)

    def files_named(self, prefix: str, ending: str, size: int | None = None) -> Sequence[str]:
        # By name first: whatever is odd about a stranger's file does not matter here.
        items = (
            (str(item.get("filename") or ""), item) for item in self._client.list_all("/files")
        )
        ours = [item for name, item in items if name.startswith(prefix) and name.endswith(ending)]
        with self._errors.translate():
            return [
                file.id
                for file in map(to_file, ours)
                if file.phase is not Phase.DEAD and may_have(file, size)
            ]

    def create_job(self, spec: JobSpec, suffix: str) -> str:
        extra = {} if spec.training_type is None else {"trainingType": spec.training_type}
        with self._errors.translate(is_mutation=True):
            job = self._client.sdk.fine_tuning.jobs.create(
                model=spec.base_model,
                training_file=spec.training_file,
                validation_file=spec.validation_file,
                hyperparameters={
                    "n_epochs": spec.epochs,
                    "batch_size": spec.batch_size,
                    "learning_rate_multiplier": spec.learning_rate_multiplier,
                },
                suffix=suffix,
                seed=spec.seed,
                extra_body=extra,
            )
            answer = self._client.to_json(job)
            require_echo(answer, training_file=spec.training_file)
            return read_id(answer)

    def jobs_like(self, spec: JobSpec, suffix: str) -> Sequence[str]:
        ours = [
            item
            for item in self._client.list_all(JOBS)
            if item.get("training_file") == spec.training_file
        ]
        with self._errors.translate():
            return [job.id for job in map(to_job, ours) if has_tag(job, spec, suffix)]

    def cancel_job(self, job_id: str) -> None:
        with self._errors.translate(is_mutation=True):
            self._client.to_json_of(job_id, self._client.sdk.fine_tuning.jobs.cancel(job_id))

    def pause_job(self, job_id: str) -> None:
        with self._errors.translate(is_mutation=True):
            self._order(job_id, "pause")

    def resume_job(self, job_id: str) -> None:
        with self._errors.translate(is_mutation=True):
            self._order(job_id, "resume")

    def _order(self, job_id: str, act: str) -> None:
        # Whatever becomes of the order, an earlier listing tells no more how the job is.
        self._jobs.learn(job_id, "")
        answer = self._client.post_undated(f"{JOBS}/{quote(job_id, safe='')}/{act}")
        self._jobs.learn(job_id, to_job(self._client.to_json_of(job_id, answer)).status)

    def is_job_over(self, job_id: str) -> bool:
        try:
            job = self.job(job_id)
        except NotFound:
            return False  # gateways err: what is not found may go on all the same
        return job.phase is not Phase.WORKING or job.status in ("canceling", "cancelling")

    def delete_job(self, job_id: str) -> None:
        path = f"/fine_tuning/jobs/{quote(job_id, safe='')}"
        try:
            with self._errors.translate(is_mutation=True):
                self._client.delete(path, job_id)
        except NotFound as error:
            if not self._knows_job(job_id):
                raise
            # It is there, so what is not found is the way to delete it: v1 specifies none.
            raise Permanent(
                say(
                    "The service does not offer to delete a training here (HTTP 404): delete its"
                    " model in the portal, or set AZURE_OPENAI_VERSION to a dated version."
                ),
                remote=True,
            ) from error

    def _knows_job(self, job_id: str) -> bool:
        try:
            return bool(self.job(job_id))
        except NotFound:
            return False

    def create_deployment(self, spec: DeploymentSpec) -> None:
        self._require_arm().create(spec)

    def deployed_model(self, name: str) -> str | None:
        found = self.deployment(name)
        return None if found is None or found.status in ("deleting", "deleted") else found.model

    def delete_deployment(self, name: str) -> None:
        self._require_arm().delete(name)

    def delete_file(self, file_id: str) -> None:
        with self._errors.translate(is_mutation=True):
            self._client.check_deleted(self._client.sdk.files.delete(file_id), file_id)

    def is_file_deleted(self, file_id: str) -> bool:
        try:
            return self.file(file_id).status in ("deleted", "deleting")
        except NotFound:
            return False

    def _require_arm(self) -> Arm:
        if self._arm is None:
            raise NeedsOperator(
                say(
                    "Deployments can be changed by this program only with AZURE_SUBSCRIPTION_ID and"
                    " AZURE_RESOURCE_GROUP set. Set them, or do it in the portal, and `retry`."
                )
            )
        return self._arm

    def close(self) -> None:
        self._client.close()
        if self._arm is not None:
            self._arm.close()


def _is_final(error: Refused) -> bool:
    """Asked again, it would be refused again. Not so for a key that is refused: it is rotated."""
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        return error.code == "PermissionDenied"  # the key is right, its owner lacks a role
    return 400 <= error.status_code < 500 and error.status_code not in _PASSING
