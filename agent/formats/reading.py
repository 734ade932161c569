"""A person's file of sentences, whatever its format: `read_file`.

The command line calls it. The format is known by the first bytes, and where these are text by the
ending of the name; each format has its file in this room.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from agent.formats import delimited, json_file, json_lines, parquet, workbook
from agent.formats.encoding import peek
from agent.formats.files import Document, find
from agent.formats.refusal import refusal_of_file
from states.intents.records import Columns, Source, Table
from states.text import say

_Reader = Callable[[Document, Columns], Table]
_BY_FIRST_BYTES: tuple[tuple[bytes, _Reader], ...] = (
    (b"PK\x03\x04", workbook.read),
    (b"PAR1", parquet.read),
)
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and what is encrypted
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"\x28\xb5\x2f\xfd")
_DELIMITED = (".csv", ".tsv", ".tab")
_LINES = (".jsonl", ".ndjson")
_LINE_END = re.compile("\r\n|\r|\n")
_HEAD = 1 << 20  # bytes in which a first line of JSONL ends


def read_file(path: Path, columns: Columns) -> Table:
    """What the file holds, understood but not yet read through.

    SettingsError, here or while its records are read, for what cannot be: with the row and what to
    do. It never waits, and needs little memory whatever the file is.
    """
    document = find(path)
    head = document.head(8)
    for mark, read in _BY_FIRST_BYTES:
        if head.startswith(mark):
            return read(document, columns)
    if head.startswith(_OLD_WORKBOOK):
        problem = say("this is an old or an encrypted workbook: save it as .xlsx, without password")
        raise refusal_of_file(Source(document.name), problem)
    if head.startswith(_PACKED):
        problem = say("this is an archive: unpack it, and give the file in it")
        raise refusal_of_file(Source(document.name), problem)
    if document.suffix in _DELIMITED or not _begins_like_json(document):
        return delimited.read(document, columns)
    if _is_value_a_line(document):
        return json_lines.read(document, columns)
    return json_file.read(document, columns)


def _begins_like_json(document: Document) -> bool:
    """By its name, or by its first letter where the name says nothing."""
    if document.suffix in (".json", *_LINES):
        return True
    return peek(document, _HEAD).lstrip()[:1] in ("{", "[")


def _is_value_a_line(document: Document) -> bool:
    """Whatever the name says: the first line is a value, and there is another line."""
    first, *rest = _LINE_END.split(peek(document, _HEAD).strip(), maxsplit=1)
    try:
        value = json.loads(first)
    except json.JSONDecodeError as error:
        # What stands behind a whole value is the mistake of its line: a comma, most often.
        is_whole = error.msg == "Extra data"
        return document.suffix in _LINES and (is_whole or document.size > json_file.LARGEST)
    except (ValueError, RecursionError):
        return document.suffix in _LINES and document.size > json_file.LARGEST
    return bool(rest) or (document.suffix in _LINES and not _is_list_of_rows(value))


def _is_list_of_rows(value: object) -> bool:
    """All of a JSON file in one line, whatever it is called."""
    return isinstance(value, list) and any(isinstance(each, dict | list) for each in value)
