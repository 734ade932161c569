"""What the store promises on SQLite it keeps on PostgreSQL: the same tests, on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest

from store.engine import open_engine
from store.sql import SqlStore
from tests.postgres import GROUP, Postgres
from tests.unit import test_store_blobs, test_store_intents, test_store_projects

pytestmark = GROUP
# They look into SQLite's file. test_postgres.py has its own where PostgreSQL has the same.
OF_SQLITE = {
    "test_a_content_of_an_earlier_version_is_read",
    "test_a_row_that_cannot_be_read_stands_as_held_beside_the_others",
    "test_history_can_only_grow",
    "test_reading_goes_on_while_somebody_writes",
    "test_a_statement_that_fails_changes_nothing",
}


@pytest.fixture
def store(postgres: Postgres) -> Iterator[SqlStore]:
    made = SqlStore(open_engine(postgres.database()))
    yield made
    made.close()


def _tests_of(module: ModuleType) -> dict[str, object]:
    found = {name: test for name, test in vars(module).items() if name.startswith("test_")}
    return {name: test for name, test in found.items() if name not in OF_SQLITE}


for _module in (test_store_blobs, test_store_intents, test_store_projects):
    globals().update(_tests_of(_module))
