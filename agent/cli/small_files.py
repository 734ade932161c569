"""The small text files that `new` takes beside the sentences: an instruction, descriptions."""

from __future__ import annotations

from pathlib import Path

from states.errors import SettingsError
from states.intents.forms import tidy
from states.text import say

LARGEST = 1_000_000  # bytes


def read_small(path: str) -> bytes:
    """A small text file. SettingsError where it cannot be read."""
    from agent.formats.files import find

    content = find(Path(path)).head(LARGEST + 1)
    if len(content) > LARGEST:
        raise SettingsError(say("{file} is larger than 1 MB.", file=path))
    return content


def read_instruction(path: str) -> str:
    """An instruction, in whatever encoding its editor wrote it."""
    from agent.formats.encoding import survey
    from agent.formats.files import find

    read_small(path)
    with survey(find(Path(path))).open() as file:
        prompt = tidy(file.read()).strip()
    if not prompt:
        raise SettingsError(say("{file} has no instruction: write one in it.", file=path))
    return prompt
