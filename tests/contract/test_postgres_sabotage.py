"""Deliberate breakages of what holds on a shared PostgreSQL, each caught by a test of this room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

import store.errors
import store.projects
from agent.engine.artifacts import FolderArtifacts
from agent.engine.home_notes import HomeNotes
from agent.engine.home_view import HomeView
from states.errors import StoreError
from store.locks import AdvisoryLocks
from tests.contract import test_postgres_homes as at_homes
from tests.contract import test_postgres_workers as at_work
from tests.contract.test_postgres_homes import homes
from tests.contract.test_postgres_workers import url, workers
from tests.postgres import GROUP

__all__ = ["homes", "url", "workers"]  # fixtures
pytestmark = GROUP
PAGE = Path(__file__).parents[2] / "docs" / "guarantees.md"

# What is broken: where, the name there, what takes its place, and the test that must notice.
BROKEN: Mapping[str, tuple[object, str, Any, Callable[..., None]]] = {
    "a worker takes what another one is at": (
        AdvisoryLocks,
        "take",
        lambda self, _key: self._session or self._open(),
        at_homes.test_two_workers_that_are_due_at_once_pay_for_each_answer_once,
    ),
    "a home's outdated file counts as edited": (
        HomeNotes,
        "is_ours",
        lambda *_: False,
        at_homes.test_what_is_imported_at_one_home_counts_at_the_other_which_has_older_files,
    ),
    "what is given stays in the home where it was given": (
        FolderArtifacts,
        "carried",
        lambda *_: {},
        at_homes.test_the_sentences_of_new_are_what_every_home_builds_on,
    ),
    "every home watches a file that one has": (
        HomeView,
        "sees",
        lambda *_: True,
        at_homes.test_an_edit_holds_the_project_at_the_home_where_it_was_made,
    ),
    "a broken connection is no passing trouble": (
        store.errors,
        "is_passing",
        lambda _: False,
        at_work.test_a_restart_of_the_server_loses_nothing_and_is_lived_through,
    ),
    "workers write the same rows, each in an order of its own": (
        store.projects,
        "in_one_order",
        lambda rows, key: list(rows),
        at_work.test_two_workers_that_put_off_the_same_projects_do_not_lock_each_other_out,
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_breakage_is_caught(
    what: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """The named test, which passes as things are, fails when they are broken."""
    where, name, instead, proof = BROKEN[what]
    needed = {one: request.getfixturevalue(one) for one in signature(proof).parameters}
    monkeypatch.setattr(where, name, instead)
    with pytest.raises((AssertionError, StoreError)):
        proof(**needed)


def test_the_page_names_every_breakage_and_its_test() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    for what, (_, _, _, proof) in BROKEN.items():
        assert any(what in row and proof.__name__ in row for row in rows), what
