"""JSONL: one JSON value a line, read line by line.

reading.py calls `read`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agent.formats.encoding import Survey, survey
from agent.formats.files import Document
from agent.formats.refusal import refusal
from agent.formats.structured import understand
from states.errors import SettingsError
from states.intents.annotated_json import describe_syntax_error
from states.intents.records import Columns, Source, Table
from states.text import say


def read(document: Document, columns: Columns) -> Table:
    seen = survey(document)
    source = Source(document.name)
    return understand(_Items(seen, source), columns, source, "JSONL", {"encoding": seen.name})


@dataclass(frozen=True)
class _Items:
    seen: Survey
    source: Source

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        with self.seen.open() as file:
            for line, text in enumerate(file, 1):
                if text.strip():
                    try:
                        value = json.loads(text.rstrip())
                    except (ValueError, RecursionError) as error:
                        raise not_json(self.source, line, error) from error
                    yield line, value


def not_json(source: Source, line: int, error: Exception) -> SettingsError:
    """What is wrong with the syntax of a line."""
    if isinstance(error, json.JSONDecodeError):
        problem = say(
            "not valid JSON, at column {column} ({problem}): mend it",
            column=error.colno,
            problem=describe_syntax_error(error),
        )
    elif isinstance(error, RecursionError):
        problem = say("nested too deeply to be read: a record holds text")
    else:  # Python reads no number of thousands of digits
        problem = say("a number of so many digits cannot be read: write it as text")
    return refusal(source, line, problem)
