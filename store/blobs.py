"""Contents under their sha-256, compressed and in pieces: of one that is large only a piece is ever
in memory, and the database is never kept from others for longer than a piece takes.

SqlStore serves them as states.store_port.DocumentStore.
"""

from __future__ import annotations

import hashlib
import time
import uuid
import zlib
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select

from states.errors import StoreError
from states.text import say
from store.engine import insert_if_absent, reading, writing
from store.schema import blobs, pieces

PIECE = 4 * 2**20  # bytes before they are compressed: 10 ms of work, and as long a transaction
# Data files shrink to a twentieth. 1 is no faster on them, 3 saves little, 6 takes four times as
# long.
LEVEL = 2
ABANDONED = 24 * 3600.0  # seconds after which nobody writes on at a series of pieces

_ROW = select(blobs.c.content, blobs.c.size, blobs.c.series).where(
    blobs.c.sha256 == bindparam("sha256")
)
_IS_THERE = select(blobs.c.sha256).where(blobs.c.sha256 == bindparam("sha256"))
_PIECE = select(pieces.c.content).where(
    pieces.c.series == bindparam("series"), pieces.c.number == bindparam("number")
)


class SqlBlobs:
    engine: Engine

    def put_blob(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        if not self.has_blob(sha256):
            self.put_pieces([content])
        return sha256

    def get_blob(self, sha256: str) -> bytes:
        return b"".join(self.get_pieces(sha256))

    def has_blob(self, sha256: str) -> bool:
        with reading(self.engine) as connection:
            return connection.execute(_IS_THERE, {"sha256": sha256}).first() is not None

    def put_pieces(self, content: Iterable[bytes]) -> str:
        digest, series, size, count, first = hashlib.sha256(), uuid.uuid4().hex, 0, 0, b""
        for count, piece in enumerate(_regroup(content)):
            digest.update(piece)
            size += len(piece)
            if count == 0:
                first = zlib.compress(piece, LEVEL)
            else:
                self._add_piece(series, count, zlib.compress(piece, LEVEL))
        row = {"sha256": digest.hexdigest(), "content": first or zlib.compress(b""), "size": size}
        with writing(self.engine) as connection:
            if count:
                _refuse_lost_pieces(connection, series, count)
            # Last, so that whoever is killed before leaves nothing that could be taken for whole.
            is_new = insert_if_absent(
                connection, blobs, {**row, "series": series if count else None}
            )
            if count and not is_new:
                connection.execute(delete(pieces).where(pieces.c.series == series))
        return digest.hexdigest()

    def get_pieces(self, sha256: str) -> Iterator[bytes]:
        with reading(self.engine) as connection:
            row = connection.execute(_ROW, {"sha256": sha256}).one()
        if row.size is None:
            yield bytes(row.content)
            return
        piece = zlib.decompress(row.content)
        left, number = row.size - len(piece), 0
        yield piece
        while left > 0:
            number += 1
            # A view for each: one that stays open would keep the write-ahead log from shrinking.
            with reading(self.engine) as connection:
                key = {"series": row.series, "number": number}
                piece = zlib.decompress(connection.execute(_PIECE, key).scalar_one())
            left -= len(piece)
            yield piece

    def remove_abandoned_pieces(self, now: float) -> None:
        """What a writer that was killed has left is gone; `now` in unix seconds."""
        named = select(blobs.c.series).where(blobs.c.series.is_not(None))
        old = (pieces.c.at < now - ABANDONED) & pieces.c.series.not_in(named)
        with reading(self.engine) as connection:
            if connection.execute(select(pieces.c.series).where(old).limit(1)).first() is None:
                return
        with writing(self.engine) as connection:
            connection.execute(delete(pieces).where(old))

    def _add_piece(self, series: str, number: int, content: bytes) -> None:
        row = {"series": series, "number": number, "content": content, "at": time.time()}
        with writing(self.engine) as connection:
            connection.execute(insert(pieces), row)


def _refuse_lost_pieces(connection: Connection, series: str, count: int) -> None:
    """StoreError if this process slept so long that another one has cleaned up after it."""
    query = select(func.count()).select_from(pieces).where(pieces.c.series == series)
    if connection.execute(query).scalar_one() != count:
        raise StoreError(say("A large file was not stored in a day. It is tried again by itself."))


def _regroup(content: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of PIECE; the last one is shorter."""
    held: list[bytes] = []
    size = 0
    for given in content:
        held.append(given)
        size += len(given)
        if size < PIECE:
            continue
        whole = b"".join(held)
        full = size - size % PIECE
        for start in range(0, full, PIECE):
            yield whole[start : start + PIECE]
        held, size = [whole[full:]], size - full
    if size:
        yield b"".join(held)
