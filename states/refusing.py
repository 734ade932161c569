"""A mistake in a person's file holds the project until another file stands in its place.

The steps before the first payment call it, and ask_cases before the first question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from states.errors import FileRefused, Mistake
from states.places import Artifact
from states.text import Text, say


@contextmanager
def refusing(read: Mapping[Artifact, str]) -> Iterator[None]:
    """Raises FileRefused for a Mistake in these files. `read`: the sha-256 of what was read."""
    try:
        yield
    except Mistake as mistake:
        raise FileRefused(advise(mistake.text), dict(read)) from mistake


def advise(problem: Text) -> Text:
    """The problem, and what to do about it."""
    if "\n" in str(problem):
        return say(
            "{problem}\nMend it: a running agent goes on by itself; otherwise `run`.",
            problem=problem,
        )
    return say(
        "{problem} Mend it: a running agent goes on by itself; otherwise `run`.", problem=problem
    )
