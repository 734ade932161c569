"""A file is read line by line as `decode` reads it whole."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.intents.dataset import RowError, decode, encode
from states.intents.row_lines import RowLines, lines_of, literal_of

WORDS = st.text(
    st.sampled_from('aB \t\n"\\é½👍\u2028\x85\u200b\u0301\ufeff\x00\xa0{}[],:'), max_size=9
)
MESSAGES = st.builds(
    lambda role, content, extra: {"role": role, "content": content, **extra},
    st.sampled_from(["system", "user", "assistant"]),
    WORDS | st.none(),
    st.sampled_from([{}, {}, {}, {"weight": 1}]),
)
OURS = st.builds(
    lambda system, said, intent: {
        "messages": [
            {"role": "system", "content": system},
            {"role": "user", "content": said},
            {"role": "assistant", "content": intent},
        ]
    },
    st.sampled_from(["s", "s", 't"\u2028']),
    WORDS,
    st.sampled_from(["a", "b", "ñ", ' "x" ', "\u200b"]),
)
ROWS = OURS | st.builds(
    lambda messages, extra: {"messages": messages, **extra},
    st.lists(MESSAGES, max_size=4),
    st.sampled_from([{}, {"id": 7}]),
)
ESCAPED = st.booleans()
LINES = st.lists(
    st.builds(lambda row, ascii: json.dumps(row, ensure_ascii=ascii).encode(), ROWS, ESCAPED)
    | st.sampled_from([b"", b" ", b"{", b"[]", b"\xff", b'{"messages": [{"role": "system"']),
    max_size=6,
)


def written(pieces: list[bytes]) -> bytes:
    return b"".join(shape.head + literal + shape.tail for _, shape, _, literal in RowLines(pieces))


def decoded(content: bytes) -> list[object] | str:
    """What `decode` says; what is not UTF-8 is met where it stands, not before all else."""
    try:
        return [(r.sentence, r.intent, r.hidden) for r in decode(content)]
    except RowError as error:
        return f"{error.line}: {error.text}"


def read(content: bytes, size: int) -> list[object] | str:
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    try:
        return [(said, shape.intent, shape.hidden) for _, shape, said, _ in RowLines(pieces)]
    except RowError as error:
        return f"{error.line}: {error.text}"


@given(LINES, st.sampled_from([b"\n", b"\r\n"]), st.booleans(), st.booleans(), st.integers(1, 99))
@settings(max_examples=300, deadline=None)
def test_any_file_is_read_as_a_whole_one_is(
    lines: list[bytes], end: bytes, has_mark: bool, has_end: bool, size: int
) -> None:
    """Whatever its pieces; and written as `encode` writes it, which it says if it was so."""
    content = b"\xef\xbb\xbf" * has_mark + end.join(lines) + end * has_end
    try:
        content.decode()
    except UnicodeDecodeError:
        with pytest.raises((UnicodeDecodeError, RowError)):
            written([content])
        return
    expected = decoded(content)
    assert read(content, size) == expected
    if isinstance(expected, list):
        rows = RowLines([content])
        line = b"".join(shape.head + literal + shape.tail for _, shape, _, literal in rows)
        assert line == encode(decode(content))
        assert rows.is_tidy == (line == content)


@given(WORDS)
def test_a_literal_is_what_json_writes(text: str) -> None:
    """With the ends of lines that only some know escaped."""
    assert json.loads(literal_of(text)) == text
    assert len(literal_of(text).decode().splitlines()) == 1


def test_what_is_no_string_is_no_sentence() -> None:
    """However much the rest of the line is ours."""
    good = json.dumps(
        {
            "messages": [
                {"role": "system", "content": "s"},
                {"role": "user", "content": "hola"},
                {"role": "assistant", "content": "a"},
            ]
        }
    )
    for broken in (good.replace('"hola"', 'xx"'), good.replace('"hola"', "5"), good + "x"):
        with pytest.raises(RowError):
            list(RowLines([f"{good}\n{broken}\n".encode()]))


def test_lines_may_begin_and_end_in_any_piece() -> None:
    """Also one that is longer than many pieces."""
    assert list(lines_of([b"a", b"", b"b\nc", b"\n\n", b"d"])) == [b"ab", b"c", b"", b"d"]
    assert list(lines_of([])) == [b""]
