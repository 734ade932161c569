"""Deliberate breakages of what guards a person's money. Each is a small patch of a public seam.

sabotage.py lists them, and which proof must notice each.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

import agent.engine.tick
from states.model import Project
from states.outcome import Done
from states.ports import Ports
from states.stages import Renewed
from states.steps import create_job, renewal, tear_down, upload_files

Patch = pytest.MonkeyPatch


def budget_not_asked_for(patch: Patch) -> None:
    patch.setattr(upload_files, "mind_budget", lambda project, ports: None)
    patch.setattr(create_job, "refuse_over_budget", lambda project, ports: None)


def teardown_not_carried_out(patch: Patch) -> None:
    patch.setattr(tear_down, "conclude_deployment", lambda project, ports: None)


def overdue_only_where_analyzed(patch: Patch) -> None:
    patch.setattr(agent.engine.tick, "rest_of", lambda project, ports: None)
    patch.setattr(agent.engine.tick, "next_end", lambda facts: None)


def renewed_without_a_generation(patch: Patch) -> None:
    patch.setattr(renewal, "end_generation", lambda project, ports: None)
    former = renewal._reopen

    def reopen(project: Project, ports: Ports, renewed: Renewed | None) -> Done:
        return replace(former(project, ports, renewed), begins_generation=False)

    patch.setattr(renewal, "_reopen", reopen)
