"""A database that cannot be used: what is wrong is said, and what is a secret is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import NotSupportedError

from states.errors import StoreBusy, StoreError
from store.engine import open_engine, reading, writing
from store.errors import translating_errors
from store.look import look
from store.migrate import is_current, upgrade
from tests.postgres import GROUP, Postgres

pytestmark = GROUP


def _told(url: str) -> StoreError:
    engine = open_engine(url)
    with pytest.raises(StoreError) as raised:
        upgrade(engine)
    engine.dispose()
    return raised.value


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("/test_", "/nobody_made_"), "does not exist"),
        (("postgres:@", "nobody:@"), 'role "nobody" does not exist'),
        (("?", "?sslmode=nonsense&"), "invalid sslmode"),
        (("?", "?nonsense=1&"), 'invalid connection option "nonsense"'),
        (("?", "?options=-csearch_path%3Dnowhere&"), "no schema has been selected"),
        (("?", "?password=s3creto&sslmode=nonsense&"), "invalid sslmode"),
    ],
)
def test_what_a_server_or_its_library_refuses_is_said_with_a_next_step(
    postgres: Postgres, changed: tuple[str, str], said: str
) -> None:
    """And nothing that may hold a password is shown of the address."""
    told = _told(postgres.empty_database().replace(*changed))
    assert not isinstance(told, StoreBusy)
    assert said in str(told)
    assert "Check host, user, password" in str(told)
    assert "s3creto" not in str(told)


def test_a_user_without_the_right_to_make_tables_is_told_which(postgres: Postgres) -> None:
    url = postgres.empty_database()
    postgres.execute("CREATE ROLE poor LOGIN")
    try:
        told = str(_told(url.replace("postgres:@", "poor:@")))
    finally:
        postgres.execute("DROP ROLE poor")
    assert "permission denied for schema public" in told
    assert "the rights of that user" in told


def test_why_a_server_cannot_be_reached_is_said(postgres: Postgres, tmp_path: Path) -> None:
    """A name that is not known, a socket that is not there; both may come to be."""
    for place, said in ((f"@/x?host={tmp_path}", "No such file"), ("@base.invalid/x", "resolve")):
        told = _told(f"postgresql+psycopg://ana{place}")
        assert isinstance(told, StoreBusy)
        assert said in str(told)


def test_a_user_who_may_not_write_is_found_by_a_look(postgres: Postgres) -> None:
    """`doctor` looks, and would call the database fine."""
    url = postgres.database()
    owner = open_engine(url)
    with writing(owner) as connection:
        connection.execute(text("CREATE ROLE reader LOGIN"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"))
    try:
        assert look(url)
        with pytest.raises(StoreError, match="permission denied for table projects"):
            look(url.replace("postgres:@", "reader:@"))
    finally:
        with writing(owner) as connection:
            connection.execute(text("DROP OWNED BY reader"))
            connection.execute(text("DROP ROLE reader"))
        owner.dispose()


def test_a_standby_is_told_of_in_its_own_words() -> None:
    """It may be read only, and says so by a state of its own."""

    class Said(Exception):
        sqlstate = "0A000"

    said = Said("cannot set transaction read-write mode during recovery")
    with pytest.raises(StoreError, match="refuses: cannot set"), translating_errors("x"):
        raise NotSupportedError("BEGIN", {}, said)


def test_a_version_that_is_told_twice_is_the_newer_one(postgres: Postgres) -> None:
    """As a copy leaves it that was put back into a database of today."""
    engine = open_engine(postgres.database())
    with writing(engine) as connection:
        connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
    assert is_current(engine)
    engine.dispose()


def test_what_was_to_be_written_is_not_quoted(postgres: Postgres) -> None:
    engine = open_engine(postgres.empty_database())
    with pytest.raises(StoreError) as raised, reading(engine) as connection:
        connection.execute(text("SELECT CAST('a sentence' AS integer)"))
    assert "sentence" not in str(raised.value)
    engine.dispose()
