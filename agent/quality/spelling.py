"""What both processes say to each other, as JSON: sentences, findings, answers.

apart.py is at one end of it, other_process.py at the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from states.evaluation.answers import Neighbour
from states.evaluation.local_answers import LocalAnswers
from states.intents.findings import Assessment, Finding
from states.intents.records import Source
from states.intents.sentences import Sentence
from states.text import Text

Json = Mapping[str, Any]


def of_sentences(sentences: Sequence[Sentence]) -> Json:
    numbers: dict[Source, int] = {}
    rows = [
        (one.text, one.intent, numbers.setdefault(one.source, len(numbers)), one.row)
        for one in sentences
    ]
    return {"sources": [source.as_json() for source in numbers], "rows": rows}


def read_sentences(data: Json) -> list[Sentence]:
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


def of_assessment(found: Assessment) -> Json:
    return {
        "findings": [_finding_json(finding) for finding in found.findings],
        "figures": found.figures,
    }


def read_assessment(data: Json) -> Assessment:
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


def of_answers(found: LocalAnswers | None) -> Json | None:
    return None if found is None else asdict(found)


def read_answers(data: Json | None) -> LocalAnswers | None:
    if data is None:
        return None
    return LocalAnswers(
        features=data["features"],
        predicted=tuple(data["predicted"]),
        chances=tuple(data["chances"]),
        neighbours=tuple(tuple(Neighbour(**n) for n in one) for one in data["neighbours"]),
        is_near=tuple(data["is_near"]),
        seconds=data["seconds"],
    )
