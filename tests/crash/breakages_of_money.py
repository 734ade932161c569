"""Deliberate breakages of what guards a person's money. Each is a small patch of a public seam.

sabotage.py lists them, and which proof must notice each.
"""

from __future__ import annotations

import pytest

from states.steps import create_job, tear_down, upload_files

Patch = pytest.MonkeyPatch


def budget_not_asked_for(patch: Patch) -> None:
    patch.setattr(upload_files, "mind_budget", lambda project, ports: None)
    patch.setattr(create_job, "refuse_over_budget", lambda project, ports: None)


def teardown_not_carried_out(patch: Patch) -> None:
    patch.setattr(tear_down, "conclude_deployment", lambda project, ports: None)
