"""The test cases of a project: once read they are the project's own, and no longer a home's.

check_data reads them before anything is paid, ask_cases before the first question.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from states.errors import Mistake
from states.facts import Facts
from states.intents import cases, sources
from states.intents.case_rules import find_leaks, find_repeats
from states.intents.data_file import DataFile
from states.intents.findings import Finding
from states.intents.records import Source
from states.intents.sentences import Sentence
from states.places import Artifact
from states.ports import Artifacts, Ports
from states.text import say


def read_cases(facts: Facts, ports: Ports) -> bytes | None:
    """The recorded ones, else the file of this home; None where there are neither.

    A lost file is put back. Raises FileEdited where this home has another one.
    """
    is_recorded = Artifact.CASES in facts.artifacts
    look = ports.artifacts.load if is_recorded else ports.artifacts.find
    return look(Artifact.CASES)


def record_cases(facts: Facts, ports: Ports, content: bytes | None) -> Mapping[Artifact, str]:
    """The artifacts of the project, with what `read_cases` found."""
    if content is None or Artifact.CASES in facts.artifacts:
        return facts.artifacts
    return {**facts.artifacts, Artifact.CASES: ports.artifacts.record(content)}


def check_cases(
    ports: Ports, training: DataFile, content: bytes | None
) -> tuple[list[Finding], list[Sentence]]:
    """The test cases are used after the training, but a mistake is cheaper to hear of now.

    Returns what is found, and the sentences of the cases."""
    place = ports.artifacts.place(Artifact.CASES)
    if content is None:
        text = say(
            "There is no {place}: the validation sentences will serve as test cases.", place=place
        )
        return [Finding(text, kind="no_cases")], []
    try:
        given = cases.parse(content, place, list(training.per_intent))
    except Mistake as error:
        return [Finding(error.text, is_error=True, kind="cases")], []
    asked = locate_cases(ports.artifacts, given, content)
    about = [*find_repeats(asked), *find_leaks(training, asked)]
    return [*(Finding(text) for text in given.warnings), *about], asked


def locate_cases(artifacts: Artifacts, given: cases.CaseFile, content: bytes) -> list[Sentence]:
    """Each with the row of the file that a person gave, or with the line in `content`."""
    known = sources.parse(
        artifacts.find(Artifact.CASE_SOURCES), hashlib.sha256(content).hexdigest()
    )
    written = Source(artifacts.place(Artifact.CASES))
    return [
        Sentence(case.text, case.label, *(known.locate("", n) if known else (written, line)))
        for n, (case, line) in enumerate(zip(given.cases, given.lines, strict=True))
    ]
