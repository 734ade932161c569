"""The row that names the columns of a sheet: the first, or below a title.

workbook.py and delimited.py call `find_header` with the first rows that are not blank.
"""

from __future__ import annotations

from agent.formats.refusal import refusal_of_file
from agent.formats.roles import Chosen, choose
from states.errors import SettingsError
from states.intents.records import Columns, Source
from states.text import say

TITLES = 8  # rows that may stand above the header: the name of the table, a date


def find_header(
    filled: list[tuple[int, list[str]]], columns: Columns, place: Source
) -> tuple[int, Chosen]:
    """The number of the header, or of the row before the data; and the columns."""
    refused: list[tuple[int, SettingsError]] = []
    for row, names in filled[: TITLES + 1]:
        try:
            chosen = choose(names, columns, place)
        except SettingsError as error:
            refused.append((len(names), error))
        else:
            if chosen.has_header and row == filled[-1][0]:
                raise refusal_of_file(place, say("no row has a sentence: fill it"))
            return row if chosen.has_header else row - 1, chosen
    # What is said is said of the row that looks most like a header.
    raise max(refused, key=lambda each: each[0], default=(0, SettingsError("")))[1]
