"""JSON and JSONL in every shape in which people have their sentences.

Longer than other files, so that every shape stands in one place.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats import json_file
from agent.formats.reading import read_file
from states.errors import SettingsError
from states.intents.records import Columns, Record, Table

NOTHING_SAID = Columns()
SYSTEM = {"role": "system", "content": "Clasifica."}


def _read(path: Path, content: str | bytes, columns: Columns = NOTHING_SAID) -> Table:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_file(path, columns)


def _rows(table: Table) -> list[tuple[str, str, int]]:
    return [(record.text, record.intent, record.row) for record in table.records]


def _refusal(path: Path, content: str | bytes, columns: Columns = NOTHING_SAID) -> str:
    with pytest.raises(SettingsError) as refused:
        list(_read(path, content, columns).records)
    assert str(refused.value).startswith(path.name)
    return str(refused.value)


def _chat(*messages: dict[str, Any] | str) -> str:
    """One line: what is said after the system prompt, the user first."""
    roles = ("user", "assistant", "user", "assistant")
    spoken = [
        {"role": roles[at], "content": each} if isinstance(each, str) else each
        for at, each in enumerate(messages)
    ]
    return json.dumps({"messages": spoken}, ensure_ascii=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ventas.json"


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    return tmp_path / "ventas.jsonl"


def test_an_object_of_lists_is_read_with_its_lines(path: Path) -> None:
    """The shape of the project's own file. A name that comes twice is one intent."""
    content = '{\n"precio": [\n"¿Cuánto\\ncuesta?",\n"a", "b"],\n"x": [],\n"precio": ["c"]\n}'
    table = _read(path, content)
    expected = [("¿Cuánto\ncuesta?", 3), ("a", 4), ("b", 4), ("c", 6)]
    assert _rows(table) == _rows(table) == [(text, "precio", row) for text, row in expected]
    assert (table.format, table.details) == ("JSON", {"encoding": "UTF-8"})
    assert str(table.source.where(3)) == "ventas.json, line 3"


def test_a_list_of_records_or_of_pairs_is_read(path: Path) -> None:
    """Records by the names of their values, pairs as sentence and intent."""
    records = '[{"Frase": "una", "intención": "a", "id": 7, "x": []},\n{"intención": null}]'
    table = _read(path, records)
    assert list(table.records) == [Record("una", "a", 1, "", "7"), Record("", "", 2, is_null=True)]
    assert (table.columns["text"], table.ignored) == ("Frase", ("x",))
    table = _read(path, '[["una", "a"],\n["otra", 2]]')
    assert _rows(table) == [("una", "a", 1), ("otra", "2", 2)]
    assert _rows(_read(path, '[["intent", "text"], ["a", "una"]]')) == [("una", "a", 1)]


def test_records_a_line_are_read_as_they_come(lines: Path) -> None:
    """Blank lines are counted, and a record may lack what others have."""
    content = '{"intent": "a", "text": "una"}\n\n{"kind": "raro", "text": "otra", "intent": "b"}\n'
    table = _read(lines, content.encode("utf-16"))
    assert list(table.records) == [Record("una", "a", 1), Record("otra", "b", 3, "raro")]
    assert (table.format, table.details) == ("JSONL", {"encoding": "UTF-16"})
    assert _rows(_read(lines, '["una", "a"]\n["otra", "b"]')) == [("una", "a", 1), ("otra", "b", 2)]


