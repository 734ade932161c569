"""What a training of the service in memory can be told, and what it leaves on its way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from states.errors import Permanent
from states.remote import RemoteCheckpoint
from tests.fake_objects import Job
from tests.fake_requests import Requests, request


class Trainings(Requests):
    """A part of tests.fake_service.Service."""

    def _known_job(self, job_id: str) -> Job:
        raise NotImplementedError

    def _job_status(self, job_id: str) -> str:
        raise NotImplementedError

    def _record(self, kind: str, subject: str, **detail: Any) -> None:
        raise NotImplementedError

    @request
    def pause_job(self, job_id: str) -> None:
        job = self._known_job(job_id)
        if job.status(self.clock.true) != "running":
            raise Permanent("Only a job that runs can be paused.", remote=True)
        job.paused = self.clock.true
        self._record("pause_job", job_id)

    @request
    def resume_job(self, job_id: str) -> None:
        job = self._known_job(job_id)
        if job.status(self.clock.true) != "paused":
            raise Permanent("Only a paused job can be resumed.", remote=True)
        job.rested += self.clock.true - (job.paused or 0.0)
        job.paused = None
        self._record("resume_job", job_id)

    @request
    def checkpoints(self, job_id: str) -> Sequence[RemoteCheckpoint]:
        """Of two epochs; the first was better."""
        job = self._known_job(job_id)
        made = [
            RemoteCheckpoint(
                f"ftchkpt-{job_id}-{step}", model, step, int(job.made), {"full_valid_loss": loss}
            )
            for step, model, loss in ((10, job.model, 0.9), (5, f"{job.model}:ckpt-step-5", 0.4))
        ]
        return made if self._job_status(job_id) == "succeeded" else []
