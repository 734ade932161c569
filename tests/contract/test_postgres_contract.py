"""What the store promises on SQLite it keeps on PostgreSQL: the same tests, on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from store.engine import open_engine
from store.sql import SqlStore
from tests.postgres import GROUP, Postgres
from tests.unit import (
    test_store_blobs,
    test_store_intents,
    test_store_overview,
    test_store_projects,
)

pytestmark = GROUP
SHARED = (test_store_blobs, test_store_intents, test_store_overview, test_store_projects)
# They look into SQLite's file. test_postgres.py has its own where PostgreSQL has the same.
OF_SQLITE = {
    "test_a_content_of_an_earlier_version_is_read",
    "test_a_row_that_cannot_be_read_hides_no_other",
    "test_a_row_that_cannot_be_read_stands_as_held_beside_the_others",
    "test_history_can_only_grow",
    "test_reading_goes_on_while_somebody_writes",
    "test_a_statement_that_fails_changes_nothing",
    "test_who_is_due_is_found_by_the_index_alone",
}
# All of it is about SQLite's file: its durability, its rights, its migrations.
OF_THE_FILE = {"test_store_database"}


@pytest.fixture
def store(postgres: Postgres) -> Iterator[SqlStore]:
    made = SqlStore(open_engine(postgres.database()))
    yield made
    made.close()


def _tests_of(module: ModuleType) -> dict[str, object]:
    found = {name: test for name, test in vars(module).items() if name.startswith("test_")}
    return {name: test for name, test in found.items() if name not in OF_SQLITE}


def test_no_test_of_the_store_is_left_out() -> None:
    """A new file of them is either run here or named as one about SQLite's file."""
    there = {path.stem for path in Path(test_store_blobs.__file__).parent.glob("test_store_*.py")}
    named = {module.__name__.rpartition(".")[2] for module in SHARED}
    assert there == named | OF_THE_FILE


for _module in SHARED:
    globals().update(_tests_of(_module))
