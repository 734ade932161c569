"""docs/glossary.md explains words that are in use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def _rows() -> list[tuple[str, str, str]]:
    rows = ROW.findall(GLOSSARY.read_text(encoding="utf-8"))
    return [row for row in rows if row[0] != "term"]


def _in_use() -> str:
    """What code and documents say, without the glossary, in one piece and lower case."""
    pages = [page for page in (ROOT / "docs").glob("*.md") if page != GLOSSARY]
    code = [path for room in ("agent", "states", "store") for path in (ROOT / room).rglob("*.py")]
    texts = (path.read_text(encoding="utf-8") for path in (*pages, *code))
    return re.sub(r"\s+", " ", " ".join(texts)).lower()


def test_every_term_is_used_in_code_or_documents() -> None:
    """A word that nobody uses any more is no word of this house."""
    used = _in_use()
    unused = [term for term, _, _ in _rows() if not re.search(rf"\b{re.escape(_said(term))}", used)]
    assert unused == []


def _said(term: str) -> str:
    """The form in which a term appears in a sentence: without its article."""
    return re.sub(r"^an? ", "", term.lower()).replace("hold that heals", "holds that heal")


def test_every_term_has_one_meaning() -> None:
    """Once in the glossary, with what the field calls it."""
    terms = [term for term, _, _ in _rows()]
    assert len(terms) == len(set(terms)) >= 25


@pytest.mark.parametrize("word", ["reconcile", "at-least-once", "compare-and-swap", "quiescence"])
def test_a_reader_who_knows_the_field_finds_its_words(word: str) -> None:
    """What one would search for leads to the word used here."""
    assert word in GLOSSARY.read_text(encoding="utf-8")
