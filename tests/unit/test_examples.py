"""The example set: every refusal says which file, where in it, and what to do.

Longer than most files: every refusal of an example set is one of its tests.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.resources.catalog import PackagedCatalog
from agent.views.language import translator
from states.errors import Mistake
from states.intents.annotated_json import AnnotatedJson
from states.intents.examples import check, find_warnings, parse
from states.intents.forms import same_form, tidy
from states.intents.json_lines import lines_by_path

PLACE = "data/raw/intent_examples.json"
TEN = [f"Frase número {n}" for n in range(10)]
OTHER = [f"Otra cosa {n}" for n in range(10)]


def refusal(content: bytes | str | object) -> str:
    if not isinstance(content, bytes | str):
        content = json.dumps(content, ensure_ascii=False, indent=1)
    with pytest.raises(Mistake) as raised:
        parse(content.encode() if isinstance(content, str) else content, PLACE, 10)
    text = str(raised.value)
    assert PLACE in text
    return text


def test_bad_json_names_line_and_column() -> None:
    """A missing comma is noticed at what follows it; where that is another line, the one to look at
    is named as well.
    """
    assert "line 3, column 1" in refusal('{\n "a": ["x"]\n"b": ["y"]}')
    assert "(Expecting ',' delimiter; look at the end of line 2 first)" in refusal(
        '{\n "a": ["x"]\n\n"b": ["y"]}'
    )
    assert "(Expecting ',' delimiter)" in refusal('{\n "a": ["x"] "b": ["y"]}')


@pytest.mark.parametrize(
    "content",
    [
        "nada",
        '{"a" 1}',
        '{"a": 1 "b": 2}',
        "{a: 1}",
        '{"a": [1,]}',
        '{"a": 1,}',
        "{} {}",
        '{"a',
        '{"a\n": 1}',
        '"\\x"',
        '"\\u12"',
    ],
)
def test_what_json_says_is_told_in_spanish(content: str) -> None:
    """In every release of Python: whatever it says of a mistake has a translation."""
    with pytest.raises(Mistake) as raised:
        parse(content.encode(), PLACE, 10)
    assert not re.search(
        "Expecting|Illegal|Extra|Unterminated|Invalid", translator("es")(raised.value.text)
    )


@pytest.mark.parametrize("content", ["[]", '"text"', "3", "null", "{}"])
def test_a_wrong_shape_is_told_the_right_one(content: str) -> None:
    """Not an object, or an empty one: the message shows what is expected."""
    assert '{"intent": ["sentence", …], …}' in refusal(content)


@pytest.mark.parametrize("content", [b"", b"  \n\t", b"\xef\xbb\xbf"])
def test_an_empty_file_is_called_empty(content: bytes) -> None:
    """Also one of white space, or of a byte-order mark alone."""
    assert "is empty" in refusal(content)


def test_a_file_that_is_not_utf8_names_the_line() -> None:
    """Latin-1, as some editors save it: the first line with a foreign byte."""
    assert "line 2: this is not UTF-8" in refusal(
        '{"queja": ["mal"],\n "devolución": ["no"]}'.encode("latin-1")
    )


def test_utf16_is_not_utf8() -> None:
    """As Windows programs save it."""
    assert "not UTF-8" in refusal('{"a": ["b"]}'.encode("utf-16"))


def test_nesting_without_end_is_refused() -> None:
    """A hundred thousand brackets are no example set, and no reason to break."""
    told = refusal("[" * 100_000)
    assert "nested too deeply" in told


def test_one_intent_alone_is_refused() -> None:
    """There is nothing to classify."""
    assert "one intent alone" in refusal({"a": TEN})


def test_one_sentence_cannot_be_split() -> None:
    """The intent is named, and its line."""
    text = refusal({"comprar": TEN, "queja": ["Fatal"]})
    assert "fewer than 2 different sentences" in text
    assert "'queja'" in text
    assert "line 14" in text


def test_two_spellings_of_one_sentence_count_once() -> None:
    """Case, spaces and the form of an accent make no second sentence."""
    assert "fewer than 2 different" in refusal(
        {"a": TEN, "b": ["¿Qué  tal?", "¿qué tal?", "¿QUE\u0301 tal? "]}
    )


def test_fewer_than_the_service_trains_on_is_refused() -> None:
    """Nine in all, where the service wants ten."""
    text = refusal({"a": TEN[:5], "b": OTHER[:4]})
    assert "9 sentences in all" in text
    assert "at least 10" in text


def test_a_name_that_stands_twice_is_refused() -> None:
    """JSON itself would silently keep the second.

    Both lines are named, whatever else has that name.
    """
    text = refusal('{"queja": ["a", "b"],\n "otra": ["queja", "queja:"],\n\n "queja": ["c", "d"]}')
    assert "line 4: the name 'queja' stands in line 1 already" in text


def test_two_names_that_differ_only_in_spelling_are_refused() -> None:
    """An answer could not be told to be the one or the other."""
    for first, second in (
        ("queja", "QUEJA"),
        ("devolución", "Devolucio\u0301n"),
        ("hacer pedido", "«Hacer\u00a0pedido.»"),
        ("می‌خواهم", "میخواهم"),
    ):
        text = refusal({first: TEN, second: OTHER})
        assert "cannot be told apart" in text
        assert "line 14" in text


def test_a_sentence_under_two_intents_is_refused() -> None:
    """A contradiction, whatever its case and spaces: both intents and both lines are named, also
    where it is the same to the letter.
    """
    text = refusal({"a": TEN, "b": [*OTHER, "FRASE  NU\u0301MERO 3"]})
    assert (
        "line 25: the sentence 'FRASE  NÚMERO 3' stands under 'b', and in line 6 under 'a'" in text
    )
    assert "line 25: the sentence 'Frase número 3' stands under 'b', and in line 6" in refusal(
        {"a": TEN, "b": [*OTHER, TEN[3]]}
    )


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    """Each with its line; at most ten, and how many there are."""
    text = refusal({"a": [*TEN, ""], "b": "bien", "c": ["sola"], "A": OTHER})
    assert text.startswith(f"{PLACE} has 4 mistakes:")
    assert [line.split(":")[0] for line in text.splitlines()[1:]] == [
        f"  - line {number}" for number in (13, 15, 16, 19)
    ]
    many = refusal({"a": [*TEN, *[""] * 12], "b": OTHER})
    assert len(many.splitlines()) == 12
    assert many.endswith("and 2 more")


trees = st.recursive(
    st.none()
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.text(alphabet='a"\\,:[]{}\n\u2028é'),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(alphabet='a",:{\n'), inner, max_size=4)
    ),
)


def _paths(tree: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = (
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree)
        if isinstance(tree, list)
        else ()
    )
    return [path for key, value in inner for path in ((*above, key), *_paths(value, (*above, key)))]


@given(trees, st.sampled_from([None, 1]))
def test_every_part_of_a_file_is_found_in_its_line(tree: Any, indent: int | None) -> None:
    """Written one a line, the n-th part of the file stands where it was written, whatever the
    strings look like.
    """
    text = json.dumps(tree, indent=indent, ensure_ascii=False)
    found = list(lines_by_path(text))
    wanted = _paths(tree)
    assert [path for path, _ in found] == [
        tuple(tidy(part).strip() if isinstance(part, str) else part for part in path)
        for path in wanted
    ]
    for (_, line), path in zip(found, wanted, strict=True):
        name = json.dumps(path[-1], ensure_ascii=False) if isinstance(path[-1], str) else ""
        assert name in text.split("\n")[line - 1]


@pytest.mark.parametrize("value", ["text", {"x": 1}, None, 3])
def test_an_intent_must_have_a_list(value: object) -> None:
    """The intent and its line are named."""
    assert "line 2: 'a' must be a list" in refusal({"a": value, "b": OTHER})


@pytest.mark.parametrize("sentence", ["", "   ", 3, None, ["x"]])
def test_a_sentence_must_be_text(sentence: object) -> None:
    """Its number is named."""
    assert "sentence 2 of 'a' is empty or not text" in refusal(
        {"a": ["bien", sentence, *TEN], "b": OTHER}
    )


def test_half_a_surrogate_pair_is_refused() -> None:
    """It could not be written to the training file."""
    assert "broken character" in refusal('{"a": ["hola \\ud83d", "b"], "b": ["c", "d"]}')
    assert "broken character" in refusal('{"a\\ud83d": ["hola", "b"], "b": ["c", "d"]}')


@pytest.mark.parametrize("name", ["", "  ", "???", "\u200b", "\u3164", "«…»"])
def test_a_name_needs_a_letter_a_digit_or_a_symbol(name: str) -> None:
    """Else an empty answer could be taken for it."""
    assert "an intent has an empty name" in refusal({name: TEN, "b": OTHER})


def test_no_intent_may_be_called_as_the_results_call_none() -> None:
    """An answer that names no intent would be counted as a right one of it."""
    assert "an intent is called (none)" in refusal({"(none)": TEN, "b": OTHER})


def test_a_byte_order_mark_is_accepted() -> None:
    """Windows' Notepad writes one; sentences lose surrounding spaces."""
    content = b"\xef\xbb\xbf" + json.dumps({"a": [" uno ", *TEN], "b": OTHER}).encode()
    assert parse(content, PLACE, 10)["a"][0] == "uno"


