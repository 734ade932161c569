"""What may stand in a cell: text, and neither a formula nor characters that no text has."""

from __future__ import annotations

import re

from agent.formats.refusal import refusal
from states.intents.records import Record, Source
from states.text import say

# Not the white space among the controls, nor the separators, which `clean` makes line breaks.
CONTROLS = bytes([*range(0x09), *range(0x0E, 0x1C), 0x7F])
_CONTROL = re.compile(f"[{re.escape(CONTROLS.decode())}]")
_NO_TEXT = re.compile(f"[{re.escape(CONTROLS.decode())}\ud800-\udfff]")  # JSON can have half a pair
# "=" and what can begin an expression; not the smile "=)", nor an arrow "=>".
_FORMULA = re.compile(r"""=\s*[\w("'{+\-$@\[#.]""")


def has_controls(text: str) -> bool:
    return _CONTROL.search(text) is not None


def check_record(record: Record, source: Source, may_be_formula: bool = False) -> Record:
    """The record itself. SettingsError, with its row, if it is none.

    `may_be_formula`: a program that opens the file would compute what begins with "=".
    """
    for cell in (record.text, record.intent, record.kind, record.id):
        if found := _NO_TEXT.search(cell):
            raise refusal(
                source,
                record.row,
                say(
                    "the character U+{code}, which no text has, stands in a cell, as in a damaged"
                    " file: take it out",
                    code=f"{ord(found[0]):04X}",
                ),
            )
        if may_be_formula and _FORMULA.match(cell):
            raise refusal(
                source,
                record.row,
                say("a cell is a formula, which is no sentence: put its value there as text"),
            )
    return record
