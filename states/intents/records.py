"""What a file of sentences says, row by row, and where a person finds each row again.

agent/formats reads files into these; the import, the check and every message about a sentence use
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from states.text import Text, say

Unit = Literal["row", "line"]


@dataclass(frozen=True, slots=True)
class Source:
    """A file as a person knows it.

    `unit`: how its rows are counted, from 1: the "row" of a spreadsheet, whose header is row 1, or
    the "line" of a text file.
    """

    file: str
    sheet: str = ""
    unit: Unit = "line"

    def where(self, number: int) -> Text:
        """The place of one row, for the middle of a sentence."""
        if self.sheet:
            return say(
                "{file}, sheet {sheet}, row {number}",
                file=self.file,
                sheet=repr(self.sheet),
                number=number,
            )
        if self.unit == "row":
            return say("{file}, row {number}", file=self.file, number=number)
        return say("{place}, line {line}", place=self.file, line=number)

    def as_json(self) -> dict[str, str]:
        return {"file": self.file, "sheet": self.sheet, "unit": self.unit}

    @staticmethod
    def from_json(data: Mapping[str, str]) -> Source:
        unit: Unit = "row" if data["unit"] == "row" else "line"
        return Source(data["file"], data["sheet"], unit)


@dataclass(frozen=True, slots=True)
class Record:
    """One row as it was read, cleaned of nothing. A cell that is missing is empty."""

    text: str
    intent: str
    row: int  # as `Source.where` counts
    kind: str = ""
    id: str = ""
    is_null: bool = False  # the intent is null on purpose, as JSON can say, and not just missing


@dataclass(frozen=True)
class Table:
    """One file, or one sheet of it, as it was understood.

    `columns`: role (text, intent, kind, id) -> the column taken, as the file names it. `records`
    may be iterated any number of times: each time reads the file anew, in bounded memory.
    """

    source: Source
    format: str  # "CSV", "XLSX", "chat JSONL" …
    records: Iterable[Record]
    columns: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()  # columns that are not taken
    details: Mapping[str, str] = field(default_factory=dict)  # encoding, delimiter
    system_prompt: str = ""  # of ready chat records, where all have the same


@dataclass(frozen=True)
class Columns:
    """What a person said of the columns: a name, in any case, or a number from 1.

    None: the column is found by its name.
    """

    text: str | None = None
    intent: str | None = None
    kind: str | None = None
    sheet: str | None = None