def test_ten_sentences_of_each_are_no_reason_to_warn() -> None:
    """Nine are, and repeated ones count once."""
    assert find_warnings({"a": 10, "b": 10}, {}, 10) == []
    examples = {"a": TEN[:9], "b": [*OTHER, OTHER[0].upper()]}
    again = check(AnnotatedJson(json.dumps(examples).encode(), PLACE))
    told = [str(one.text) for one in find_warnings({"a": 9, "b": 10}, again, 10)]
    assert told == [
        "1 repeated sentence is used once (b: 1).",
        "1 intent has fewer than 10 sentences (a: 9); 10 or more are advised.",
    ]


def test_the_starter_set_is_four_by_twelve_and_faultless() -> None:
    """And its cases: at least twenty, of four kinds, none of them a training sentence."""
    catalog = PackagedCatalog()
    examples = parse(catalog.starter_examples, PLACE, 10)
    assert [len(sentences) for sentences in examples.values()] == [12] * 4
    assert check(AnnotatedJson(catalog.starter_examples, PLACE)) == {}
    cases = json.loads(catalog.starter_cases)
    assert len(cases) >= 20
    assert len({case["kind"] for case in cases}) == 4
    assert (
        {case["expected"] for case in cases}
        == set(examples)
        == set(json.loads(catalog.starter_intents))
    )
    known = {same_form(sentence) for sentences in examples.values() for sentence in sentences}
    assert not known & {same_form(case["text"]) for case in cases}
