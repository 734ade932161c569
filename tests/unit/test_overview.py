"""agent/providers/overview.py: one listing for many looks, and when it is not believed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agent.providers.overview import DISTRUST, FEW, LAG, Overview
from agent.providers.statuses import ENDED, job_rank
from states.errors import Unclear

POLL = 30.0


class Jobs:
    """A service's jobs, newest first, and a clock; `read` counts the pages."""

    def __init__(self, count: int, page: int = 100) -> None:
        self.status = {f"job-{number}": "running" for number in reversed(range(count))}
        self.listed: dict[str, str] | None = None  # an old listing, in place of the true one
        self.page, self.pages, self.looks, self.now = page, 0, 0, 1000.0
        self.overview = Overview(self.read, job_rank, ENDED, lambda: self.now)
        self.breaks = False

    def read(self) -> Iterator[dict[str, str]]:
        rows = list((self.listed if self.listed is not None else self.status).items())
        for start in range(0, len(rows), self.page):
            self.pages += 1
            if self.breaks:
                raise Unclear("no JSON")
            yield dict(rows[start : start + self.page])

    def ask(self, job: str) -> str:
        """As a step does: the listing's word, else a look of its own."""
        told = self.overview.look_up(job, POLL / 10)
        if told is None:
            self.looks += 1
            told = self.status[job]
            self.overview.learn(job, told)
        return told

    def poll(self, wanted: list[str]) -> tuple[int, int]:
        """Everyone asks once. Returns the pages and the looks that this took."""
        self.now += POLL
        before = self.pages, self.looks
        for job in wanted:
            self.ask(job)
        return self.pages - before[0], self.looks - before[1]


@pytest.mark.parametrize(("count", "pages"), [(FEW + 1, 1), (100, 1), (1000, 10)])
def test_one_listing_answers_all_and_one_look_proves_it_true(count: int, pages: int) -> None:
    jobs = Jobs(count)
    wanted = sorted(jobs.status)
    jobs.poll(wanted)
    assert [jobs.poll(wanted) for _ in range(3)] == [(pages, 1)] * 3


def test_a_few_are_looked_at_one_by_one() -> None:
    jobs = Jobs(FEW)
    assert [jobs.poll(list(jobs.status)) for _ in range(3)] == [(0, FEW)] * 3


def test_the_first_poll_costs_hardly_more_than_the_others() -> None:
    jobs = Jobs(1000)
    pages, looks = jobs.poll(sorted(jobs.status))
    assert pages == 10
    assert looks < 20


def test_every_job_is_looked_at_by_itself_in_turn() -> None:
    jobs = Jobs(10)
    seen = set()
    for _ in range(12):
        jobs.now += POLL
        for job in jobs.status:
            before = jobs.looks
            jobs.ask(job)
            if jobs.looks > before:
                seen.add(job)
    assert seen == set(jobs.status)


@pytest.mark.parametrize("status", ["succeeded", "failed", "cancelled"])
def test_an_end_is_never_taken_from_a_listing(status: str) -> None:
    jobs = Jobs(10)
    wanted = list(jobs.status)
    jobs.poll(wanted)
    jobs.status["job-7"] = status
    jobs.now += POLL
    assert [jobs.overview.look_up(job, 3.0) for job in wanted].count(None) == 2  # and the probe


def test_what_a_listing_lacks_or_knows_less_of_is_looked_at() -> None:
    jobs = Jobs(10)
    wanted = list(jobs.status)
    jobs.poll(wanted)
    jobs.listed = {job: "pending" if job == "job-3" else "running" for job in wanted[1:]}
    jobs.overview.learn("job-3", "running")
    for _ in range(5):
        _, looks = jobs.poll(wanted)
        assert looks in (2, 3)  # the probe may be one of the two


@pytest.mark.parametrize("told", ["running", ""])
def test_what_was_changed_since_is_looked_at(told: str) -> None:
    """A job that was paused in the listing, and then resumed: with an answer or without."""
    jobs = Jobs(10)
    wanted = list(jobs.status)
    jobs.status["job-3"] = "paused"
    jobs.poll(wanted)
    jobs.poll(wanted)
    assert jobs.ask("job-3") == "paused"
    jobs.status["job-3"] = "running"
    jobs.overview.learn("job-3", told)
    assert jobs.overview.look_up("job-3", POLL / 10) is None
    assert jobs.ask("job-3") == "running"
    jobs.poll(wanted)
    assert jobs.ask("job-3") == "running"


def test_a_listing_that_does_not_know_what_ended_long_ago_is_not_believed_for_a_while() -> None:
    jobs = Jobs(10)
    wanted = list(jobs.status)
    jobs.poll(wanted)
    jobs.listed = dict(jobs.status)
    jobs.status["job-0"] = "succeeded"
    while jobs.overview.look_up("job-0", 3.0) is not None:  # until the probe's turn comes to it
        jobs.poll(wanted)
    jobs.ask("job-0")
    jobs.now += LAG
    jobs.poll(wanted)
    assert jobs.poll(wanted) == (0, len(wanted))
    jobs.listed = None
    jobs.now += DISTRUST
    jobs.poll(wanted)
    assert jobs.poll(wanted[:-1]) == (1, 1)


def test_the_jobs_of_others_are_not_read_to_their_end() -> None:
    jobs = Jobs(10_000)
    wanted = [f"job-{number}" for number in range(5)]  # the oldest: on the last page
    costs = [jobs.poll(wanted) for _ in range(100)]
    assert max(pages for pages, _ in costs) <= len(wanted)
    assert sum(pages for pages, _ in costs) < 60
    newest = [f"job-{number}" for number in range(9_000, 9_200)]
    jobs.now += 3600
    jobs.poll(newest)
    assert jobs.poll(newest)[0] == 10  # the first ones hold nothing of ours, and yet they pay


def test_a_listing_that_breaks_is_none_for_a_while() -> None:
    jobs = Jobs(50)
    jobs.breaks = True
    assert jobs.poll(list(jobs.status)) == (1, 50)
    jobs.breaks = False
    assert jobs.poll(list(jobs.status)) == (0, 50)
    jobs.now += LAG
    assert jobs.poll(list(jobs.status)) == (1, 1)


def test_a_listing_that_repeats_itself_is_not_read_for_ever() -> None:
    """Page after page of the same jobs, each with a cursor of its own: all threads would wait."""
    jobs = Jobs(50, page=5)
    some = dict(list(jobs.status.items())[:5])

    def same() -> Iterator[dict[str, str]]:
        for _ in range(10_000):
            jobs.pages += 1
            yield some

    jobs.overview = Overview(same, job_rank, ENDED, lambda: jobs.now)
    pages, looks = jobs.poll(list(jobs.status))
    assert pages <= 50
    assert looks <= 50
