"""What people write, and what their editors add to it."""

from __future__ import annotations

import json

from tests.crash.failures.agent import Agent

EXAMPLES = "data/raw/intent_examples.json"
CASES = "data/raw/test_cases.json"
TRAINING = "data/training/train_data.jsonl"


def write(agent: Agent, place: str, content: object) -> None:
    path = agent.home / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1))


def test_sentences_that_differ_in_a_mark_go_on_and_are_told(agent: Agent) -> None:
    """👍 and 👎, pago and pagó, a question and its answer: only a warning, with both lines."""
    plain = [f"Frase número {n}" for n in range(8)]
    other = [f"Otra cosa {n}" for n in range(8)]
    ours = [*plain, "Gracias 👍", "Pago ya", "Vale 👍", "Vale 👌"]
    write(agent, EXAMPLES, {"sí\u200b": ours, "no": [*other, "Gracias 👎", "¿Pagó ya?"]})
    write(agent, CASES, [{"text": "caso", "expected": "sí"}])
    agent.run("VALIDATED")
    summary = json.loads((agent.home / "data/processed/data_preparation_summary.json").read_text())
    told = "\n".join(summary["warnings"])
    assert f"{EXAMPLES}, line 2: U+200B cannot be seen" in told
    one = f"{EXAMPLES}, line 12: 'Pago ya' ('sí')"
    assert f"{one} and {EXAMPLES}, line 26: '¿Pagó ya?' ('no')" in told
    assert sum(file["examples"] for file in summary["files"].values()) == 22


def test_what_an_editor_adds_to_a_file_is_not_uploaded(agent: Agent) -> None:
    """A byte-order mark, CRLF and empty lines: what was checked is what is sent."""
    agent.run("VALIDATED")
    path = agent.home / TRAINING
    checked = path.read_bytes()
    path.write_bytes(b"\xef\xbb\xbf\r\n" + checked.replace(b"\n", b"\r\n\r\n"))
    agent.tick()
    assert agent.project.facts.edited is not None
    agent.app.decisions.retry(agent.name, restore=False, restart=False)
    agent.run("VALIDATED")
    assert path.read_bytes() == checked
