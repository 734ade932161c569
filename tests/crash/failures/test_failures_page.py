"""docs/failures.md keeps its word: every row names tests, and they exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOM = Path(__file__).parent
PAGE = ROOM.parents[2] / "docs" / "failures.md"


def find_tests(folder: Path) -> set[str]:
    sources = "\n".join(path.read_text() for path in folder.rglob("test_*.py"))
    return set(re.findall(r"^def (test_\w+)\(", sources, re.MULTILINE))


OF_THIS_ROOM, TESTS = find_tests(ROOM), find_tests(ROOM.parents[1])


def rows() -> list[str]:
    lines = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")
    ]
    return [line for line in lines if not line.startswith("| cause |")]


def named(text: str) -> set[str]:
    return {
        name
        for name in re.findall(r"\btest_\w+", text)
        if not re.search(rf"{name}\.(py|json)", text)
    }


def test_every_row_names_a_test_that_exists() -> None:
    assert len(rows()) > 60
    assert [row for row in rows() if not named(row.rsplit(" | ", 1)[-1])] == []
    assert {name for row in rows() for name in named(row)} - TESTS == set()


def test_every_test_of_this_room_is_named_in_a_row() -> None:
    told = named(PAGE.read_text(encoding="utf-8"))
    own = set(re.findall(r"^def (test_\w+)\(", Path(__file__).read_text(), re.MULTILINE))
    assert OF_THIS_ROOM - told - own == set()
