"""The service in memory as Azure shows it: the routes and the JSON of its three surfaces.

server.py asks it what a request is about, and for the answer of a healthy service.

Longer than other files, so that every route stands in one place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from states.errors import AfinadorError, DeploymentNotReady, NotFound
from states.remote import DeploymentSpec, JobSpec, Phase, RemoteDeployment
from tests.crash.fuzz.requests import Op, Request
from tests.fake_objects import File
from tests.fake_service import Service

Json = Any
MODELS = (("gpt-4o-mini", "2024-07-18"), ("gpt-4.1-mini", "2025-04-14"))  # that are trained


@dataclass(frozen=True)
class Exchange:
    """What a request is about. `answer` acts upon it, and gives the status and JSON, or bytes."""

    op: Op
    answer: Callable[[], tuple[int, Json]]


class Azure:
    """One resource with its Resource Manager."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._routes: list[tuple[str, str, Op, Callable[..., tuple[int, Json]]]] = [
            ("GET", r"/files", Op.LIST_FILES, self._list_files),
            ("POST", r"/files", Op.UPLOAD, self._upload),
            ("GET", r"/files/([^/]*)", Op.FILE, self._show_file),
            ("DELETE", r"/files/([^/]*)", Op.DELETE_FILE, self._delete_file),
            ("GET", r"/files/([^/]*)/content", Op.CONTENT, self._show_content),
            ("GET", r"/fine_tuning/jobs", Op.LIST_JOBS, self._list_jobs),
            ("POST", r"/fine_tuning/jobs", Op.CREATE_JOB, self._create_job),
            ("GET", r"/fine_tuning/jobs/([^/]*)", Op.JOB, self._show_job),
            ("DELETE", r"/fine_tuning/jobs/([^/]*)", Op.DELETE_JOB, self._delete_job),
            ("POST", r"/fine_tuning/jobs/([^/]*)/cancel", Op.CANCEL_JOB, self._cancel_job),
            ("POST", r"/fine_tuning/jobs/([^/]*)/pause", Op.PAUSE_JOB, self._pause_job),
            ("POST", r"/fine_tuning/jobs/([^/]*)/resume", Op.RESUME_JOB, self._resume_job),
            ("GET", r"/fine_tuning/jobs/([^/]*)/events", Op.EVENTS, self._list_events),
            ("GET", r"/fine_tuning/jobs/([^/]*)/checkpoints", Op.CHECKPOINTS, self._checkpoints),
            ("GET", r"/models", Op.LIST_MODELS, self._list_models),
            ("GET", r"/subscriptions/.*/models", Op.LIST_OF_ACCOUNT, self._list_of_account),
            ("GET", r"/deployments", Op.OLD_DEPLOYMENTS, self._list_old),
            ("POST", r"(?:/deployments/[^/]*)?/chat/completions", Op.CHAT, self._chat),
            ("GET", r"/subscriptions/.*/deployments", Op.LIST_DEPLOYMENTS, self._list_deployments),
            ("GET", r"/subscriptions/.*/deployments/(.*)", Op.DEPLOYMENT, self._show_deployment),
            ("PUT", r"/subscriptions/.*/deployments/(.*)", Op.CREATE_DEPLOYMENT, self._deploy),
            ("DELETE", r"/subscriptions/.*/deployments/(.*)", Op.DELETE_DEPLOYMENT, self._undeploy),
        ]

    def understand(self, request: Request) -> Exchange:
        for method, pattern, op, handle in self._routes:
            found = re.fullmatch(pattern, request.path)
            if found and method == request.method:
                return Exchange(op, partial(self._handle, handle, request, *found.groups()))
        raise AssertionError(f"nobody asks for {request.method} {request.target}")

    @staticmethod
    def _handle(
        handle: Callable[..., tuple[int, Json]], request: Request, *found: str
    ) -> tuple[int, Json]:
        try:
            return handle(request, *found)
        except DeploymentNotReady as error:
            return 404, {"error": {"code": "DeploymentNotReady", "message": str(error)}}
        except NotFound as error:
            return 404, {"error": {"code": "notFound", "message": str(error)}}
        except AfinadorError as error:
            return 400, {"error": {"code": "invalidPayload", "message": str(error)}}

    # Files ----------------------------------------------------------------------------------------

    def _list_files(self, request: Request) -> tuple[int, Json]:
        files = [self._file(file) for file in self.service.files.values()]
        return 200, _page([] if request.is_next_page else files)

    def _upload(self, request: Request) -> tuple[int, Json]:
        head, _, rest = request.body.partition(b'filename="')
        name, _, rest = rest.partition(b'"')
        content = rest.partition(b"\r\n\r\n")[2].partition(b"\r\n" + head.partition(b"\r\n")[0])[0]
        file_id = self.service.upload(name.decode(), content)
        return 201, self._file(self.service.files[file_id])

    def _show_file(self, _request: Request, file_id: str) -> tuple[int, Json]:
        self.service.file(file_id)
        return 200, self._file(self.service.files[file_id])

    def _file(self, file: File) -> Json:
        status = "processed" if self.service.clock.true - file.made >= 1 else "running"
        return {
            **{"object": "file", "id": file.id, "filename": file.name, "status": status},
            **{"purpose": "fine-tune", "bytes": len(file.content), "created_at": int(file.made)},
        }

    def _delete_file(self, _request: Request, file_id: str) -> tuple[int, Json]:
        self.service.delete_file(file_id)
        return 200, {"object": "file", "id": file_id, "deleted": True}

    def _delete_job(self, _request: Request, job_id: str) -> tuple[int, Json]:
        self.service.delete_job(job_id)
        return 204, None

    def _show_content(self, _request: Request, file_id: str) -> tuple[int, Json]:
        return 200, self.service.content(file_id)

    # Models ---------------------------------------------------------------------------------------

    def _list_models(self, request: Request) -> tuple[int, Json]:
        abilities = {"fine_tune": True}
        found = [{"id": f"{name}-{at}", "capabilities": abilities} for name, at in MODELS]
        return 200, _page([] if request.is_next_page else found)

    def _list_of_account(self, _request: Request) -> tuple[int, Json]:
        ends = {"fineTune": "2027-04-14T00:00:00Z", "inference": "2027-10-14T00:00:00Z"}
        found = [{"name": name, "version": at, "deprecation": ends} for name, at in MODELS]
        return 200, {"value": found}

    # Jobs -----------------------------------------------------------------------------------------

    def _list_jobs(self, request: Request) -> tuple[int, Json]:
        jobs = [self._job(job_id) for job_id in self.service.jobs]
        return 200, _page([] if request.is_next_page else jobs)

    def _create_job(self, request: Request) -> tuple[int, Json]:
        asked = json.loads(request.body)
        given = asked["hyperparameters"]
        spec = JobSpec(
            base_model=asked["model"],
            training_file=asked["training_file"],
            validation_file=asked["validation_file"],
            epochs=given["n_epochs"],
            batch_size=given["batch_size"],
            learning_rate_multiplier=given["learning_rate_multiplier"],
            seed=asked["seed"],
        )
        return 201, self._job(self.service.create_job(spec, asked["suffix"]))

    def _show_job(self, _request: Request, job_id: str) -> tuple[int, Json]:
        return 200, self._job(job_id)

    def _cancel_job(self, _request: Request, job_id: str) -> tuple[int, Json]:
        self.service.cancel_job(job_id)
        return 200, self._job(job_id)

    def _pause_job(self, _request: Request, job_id: str) -> tuple[int, Json]:
        self.service.pause_job(job_id)
        return 200, self._job(job_id)

    def _resume_job(self, _request: Request, job_id: str) -> tuple[int, Json]:
        self.service.resume_job(job_id)
        return 200, self._job(job_id)

    def _checkpoints(self, _request: Request, job_id: str) -> tuple[int, Json]:
        found = [
            {
                **{"object": "fine_tuning.job.checkpoint", "id": one.id, "metrics": one.metrics},
                **{"step_number": one.step, "fine_tuned_model_checkpoint": one.model},
            }
            for one in self.service.checkpoints(job_id)
        ]
        return 200, {"object": "list", "data": found, "has_more": False}

    def _job(self, job_id: str) -> Json:
        job = self.service.job(job_id)
        return {
            **{"object": "fine_tuning.job", "id": job.id, "status": job.status, "error": None},
            **{"model": job.base_model, "fine_tuned_model": job.model, "suffix": job.suffix},
            **{"training_file": job.training_file, "validation_file": job.validation_file},
            **{"created_at": job.created_at, "finished_at": job.finished_at, "seed": job.seed},
            **{"trained_tokens": job.trained_tokens, "result_files": list(job.result_files)},
            **{"hyperparameters": job.hyperparameters, "method": {"type": "supervised"}},
        }

    def _list_events(self, request: Request, job_id: str) -> tuple[int, Json]:
        told = [
            {
                **{"object": "fine_tuning.job.event", "id": event.id, "created_at": event.at},
                **{"level": event.level, "message": event.message, "data": dict(event.data)},
            }
            for event in self.service.events(job_id)
        ]
        return 200, _page([] if request.is_next_page else told)

    # Deployments ----------------------------------------------------------------------------------

    def _list_old(self, _request: Request) -> tuple[int, Json]:
        found = [
            {"object": "deployment", "id": one.name, "model": one.model, "status": one.status}
            for one in self._deployments()
        ]
        return 200, _page(found)

    def _list_deployments(self, request: Request) -> tuple[int, Json]:
        found = [] if request.is_next_page else self._deployments()
        return 200, {"value": [_deployment(one) for one in found]}

    def _deployments(self) -> list[RemoteDeployment]:
        shown = (self.service.deployment(name) for name in self.service.deployments)
        return [one for one in shown if one is not None]

    def _show_deployment(self, _request: Request, name: str) -> tuple[int, Json]:
        found = self.service.deployment(name)
        if found is None:
            raise NotFound("There is no such deployment.")
        return 200, _deployment(found)

    def _deploy(self, request: Request, name: str) -> tuple[int, Json]:
        model = json.loads(request.body)["properties"]["model"]["name"]
        self.service.create_deployment(DeploymentSpec(name, model))
        return 201, _deployment(RemoteDeployment(name, model, "creating", Phase.WORKING))

    def _undeploy(self, _request: Request, name: str) -> tuple[int, Json]:
        self.service.delete_deployment(name)
        return 202, b""

    def _chat(self, request: Request) -> tuple[int, Json]:
        asked = json.loads(request.body)
        given = re.search(r"/deployments/([^/]*)/chat", request.target)
        reply = self.service.chat(given[1] if given else asked["model"], asked["messages"])
        message = {"role": "assistant", "content": reply.text}
        token = {"token": reply.text, "logprob": -0.1, "bytes": list(reply.text.encode())}
        told = {"logprobs": {"content": [{**token, "top_logprobs": [token]}]}}
        return 200, {
            **{"object": "chat.completion", "id": "c", "created": 1, "model": reply.served_model},
            "choices": [{"index": 0, "message": message, "finish_reason": "stop", **told}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10},
        }


def _page(items: list[Json]) -> Json:
    return {"object": "list", "data": items, "has_more": False}


def _deployment(found: RemoteDeployment) -> Json:
    model = {"format": "OpenAI", "name": found.model, "version": "1"}
    return {
        "name": found.name,
        "sku": {"name": "standard", "capacity": 1},
        "properties": {"model": model, "provisioningState": found.status.capitalize()},
    }
