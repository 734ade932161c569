"""What the check of the data shows on a terminal."""

from __future__ import annotations

import io
from typing import Any

from agent.views.data_report import QUOTED, render_data_report
from agent.views.language import translator
from agent.views.screen import Screen


def shown(*findings: dict[str, Any]) -> str:
    out = io.StringIO()
    summary = {"errors": [], "warnings": [f["text"] for f in findings], "findings": findings}
    render_data_report(Screen(file=out, width=400), {**summary, "place": None}, translator("en"))
    return out.getvalue()


def finding(text: str, *rows: str) -> dict[str, Any]:
    return {"text": text, "rows": list(rows)}


def test_a_finding_that_quotes_nothing_is_shown_with_its_first_rows() -> None:
    text = shown(finding("4 sentences hold personal data.", *(f"a.csv, row {n}" for n in range(4))))
    assert "  - a.csv, row 0; a.csv, row 1; a.csv, row 2; …\n" in text
    assert "row 7" not in shown(finding("Nothing to point at.")) and "  - " not in shown()


def test_rows_that_the_text_tells_are_not_told_again() -> None:
    text = shown(finding("there is no sentence: 1 row (a.csv, row 2)", "a.csv, row 2"))
    assert text.count("a.csv, row 2") == 1


def test_of_a_long_line_sentences_are_cut_and_rows_are_kept() -> None:
    long = "una frase muy larga " * 8
    text = shown(finding(f"Two alike:\n  - a.csv, row 2: «{long}», and a.csv, row 9: «{long}»\n"))
    assert "a.csv, row 9: «una frase" in text
    assert long not in text and "larg…" not in text
    assert len(text) < 4 * QUOTED


def test_that_there_are_more_examples_is_a_line_of_its_own() -> None:
    text = shown(finding("Many:\n  - one\n  - two\n  - three"))
    assert text.rstrip().endswith("  - one\n  - two\n  - …")
