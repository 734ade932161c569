"""A file of rows is counted in one pass, in any number of rows and of forms."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from states.intents.data_file import Counting, DataFile, read_data_file, tidied
from states.intents.dataset import Row, decode, encode
from states.intents.document import SHOWN
from states.intents.prompts import build_prompts
from states.places import Artifact
from states.state import State
from tests.unit.desk import Desk
from tests.unit.stored import path_of
from tests.unit.test_dataset import edited, row

COUNTING = Counting(lambda text: len(text.split()), per_message=3, per_example=5, longest=40)
OURS = b"".join(build_prompts({"a": ["uno dos", "tres"], "b b": ["cuatro"]}, "lee y responde", ()))
THEIRS = json.dumps(
    {
        "messages": [
            {"role": "user", "content": "cinco\u200b seis"},
            {"role": "assistant", "content": "no", "weight": 0},
            {"role": "user", "content": "ya"},
            {"role": "assistant", "content": "c"},
        ],
        "id": 7,
    }
).encode()


def read(content: bytes, trained: DataFile | None = None) -> DataFile:
    return read_data_file("x.jsonl", iter((content[:50], content[50:])), COUNTING, trained)


def test_rows_of_any_form_are_counted_as_the_service_does() -> None:
    """Every text and role, so much a message, so much an example; and the bytes to be uploaded."""
    content = OURS + THEIRS + b"\n"
    file, rows = read(content), decode(content)
    tokens = [
        sum(len(m.role.split()) + len(m.content.split()) + 3 for m in row.messages) + 5
        for row in rows
    ]
    assert (file.tokens, file.longest) == (sum(tokens), max(tokens))
    assert list(file.per_intent.items()) == [("a", 2), ("b b", 1), ("no", 1)]
    assert file.size == len(encode(rows)) == len(b"".join(tidied(iter((content,)))))
    assert (file.hidden, file.is_tidy, file.examples) == ([(4, "U+200B")], False, 4)
    assert read(OURS).is_tidy


def test_a_file_that_cannot_be_read_says_why_and_how_large_it_is() -> None:
    """And nothing of it counts."""
    content = OURS + b"{}\n" + OURS
    file = read(content)
    assert "x.jsonl, line 4" in str(file.refusal)
    assert (file.examples, file.tokens, file.size) == (0, 0, len(content))


def test_what_is_too_long_or_leaked_is_counted_and_the_first_are_named() -> None:
    """A million of them would fill the memory."""
    trained = read(b"".join(build_prompts({"a": [f"frase {n}" for n in range(50)]}, "s", ())))
    said = {"a": [f"FRASE  {n}" for n in range(50)], "b": ["x " * 50 + str(n) for n in range(30)]}
    file = read(b"".join(build_prompts(said, "s", ())), trained)
    assert (len(file.forms), file.leaked) == (50, said["a"][:SHOWN])
    assert (file.too_long_count, len(file.too_long)) == (30, SHOWN)
    assert file.too_long[0][:2] == (51, 51 + 1 + 1 + 3 + 9 + 5)


def leak(rows: list[Row], desk: Desk) -> list[Row]:
    validation = decode((desk.home / Artifact.VALIDATION).read_bytes())
    return [*rows, *(row(one.sentence.upper(), one.intent) for one in validation)]


def lengthen(rows: list[Row], _: Desk) -> list[Row]:
    return [*rows, *(row("x " * 70_000 + str(number), "queja") for number in range(12))]


@pytest.mark.parametrize(
    ("change", "more"), [(leak, "2 more sentences are"), (lengthen, "2 more examples are")]
)
def test_many_rows_that_would_be_refused_are_told_in_a_few_lines(
    desk: Desk, change: Callable[[list[Row], Desk], list[Row]], more: str
) -> None:
    """The first ten, and how many more."""
    edited(desk, lambda rows: change(rows, desk))
    summary = json.loads((desk.home / Artifact.PREPARATION).read_text())
    assert len(summary["errors"]) == SHOWN + 1
    assert more in summary["errors"][-1]


def test_an_example_set_of_ten_thousand_keeps_a_small_database(desk: Desk) -> None:
    """With an instruction of 2.5 kB: under 20 MB, where it was 117."""
    desk.wish(system_prompt="Eres un clasificador. " * 114)
    desk.write(
        Artifact.EXAMPLES,
        {
            intent: [f"{intent}: la frase número {number} de muchas" for number in range(5000)]
            for intent in ("comprar", "queja")
        },
    )
    desk.go(State.VALIDATED)
    assert (desk.home / Artifact.TRAINING).stat().st_size > 20_000_000
    database = path_of(desk.store)
    assert sum(path.stat().st_size for path in database.parent.glob("*.db*")) < 20_000_000
