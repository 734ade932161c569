"""A person's file of sentences, whatever its format: `read_file`.

The command line calls it. The format is known by the first bytes, and where these are text by the
ending of the name; each format has its file in this room.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from agent.formats import delimited, workbook
from agent.formats.files import Document, find
from agent.formats.refusal import refusal_of_file
from states.intents.records import Columns, Source, Table
from states.text import say

_Reader = Callable[[Document, Columns], Table]
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and what is encrypted
_BY_FIRST_BYTES: tuple[tuple[bytes, _Reader], ...] = ((b"PK\x03\x04", workbook.read),)


def read_file(path: Path, columns: Columns) -> Table:
    """What the file holds, understood but not yet read through.

    SettingsError, here or while its records are read, for what cannot be: with the row and what to
    do. It never waits, and needs little memory whatever the file is.
    """
    document = find(path)
    head = document.head(8)
    if head.startswith(_OLD_WORKBOOK):
        problem = say("this is an old or an encrypted workbook: save it as .xlsx, without password")
        raise refusal_of_file(Source(document.name), problem)
    for mark, read in _BY_FIRST_BYTES:
        if head.startswith(mark):
            return read(document, columns)
    return delimited.read(document, columns)
