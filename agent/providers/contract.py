"""What a provider has to offer. Implemented by azure.py; used by the engine and bootstrap.

A second provider is one file here, with `connect(settings, redactor)`, and one line in `KINDS` of
agent/settings/services.py, where `Service` says what can be expected of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from states.ports import Read
from states.remote import DeploymentSpec, JobSpec


class Provider(Read, Protocol):
    """One remote service: reading (states.ports.Read), each mutation, and how to look for it.

    A mutation is sent at most once per call and never retried here: agent/engine/exactly_once
    decides what is sent again.
    """

    def upload(self, filename: str, content: bytes) -> str:
        """Returns the file's id."""
        ...

    def files_named(self, prefix: str, ending: str, size: int | None = None) -> Sequence[str]:
        """Ids of all living files whose name begins and ends so.

        `size`: without those of which the service says that they have another number of bytes."""
        ...

    def create_job(self, spec: JobSpec, suffix: str) -> str:
        """Returns the job's id. This is what is paid for."""
        ...

    def jobs_like(self, spec: JobSpec, suffix: str) -> Sequence[str]:
        """Ids of all jobs of this training file with that suffix (or, if not echoed, the seed)."""
        ...

    def cancel_job(self, job_id: str) -> None: ...
    def pause_job(self, job_id: str) -> None:
        """NotFound where this service cannot do that, or does not know the job."""
        ...

    def resume_job(self, job_id: str) -> None: ...
    def is_job_over(self, job_id: str) -> bool:
        """True only if the service says so; not when it does not find the job."""
        ...

    def delete_job(self, job_id: str) -> None:
        """Its model and checkpoints go with it. Permanent where the service does not do that."""
        ...

    def create_deployment(self, spec: DeploymentSpec) -> None: ...
    def deployed_model(self, name: str) -> str | None:
        """The model under that name, whatever its state; None if absent or being deleted."""
        ...

    def delete_deployment(self, name: str) -> None: ...
    def delete_file(self, file_id: str) -> None: ...
    def is_file_deleted(self, file_id: str) -> bool:
        """True only if the service says so; not when it does not find the file."""
        ...


class Connection(Protocol):
    """The way to one service for the lifetime of this process."""

    def provider(self) -> Provider:
        """A provider that can be used now. Starts what has to run on this machine."""
        ...

    def get_ready(self) -> None:
        """Loads what a mutation needs, before the time to send it runs."""
        ...

    def close(self) -> None:
        """Nothing stays open, and nothing that was started here keeps running."""
        ...
