"""CANCELLED: nothing of ours goes on at the service: the job is cancelled, our deployment deleted.

So is that of the generation before, unless a person keeps it (`cancel --keep-parent`). A
deployment that a person made stays: it is theirs.
"""

from __future__ import annotations

from dataclasses import replace

from states.model import Project
from states.outcome import Done, Outcome
from states.ports import Ports
from states.state import Event
from states.steps.clean_away import clean_away
from states.steps.generation import describe_clean_up, end_generation
from states.steps.succession import end_parent


def step(project: Project, ports: Ports) -> Outcome:
    if project.facts.cleans is not None:
        return clean_away(project, ports)
    ended = [end_generation(project, ports)]
    if not project.facts.keeps_parent:
        ended.append(end_parent(project, ports))
    files = ports.do.conclude_uploads() if project.facts.deletes_files else ()
    for file_id in files:
        ports.do.delete_file(file_id)
    facts = project.facts.without_our_deployment()
    if not facts.keeps_parent:
        facts = facts.after_parent()
    if files:
        facts = replace(facts, uploaded=None)
    if facts.created and not facts.trained:
        facts = replace(facts, created=replace(facts.created, status="cancelled"))
    deleted = [one for one in ended if one is not None]
    return Done(Event.CLEANED_UP, facts, describe_clean_up(project, len(files), deleted))
