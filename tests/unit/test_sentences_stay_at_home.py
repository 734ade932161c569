"""A person's sentences are in their files and results, and in no log."""

from __future__ import annotations

import json
from pathlib import Path

from agent import logs
from states.text import HIDDEN, say
from tests.restored_logging import restored_logging
from tests.unit.desk import Desk

SECRET = "Quiero cita con el dentista"
GOOD = {f"intención {n}": [f"frase {n} {m}" for m in range(9)] for n in range(2)}


def test_a_refusal_that_quotes_a_sentence_is_logged_without_it(desk: Desk, tmp_path: Path) -> None:
    """The person reads it; the log has file, line and intents."""
    with restored_logging():
        logs.configure(tmp_path, "info", (), rotate=False)
        examples = {intent: [*sentences, SECRET] for intent, sentences in GOOD.items()}
        desk.write("data/raw/intent_examples.json", examples)
        assert SECRET in desk.go_to_hold()
    lines = (tmp_path / "agent.jsonl").read_text()
    assert SECRET not in lines
    [held] = [line for line in map(json.loads, lines.splitlines()) if line["event"] == "held"]
    assert HIDDEN in held["reason"]
    assert "intent_examples.json" in held["reason"]


def test_a_text_hides_its_sentences_wherever_they_stand() -> None:
    """Also in a text within a text, and in a list of them."""
    inner = say("The sentence «{sentence}» is in training and in validation.", sentence=SECRET)
    outer = say("{place}: {problem}", place="x", problem=inner)
    listed = say("{place}: {mistakes}", place="x", mistakes=(inner, outer))
    for text in (inner, outer, listed):
        assert SECRET in str(text)
        assert SECRET not in text.for_log()
        assert HIDDEN in text.for_log()
