"""What the service in memory tells by its listings, where many are followed."""

from __future__ import annotations

from collections.abc import Sequence

from states.remote import Glimpse, JobEvent, Phase, RemoteDeployment
from tests.fake_objects import Clock, Job

PHASES = {
    "processed": Phase.READY,
    "succeeded": Phase.READY,
    "error": Phase.DEAD,
    "failed": Phase.DEAD,
    "cancelled": Phase.DEAD,
}


class Glimpses:
    """A part of tests.fake_service.Service. `of_many`: jobs are followed through the listing."""

    clock: Clock
    lag: float
    jobs: dict[str, Job]
    job_status: str | None
    of_many = False

    def job_glimpse(self, job_id: str, _within: float) -> Glimpse | None:
        job = self.jobs.get(job_id)
        if not self.of_many or job is None or self.clock.true - job.made < self.lag:
            return None
        status = self.job_status or job.status(self.clock.true - self.lag)
        has_ended = PHASES.get(status, Phase.WORKING) is not Phase.WORKING
        if has_ended:
            return None
        return Glimpse(job_id, status, queued=status == "pending", paused=status == "paused")

    def follows_many(self) -> bool:
        return self.of_many

    def file_glimpse(self, _file_id: str, _within: float) -> str | None:
        return None

    def deployments_glimpse(self, _name: str, _within: float) -> Sequence[RemoteDeployment] | None:
        return self.deployments_listed() if self.of_many else None

    def deployments_listed(self) -> Sequence[RemoteDeployment]:
        raise NotImplementedError

    def newest_events(self, job_id: str) -> Sequence[JobEvent]:
        return self.events(job_id)

    def events(self, job_id: str) -> Sequence[JobEvent]:
        raise NotImplementedError
