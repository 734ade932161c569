"""What is wrong with a file, where, and what to do: every reader of this room raises it."""

from __future__ import annotations

from states.errors import SettingsError
from states.intents.records import Source
from states.text import Text, say

SHOWN = 20  # names in a list: of more than these the first are enough to see what it is
_LONGEST = 40  # characters of one of them


def refusal(source: Source, row: int, problem: Text) -> SettingsError:
    """`problem`: what it is, and after a colon what to do about it. No full stop."""
    return SettingsError(
        say("{where}: {problem}.", where=source.where(row), problem=problem),
    )


def refusal_of_file(source: Source, problem: Text) -> SettingsError:
    """For a problem that no single row has."""
    return SettingsError(say("{place}: {problem}.", place=place_of(source), problem=problem))


def place_of(source: Source) -> Text | str:
    """The file, or its sheet, for the beginning of a sentence."""
    if source.sheet:
        return say("{file}, sheet {sheet}", file=source.file, sheet=repr(source.sheet))
    return source.file


def listed(names: list[str] | tuple[str, ...]) -> str:
    """The first of the names, each of them short enough to be read."""
    shown = [repr(name if len(name) <= _LONGEST else name[:_LONGEST] + "…") for name in names]
    more = ["…"] if len(shown) > SHOWN else []
    return ", ".join(shown[:SHOWN] + more)
