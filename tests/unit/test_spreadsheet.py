"""No cell of an export is computed by a spreadsheet, and an import reads every one as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.intents.spreadsheet import guard, unguard


@pytest.mark.parametrize("text", ["=SUM(A1)", "+34 600", "-10 %", "@soporte", "'=x", "''=x", "\tx"])
def test_what_would_be_computed_is_guarded(text: str) -> None:
    assert guard(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "hola", "'hola'", "10 - 3", "¿=?"])
def test_other_text_stays(text: str) -> None:
    assert guard(text) == unguard(text) == text


@given(st.text())
def test_every_text_comes_back(text: str) -> None:
    assert unguard(guard(text)) == text
