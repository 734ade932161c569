"""Contents in the database: whole or not there, compressed, and in pieces where they are large."""

from __future__ import annotations

import hashlib
import itertools
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import func, select

from states.errors import StoreError
from store.blobs import ABANDONED, PIECE
from store.engine import reading, writing
from store.schema import blobs, pieces
from store.sql import SqlStore
from tests.unit.stored import path_of

NOISE = random.Random(1).randbytes(3 * PIECE + 17)


class Killed(BaseException):
    """The process ends here."""


def count_pieces(store: SqlStore) -> int:
    with reading(store.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(pieces)).scalar_one())


@pytest.mark.parametrize(
    "content", [b"", b"x", b"x" * PIECE, NOISE, NOISE[:-17]], ids=["0", "1", "1p", "3p17", "3p"]
)
def test_a_content_is_read_as_it_was_put(store: SqlStore, content: bytes) -> None:
    """Under its sha-256, whole or in pieces of a bounded size; put twice it is there once."""
    sha256 = hashlib.sha256(content).hexdigest()
    given = (content[start : start + 70_001] for start in range(0, len(content), 70_001))
    assert store.put_pieces(given) == sha256
    many = count_pieces(store)
    assert store.put_blob(content) == store.put_pieces([content]) == sha256
    assert store.get_blob(sha256) == content
    assert b"".join(store.get_pieces(sha256)) == content
    assert max(len(piece) for piece in store.get_pieces(sha256)) <= PIECE
    assert count_pieces(store) == many == max(-(-len(content) // PIECE) - 1, 0)


def test_a_content_that_became_whole_never_is_not_there(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in any transaction of a large one; the next try stores it, and a day later nothing of
    the first is left.
    """
    sha256 = hashlib.sha256(NOISE).hexdigest()
    for transactions in range(4):
        left = itertools.count()

        def die(engine: object, left: Iterator[int] = left, most: int = transactions) -> object:
            if next(left) == most:
                raise Killed
            return writing(engine)  # type: ignore[arg-type]

        with monkeypatch.context() as killed, pytest.raises(Killed):
            killed.setattr("store.blobs.writing", die)
            store.put_pieces([NOISE])
        with reading(store.engine) as connection:
            assert connection.execute(select(blobs.c.sha256)).all() == []
    abandoned = count_pieces(store)
    assert abandoned == 0 + 1 + 2 + 3
    store.put_pieces([NOISE])
    with reading(store.engine) as connection:
        newest = connection.execute(select(func.max(pieces.c.at))).scalar_one()
    store.remove_abandoned_pieces(newest + ABANDONED - 60)
    assert count_pieces(store) == abandoned + 3
    store.remove_abandoned_pieces(newest + ABANDONED + 1)
    assert count_pieces(store) == 3
    assert store.get_blob(sha256) == NOISE


def test_a_writer_whose_pieces_were_taken_for_abandoned_stores_nothing(store: SqlStore) -> None:
    """It slept for a day, say: what is not whole does not become a blob."""

    def sleepy() -> Iterator[bytes]:
        yield NOISE
        store.remove_abandoned_pieces(2e10)

    with pytest.raises(StoreError, match="not stored in a day"):
        store.put_pieces(sleepy())
    with reading(store.engine) as connection:
        assert connection.execute(select(blobs.c.sha256)).all() == []


def test_others_write_between_the_pieces(store: SqlStore) -> None:
    """The lock of the database is never held for longer than one piece takes."""

    def given() -> Iterator[bytes]:
        for number in range(3):
            yield NOISE[:PIECE]
            store.beat(number, "host", 1.0)

    store.put_pieces(given())
    assert {one["pid"] for one in store.heartbeats()} >= {2}


def test_a_content_of_an_earlier_version_is_read(store: SqlStore) -> None:
    """It lies uncompressed in one row, and putting it again changes nothing."""
    content = '{"ñ": 1}'.encode()
    sha256 = hashlib.sha256(content).hexdigest()
    with closing(sqlite3.connect(path_of(store))) as connection, connection:
        connection.execute("INSERT INTO blobs (sha256, content) VALUES (?, ?)", (sha256, content))
    assert store.get_blob(sha256) == content
    assert store.put_pieces([content]) == store.put_blob(content) == sha256
    assert list(store.get_pieces(sha256)) == [content]
