"""Every call of a provider that sends a request, by name: the looks, and the acts."""

from __future__ import annotations

from collections.abc import Callable

from agent.providers.azure import AzureService
from states.remote import DeploymentSpec
from tests.contract.azure_rows import spec

LOOKS: dict[str, Callable[[AzureService], object]] = {
    "file": lambda on: on.file("file-1"),
    "job": lambda on: on.job("ftjob-1"),
    "events": lambda on: on.events("ftjob-1"),
    "checkpoints": lambda on: on.checkpoints("ftjob-1"),
    "content": lambda on: on.content("file-1"),
    "files": lambda on: on.files_named("x", "y"),
    "jobs": lambda on: on.jobs_like(spec("file-1"), "s"),
    "chat": lambda on: on.chat("d", [{"role": "user", "content": "Hola"}]),
    "deployment": lambda on: on.deployment("d"),
    "deployments": lambda on: on.deployments_of("m"),
}
ACTS: dict[str, Callable[[AzureService], object]] = {
    "upload": lambda on: on.upload("x-training.jsonl", b"{}"),
    "create_job": lambda on: on.create_job(spec("file-1"), "s"),
    "cancel_job": lambda on: on.cancel_job("ftjob-1"),
    "pause_job": lambda on: on.pause_job("ftjob-1"),
    "resume_job": lambda on: on.resume_job("ftjob-1"),
    "create_deployment": lambda on: on.create_deployment(DeploymentSpec("d", "m")),
    "delete_deployment": lambda on: on.delete_deployment("d"),
    "delete_file": lambda on: on.delete_file("file-1"),
}
