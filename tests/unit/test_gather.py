"""Rows of a person's files become one example set, and every complaint names their row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

import pytest

from agent.engine.preparation import encode_dropped
from states.errors import SettingsError
from states.intents.example_set import Choices, ExampleSet
from states.intents.gather import LONGEST_NAME, LONGEST_SENTENCE, gather
from states.intents.gather_cases import encode_cases, gather_cases
from states.intents.records import Record, Source, Table
from states.intents.sources import encode_case_sources, encode_examples, encode_sources, parse

CSV = Source("ventas.csv", unit="row")
XLSX = Source("más.xlsx", "Hoja 1", "row")
KEEP = Choices()
PAIRS = [("uno", "a"), ("dos", "a"), ("tres", "b"), ("cuatro", "b")]


def table(pairs: Iterable[tuple[str, str]], source: Source = CSV) -> Table:
    rows = [Record(text, intent, row) for row, (text, intent) in enumerate(pairs, start=2)]
    return Table(source, "CSV", rows)


def refusal(found: ExampleSet) -> str:
    with pytest.raises(SettingsError) as refused:
        found.refuse_mistakes()
    return str(refused.value)


def test_files_are_joined_in_their_order_and_each_row_is_found_again() -> None:
    found = gather(
        [table(PAIRS), table([("cinco", "b"), ("seis", "c"), ("siete", "c")], XLSX)], KEEP
    )
    found.refuse_mistakes()
    assert list(found.groups) == ["a", "b", "c"]
    assert found.rows == [4, 3]
    where = {one.text: str(one.where) for one in found.sentences()}
    assert where["dos"] == "ventas.csv, row 3"
    assert where["seis"] == "más.xlsx, sheet 'Hoja 1', row 3"


def test_every_row_without_sentence_or_intent_is_told_at_once() -> None:
    bad = [("", "a"), ("uno", ""), (" \u200b ", "a"), ("x" * (LONGEST_SENTENCE + 1), "a")]
    told = refusal(gather([table([*bad, ("y", "i" * (LONGEST_NAME + 1)), *PAIRS])], KEEP))
    assert "there is no sentence: 2 rows (ventas.csv, row 2; ventas.csv, row 4)" in told
    assert "there is no intent: 1 row (ventas.csv, row 3)" in told
    assert "longer than 100000 characters: 1 row (ventas.csv, row 5)" in told
    assert "longer than 200 characters: 1 row (ventas.csv, row 6)" in told


def test_a_thousand_bad_rows_are_one_line() -> None:
    told = refusal(gather([table([("", "a")] * 1000 + PAIRS)], KEEP))
    assert "1000 rows" in told
    assert told.count("ventas.csv") == 10


def test_a_contradiction_is_refused_with_both_rows_or_left_out_on_request() -> None:
    pairs = [*PAIRS, ("UNO ", "b")]
    told = refusal(gather([table(pairs)], KEEP))
    assert "'uno' stands under 'a' (ventas.csv, row 2) and under 'b' (ventas.csv, row 6)" in told
    assert "`--drop-conflicts`" in told
    more = [("otro", "a")]
    found = gather([table([*pairs, *more])], Choices(drop_conflicts=True))
    found.refuse_mistakes()
    assert [one.text for one in found.sentences()] == ["dos", "otro", "tres", "cuatro"]
    assert [(d.sentence.row, d.reason) for d in found.dropped] == [(2, "conflict"), (6, "conflict")]


def test_dropped_conflicts_are_those_that_differ_in_a_mark_too_but_not_in_a_symbol() -> None:
    pairs = [*PAIRS, ("Pago ya", "a"), ("¿Pagó ya?", "b"), ("Vale 👍", "a"), ("Vale 👎", "b")]
    found = gather([table(pairs)], KEEP)
    found.refuse_mistakes()
    found = gather([table(pairs)], Choices(drop_conflicts=True))
    assert [d.sentence.text for d in found.dropped] == ["Pago ya", "¿Pagó ya?"]
    assert {d.reason for d in found.dropped} == {"close conflict"}


def test_repeats_stay_unless_they_are_dropped() -> None:
    pairs = [*PAIRS, (" Uno", "a"), ("uno", "a")]
    assert gather([table(pairs)], KEEP).count == 6
    found = gather([table(pairs)], Choices(drop_duplicates=True))
    assert found.count == 4
    assert [d.sentence.row for d in found.dropped] == [6, 7]


def test_labels_are_merged_into_the_one_with_most_sentences() -> None:
    pairs = [
        *PAIRS,
        ("x", "Devolución"),
        ("y", "devolucion"),
        ("z", "devolucion"),
        ("w", "de_volucion"),
    ]
    assert len(gather([table(pairs)], KEEP).groups) == 5
    found = gather([table(pairs)], Choices(merge_labels=True))
    assert list(found.groups) == ["a", "b", "devolucion"]
    assert found.merged == {"Devolución": "devolucion", "de_volucion": "devolucion"}


def test_names_that_an_answer_cannot_tell_apart_are_refused() -> None:
    told = refusal(gather([table([*PAIRS, ("x", "A."), ("y", "A.")])], KEEP))
    assert "the names 'A.' (ventas.csv, row 6) and 'a' (ventas.csv, row 2)" in told
    assert "`--merge-labels`" in told
    assert "has no letter" in refusal(gather([table([*PAIRS, ("x", "¿?"), ("y", "¿?")])], KEEP))
    none = refusal(gather([table([*PAIRS, ("x", "(none)"), ("y", "(none)")])], KEEP))
    assert "ventas.csv, row 6: an intent is called (none)" in none


def test_one_intent_and_intents_of_one_sentence_are_refused() -> None:
    assert "one intent alone" in refusal(gather([table([("x", "a"), ("y", "a")])], KEEP))
    told = refusal(gather([table([*PAIRS, ("x", "c"), ("X", "c")])], KEEP))
    assert "'c' (ventas.csv, row 6) has fewer than 2 different sentences" in told
    assert "did you mean" not in told


def test_an_intent_of_one_sentence_may_be_another_one_misspelt() -> None:
    orders = [("¿dónde?", "Consultar pedido"), ("¿cuándo?", "Consultar pedido")]
    told = refusal(gather([table([*PAIRS, *orders, ("¿ya?", "Consulta pedido")])], KEEP))
    assert told.endswith("add some (did you mean `Consultar pedido`?)")


def test_what_is_written_is_the_json_of_the_set_and_its_sources_fit_it_alone() -> None:
    found = gather([table(PAIRS), table([('c"ñ\u2028', "b")], XLSX)], KEEP)
    content = b"".join(encode_examples(found))
    expected = {"a": ["uno", "dos"], "b": ["tres", "cuatro", found.groups["b"].texts[2]]}
    assert content.decode() == json.dumps(expected, ensure_ascii=False, indent=2) + "\n"
    sha256 = hashlib.sha256(content).hexdigest()
    written = b"".join(encode_sources(found, sha256))
    known = parse(written, sha256)
    assert known is not None
    assert known.locate("b", 2) == (XLSX, 2)
    assert known.locate("a", 1) == (CSV, 3)
    assert parse(written, "another") is None
    assert parse(None, sha256) is None
    for broken in (b"{", b"[]", b'{"of": 1}', written[:-4]):
        assert parse(broken, sha256) is None


# Test cases -----------------------------------------------------------------------------------


def cases_of(pairs: Iterable[tuple[str, str]], choices: Choices = KEEP) -> list[dict[str, str]]:
    found = gather_cases([table(pairs)], gather([table(PAIRS)], KEEP), choices)
    found.refuse_mistakes()
    cases: list[dict[str, str]] = json.loads(b"".join(encode_cases(found)))
    return cases


def test_a_case_is_called_after_its_row() -> None:
    [first, second] = cases_of([("¿uno?", "a"), ("¿tres?", "b")])
    assert first == {"text": "¿uno?", "expected": "a", "kind": "typical", "id": "row-2"}
    assert second["id"] == "row-3"


def test_a_case_of_no_intent_names_its_row_and_the_nearest() -> None:
    examples = gather([table([("x", "devolver"), ("y", "devolver"), *PAIRS])], KEEP)
    found = gather_cases([table([("¿?", "devolber"), ("x", ""), ("", "a")])], examples, KEEP)
    with pytest.raises(SettingsError) as refused:
        found.refuse_mistakes()
    told = str(refused.value)
    assert (
        "there is no intent 'devolber' (did you mean `devolver`?): 1 row (ventas.csv, row 2)"
        in told
    )
    assert "write it, or (none) where none fits: 1 row (ventas.csv, row 3)" in told
    assert "there is no sentence: 1 row (ventas.csv, row 4)" in told


def test_contradicting_cases_are_refused_or_left_out() -> None:
    pairs = [("uno más", "a"), ("Uno más", "b"), ("dos más", "b")]
    with pytest.raises(SettingsError) as refused:
        cases_of(pairs)
    assert "2 cases expect one intent here and another there" in str(refused.value)
    assert [c["text"] for c in cases_of(pairs, Choices(drop_conflicts=True))] == ["dos más"]


def test_cases_follow_merged_labels_and_know_their_rows() -> None:
    examples = gather(
        [table([*PAIRS, ("x", "A"), ("y", "A"), ("z", "A")])], Choices(merge_labels=True)
    )
    found = gather_cases([table([("q", "a")])], examples, KEEP)
    assert [case.expected for case in found.cases] == ["A"]
    known = parse(encode_case_sources(found.sentences, "sha"), "sha")
    assert known is not None
    assert known.locate("", 0) == (CSV, 2)


def test_cases_of_many_unknown_intents_are_ten_lines_and_a_count() -> None:
    examples = gather([table(PAIRS)], KEEP)
    found = gather_cases([table([(f"t{n}", str(n)) for n in range(200)])], examples, KEEP)
    with pytest.raises(SettingsError) as refused:
        found.refuse_mistakes()
    lines = str(refused.value).splitlines()
    assert len(lines) == 12 and "there is no intent '9'" in lines[10]
    assert "and 190 more rows that are wrong in other ways" in lines[11]


def test_a_case_follows_its_intent_however_it_is_written_where_labels_are_merged() -> None:
    """Also where the name is written so among the cases alone."""
    examples = gather([table(PAIRS)], KEEP)
    found = gather_cases([table([("q", "A")])], examples, Choices(merge_labels=True))
    assert [case.expected for case in found.cases] == ["a"]
    assert gather_cases([table([("q", "A")])], examples, KEEP).cases == []


def test_cases_of_two_files_of_one_name_have_two_ids() -> None:
    """Of two folders; but the same file twice is a mistake."""
    examples = gather([table(PAIRS)], KEEP)
    found = gather_cases([table([("q", "a")]), table([("r", "a")])], examples, KEEP)
    assert len({case.id for case in found.cases}) == 2
    twice = gather_cases([table([("q", "a")]), table([("q", "a")])], examples, KEEP)
    assert "another case has the id" in str(twice.findings[0].text)


def test_what_an_earlier_import_left_out_stays_told_once() -> None:
    drop = Choices(drop_conflicts=True, drop_duplicates=True)
    first = gather([table([*PAIRS, ("uno", "b")])], drop).dropped
    second = gather([table([*PAIRS, ("dos", "a"), ("tres,\n3", "b"), ("tres,\n3", "b")])], drop)
    one = encode_dropped(first)
    both = encode_dropped(second.dropped, one)
    assert both.startswith(one) and both.count(b"ventas.csv") == 4
    assert encode_dropped(second.dropped, both) == both