def test_ready_chat_records_keep_their_system_prompt(lines: Path) -> None:
    """The sentence is what the user says, the intent what the assistant answers."""
    parts = [{"type": "text", "text": "otra"}]
    second = {"role": "user", "content": parts}
    content = "\n".join(
        json.dumps({"messages": [SYSTEM, user, {"role": "assistant", "content": "a"}]})
        for user in ({"role": "user", "content": "una"}, second)
    )
    table = _read(lines, content)
    assert _rows(table) == [("una", "a", 1), ("otra", "a", 2)]
    assert (table.format, table.system_prompt) == ("chat JSONL", "Clasifica.")
    assert table.columns == {"text": "user", "intent": "assistant"}
    assert _read(lines, _chat("una", "a")).system_prompt == ""


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (_chat("una", "a", "y otra", "b"), "leave out further turns"),
        (_chat("una"), "one assistant message"),
        (_chat(SYSTEM), "one user message"),
        (json.dumps({"messages": [SYSTEM, *json.loads(_chat("x", "a"))["messages"]]}), "line 1"),
        (_chat({"role": "user", "content": [{"type": "image_url"}]}, "a"), "is not text"),
        (_chat({"role": "user", "content": None}, "a"), "is not text"),
        ('{"messages": "x"}', "messages must be a list of objects"),
        ('{"text": "x", "intent": "a"}', "messages must be a list of objects"),
    ],
)
def test_other_conversations_are_refused(lines: Path, second: str, told: str) -> None:
    """With the line, and what to do."""
    refused = _refusal(lines, f"{_chat('una', 'a')}\n{second}\n")
    assert refused.startswith("ventas.jsonl, line 2: ")
    assert told in refused


def test_the_name_of_the_file_does_not_decide(path: Path, lines: Path, tmp_path: Path) -> None:
    """JSONL is called .json as often, and the other way round; .txt says nothing."""
    a_line = '{"text": "una", "intent": "a"}\n'
    assert _read(path, a_line + a_line).format == "JSONL"
    assert _read(lines, '[\n{"text": "una", "intent": "a"}\n]').format == "JSON"
    assert _read(tmp_path / "ventas.txt", a_line + a_line).format == "JSONL"
    assert _read(tmp_path / "ventas.txt", "text,intent\nuna,a\n").format == "CSV"
    assert _read(lines, a_line).format == "JSONL"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"a": ["x",\n"y" "z"]}', "line 2: not valid JSON, at column 5 (Expecting ',' delimiter)"),
        ('{"a": [\n"x"]}]', "line 2: not valid JSON, at column 6 (Extra data)"),
        ('{"a": ["x"]', "line 1: not valid JSON, at column 12 (Expecting ',' delimiter)"),
        ('{"a"\n["x"]}', "line 2: not valid JSON, at column 1 (Expecting ':' delimiter)"),
        ('{7: ["x"]}', "Expecting property name"),
        ('[["x", "a"],]', "line 1: not valid JSON, at column 13 (Expecting value)"),
        ('{"a": {"b": "x"}}', "'a' must be a list of sentences"),
        ('{"a": ["x",\n7]}', "line 2: a sentence of 'a' is not text"),
        ('["x", "y"]', "line 1: this is neither a record"),
        ('[{"text": "x", "intent": "a"},\n"y"]', "line 2: this is neither a record"),
        ('[["x", "a"],\n{"text": "x"}]', "line 2: this is neither a record"),
        ('[["x", "a"],\n["x", "a", "b"]]', "line 2: 3 values, where the first item has 2"),
        ('[{"text": ["x"], "intent": "a"}]', "line 1: a sentence or an intent is a list"),
        ('[{"text": "x", "motivo": "a"}]', "the column of the intents is not known"),
        ('{"a": ["x\\u0007"]}', "line 1: the character U+0007, which no text has"),
        ('{"a": ["x\\ud83d"]}', "line 1: the character U+D83D, which no text has"),
        ("[" * 100_000, "line 1: nested too deeply"),
        ("[[" + "9" * 5_000 + ', "a"]]', "line 1: a number of so many digits"),
        ('"x"', "line 1: not valid JSON, at column 1 (Expecting value)"),
        ("{}", "no row has a sentence"),
        ("[]", "no row has a sentence"),
        ("  \n ", "Expecting value"),
    ],
)
def test_bad_json_is_refused_with_its_line(path: Path, content: str, told: str) -> None:
    """What is wrong, where, and what to do."""
    assert told in _refusal(path, content)


def test_a_bad_line_is_refused_with_its_number(lines: Path) -> None:
    """Also where the file is only found to be bad far behind its beginning."""
    a_line = '{"text": "una", "intent": "a"}\n'
    assert "line 3: not valid JSON, at column 9" in _refusal(lines, a_line * 2 + '{"text":\n')
    assert "line 3: this is neither" in _refusal(lines, a_line * 2 + "7\n")
    assert "line 2: a line of more than 1000000" in _refusal(lines, a_line + "x" * 1_100_000)


