"""A service for poll.py: any number of jobs that go on for ever, told one by one or by the page.

    python tests/bench/job_service.py JOBS [SECONDS OF LATENCY]

prints its port, answers, and says at its end (a line on its input) what was asked for. It needs
nothing but Python, so that every version is measured against the same one.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

PAGE = 100
TARGET = re.compile(
    rb"^GET (?:/openai)?(?:/v1)?/fine_tuning/jobs(?:/(ftjob-\d+)(/events)?)?\??(\S*)"
)


def name_of(number: int) -> str:
    return f"ftjob-{number:08d}"


def _job(number: int) -> dict[str, Any]:
    return {
        **{"object": "fine_tuning.job", "id": name_of(number), "status": "running", "error": None},
        **{"model": "gpt-4o-mini-2024-07-18", "fine_tuned_model": None, "suffix": f"p{number}-g1"},
        **{"training_file": f"file-{number:032x}", "validation_file": f"file-{number + 1:032x}"},
        **{"created_at": 1_790_000_000 + number, "finished_at": None, "seed": 7},
        **{"trained_tokens": None, "result_files": None, "estimated_finish": 1_790_009_999},
        **{"hyperparameters": {"n_epochs": 3, "batch_size": 4, "learning_rate_multiplier": 1.0}},
        "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3}}},
    }


def _list(items: list[dict[str, Any]], *, has_more: bool) -> bytes:
    return json.dumps({"object": "list", "data": items, "has_more": has_more}).encode()


def _events() -> bytes:
    told = [
        {
            **{
                "object": "fine_tuning.job.event",
                "id": f"ftevent-{n}",
                "created_at": 1_790_000_000,
            },
            **{"level": "info", "message": f"Step {n}: training loss=0.5", "type": "metrics"},
            "data": {"step": n, "train_loss": 0.5, "train_mean_token_accuracy": 0.9},
        }
        for n in reversed(range(6))
    ]
    return _list(told, has_more=False)


class Jobs:
    """What is asked for, and when each job was told of, by `clock`, in seconds."""

    def __init__(self, count: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.names = [name_of(number) for number in reversed(range(count))]  # the newest first
        self.alone = {name_of(n): json.dumps(_job(n)).encode() for n in range(count)}
        rows = [_job(number) for number in reversed(range(count))]
        pages = range(0, count, PAGE)
        self.pages = [_list(rows[at : at + PAGE], has_more=at + PAGE < count) for at in pages]
        self.index = {name: at for at, name in enumerate(self.names)}
        self.asked, self.told = Counter[str](), dict[str, list[float]]()
        self.events = _events()

    def answer(self, request: bytes) -> tuple[int, bytes]:
        found = TARGET.match(request)
        if found is None:
            self.asked["other"] += 1
            return 404, b'{"error": {"code": "404", "message": "Resource not found"}}'
        job, of_events, query = (part.decode() if part else "" for part in found.groups())
        if of_events:
            self.asked["events"] += 1
            return 200, self.events
        if job:
            self.asked["jobs"] += 1
            self._tell([job])
            return 200, self.alone[job]
        self.asked["pages"] += 1
        after = re.search(r"after=([^&]+)", query)
        at = self.index[after[1]] + 1 if after else 0
        self._tell(self.names[at : at + PAGE])
        return 200, self.pages[at // PAGE]

    def _tell(self, names: list[str]) -> None:
        now = self._clock()
        for name in names:
            self.told.setdefault(name, []).append(now)

    def forget(self) -> None:
        self.asked.clear()
        self.told.clear()

    def sum_up(self, longest: float) -> dict[str, float]:
        """Gaps in seconds; what is told twice within a tenth of `longest` counts as one."""
        gaps: list[float] = []
        for times in self.told.values():
            apart = [b - a for a, b in pairwise(times) if b - a > longest / 10]
            gaps += apart
        return {
            **{f"asked_{kind}": float(count) for kind, count in self.asked.items()},
            "asked": float(sum(self.asked.values())),
            "told": float(len(self.told)),
            "gap_median": statistics.median(gaps) if gaps else 0.0,
            "gap_max": max(gaps, default=0.0),
        }


class Connection(asyncio.Protocol):
    def __init__(self, jobs: Jobs, latency: float) -> None:
        self._jobs, self._latency, self._read = jobs, latency, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._to = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while b"\r\n\r\n" in self._read:
            request, _, self._read = self._read.partition(b"\r\n\r\n")
            status, body = self._jobs.answer(request)
            head = (
                f"HTTP/1.1 {status} OK\r\ncontent-type: application/json\r\n"
                f"content-length: {len(body)}\r\n\r\n"
            )
            send = self._to.write  # type: ignore[attr-defined]
            asyncio.get_running_loop().call_later(self._latency, send, head.encode() + body)


async def serve(count: int, latency: float) -> None:
    jobs, loop = Jobs(count), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(jobs, latency), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        word, _, longest = line.strip().partition(" ")
        if word == "forget":
            jobs.forget()
        print(json.dumps(jobs.sum_up(float(longest or 1))), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0))
