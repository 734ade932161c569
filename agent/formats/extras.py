"""What is said where a library is missing that reads what the standard library cannot.

workbook.py and parquet.py import theirs when such a file comes, and not before.
"""

from __future__ import annotations

from agent.formats.refusal import refusal_of_file
from states.errors import SettingsError
from states.intents.records import Source
from states.text import say

_INSTALL = {"openpyxl": 'pip install "afinador[data]"', "pyarrow": "pip install pyarrow"}


def missing(library: str, source: Source) -> SettingsError:
    """With the command that installs it, and the way without."""
    problem = say(
        "{library}, which reads such files, is not installed: `{command}`, or save the data as CSV",
        library=library,
        command=_INSTALL[library],
    )
    return refusal_of_file(source, problem)
