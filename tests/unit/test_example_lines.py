"""A large example set in our own form is read in pieces as any other is read whole."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.errors import Mistake
from states.intents import annotated_json
from states.intents.annotated_json import AnnotatedJson
from states.intents.document import Document
from states.intents.example_lines import open_examples, read_lines
from states.intents.examples import check, list_sentences
from states.intents.texts import Texts

PLACE = "examples.json"
SAID = st.text(st.sampled_from('aAbñ "\\\n\u2028½👍\u200b\u0301,[]{}:'), max_size=6)
SETS = st.dictionaries(SAID, st.lists(SAID, max_size=5), max_size=4)


def written(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=2).encode() + b"\n"


def in_pieces(content: bytes, size: int = 7) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def told(document: Document) -> str:
    try:
        check(document)
    except Mistake as refusal:
        return str(refusal)
    return ""


@given(SETS, st.integers(1, 50))
@settings(max_examples=300, deadline=None)
def test_what_is_read_in_pieces_is_read_the_same(data: dict[str, list[str]], size: int) -> None:
    """Its sentences, the line of each, and every mistake with its words; or it is not read so."""
    content = written(data)
    found = read_lines(in_pieces(content, size), PLACE)
    whole = AnnotatedJson(content, PLACE)
    if found is None:
        return
    assert {intent: list(texts) for intent, texts in found.data.items()} == whole.data == data
    assert list(found.warnings()) == whole.warnings() == []
    for intent, texts in data.items():
        for path in [(intent,), *((intent, index) for index in range(len(texts)))]:
            assert found.line(path) == whole.line(path)
    assert told(found) == told(whole)


def test_a_set_of_tidy_sentences_is_read_in_pieces() -> None:
    """Whatever their script, and what JSON has to escape in them."""
    data = {
        "uno": ['¿Qué "tal"?', "\\", "👍", "हिन्दी"],
        "dos más": [f"frase {n}" for n in range(600)],
    }
    found = read_lines(in_pieces(written(data)), PLACE)
    assert found is not None
    assert {intent: list(texts) for intent, texts in found.data.items()} == data
    sentences = list_sentences(found)
    assert [str(one.where) for one in (sentences[0], sentences[4], sentences[603])] == [
        f"{PLACE}, line {line}" for line in (3, 9, 608)
    ]
    assert list(sentences)[300:310] == sentences[300:310]
    assert list(sentences.pairs()) == [(one.text, one.intent) for one in sentences]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("  ]", " ]"),
        lambda text: text + "{",
        lambda text: text[:-3],
        lambda text: text.replace('"x"', '" x"'),
        lambda text: text.replace('"x"', '""'),
        lambda text: text.replace('"x"', "5"),
        lambda text: text.replace('"x"', '"x\u200b"'),
        lambda text: text.replace('"b"', '"a"'),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace('"x"', '"\\ud83d"'),
        lambda text: "\ufeff" + text,
    ],
)
def test_any_other_form_is_read_whole(change: object) -> None:
    """With everything that is said of such a file; beyond the limit it is told how to bring it."""
    content = change(written({"a": ["x", "y"], "b": ["z", "w"]}).decode()).encode()  # type: ignore[operator]
    assert read_lines(in_pieces(content), PLACE) is None


def test_a_large_file_of_another_form_is_refused_with_a_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To bring it all the same."""
    monkeypatch.setattr(annotated_json, "LARGEST", 1_000_000)
    content = json.dumps({"a": ["x" * 1_000_000]}).encode()
    with pytest.raises(Mistake, match="larger than 1 MB and not as `import` writes it"):
        open_examples(lambda: iter((content,)), len(content), PLACE)
    assert open_examples(lambda: iter((written({"a": ["x"]}),)), 10**9, PLACE).data


def test_many_mistakes_are_counted_and_the_first_told() -> None:
    """A million texts of them would fill the memory."""
    data = {"a": [f"frase {n}" for n in range(3000)], "b": [f"frase {n}" for n in range(3000)]}
    found = read_lines([written(data)], PLACE)
    assert found is not None
    refusal = told(found)
    assert f"{PLACE} has 3000 mistakes" in refusal
    assert "and 2990 more" in refusal


@given(st.lists(SAID, max_size=600), st.integers(-700, 700))
@settings(max_examples=50, deadline=None)
def test_texts_are_a_sequence(texts: list[str], index: int) -> None:
    """Like the list they are made of."""
    held = Texts(texts)
    assert (list(held), len(held), held[3:9]) == (texts, len(texts), texts[3:9])
    if -len(texts) <= index < len(texts):
        assert held[index] == texts[index]
    else:
        with pytest.raises(IndexError):
            held[index]
