"""What stands on a terminal: its columns, its colours, and nothing that it would obey."""

from __future__ import annotations

import io

import pytest

from agent.views.screen import Screen, Styled, measure


class Terminal(io.StringIO):
    """Somebody watches."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def printed(file: io.StringIO, text: Styled) -> str:
    Screen(file, 80).print(text)
    return file.getvalue()


def test_colours_are_for_a_terminal_and_for_whoever_wants_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And not for a file, a dumb terminal, or who has said no."""
    red = Styled("no", "bold red")
    assert printed(Terminal(), red) == "\x1b[1;31mno\x1b[0m\n"
    assert printed(io.StringIO(), red) == "no\n"
    monkeypatch.setenv("NO_COLOR", "1")
    assert printed(Terminal(), red) == "no\n"
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert printed(Terminal(), red) == "no\n"


def test_every_line_of_a_colour_ends_with_it() -> None:
    """A pager shows each alone."""
    assert printed(Terminal(), Styled("a\nb", "red")).count("\x1b[0m") == 2


def test_a_text_cannot_ring_or_go_back() -> None:
    """What a stranger has written stays text, whatever let it through before."""
    assert printed(io.StringIO(), Styled("a\x07\x08\rb")) == "ab\n"


def test_letters_are_as_wide_as_a_terminal_shows_them() -> None:
    assert [measure(text) for text in ("año", "e\u0301", "日本", "\u200b", "ab")] == [3, 1, 4, 0, 2]


def test_the_columns_stand_below_each_other() -> None:
    """Whatever the letters are, and in as many lines as a cell has; no line ends in blanks."""
    file = io.StringIO()
    rows = [[Styled("日本"), Styled("one\ntwo")], [Styled("abc"), Styled("three")]]
    Screen(file, 80).print_columns(["a", "b"], rows, 2)
    assert file.getvalue().splitlines() == [
        "",
        " a     b",
        " ───────────",
        " 日本  one",
        "       two",
        " abc   three",
        "",
    ]


def test_a_terminal_of_fewer_letters_gets_a_rule_that_it_has() -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    Screen(file, 80).print_columns(["a"], [[Styled("b")]], 2)
    file.seek(0)
    assert "-" in file.read()
