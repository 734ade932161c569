"""A person's file of sentences, whatever its format: `read_file`.

The command line calls it. The format is known by the first bytes and by the name's ending; each has
its file in this room.
"""

from __future__ import annotations

from pathlib import Path

from agent.formats import delimited
from agent.formats.files import find
from states.intents.records import Columns, Table


def read_file(path: Path, columns: Columns) -> Table:
    """What the file holds, understood but not yet read through.

    SettingsError, here or while its records are read, for what cannot be: with the row and what to
    do. It never waits, and needs little memory whatever the file is.
    """
    document = find(path)
    return delimited.read(document, columns)
