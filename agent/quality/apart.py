"""The assessment with its heavy stages in a process of its own; the port `Quality` in earnest.

bootstrap makes it. Their libraries take hundreds of megabytes, which a daemon would keep for weeks,
and a process can be ended at once. What both say to each other is JSON; `python -m
agent.quality.apart` is the other end.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent.quality.assessment import STAGES, run_stages, tell_missing
from agent.quality.work import Work, never, sample
from states.evaluation.local_answers import LocalAnswers
from states.intents import label_rules
from states.intents.findings import Assessment, Finding
from states.intents.records import Source
from states.intents.sentences import Sentence
from states.text import Text, say

MOST = 100_000  # sentences that the heavy stages look at; of more, as many drawn at random
_LOOK = 0.5  # seconds between two looks at whether to stop, or whether the parent lives
_SECRET = ("AZURE_", "OPENAI_", "AGENT_")  # begin the names of what the other process need not know

Json = Mapping[str, Any]


class ApartQuality:
    """As LocalQuality; of more than MOST sentences the heavy stages look at a sample."""

    def __init__(self, should_stop: Callable[[], bool] = never) -> None:
        self._should_stop = should_stop

    def assess(
        self, sentences: Sequence[Sentence], cases: Sequence[Sentence], language: str
    ) -> Assessment:
        work = Work(sentences, cases, self._should_stop)
        light = run_stages(work, [stage for stage in STAGES if stage.is_light])
        looked_at = sample(sentences, MOST)
        heavy = self._run_apart(work, looked_at)
        findings = [
            *label_rules.check(sentences, cases),
            *light.findings,
            *heavy.findings,
            *_tell_sample(len(looked_at), len(sentences)),
            *tell_missing(),
        ]
        return Assessment(findings, {**light.figures, **heavy.figures})

    def answer(self, training: Sequence[Sentence], texts: Sequence[str]) -> LocalAnswers | None:
        return None

    def _run_apart(self, work: Work, looked_at: Sequence[Sentence]) -> Assessment:
        given = json.dumps([_to_json(looked_at), _to_json(work.cases)]).encode()
        environment = {k: v for k, v in os.environ.items() if not k.startswith(_SECRET)}
        with subprocess.Popen(  # noqa: S603  this program itself
            # -P: else a folder named `agent` where we were started would be run in its place.
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        ) as process:
            try:
                said = _wait(process, given, work)
            finally:
                process.kill()
        try:
            return _from_json(json.loads(said))
        except (ValueError, KeyError, TypeError):
            return Assessment([_describe_end(process.returncode)])


def _wait(process: subprocess.Popen[bytes], given: bytes | None, work: Work) -> bytes:
    """What the process says. NotYet where this one is asked to end."""
    while True:
        try:
            said, _ = process.communicate(given, timeout=_LOOK)
        except subprocess.TimeoutExpired:
            given = None
            work.pause()
            continue
        except BrokenPipeError:
            return b""
        return said


def _tell_sample(count: int, of: int) -> list[Finding]:
    if count == of:
        return []
    text = say(
        "All but personal data was looked for among {count} sentences drawn from {of}.",
        count=count,
        of=of,
    )
    return [Finding(text, kind="sampled")]


def _describe_end(code: int) -> Finding:
    text = say(
        "A part of the check was left out: its process ended with {code}. Is there too little"
        " memory?",
        code=code,
    )
    return Finding(text, kind="incomplete")


# What is said ---------------------------------------------------------------------------------


def _to_json(sentences: Sequence[Sentence]) -> Json:
    numbers: dict[Source, int] = {}
    rows = [
        (one.text, one.intent, numbers.setdefault(one.source, len(numbers)), one.row)
        for one in sentences
    ]
    return {"sources": [source.as_json() for source in numbers], "rows": rows}


def _read_sentences(data: Json) -> list[Sentence]:
    sources = [Source.from_json(source) for source in data["sources"]]
    return [Sentence(text, intent, sources[at], row) for text, intent, at, row in data["rows"]]


def _finding_json(finding: Finding) -> Json:
    return {
        "text": finding.text.as_json(),
        "kind": finding.kind,
        "rows": [row.as_json() for row in finding.rows],
        "count": finding.count,
        "command": None if finding.command is None else finding.command.as_json(),
    }


def _from_json(data: Json) -> Assessment:
    findings = [
        Finding(
            _read_text(one["text"]),
            kind=one["kind"],
            rows=tuple(_read_text(row) for row in one["rows"]),
            count=one["count"],
            command=Text.from_json(one["command"]),
        )
        for one in data["findings"]
    ]
    return Assessment(findings, data["figures"])


def _read_text(data: Json) -> Text:
    text = Text.from_json(data)
    if text is None:
        raise ValueError("a finding without its text")
    return text


# The other end --------------------------------------------------------------------------------


def main() -> None:
    """Reads the sentences, writes the assessment. Ends with the process that started it."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    sentences, cases = (_read_sentences(one) for one in json.load(sys.stdin.buffer))
    work = Work(sentences, cases)
    found = run_stages(work, [stage for stage in STAGES if not stage.is_light])
    said = {
        "findings": [_finding_json(finding) for finding in found.findings],
        "figures": found.figures,
    }
    sys.stdout.buffer.write(json.dumps(said).encode())


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)


if __name__ == "__main__":
    main()