def test_json_too_large_for_the_memory_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JSON is read whole; JSONL and CSV are not."""
    monkeypatch.setattr(json_file, "LARGEST", 100)
    told = _refusal(path, json.dumps({"a": ["x" * 200]}))
    assert "is not read: save it as JSONL or CSV" in told


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n"))


@given(
    data=st.dictionaries(TEXTS, st.lists(TEXTS, min_size=1, max_size=4), min_size=1, max_size=4),
    indent=st.sampled_from([None, 2]),
    ensure_ascii=st.booleans(),
)
def test_what_json_writes_is_read_back_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    data: dict[str, list[str]],
    indent: int | None,
    ensure_ascii: bool,
) -> None:
    """And the line of a sentence is the one where it stands."""
    written = json.dumps(data, indent=indent, ensure_ascii=ensure_ascii)
    table = _read(tmp_path_factory.getbasetemp() / "any.json", written)
    rows = [(intent, text) for intent, sentences in data.items() for text in sentences]
    assert [(record.intent, record.text) for record in table.records] == rows
    for record in table.records:
        line = written.split("\n")[record.row - 1]
        assert json.dumps(record.text, ensure_ascii=ensure_ascii) in line


def test_an_object_of_columns_is_read_row_by_row(path: Path) -> None:
    """As data frames are written: "text" and "intent" are no intents."""
    table = _read(path, '{"text": ["una", "otra"],\n"label": ["a", 2],\n"x": [1, 2]}')
    assert _rows(table) == [("una", "a", 1), ("otra", "2", 1)]
    assert (table.columns["intent"], table.ignored) == ("label", ("x",))
    told = _refusal(path, '{"text": ["una", "otra"],\n"intent": ["a"]}')
    assert "line 2: column 'intent' is not as long as the first one" in told


def test_two_intents_that_are_called_like_columns_of_one_role_stay_intents(path: Path) -> None:
    assert _rows(_read(path, '{"pregunta": ["una"], "consulta": ["otra"]}')) == [
        ("una", "pregunta", 1),
        ("otra", "consulta", 1),
    ]


def test_records_within_an_object_are_refused_with_what_to_write(path: Path) -> None:
    told = _refusal(path, '{"data": [{"text": "una", "intent": "a"}]}')
    assert 'a list of records [{"text": …, "intent": …}, …] alone in the file' in told


def test_lines_that_end_as_on_an_old_mac_are_lines(lines: Path) -> None:
    content = '{"text": "una", "intent": "a"}\r{"text": "otra", "intent": "b"}\r'
    assert _rows(_read(lines, content)) == [("una", "a", 1), ("otra", "b", 2)]


def test_a_comma_behind_a_record_is_told_where_it_stands(lines: Path) -> None:
    """And not as if the record were an object of intents."""
    record = '{"text": "una", "intent": "a"}'
    told = _refusal(lines, f"{record},\n{record}")
    assert "line 1: not valid JSON, at column 31 (Extra data)" in told


def test_a_list_in_one_line_is_read_whatever_its_file_is_called(lines: Path) -> None:
    assert _rows(_read(lines, '[{"text": "una", "intent": "a"}]')) == [("una", "a", 1)]
    assert _rows(_read(lines, '["una", "a"]')) == [("una", "a", 1)]


@pytest.mark.parametrize(
    "more",
    [
        {"weight": 0},
        {"tool_calls": [{"function": {"name": "f"}}]},
        {"function_call": {"name": "f"}},
    ],
)
def test_what_would_not_be_trained_as_text_is_refused(lines: Path, more: dict[str, Any]) -> None:
    """A function that the model should call, or an answer that it should not learn."""
    content = _chat("una", {"role": "assistant", "content": "a", **more})
    told = _refusal(lines, _chat("otra", "b") + "\n" + content)
    assert "line 2: a message calls a function, or its weight is 0" in told
    assert _rows(_read(lines, _chat("una", {"role": "assistant", "content": "a", "weight": 1})))
