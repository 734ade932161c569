"""What is shown of a file fits a screen, and does nothing to the terminal."""

from __future__ import annotations

import io

from agent.views.screen import Screen
from agent.views.understood import render_understood
from states.intents.records import Record, Source, Table


def _shown(table: Table) -> str:
    screen = io.StringIO()
    render_understood(Screen(file=screen, width=200), [table], [1], str)
    return screen.getvalue()


def test_of_ten_thousand_columns_the_first_are_told() -> None:
    record = Record("una", "a", 2)
    columns = {"text": "text", "intent": "intent"}
    ignored = tuple(f"c{number}" for number in range(10_000))
    shown = _shown(Table(Source("f.csv"), "CSV", [record], columns, ignored))
    assert "c0, c1, c2" in shown
    assert len(shown) < 500


def test_a_sentence_is_shown_as_it_will_be_trained() -> None:
    """Without what turns the line around, or nobody sees."""
    shown = _shown(Table(Source("f.csv"), "CSV", [Record("\u202euna", "\ufeffa\u200b", 2)], {}))
    assert "2: a · una" in shown
