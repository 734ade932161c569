"""The process apart: how apart.py has a job done there, and what runs there.

`python -m agent.quality.other_process PARENT` is the other end. It reads the name of a job and what
the job is given, writes what it made of it, and ends with the process PARENT, which started it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from agent.quality import spelling
from agent.quality.assessment import STAGES, run_stages
from agent.quality.work import Work, no_pause

_LOOK = 0.5  # seconds between two looks at whether to stop, or whether the parent lives
_SECRET = ("AZURE_", "OPENAI_", "AGENT_")  # begin the names of what the other process need not know


class Job(StrEnum):
    ASSESS = "assess"
    ANSWER = "answer"


class Ended(Exception):
    """The process ended before its job was done, with `code`: for want of memory, say."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def run(job: Job, given: Any, pause: Callable[[], None]) -> Any:
    """What the job made of `given`; both are JSON. `pause` is called all the while, and may raise:
    then, too, no process is left. Raises Ended."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(_SECRET)}
    with subprocess.Popen(  # noqa: S603  this program itself
        # -P: else a folder named `agent` where we were started would be run in its place.
        [sys.executable, "-P", "-m", __name__, str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as process:
        try:
            said = _wait(process, json.dumps([job, given]).encode(), pause)
        finally:
            process.kill()
    try:
        return json.loads(said)
    except ValueError as error:
        raise Ended(process.returncode) from error


def _wait(
    process: subprocess.Popen[bytes], given: bytes | None, pause: Callable[[], None]
) -> bytes:
    while True:
        try:
            said, _ = process.communicate(given, timeout=_LOOK)
        except subprocess.TimeoutExpired:
            given = None
            pause()
            continue
        except BrokenPipeError:
            return b""
        return said


# The other end --------------------------------------------------------------------------------


def _assess(sentences: Any, cases: Any) -> Any:
    work = Work(spelling.read_sentences(sentences), spelling.read_sentences(cases))
    found = run_stages(work, [stage for stage in STAGES if not stage.is_light])
    return spelling.of_assessment(found)


def _answer(training: Any, texts: Any) -> Any:
    from agent.quality.answering import answer

    found = answer(spelling.read_sentences(training), texts, no_pause)
    return spelling.of_answers(found)


JOBS: Mapping[str, Callable[..., Any]] = {Job.ASSESS: _assess, Job.ANSWER: _answer}


def main() -> None:
    # Told by the parent: whoever looks up who that is may come too late.
    threading.Thread(target=_end_with, args=(int(sys.argv[1]),), daemon=True).start()
    job, given = json.load(sys.stdin.buffer)
    sys.stdout.buffer.write(json.dumps(JOBS[job](*given)).encode())


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)


if __name__ == "__main__":
    main()
