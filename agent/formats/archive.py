"""A workbook is a ZIP of XML: what could fill the memory is refused before a library opens it.

workbook.py calls `check_archive`. A few kilobytes can unfold to gigabytes, and the sizes that a ZIP
states can be lies; so every part that will be read is unfolded once, in pieces, and thrown away.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from zipfile import ZipFile, ZipInfo

from agent.formats.files import Document
from agent.formats.refusal import refusal_of_file
from states.errors import SettingsError
from states.intents.records import Source
from states.text import Text, say

MIB = 1 << 20
_LARGEST_FILE = 100 * MIB  # a million rows take 40
_LARGEST_UNFOLDED = 512 * MIB  # the XML of a million rows takes 250
_RATIO = 200  # times smaller than its XML; sheets are 5 to 20, and the most that ZIP can is 1032
_SMALL = MIB  # what is not larger may be as thin as it likes
_MOST_PARTS = 10_000
_PIECE = MIB
_LONGEST_TEXT = 2 * MIB  # between two tags; Excel allows 32,767 characters in a cell
_LONGEST_STRETCH = 16 * MIB  # without the end of a row, which the library keeps in memory whole
_END_OF_ROW = re.compile(rb"(?:row|si)>|<(?:\w+:)?row")
_DECLARATION = re.compile(rb"<\0?!\0?[^-\0]")  # of a document type or of entities: no workbook's
_UNREAD = re.compile(
    r"xl/(media|drawings|charts|embeddings|pivot\w*|externalLinks|printerSettings)/"
)
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


def check_archive(document: Document, source: Source) -> None:
    """SettingsError for what is no workbook, or one that is not meant to be read."""
    if document.size > _LARGEST_FILE:
        raise _too_large(source, _LARGEST_FILE)
    try:
        with document.open() as file, ZipFile(file) as archive:
            _check_sizes(archive, source)
            if "xl/workbook.xml" not in archive.namelist():
                raise refusal_of_file(source, _no_workbook(archive))
            for part in archive.infolist():
                if not _UNREAD.match(part.filename):
                    _check_part(archive, part, source)
    except (*_DAMAGED, OSError) as error:
        raise damaged(source) from error


def damaged(source: Source) -> SettingsError:
    problem = say(
        "the workbook is damaged or made in an unknown way: open it in a spreadsheet program and"
        " save it anew as XLSX or CSV"
    )
    return refusal_of_file(source, problem)


def _no_workbook(archive: ZipFile) -> Text:
    if "xl/workbook.bin" in archive.namelist() or "content.xml" in archive.namelist():
        return say("this kind of workbook is not read: save it as .xlsx or CSV")
    return say("this is an archive: unpack it, and give the file in it")


def _check_sizes(archive: ZipFile, source: Source) -> None:
    parts = archive.infolist()
    unfolded = sum(part.file_size for part in parts)
    if unfolded > _LARGEST_UNFOLDED or len(parts) > _MOST_PARTS:
        raise _too_large(source, _LARGEST_UNFOLDED)
    for part in parts:
        if part.file_size > max(_SMALL, _RATIO * part.compress_size):
            raise _bomb(source)


def _check_part(archive: ZipFile, part: ZipInfo, source: Source) -> None:
    text = stretch = 0
    before = b""
    for piece in unfold(archive, part.filename):
        if _DECLARATION.search(before + piece):
            raise damaged(source)
        first, last = piece.find(b"<"), piece.rfind(b"<")
        if text + (len(piece) if first < 0 else first) > _LONGEST_TEXT:
            raise _bomb(source)
        text = text + len(piece) if first < 0 else len(piece) - last
        stretch = 0 if _END_OF_ROW.search(before + piece) else stretch + len(piece)
        if stretch > _LONGEST_STRETCH:
            raise _bomb(source)
        before = piece[-16:]


def unfold(archive: ZipFile, name: str) -> Iterator[bytes]:
    """A part of the archive, in pieces. No more than the size that it states."""
    with archive.open(name) as part:
        yield from iter(lambda: part.read(_PIECE), b"")


def _too_large(source: Source, limit: int) -> SettingsError:
    problem = say(
        "the workbook is larger than {limit} MiB: save the sheet as CSV, which has no limit",
        limit=limit // MIB,
    )
    return refusal_of_file(source, problem)


def _bomb(source: Source) -> SettingsError:
    problem = say(
        "the workbook unfolds to far more than a sheet of sentences would: save the sheet as CSV"
    )
    return refusal_of_file(source, problem)
