"""ANALYZED, CANCELLED or FAILED, and a person has asked for what is left at the service to go.

What is deleted is what the person was shown (Facts.cleans), each once: a process that ends in
between leaves the rest to the next one. What the service does not let delete is told and left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from states.errors import NeedsOperator, Permanent
from states.facts import Facts, known
from states.model import Project
from states.money.ends import next_end
from states.outcome import Done, Outcome
from states.ports import Ports
from states.state import Event, State
from states.steps.leftovers import Kind, holds_model, refuse_served
from states.steps.renewal import may_be_renewed
from states.text import Text, say

Item = Mapping[str, Any]  # kind, id, name, generation: of a Leftover


def clean_away(project: Project, ports: Ports) -> Outcome:
    asked: Sequence[Item] = ports.memory.recall(known(project.facts.cleans))["items"]
    gone: list[Item] = []
    left: list[tuple[Item, Text]] = []
    for item in asked:
        try:
            _delete(item, ports)
        except (Permanent, NeedsOperator) as refusal:
            left.append((item, refusal.text))
        else:
            gone.append(item)
    facts = _forget(project, gone)
    told, goes_on = (
        _describe(gone, left),
        next_end(facts) is not None or may_be_renewed(facts, ports),
    )
    return Done(Event.CLEANUP_DONE, facts, told, goes_on=goes_on)


def _delete(item: Item, ports: Ports) -> None:
    if item["kind"] != Kind.JOB:
        ports.do.delete_file(item["id"])
        return

    def look() -> None:
        """Somebody may have deployed it since the person was shown what would go."""
        served = refuse_served(ports.read, item["name"])
        if served is not None:
            raise Permanent(served)

    ports.do.delete_job(item["id"], look)


def _forget(project: Project, gone: Sequence[Item]) -> Facts:
    facts = replace(project.facts, cleans=None)
    ids = {item["id"] for item in gone}
    own = facts.uploaded
    if own is not None and ids & {own.training_file, own.validation_file}:
        facts = replace(facts, uploaded=None)
    is_model = any(item["kind"] == Kind.JOB and holds_model(project, item["id"]) for item in gone)
    # A project that gave up goes on from what it had at the service.
    is_missed = bool(gone) and project.state is State.FAILED
    return replace(facts, cleaned=facts.cleaned or is_model or is_missed)


def _describe(gone: Sequence[Item], left: Sequence[tuple[Item, Text]]) -> Text:
    jobs = sum(item["kind"] == Kind.JOB for item in gone)
    files = say("{count} file", "{count} files", count=len(gone) - jobs)
    trainings = say(
        "{count} training with its model", "{count} trainings with their models", count=jobs
    )
    told = say("deleted at the service: {files}, {trainings}", files=files, trainings=trainings)
    for item, reason in left:
        told = say("{told}. Left: {id} ({reason})", told=told, id=item["id"], reason=reason)
    return told
