"""Two evaluations on common cases, and the answers that are worth a correction."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.cli import ask
from agent.cli.export_errors import NAMES, write_errors
from agent.engine.evaluated import find_graded, split_name
from agent.engine.single_question import ask_sentence, find_answering
from agent.formats.reading import read_file
from states.errors import SettingsError
from states.evaluation.answers import Answer, AnsweredCase, Evaluation, Neighbour
from states.evaluation.side_by_side import lay_side_by_side
from states.evaluation.to_correct import choose_to_correct
from states.intents.cases import Case
from states.intents.records import Columns
from states.state import State
from tests.unit.desk import Desk


def _case(
    text: str, expected: str | None, named: str, chance: float | None = None, **more: Any
) -> AnsweredCase:
    case = Case(text, "typical", text, expected)
    return AnsweredCase(case, Answer(named, 0.1, 1, probability=chance), named, **more)


def _evaluation(*cases: AnsweredCase, **more: Any) -> Evaluation:
    return Evaluation(("a", "b"), "cases.json", cases, **more)


def test_cases_are_paired_by_their_sentence() -> None:
    """Whatever their order and spelling; what only one was asked is counted apart."""
    first = _evaluation(_case("Uno", "a", "a"), _case("dos", "b", "a"), _case("tres", "a", "a"))
    second = _evaluation(_case("dos ", "b", "b"), _case("uno", "a", "b"), _case("cuatro", "a", "a"))
    found = lay_side_by_side(first, second)
    assert (len(found.pairs), found.only_first, found.only_second) == (2, 1, 1)
    compared = found.compare("second")
    assert (compared.only_tuned_right, compared.only_rival_right) == (1, 1)
    assert compared.p == 1.0


def test_what_does_not_count_for_both_is_left_out() -> None:
    """A case that one was trained on, or of which they expect different intents."""
    first = _evaluation(_case("uno", "a", "a"), _case("dos", "b", "b"), _case("no", "a", "a"))
    second = _evaluation(
        _case("uno", "a", "a", is_trained=True), _case("dos", "a", "b"), _case("no", "a", "a")
    )
    found = lay_side_by_side(first, second)
    assert (len(found.pairs), found.relabelled) == (1, 1)


def test_a_clear_difference_is_said_to_be_one() -> None:
    first = _evaluation(*(_case(str(n), "a", "a") for n in range(8)))
    second = _evaluation(*(_case(str(n), "a", "b") for n in range(8)))
    assert lay_side_by_side(first, second).compare("second").word == "better"
    assert lay_side_by_side(second, first).compare("first").word == "worse"


def test_errors_that_the_other_was_trained_on_make_nobody_better() -> None:
    """What is left of the first is what it had right."""
    first = _evaluation(*(_case(str(n), "a", "b" if n > 9 else "a") for n in range(20)))
    taught = [_case(str(n), "a", "a", is_trained=True) for n in range(10, 20)]
    second = _evaluation(*(_case(str(n), "a", "b" if n < 8 else "a") for n in range(10)), *taught)
    found = lay_side_by_side(first, second)
    assert (found.mended, found.compare("second").word) == ((10, 0), "no_evidence")
    turned = lay_side_by_side(second, first)
    assert (turned.mended, turned.compare("first").word) == ((0, 10), "no_evidence")


@pytest.mark.parametrize(
    ("said", "read"), [("tienda", ("tienda", None)), ("tienda@12", ("tienda", 12))]
)
def test_a_generation_is_named_behind_an_at(said: str, read: tuple[str, int | None]) -> None:
    assert split_name(said) == read


@pytest.mark.parametrize("said", ["tienda@", "tienda@0", "tienda@x", "tienda@-1", "tienda@²"])
def test_what_is_no_generation_is_refused(said: str) -> None:
    with pytest.raises(SettingsError, match="tienda@2"):
        split_name(said)


def test_each_generation_is_found_again(desk: Desk) -> None:
    """Also while the next one has not been evaluated yet."""
    desk.go(State.ANALYZED)
    project = desk.decisions.iterate("tienda")
    assert find_graded(desk.store, project, None).generation == 1
    project = desk.go(State.ANALYZED)
    assert find_graded(desk.store, project, None).generation == 2
    assert find_graded(desk.store, project, 1).name == "tienda@1"
    with pytest.raises(SettingsError, match="Generation 3"):
        find_graded(desk.store, project, 3)


def test_the_worst_errors_come_first_and_then_what_was_least_certain() -> None:
    """Nothing that was trained on, that fits no intent, or whose confidence nobody knows."""
    cases = (
        _case("seguro", "a", "a", 0.99),
        _case("dudoso", "a", "a", 0.4),
        _case("mal", "a", "b", 0.6),
        _case("muy mal", "a", "b", 0.9),
        _case("sabido", "a", "b", 0.9, is_trained=True),
        _case("fuera", None, "b", 0.9),
        _case("callado", "a", "a"),
    )
    chosen = [case.case.text for case in choose_to_correct(_evaluation(*cases), 1)]
    assert chosen == ["muy mal", "mal", "dudoso"]
    assert len(choose_to_correct(_evaluation(*cases), 0)) == 2


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_what_is_exported_is_imported_as_it_is(tmp_path: Path, delimiter: str) -> None:
    """Nothing in it is computed by a spreadsheet, and the other columns are ignored."""
    wrong = _case('=1+1; "sí", claro', "a", "b", 0.5)
    near = {wrong.case.id: (Neighbour("-2 euros", "b", 0.9),)}
    graded: Any = SimpleNamespace(evaluation=_evaluation(wrong, neighbours=near))
    file = io.StringIO(newline="")
    write_errors(file, graded, [wrong], delimiter)
    path = tmp_path / "errores.csv"
    path.write_text(file.getvalue(), encoding="utf-8-sig", newline="")
    header, row = csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=delimiter)
    assert tuple(header) == NAMES
    assert row[0].startswith("'=") and row[4].startswith("'-")
    assert row[3] == ("0,500" if delimiter == ";" else "0.500")
    [record] = read_file(path, Columns(None, None, None, None)).records
    assert (record.text, record.intent) == (wrong.case.text, "a")


def test_a_sentence_is_asked_once_and_moves_nothing(desk: Desk) -> None:
    """It is paid for, so it is kept; the service is not asked again."""
    project = desk.go(State.ANALYZED)
    paid: list[str] = []
    for _ in range(2):
        asked = ask_sentence(
            find_answering(project, desk.store), desk.ports_for(project), "Quiero uno", paid.append
        )
        assert (asked.predicted, asked.generation) == ("comprar", 1)
    assert paid == ["tienda-00c0ffee-g1"]
    assert not asked.is_new
    assert desk.project().version == project.version


def test_while_the_next_generation_is_made_the_old_one_is_asked(desk: Desk) -> None:
    """By its own instruction and intents."""
    desk.go(State.ANALYZED)
    project = desk.decisions.iterate("tienda")
    answering = find_answering(project, desk.store)
    asked = ask_sentence(answering, desk.ports_for(answering), "Quiero uno", lambda _: None)
    assert (asked.deployment, asked.generation) == ("tienda-00c0ffee-g1", 1)


def test_where_nothing_is_deployed_it_is_said_what_to_do(desk: Desk) -> None:
    """Before there is a model, once it is deleted by us, and by somebody else."""
    project = desk.go(State.TRAINED)
    with pytest.raises(SettingsError, match="no answering model yet"):
        find_answering(project, desk.store)
    project = desk.go(State.ANALYZED)
    desk.cloud.deployments.clear()
    with pytest.raises(SettingsError, match="at the service"):
        ask_sentence(project, desk.ports_for(project), "¿Hola?", lambda _: None)
    desk.decisions.cancel("tienda", False)
    with pytest.raises(SettingsError, match="evaluate tienda --deploy"):
        find_answering(desk.project(), desk.store)
    gone = replace(desk.project(), state=State.CANCELLED)
    with pytest.raises(SettingsError, match="is deleted"):
        find_answering(gone, desk.store)


def test_a_sentence_is_read_as_a_case_is_and_what_is_no_text_is_refused() -> None:
    """Of a terminal in Latin-1 Python makes half characters, which nothing can be sent of."""
    assert ask._read(["tienda", " cafe\u0301\u200b "]) == ("tienda", "café")
    with pytest.raises(SettingsError, match="not UTF-8"):
        ask._read(["caf\udce9"])
    with pytest.raises(SettingsError, match="empty"):
        ask._read(["\u200b"])
