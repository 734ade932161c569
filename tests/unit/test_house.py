"""The drawings of the house in docs/design.md are those that the imports give."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _house() -> ModuleType:
    """docs/house.py, which is no part of the product and so of no package."""
    spec = importlib.util.spec_from_file_location("house", ROOT / "docs" / "house.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


house = _house()


def test_the_drawings_show_the_house_as_it_is() -> None:
    """`make house` renews them."""
    page = house.PAGE.read_text(encoding="utf-8")
    assert house.drawn(page, house.build_graph()) == page, "run `make house`"


def test_a_room_stands_above_all_that_it_imports() -> None:
    """By the longest way down; a room that imports nothing is on the ground."""
    arrows = Counter({("a", "b"): 1, ("b", "c"): 2, ("a", "c"): 1, ("d", "c"): 1})
    assert house.floors({"a", "b", "c", "d", "e"}, arrows) == [["a"], ["b", "d"], ["c", "e"]]


def test_rooms_that_import_each_other_are_not_drawn() -> None:
    """There is no floor for them; the rooms are named."""
    with pytest.raises(SystemExit, match="'a', 'b'"):
        house.floors({"a", "b", "c"}, Counter({("a", "b"): 1, ("b", "a"): 1}))


def test_every_room_has_an_arrow_for_each_room_it_imports() -> None:
    """With the number of imports on it."""
    text = house.mermaid({"agent.cli", "states"}, Counter({("agent.cli", "states"): 7}))
    assert "agent_cli -->|7| states" in text
    assert "2 rooms, 2 floors, 1 arrows" in text
