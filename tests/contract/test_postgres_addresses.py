"""A database that cannot be used: what is wrong is said, and what is a secret is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from states.errors import StoreBusy, StoreError
from store.engine import open_engine, reading
from store.migrate import upgrade
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


def test_what_was_to_be_written_is_not_quoted(postgres: Postgres) -> None:
    engine = open_engine(postgres.empty_database())
    with pytest.raises(StoreError) as raised, reading(engine) as connection:
        connection.execute(text("SELECT CAST('a sentence' AS integer)"))
    assert "sentence" not in str(raised.value)
    engine.dispose()
