"""By which marks an object of the service is known for ours. Called by azure.py."""

from __future__ import annotations

from states.remote import JobSpec, RemoteFile, RemoteJob


def has_tag(job: RemoteJob, spec: JobSpec, suffix: str) -> bool:
    """It carries our tag: the suffix where echoed, else in the model name, else the seed."""
    if job.suffix is not None:
        return job.suffix == suffix
    if job.model is not None:
        return job.model.endswith(suffix)
    return job.seed == spec.seed


def may_have(file: RemoteFile, size: int | None) -> bool:
    """True unless the service says that the file has another size."""
    return not size or not file.size or file.size == size
