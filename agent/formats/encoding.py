"""In which encoding a text file is, found by reading all of it once in pieces.

The readers of text formats call `survey` before they read: it also bounds the length of a line, so
that iterating over the lines afterwards needs little memory, and sees what the file is free of.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from agent.formats.cells import CONTROLS, has_controls
from agent.formats.files import Document
from agent.formats.refusal import refusal, refusal_of_file
from states.errors import SettingsError
from states.intents.records import Source
from states.text import Text, say

LONGEST_LINE = 1_000_000  # characters: a sentence has a hundred
_PIECE = 1 << 18  # bytes read at once
_HEAD = 1 << 12  # bytes by which a binary file, or UTF-16 without a mark, is known
# Letters beyond ASCII of western languages in UTF-8: in cp1252 nobody writes the pair "Ã¡" or "Â¿".
_PAIR = re.compile(rb"[\xc2\xc3][\x80-\xbf]")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)


@dataclass(frozen=True)
class Survey:
    """`start`: bytes before the text (a byte order mark). `is_plain`: neither a control character
    nor "=" stands anywhere in it."""

    document: Document
    encoding: str  # as Python calls it
    name: str  # as people call it
    start: int
    is_plain: bool
    has_quotes: bool

    @contextmanager
    def open(self) -> Iterator[io.TextIOWrapper]:
        """The text from its beginning, its line ends as they are."""
        with self.document.open() as file:
            file.seek(self.start)
            text = io.TextIOWrapper(file, encoding=self.encoding, newline="")
            yield text
            text.detach()


def survey(document: Document, longest: int = LONGEST_LINE) -> Survey:
    """SettingsError for what is no text, and for a line of more than `longest` characters."""
    head = document.head(_HEAD)
    if marked := _marked(head):
        try:
            return _read_through(document, longest, *marked)
        except UnicodeDecodeError:
            encoding, name, _ = marked
            problem = say(
                "this line is not {encoding}, as the beginning of the file says: save all of it as"
                " UTF-8",
                encoding=name,
            )
            _refuse_line(document, encoding, problem)
            raise
    if len(head) - len(head.translate(None, CONTROLS)) > max(3, len(head) // 100):
        raise _no_text(document)
    try:
        return _read_through(document, longest, "utf-8", "UTF-8")
    except UnicodeDecodeError:
        _refuse_mixture(document)
        return _read_through(document, longest, "cp1252", "cp1252")


def peek(document: Document, length: int) -> str:
    """How the file begins, as text as far as it is any."""
    head = document.head(length)
    encoding, _, start = _marked(head) or ("utf-8", "", 0)
    return head[start:].decode(encoding, errors="replace")


def _marked(head: bytes) -> tuple[str, str, int] | None:
    """Encoding, its name and the bytes of its mark: by that mark, or by the zeros of UTF-16."""
    for mark, encoding, name in _MARKS:
        if head.startswith(mark):
            return encoding, name, len(mark)
    head = head[:_HEAD]
    for encoding, zeros, letters in (("utf-16-le", 1, 0), ("utf-16-be", 0, 1)):
        if _share_of_nul(head[zeros::2]) > 0.5 and not head[letters::2].count(0):
            return encoding, "UTF-16", 0
    return None


def _share_of_nul(half: bytes) -> float:
    return half.count(0) / len(half) if half else 0


def _no_text(document: Document) -> SettingsError:
    problem = say(
        "this is no text but a binary file that is not known here: save it as XLSX or CSV"
    )
    return refusal_of_file(Source(document.name), problem)


def _refuse_mixture(document: Document) -> None:
    """Where a file is UTF-8 but for some lines, reading it as cp1252 would spoil all the others."""
    with document.open() as file:
        if not any(_PAIR.search(piece) for piece in iter(lambda: file.read(_PIECE), b"")):
            return
    problem = say("this line is not UTF-8, and others are: save all of it as UTF-8")
    _refuse_line(document, "utf-8", problem)


def _refuse_line(document: Document, encoding: str, problem: Text) -> None:
    """SettingsError with the first line that is not in that encoding, if there is one."""
    with document.open() as file:
        decoder = codecs.getincrementaldecoder(encoding)()
        line, piece = 1, b"\n"
        while piece:
            piece = file.read(_PIECE)
            pending = decoder.getstate()[0]
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                line += (pending + piece)[: error.start].count(b"\n")
                raise refusal(Source(document.name), line, problem) from error
            line += piece.count(b"\n")


def _read_through(
    document: Document, longest: int, encoding: str, name: str, start: int = 0
) -> Survey:
    is_plain, has_quotes = True, False
    is_ascii_like = not encoding.startswith("utf-16")
    for piece, text in _pieces(document, longest, encoding, start):
        if is_plain:
            odd = len(piece.translate(None, CONTROLS)) != len(piece)
            is_plain = "=" not in text and not (odd if is_ascii_like else has_controls(text))
        has_quotes = has_quotes or '"' in text
    return Survey(document, encoding, name, start, is_plain, has_quotes)


def _pieces(
    document: Document, longest: int, encoding: str, start: int
) -> Iterator[tuple[bytes, str]]:
    """Each piece as it is and as text. UnicodeDecodeError for UTF-8 that is none."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, unended = 1, 0
    with document.open() as file:
        file.seek(start)
        while True:
            piece = file.read(_PIECE)
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                if encoding == "utf-8":
                    raise
                raise _undecodable(document, line, piece, error) from error
            first, last = _ends_of_lines(text)
            if unended + (len(text) if first < 0 else first) > longest:
                raise _too_long(document, line, longest)
            unended = unended + len(text) if first < 0 else len(text) - last - 1
            yield piece, text
            if not piece:
                return
            line += text.count("\n")


def _ends_of_lines(text: str) -> tuple[int, int]:
    """Where the first and the last line of a piece end; -1 for nowhere."""
    firsts = [found for found in (text.find("\n"), text.find("\r")) if found >= 0]
    return min(firsts, default=-1), max(text.rfind("\n"), text.rfind("\r"))


def _too_long(document: Document, line: int, longest: int) -> SettingsError:
    problem = say(
        "a line of more than {limit} characters: is this a file of sentences, one a line?",
        limit=longest,
    )
    return refusal(Source(document.name), line, problem)


def _undecodable(
    document: Document, line: int, piece: bytes, error: UnicodeDecodeError
) -> SettingsError:
    problem = say("this is neither UTF-8 nor UTF-16 nor cp1252 (Windows): save the file as UTF-8")
    return refusal(Source(document.name), line + piece[: error.start].count(b"\n"), problem)
