"""A good request of every route of the emulator, and the emulator that it is sent to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from agent.emulator.resources import (
    arm_account,
    arm_deployments,
    arm_models,
    chat,
    checkpoint_copies,
    file_import,
    files,
    jobs,
    legacy_deployments,
    models,
)
from agent.emulator.server.routes import SERVED
from tests.contract.running import Running, wait_for
from tests.contract.sentences import FEW, SENTENCES, rows

BASE = "gpt-4o-mini"
_HI = [{"role": "user", "content": "quiero devolver una lámpara"}]
_MODEL = {"model": {"format": "OpenAI", "name": BASE, "version": "2024-07-18"}}
_SKU = {"name": "Standard", "capacity": 5}
_PREVIEW = {"aoai-copy-ft-checkpoints": "preview", "accept": "application/json"}
_COPY = {
    "destinationResourceId": (
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/elsewhere"
    ),
    "region": "westus",
}


@dataclass(frozen=True)
class Good:
    """What to send: `path` names only what is not always the same."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    form: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Known:
    """An emulator on which there is one of everything, made when it is first asked for."""

    on: Running
    made: int = 0

    @cached_property
    def file(self) -> str:
        return self.on.upload(rows(FEW))

    @cached_property
    def job(self) -> str:
        return str(self.on.train(rows(SENTENCES), model=BASE).id)

    @cached_property
    def checkpoint(self) -> str:
        return str(self.on.v1.fine_tuning.jobs.checkpoints.list(self.job).data[0].id)

    @cached_property
    def deployment(self) -> str:
        return self.new_deployment()

    def new_file(self) -> str:
        return self.on.upload(b"{}")

    def new_job(self, *, is_over: bool) -> str:
        """A job to delete, or one that waits long enough to be cancelled."""
        self.on.behave(queue_seconds=0 if is_over else 60)
        job = self.on.sdk.fine_tuning.jobs.create(model=BASE, training_file=self.file).id
        self.on.behave(queue_seconds=None)
        return str(self.on.over(job).id) if is_over else str(job)

    def new_running_job(self, *, is_paused: bool = False) -> str:
        """A job that has done its first step of thirty."""
        self.on.behave(train_seconds=12)
        jobs = self.on.v1.fine_tuning.jobs
        job = jobs.create(model=BASE, training_file=self.file).id
        wait_for(lambda: any(one.type == "metrics" for one in jobs.list_events(job).data))
        if is_paused:
            jobs.pause(job)
            wait_for(lambda: str(jobs.retrieve(job).status) == "paused")
        self.on.behave(train_seconds=None)
        return job

    def new_deployment(self) -> str:
        self.made += 1
        self.on.deploy(f"made-{self.made}", BASE)
        return f"made-{self.made}"

    def path_of(self, good: Good, names: list[str]) -> list[str]:
        """The values of a route's parameters, in their order."""
        return [good.path[name] if name in good.path else self._usual(name) for name in names]

    def _usual(self, name: str) -> str:
        match name:
            case "file_id":
                return self.file
            case "job_id":
                return self.job
            case "checkpoint_id":
                return self.checkpoint
            case "name":
                return self.deployment
            case "model":
                return f"{BASE}-2024-07-18"
            case "location":
                return arm_account.LOCATION
            case _:
                return "here"  # any subscription, group and account lead to the same


# Method and path of each, and its handler.
ROUTES = {
    (method, served.prefix + path): handler
    for served in SERVED
    for method, path, handler in served.entries
}

_Make = Callable[[Known], Good]


def _chat(known: Known) -> Good:
    asked = {"messages": _HI, "logprobs": True, "top_logprobs": 3, "temperature": 0}
    return Good(body={**asked, "model": known.deployment})


def _show_copies(known: Known) -> Good:
    known.on.ask(
        "POST",
        f"/openai/v1/fine_tuning/jobs/{known.job}/checkpoints/{known.checkpoint}/copy",
        _COPY,
        **_PREVIEW,
    )
    return Good(headers=_PREVIEW)


GOOD: dict[Any, _Make] = {
    files.list_files: lambda _: Good(query={"purpose": "fine-tune"}),
    files.upload_file: lambda _: Good(form={"purpose": "fine-tune", "file": rows(FEW)}),
    files.show_file: lambda _: Good(),
    files.show_content: lambda _: Good(),
    file_import.import_file: lambda known: Good(
        body={"purpose": "fine-tune", "filename": "rows.jsonl", "content_url": f"{known.on.url}/"}
    ),
    files.delete_file: lambda known: Good(path={"file_id": known.new_file()}),
    jobs.list_jobs: lambda known: Good(path={"": known.job}, query={"limit": 5}),
    jobs.create_job: lambda known: Good(
        body={"model": f"{BASE}-2024-07-18", "training_file": known.file, "suffix": "in-spec"}
    ),
    jobs.show_job: lambda _: Good(),
    jobs.cancel_job: lambda known: Good(path={"job_id": known.new_job(is_over=False)}),
    jobs.delete_job: lambda known: Good(path={"job_id": known.new_job(is_over=True)}),
    jobs.pause_job: lambda known: Good(path={"job_id": known.new_running_job()}),
    jobs.resume_job: lambda known: Good(path={"job_id": known.new_running_job(is_paused=True)}),
    jobs.list_events: lambda _: Good(query={"limit": 100}),
    jobs.list_checkpoints: lambda _: Good(),
    checkpoint_copies.copy_checkpoint: lambda _: Good(body=_COPY, headers=_PREVIEW),
    checkpoint_copies.show_copies: _show_copies,
    models.list_models: lambda known: Good(path={"": known.job}),
    models.show_model: lambda _: Good(),
    chat.complete_chat: _chat,
    legacy_deployments.list_deployments: lambda known: Good(path={"": known.deployment}),
    legacy_deployments.show_deployment: lambda _: Good(),
    arm_deployments.list_deployments: lambda known: Good(path={"": known.deployment}),
    arm_deployments.show_deployment: lambda _: Good(),
    arm_deployments.put_deployment: lambda _: Good(
        path={"name": "put-here"}, body={"sku": _SKU, "properties": _MODEL}
    ),
    arm_deployments.update_deployment: lambda _: Good(body={"sku": _SKU, "tags": {"a": "b"}}),
    arm_deployments.delete_deployment: lambda known: Good(path={"name": known.new_deployment()}),
    arm_deployments.list_skus: lambda _: Good(),
    arm_account.show_account: lambda _: Good(),
    arm_account.list_accounts: lambda _: Good(),
    arm_account.list_skus: lambda _: Good(),
    arm_models.list_models: lambda _: Good(),
    arm_models.list_location_models: lambda _: Good(),
    arm_models.list_usages: lambda _: Good(),
}
