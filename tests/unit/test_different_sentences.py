"""Sentences that differ are different, and what nobody sees makes no difference."""

from __future__ import annotations

import json
from typing import Any

import pytest

from states.errors import Mistake
from states.intents import forms
from states.intents.cases import parse as parse_cases
from states.intents.close_sentences import warn_of_close_sentences
from states.intents.dataset import RowError, decode, encode
from states.intents.document import SHOWN
from states.intents.examples import parse, read
from states.intents.records import Source
from states.intents.sentences import Sentence
from states.places import Artifact
from states.state import State
from tests.unit.desk import Desk

PLACE = "data/raw/intent_examples.json"
TRAINING = "data/training/train_data.jsonl"
TEN = [f"Frase número {n}" for n in range(10)]
OTHER = [f"Otra cosa {n}" for n in range(10)]
PAIRS = [
    ("Gracias 👍", "Gracias 👎"),
    ("Pago con tarjeta", "Pagó con tarjeta"),
    ("Ya llegó mi pedido.", "¿Ya llegó mi pedido?"),
    ("मुझे दान देना है", "मुझे दिन देना है"),
    ("Más de 5", "Menos de 5"),
    ("+5", "-5"),
    ("Programo en C++", "Programo en C#"),
    ("Ich zahle in Masse", "Ich zahle in Maße"),
    ("שָׁלוֹם", "שלום"),
    ("はは", "ぱぱ"),
    ("کتاب", "كتاب"),
    ("ação", "acao"),
    ("3½", "3 ½"),
]


def read_summary(desk: Desk) -> dict[str, Any]:
    path = desk.home / "data/processed/data_preparation_summary.json"
    return dict(json.loads(path.read_text()))


