"""Rows in another language than most are told; short, doubtful and intended ones are not."""

from __future__ import annotations

from agent.quality import languages
from agent.quality.work import Work
from tests.unit.sentences import SHOP, of_kind, rows, sentences

ENGLISH = "Where is the package that I ordered last week?"


def test_a_row_in_another_language_is_told() -> None:
    """With its row, and what it looks like."""
    found = languages.stage(Work(sentences({**SHOP, "envío": [ENGLISH]})))
    (finding,) = of_kind(found, "other_language")
    assert (rows(finding), finding.count) == (["examples.csv, line 18"], 1)
    assert "(en: 1)" in str(finding.text)
    assert found.figures["languages"]["main"] == "es"


def test_a_short_or_related_sentence_is_not() -> None:
    """ "ok, perfect" may be said in Spanish, and a Spanish one may look Portuguese."""
    given = {**SHOP, "envío": ["ok, perfect", "cancela mi alarma", "no", "Wifi gratis"]}
    assert languages.stage(Work(sentences(given))).findings == []


def test_a_second_language_that_many_write_in_is_meant() -> None:
    """Nobody is told of customers who write in two."""
    half = [f"{ENGLISH[:-1]} on {day}?" for day in ("Monday", "Friday", "Sunday", "a holiday")]
    assert languages.stage(Work(sentences({**SHOP, "shipping": half}))).findings == []


def test_nothing_to_judge_is_no_mistake() -> None:
    """Signs alone, or nothing."""
    assert languages.stage(Work(sentences({"a": ["???", "1"]}))).findings == ()
