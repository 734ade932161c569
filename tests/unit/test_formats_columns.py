"""Which column of a person's file is taken for what, and what is said where that is not clear."""

from __future__ import annotations

import pytest

from agent.formats.roles import choose
from states.errors import SettingsError
from states.intents.records import Columns, Source

NOTHING_SAID = Columns()


def _taken(names: str, columns: Columns = NOTHING_SAID) -> tuple[int, int]:
    chosen = choose(names.split(";"), columns, Source("x.csv"))
    return chosen.text, chosen.intent


def _refusal(names: str, columns: Columns = NOTHING_SAID) -> str:
    with pytest.raises(SettingsError) as refused:
        _taken(names, columns)
    return str(refused.value)


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        ("text;category", (0, 1)),
        (" INTENCIÓN ;Frases", (1, 0)),
        ("intenci\u006f\u0301n;frase", (1, 0)),
        ("Etiqueta;n;Mensaje", (2, 0)),
        ("prompt;completion", (0, 1)),
        ("id;utterance;label", (1, 2)),
        ("flags;instruction;category;intent;response", (1, 3)),
        ("texto;query;target", (0, 2)),
        ("labels;sentences", (1, 0)),
    ],
)
def test_columns_are_found_by_their_names(names: str, taken: tuple[int, int]) -> None:
    """In any case, with accents or without; a plain name before one of several meanings."""
    assert _taken(names) == taken


def test_a_person_may_name_them_or_count_them() -> None:
    """A name in any case, or a number from 1; the other one is still found by its name."""
    assert _taken("Motivo;Lo que dijo", Columns(text="lo que DIJO", intent="motivo")) == (1, 0)
    assert _taken("a;b;c", Columns(text="3", intent="1")) == (2, 0)
    assert _taken("intent;text", Columns(text="1", intent="2")) == (0, 1)
    assert _taken("frase;Motivo", Columns(intent="motivo")) == (0, 1)
    assert _taken("frase;text;intent", Columns(text="text")) == (1, 2)


@pytest.mark.parametrize(
    ("names", "columns", "told"),
    [
        (
            "text;motivo",
            Columns(),
            "the column of the intents is not known. It has 'text', 'motivo'",
        ),
        ("txet;motivo;intent", Columns(), "`--text txet`"),
        ("una;otra", Columns(), "`--text NAME --intent NAME`"),
        ("text;intent;text", Columns(), "columns 1, 3 ('text', 'text') could each be meant"),
        ("query;message;intent", Columns(), "say which, as `--text 1`"),
        (
            "text;intent",
            Columns(text="txt"),
            "x.csv has no column 'txt', but 'text', 'intent'; did",
        ),
        ("text;intent", Columns(text="7"), "there is no column 7; it has 2 columns"),
        ("text;intent", Columns(text="0"), "there is no column 0"),
        ("text;intent", Columns(text="1", intent="1"), "cannot both be in column 1"),
        ("a;A;intent", Columns(text="Á"), "columns 1, 2 ('a', 'A') could each be meant"),
    ],
)
def test_what_is_not_clear_is_asked(names: str, columns: Columns, told: str) -> None:
    """With the columns that there are, and what to type."""
    assert told in _refusal(names, columns)
    assert _refusal(names, columns).startswith("x.csv")


def test_a_wide_header_is_told_in_part() -> None:
    """And in a log not at all: where there is no header, its cells are sentences."""
    with pytest.raises(SettingsError) as refused:
        choose(["x" * 99] * 999, Columns(), Source("x.csv"))
    assert len(str(refused.value)) < 1500
    assert "xxx" not in refused.value.text.for_log()


def test_the_names_that_are_shown_are_clean() -> None:
    """A terminal must not obey the header of a stranger's file."""
    chosen = choose(["\ufefftext", "intent", "\x1b[31mnotas"], Columns(), Source("x.csv"))
    assert chosen.columns() == {"text": "text", "intent": "intent"}
    assert chosen.ignored() == ("notas",)
