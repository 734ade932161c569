"""Azure OpenAI through the official SDK: reading, and the mutations that agent/effects makes happen once."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

import openai

from agent.providers.arm import Arm
from agent.providers.bounded_http import http_client
from agent.providers.errors import Errors
from agent.providers.translate import (
    as_dict,
    event_of,
    file_of,
    job_of,
    legacy_deployment_of,
    objects,
    said_in,
)
from states.errors import NeedsOperator, NotFound, Permanent, Unclear
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
from states.text import say

LEGACY_LISTING = (  # the last version whose data plane lists deployments; still answered in 2026
    "2023-03-15-preview"
)
LONGEST_ANSWER = 64  # tokens; longer than any intent's name may be (states/split.py)
PAGE = 100
_CANNOT_LIST = say(
    "Deployments cannot be listed here. Set AZURE_SUBSCRIPTION_ID and AZURE_RESOURCE_GROUP: they"
    " are looked for through them."
)


@dataclass(frozen=True)
class Endpoint:
    """Where the data plane is. `version` "v1" (or "preview") chooses the undated surface."""

    url: str
    key: str
    version: str
    timeout: float  # seconds, for each request

    def __repr__(self) -> str:
        return f"Endpoint({self.url!r}, {self.version!r})"


def client_of(endpoint: Endpoint) -> openai.OpenAI:
    """An SDK client that never repeats a request: a repeated POST is a second training, and it sends no idempotency key."""
    patient = http_client(endpoint.url, endpoint.timeout, follow_redirects=True)
    if endpoint.version in ("v1", "preview"):
        base = re.sub(r"/openai(/v1)?/?$", "", endpoint.url.rstrip("/"))
        return openai.OpenAI(
            base_url=f"{base}/openai/v1/",
            api_key=endpoint.key,
            max_retries=0,
            timeout=endpoint.timeout,
            http_client=patient,
        )
    return openai.AzureOpenAI(
        azure_endpoint=endpoint.url,
        api_key=endpoint.key,
        api_version=endpoint.version,
        max_retries=0,
        timeout=endpoint.timeout,
        http_client=patient,
    )


class AzureService:
    """contract.Provider for one endpoint. `arm` None: deployments can only be read."""

    def __init__(self, endpoint: Endpoint, arm: Arm | None, errors: Errors) -> None:
        self._client, self._arm, self._errors = client_of(endpoint), arm, errors
        self._dated = isinstance(self._client, openai.AzureOpenAI)

    # Reading ----------------------------------------------------------------------------------------------------------

    def file(self, file_id: str) -> RemoteFile:
        with self._errors.translated():
            return file_of(self._said(self._client.files.retrieve(file_id)))

    def job(self, job_id: str) -> RemoteJob:
        with self._errors.translated():
            return job_of(self._said(self._client.fine_tuning.jobs.retrieve(job_id)))

    def events(self, job_id: str) -> Sequence[JobEvent]:
        return [event_of(item) for item in self._pages(f"/fine_tuning/jobs/{quote(job_id)}/events")]

    def content(self, file_id: str) -> bytes:
        with self._errors.translated():
            return self._client.files.content(file_id).content

    def deployment(self, name: str) -> RemoteDeployment | None:
        if self._arm is not None:
            return self._arm.get(name)
        return next((found for found in self._legacy_listing() if found.name == name), None)

    def deployments_of(self, model: str) -> Sequence[RemoteDeployment]:
        listed = self._legacy_listing() if self._arm is None else self._arm.all()
        return [found for found in listed if found.model == model]

    def _legacy_listing(self) -> Sequence[RemoteDeployment]:
        if not self._dated:
            raise NotFound(_CANNOT_LIST)
        with self._errors.translated():
            try:
                answer = self._client.get(
                    "/deployments",
                    cast_to=object,
                    options={"params": {"api-version": LEGACY_LISTING}},
                )
            except (openai.BadRequestError, openai.PermissionDeniedError) as error:
                # A version that is retired may be refused in any way; none of them is this project's fault.
                raise NotFound(_CANNOT_LIST) from error
            return [legacy_deployment_of(item) for item in objects(self._said(answer).get("data"))]

    def chat(self, deployment: str, messages: Sequence[Mapping[str, str]]) -> Reply:
        began = time.perf_counter()
        with self._errors.translated():
            try:
                answer = self._said(
                    self._client.chat.completions.create(
                        model=deployment,
                        messages=cast(Any, messages),
                        temperature=0,
                        max_tokens=LONGEST_ANSWER,
                    )
                )
            except openai.BadRequestError as error:
                if isinstance(error.body, Mapping) and error.body.get("code") == "content_filter":
                    return Reply("", None, time.perf_counter() - began, filtered=True)
                raise
        text, filtered = said_in(answer)
        return Reply(text, answer.get("model"), time.perf_counter() - began, filtered)

    # Mutations --------------------------------------------------------------------------------------------------------

    def upload(self, filename: str, content: bytes) -> str:
        with self._errors.translated(acting=True):
            return str(
                self._said(
                    self._client.files.create(file=(filename, content), purpose="fine-tune")
                )["id"]
            )

    def files_named(self, prefix: str, ending: str) -> Sequence[str]:
        # By the mark first: whatever is odd about a stranger's file is no concern of ours.
        names = ((str(item.get("filename") or ""), item) for item in self._pages("/files"))
        ours = [item for name, item in names if name.startswith(prefix) and name.endswith(ending)]
        with self._errors.translated():
            return [file.id for file in map(file_of, ours) if file.phase is not Phase.DEAD]

    def create_job(self, spec: JobSpec, suffix: str) -> str:
        extra = {} if spec.training_type is None else {"trainingType": spec.training_type}
        with self._errors.translated(acting=True):
            answer = self._client.fine_tuning.jobs.create(
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
            return str(self._said(answer)["id"])

    def jobs_like(self, spec: JobSpec, suffix: str) -> Sequence[str]:
        ours = [
            item
            for item in self._pages("/fine_tuning/jobs")
            if item.get("training_file") == spec.training_file
        ]
        with self._errors.translated():
            return [job.id for job in map(job_of, ours) if _carries(job, spec, suffix)]

    def cancel_job(self, job_id: str) -> None:
        with self._errors.translated(acting=True):
            self._client.fine_tuning.jobs.cancel(job_id)

    def is_job_over(self, job_id: str) -> bool:
        try:
            job = self.job(job_id)
        except NotFound:
            return False  # gateways err: what is not found may go on all the same
        return job.phase is not Phase.WORKING or job.status in ("canceling", "cancelling")

    def create_deployment(self, spec: DeploymentSpec) -> None:
        self._needed_arm().create(spec)

    def deployed_model(self, name: str) -> str | None:
        found = self.deployment(name)
        return None if found is None or found.status in ("deleting", "deleted") else found.model

    def delete_deployment(self, name: str) -> None:
        self._needed_arm().delete(name)

    def delete_file(self, file_id: str) -> None:
        with self._errors.translated(acting=True):
            self._client.files.delete(file_id)

    def is_file_deleted(self, file_id: str) -> bool:
        try:
            return self.file(file_id).status in ("deleted", "deleting")
        except NotFound:
            return False

    def _said(self, answer: Any) -> dict[str, Any]:
        said: dict[str, Any] = self._errors.struck(as_dict(answer))
        return said

    # Details ----------------------------------------------------------------------------------------------------------

    def _needed_arm(self) -> Arm:
        if self._arm is None:
            raise NeedsOperator(
                say(
                    "Deployments can be changed by this program only with AZURE_SUBSCRIPTION_ID and"
                    " AZURE_RESOURCE_GROUP set. Set them, or do it in the portal, and `retry`."
                )
            )
        return self._arm

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Every item of a listing. Cursor pages; a surface without `has_more` gives everything at once, or an empty page at the end."""
        after: str | None = None
        seen: set[str] = set()
        while True:
            params: dict[str, object] = {"limit": PAGE} | ({"after": after} if after else {})
            answer = self._page(path, params)
            items = [
                item for item in objects(answer.get("data")) if str(item.get("id")) not in seen
            ]
            yield from items
            ids = [str(item["id"]) for item in items if item.get("id")]
            seen.update(ids)
            if not ids or answer.get("has_more") is False:
                return
            after = ids[-1]

    def _page(self, path: str, params: Mapping[str, object]) -> dict[str, Any]:
        try:
            with self._errors.translated():
                return self._said(
                    self._client.get(path, cast_to=object, options={"params": dict(params)})
                )
        except (Permanent, NeedsOperator) as error:
            if "after" not in params:
                raise
            # The last item of the page before is gone by now, and the service does not know where to go on.
            raise Unclear(
                say("A listing changed while it was being read; it is read again.")
            ) from error

    def close(self) -> None:
        self._client.close()
        if self._arm is not None:
            self._arm.close()


def _carries(job: RemoteJob, spec: JobSpec, suffix: str) -> bool:
    """The mark of our key: the suffix, where the surface shows it; else in the model's name; else the seed."""
    if job.suffix is not None:
        return job.suffix == suffix
    if job.model is not None:
        return job.model.endswith(suffix)
    return job.seed == spec.seed
