"""What the agent asks of the service: its kinds of request, and one request as it arrives.

azure.py answers them, replies.py draws what comes in the place of an answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit


class Op(StrEnum):
    """Every read and every act that the agent asks for."""

    LIST_FILES = "list files"
    UPLOAD = "upload"
    FILE = "file"
    LIST_JOBS = "list jobs"
    CREATE_JOB = "create job"
    JOB = "job"
    EVENTS = "events"
    CONTENT = "content"
    CANCEL_JOB = "cancel job"
    PAUSE_JOB = "pause job"
    RESUME_JOB = "resume job"
    CHECKPOINTS = "list checkpoints"
    DELETE_JOB = "delete job"
    DELETE_FILE = "delete file"
    OLD_DEPLOYMENTS = "old list of deployments"
    LIST_DEPLOYMENTS = "list deployments"
    DEPLOYMENT = "deployment"
    LIST_MODELS = "list models"
    LIST_OF_ACCOUNT = "list models of the account"
    CREATE_DEPLOYMENT = "create deployment"
    DELETE_DEPLOYMENT = "delete deployment"
    CHAT = "chat"

    @property
    def is_act(self) -> bool:
        return self.startswith(("upload", "create", "cancel", "delete", "pause", "resume"))

    @property
    def is_listing(self) -> bool:
        return self.startswith("list") or self is Op.EVENTS


# Each method of agent.providers.contract.Provider, and what it asks for.
METHODS: dict[str, tuple[Op, ...]] = {
    "file": (Op.FILE,),
    "job": (Op.JOB,),
    "job_glimpse": (Op.LIST_JOBS,),
    "follows_many": (),
    "file_glimpse": (Op.LIST_FILES,),
    "events": (Op.EVENTS,),
    "newest_events": (Op.EVENTS,),
    "content": (Op.CONTENT,),
    "deployment": (Op.DEPLOYMENT, Op.LIST_DEPLOYMENTS, Op.OLD_DEPLOYMENTS),
    "deployments_glimpse": (Op.LIST_DEPLOYMENTS, Op.OLD_DEPLOYMENTS),
    "deployments_listed": (Op.LIST_DEPLOYMENTS, Op.OLD_DEPLOYMENTS),
    "model": (Op.LIST_MODELS, Op.LIST_OF_ACCOUNT),
    "deployments_of": (Op.LIST_DEPLOYMENTS, Op.OLD_DEPLOYMENTS),
    "chat": (Op.CHAT,),
    "chat_many": (Op.CHAT,),
    "upload": (Op.UPLOAD,),
    "files_named": (Op.LIST_FILES,),
    "create_job": (Op.CREATE_JOB,),
    "jobs_like": (Op.LIST_JOBS,),
    "cancel_job": (Op.CANCEL_JOB,),
    "pause_job": (Op.PAUSE_JOB,),
    "resume_job": (Op.RESUME_JOB,),
    "checkpoints": (Op.CHECKPOINTS,),
    "is_job_over": (Op.JOB,),
    "delete_job": (Op.DELETE_JOB,),
    "create_deployment": (Op.CREATE_DEPLOYMENT,),
    "deployed_model": (Op.DEPLOYMENT, Op.LIST_DEPLOYMENTS),
    "delete_deployment": (Op.DELETE_DEPLOYMENT,),
    "delete_file": (Op.DELETE_FILE,),
    "is_file_deleted": (Op.FILE,),
}


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    body: bytes

    @property
    def path(self) -> str:
        return re.sub(r"^/openai(/v1)?(?=/)", "", urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def is_next_page(self) -> bool:
        return not {"after", "$skiptoken"}.isdisjoint(self.query)
