"""The messages under “Troubleshooting” are messages of the program, in either language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "agent" / "resources" / "locale" / "es" / "LC_MESSAGES" / "afinador.po"
VALUES = re.compile(r"…|\b[NM]\b|\(HTTP \d*|\(pid")  # where a message has a value of its own
SHORTEST = 4  # characters: less than that is punctuation between two values


def _templates() -> dict[str, list[str]]:
    """Everything that can be said, by page: English templates and their Spanish translations."""
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    english, spanish = [], []
    for message in catalogue:
        for forms, known in ((message.id, english), (message.string, spanish)):
            known.extend([forms] if isinstance(forms, str) else forms)
    return {"docs/operations.md": english, "docs/es/operations.md": spanish}


def _messages(page: str) -> list[str]:
    """What stands in the first column of the page's last section."""
    text = (ROOT / page).read_text(encoding="utf-8")
    section = text[text.rindex("\n## ") :]
    cells = re.findall(r"^\| (`.*?`) \|", section, re.MULTILINE)
    return [message for cell in cells for message in re.findall(r"`([^`]+)`", cell)]


@pytest.mark.parametrize("page", ["docs/operations.md", "docs/es/operations.md"])
def test_every_message_that_is_explained_can_be_said(page: str) -> None:
    """Whoever searches the page for what the terminal says finds it."""
    templates = _templates()[page]
    messages = _messages(page)
    parts = [
        (message, part)
        for message in messages
        for part in (piece.strip(" ()") for piece in VALUES.split(message))
        if len(part) >= SHORTEST
    ]
    assert len(messages) > 20
    assert [pair for pair in parts if not any(pair[1] in known for known in templates)] == []
