"""The test cases of a project: once read they are the project's own, and no longer a home's.

check_data reads them before anything is paid, ask_cases before the first question.
"""

from __future__ import annotations

from collections.abc import Mapping

from states.facts import Facts
from states.places import Artifact
from states.ports import Ports


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