def in_lines(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_sentences_that_differ_in_a_mark_contradict_nothing(first: str, second: str) -> None:
    """In any script, under two intents or under one."""
    assert forms.same_form(first) != forms.same_form(second)
    assert parse(in_lines({"a": [*TEN, first], "b": [*OTHER, second]}), PLACE, 10)
    assert parse(in_lines({"a": [first, second], "b": OTHER}), PLACE, 10)


@pytest.mark.parametrize(
    "names", [("👍", "👎"), ("pago", "pagó"), ("दान", "दिन"), ("+", "-"), ("C", "C++"), ("A", "A*")]
)
def test_intents_that_differ_in_a_mark_are_two(names: tuple[str, str]) -> None:
    """An answer can tell them apart."""
    assert list(parse(in_lines({names[0]: TEN, names[1]: OTHER}), PLACE, 10)) == list(names)


def test_what_is_merely_close_is_a_warning_with_both_lines(desk: Desk) -> None:
    """The project goes on; the summary shows both, and where they stand."""
    desk.write(PLACE, in_lines({"a": [*TEN, "Pago ya"], "b": [*OTHER, "Pagó ya."]}))
    desk.write("data/raw/test_cases.json", [{"text": "x", "expected": "a"}])
    desk.go(State.VALIDATED)
    [warning] = [w for w in read_summary(desk)["warnings"] if "marks" in w]
    assert f"{PLACE}, line 13: 'Pago ya' ('a') and {PLACE}, line 26: 'Pagó ya.' ('b')" in warning


def test_close_sentences_are_told_as_many_as_are_read() -> None:
    """And then how many more there are."""
    alike = [Sentence(f"pago {n}", "a", Source(PLACE), n) for n in range(200)]
    marked = [Sentence(f"¿pagó {n}?", "b", Source(PLACE), 200 + n) for n in range(200)]
    symbols = (Sentence("👍", "a", Source(PLACE), 1), Sentence("👎", "b", Source(PLACE), 2))
    [found] = warn_of_close_sentences([*alike, *marked, *symbols])
    assert found.count == 200
    assert str(found.text).startswith("200 pairs")
    assert str(found.text).count("pagó") == SHOWN


def test_what_nobody_sees_is_no_part_of_a_label() -> None:
    """Nor of a sentence; the warning names it with its line."""
    document = read(
        in_lines({"\ufeffdevolver": [*TEN, "lle\u00advarme"], "comprar\u200b": OTHER}), PLACE
    )
    assert list(document.data) == ["devolver", "comprar"]
    assert document.data["devolver"][-1] == "llevarme"
    assert [str(warning) for warning in document.warnings()] == [
        f"{PLACE}, line 2: U+FEFF cannot be seen and is left out.",
        f"{PLACE}, line 13: U+00AD cannot be seen and is left out.",
        f"{PLACE}, line 15: U+200B cannot be seen and is left out.",
    ]


@pytest.mark.parametrize("sentence", ["\u200b", "\u2060", "\u3164", "\u2800", "\u115f", "\ufe0f"])
def test_a_sentence_of_nothing_that_is_seen_is_empty(sentence: str) -> None:
    """Like one of spaces."""
    with pytest.raises(Mistake, match="sentence 11 of 'a' is empty"):
        parse(in_lines({"a": [*TEN, sentence], "b": OTHER}), PLACE, 10)


def test_two_names_that_look_alike_are_one() -> None:
    """Also where an editor has written an accent in two ways."""
    for name in ("devolver\u200b", "\ufeffdevolver", " devolver"):
        with pytest.raises(Mistake, match="line 14: the name 'devolver' stands in line 2"):
            parse(in_lines({"devolver": TEN, name: OTHER}), PLACE, 10)
    with pytest.raises(Mistake, match="stands in line 2 already"):
        parse(in_lines({"canci\u00f3n": TEN, "cancio\u0301n": OTHER}), PLACE, 10)


@pytest.mark.parametrize("number", ["9" * 5000, "-" + "9" * 5000])
def test_a_number_without_end_is_refused_with_its_line(number: str) -> None:
    """Python reads none of more than 4300 digits."""
    long = '"' + "9" * 5000 + '"'
    with pytest.raises(Mistake, match=f"{PLACE}, line 3: a number of so many digits"):
        parse(f'{{"a": [{long},\n"x",\n{number}], "b": []}}'.encode(), PLACE, 10)
    with pytest.raises(RowError, match="too many digits") as raised:
        decode(f'\n{{"messages": {number}}}'.encode())
    assert raised.value.line == 2


def test_a_test_case_with_two_right_answers_is_refused() -> None:
    """The sentence, both answers and both lines; the same answer twice is no contradiction."""
    cases = [
        {"text": "¿Me lo llevo?", "expected": "a"},
        {"text": "¿ME LO  LLEVO?", "expected": "b"},
        {"text": "¿Me lo llevó?", "expected": "b"},
    ]
    with pytest.raises(Mistake, match="'¿ME LO  LLEVO\\?' expects 'b', and in line 2 it expects"):
        parse_cases(in_lines(cases), "cases.json", ["a", "b"])
    assert len(parse_cases(in_lines(cases[1:]), "cases.json", ["a", "b"]).cases) == 2


def test_a_test_case_is_tidied_and_its_intents_are_shown_as_they_are() -> None:
    """What differs though it looks alike is escaped."""
    found = parse_cases(in_lines([{"text": "\ufeffx", "expected": "a\u200b"}]), "cases.json", ["a"])
    assert [(case.text, case.expected) for case in found.cases] == [("x", "a")]
    told = [str(warning) for warning in found.warnings]
    assert [text[:26] for text in told] == [
        "cases.json, line 3: U+FEFF",
        "cases.json, line 4: U+200B",
    ]
    with pytest.raises(Mistake, match=r"expects 'a b', which is not .* \('a\\xa0b'\)"):
        parse_cases(in_lines([{"text": "x", "expected": "a b"}]), "cases.json", ["a\u00a0b"])


def test_no_row_has_a_line_end_inside() -> None:
    """To no reader: str.splitlines knows ten of them."""
    ends = "\v\f\x1c\x1d\x1e\x85\u2028\u2029\r\n"
    row = {"messages": [{"role": "user", "content": f"a{ends}b"}], "x": ends}
    row["messages"].append({"role": "assistant", "content": "a"})  # type: ignore[attr-defined]
    [read_row] = decode(json.dumps(row).encode())
    written = encode([read_row])
    assert len(written.decode().splitlines()) == 1
    assert decode(written) == [read_row]
    assert json.loads(written)["x"] == ends


@pytest.mark.parametrize(
    "line",
    [
        '{"messages": [{"role": "user", "content": "\\ud83d"}]}',
        '{"x": "\\udead", "messages": []}',
        '{"x": NaN}',
        '{"x": 1e999}',
        "[" * 100_000,
    ],
)
def test_a_row_that_could_not_be_written_is_refused(line: str) -> None:
    """With its line, and not while it is written."""
    with pytest.raises(RowError) as raised:
        decode(f"{line}\n".encode())
    assert raised.value.line == 1


def test_what_was_checked_is_what_is_uploaded_byte_for_byte(desk: Desk) -> None:
    """A byte-order mark, CRLF, empty lines and unseen characters of an editor are not sent."""
    desk.go(State.VALIDATED)
    path = desk.home / TRAINING
    lines = path.read_text().splitlines()
    checked = path.read_bytes()
    lines[0] = lines[0].replace('"content": "', '"content": "\u200b', 3)
    lines.insert(5, "")
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join([*lines, "", "", ""]).encode())
    desk.tick()
    desk.decisions.retry("tienda", restore=False, restart=False)
    project = desk.go(State.UPLOADED)
    assert path.read_bytes() == checked
    assert desk.ports_for(project).artifacts.recorded(Artifact.TRAINING) == checked
    assert any("line 1: U+200B" in warning for warning in read_summary(desk)["warnings"])


def test_prompts_that_cannot_be_read_hold_with_the_line(desk: Desk) -> None:
    """A slip in an edited file is no unexpected error."""
    desk.go(State.SPLIT)
    path = desk.home / "data/processed/training_prompts.jsonl"
    content = path.read_text()
    desk.decisions.retry("tienda", restore=False, restart=True)
    desk.go(State.PROMPTED)
    desk.write("data/processed/training_prompts.jsonl", content + "{\n")
    desk.tick()
    desk.decisions.retry("tienda", restore=False, restart=False)
    desk.tick()
    assert "training_prompts.jsonl, line 49: not valid JSON" in str(desk.project().hold)
