"""`history` of a long life: a page of it, a line that says how to see more, and all as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.cli.history import PAGE
from agent.cli.output import print_json_stream
from states.state import State
from store.engine import open_engine
from store.migrate import upgrade
from store.projects import PAGE as KEPT
from store.sql import SqlStore
from tests.unit.stored import NOW, move


@pytest.fixture
def lived(home: Path) -> SqlStore:
    """One checkpoint more than are in memory at once."""
    (home / "data").mkdir(exist_ok=True)
    engine = open_engine(f"sqlite:///{home}/data/agent.db")
    upgrade(engine)
    store = SqlStore(engine)
    project = store.create("tienda", "00c0ffee", "emulator", NOW)
    for number in range(KEPT + 1):
        project = store.move(project, move(State.DRAFT), NOW + number)
    return store


def test_the_last_are_found_and_told_in_order(lived: SqlStore) -> None:
    assert [one.version for one in lived.history("tienda", last=3)] == [KEPT - 1, KEPT, KEPT + 1]
    assert [one.version for one in lived.history("tienda", after=KEPT)] == [KEPT + 1]


def test_all_are_read_page_by_page(lived: SqlStore) -> None:
    assert [one.version for one in lived.each_checkpoint("tienda")] == list(range(1, KEPT + 2))


@pytest.mark.parametrize("items", [[], [{"note": "a\u2028b\nc"}], [{"n": 1}, {"n": None}]])
def test_what_is_streamed_is_the_same_document(items: Any, capsys: Any) -> None:
    """Byte for byte, so that nobody sees a difference."""
    print_json_stream({"schema": 1, "project": "ñ"}, "checkpoints", iter(items))
    whole = {"schema": 1, "project": "ñ", "checkpoints": items}
    assert capsys.readouterr().out == json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def test_a_page_says_how_to_see_more(cli: Any, lived: SqlStore, home: Path) -> None:
    """And a short history is simply all there."""
    lived.close()
    page = cli(home, "history")
    assert page.out.count("PROMPTS_BUILT") == PAGE
    assert f"{PAGE} de {KEPT + 1}" in page.err
    few = cli(home, "history", "tienda", "--last", "2")
    assert few.out.count("PROMPTS_BUILT") == 2
    assert len(cli(home, "history", "--json").json["checkpoints"]) == KEPT + 1
    assert len(cli(home, "history", "--json", "--last", "7").json["checkpoints"]) == 7
    assert cli(home, "history", "--last", "0").code == 2
