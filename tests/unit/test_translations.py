"""Every sentence the program can say has a Spanish translation that fits it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "agent" / "resources" / "locale" / "es.json"
SPANISH: dict[str, str] = json.loads(CATALOGUE.read_text(encoding="utf-8"))
SAYING = ("say",)  # names of the functions whose first argument is a template


def _calls() -> Iterator[tuple[str, ast.Call]]:
    """(file:line, call) of every `say(...)` outside the emulator, which is a separate program."""
    for room in ("agent", "states", "store"):
        for path in sorted((ROOT / room).rglob("*.py")):
            place = path.relative_to(ROOT)
            if place.parts[:2] == ("agent", "emulator"):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and getattr(node.func, "id", getattr(node.func, "attr", None)) in SAYING
                ):
                    yield f"{place}:{node.lineno}", node


def _templates() -> dict[str, str]:
    """Template -> where it stands. Literals written one after the other are one template: the parser has joined them."""
    literals = ((where, call.args[0]) for where, call in _calls() if call.args)
    return {
        arg.value: where
        for where, arg in literals
        if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
    }


def _placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def _commands(sentence: str) -> set[str]:
    return set(sentence.split("`")[1::2])


def test_every_template_is_a_literal() -> None:
    """A template put together while running could not be looked up, nor found by this test."""
    wrong = [
        where
        for where, call in _calls()
        if not (call.args and isinstance(call.args[0], ast.Constant))
    ]
    assert not wrong, f"say() needs a literal template, found others at: {', '.join(wrong)}"


def test_every_template_has_a_translation() -> None:
    """No person who chose Spanish meets an English sentence."""
    missing = {
        template: f"TODO ({where})"
        for template, where in _templates().items()
        if template not in SPANISH
    }
    assert not missing, f"paste into {CATALOGUE.relative_to(ROOT)} and translate:\n" + json.dumps(
        missing, ensure_ascii=False, indent=2
    )


def test_no_translation_outlives_its_template() -> None:
    """The catalogue holds nothing that the program no longer says."""
    stale = sorted(SPANISH.keys() - _templates().keys())
    assert not stale, (
        f"no longer said, so to be taken out of {CATALOGUE.relative_to(ROOT)}:\n" + "\n".join(stale)
    )


def test_every_translation_has_the_placeholders_of_its_template() -> None:
    """Nothing that the English sentence tells is lost, and nothing is asked for that is not given."""
    assert [t for t, spanish in SPANISH.items() if _placeholders(spanish) != _placeholders(t)] == []


def test_every_translation_has_the_conversions_of_its_template() -> None:
    """argparse fills in its sentences with `%`."""
    conversion = re.compile(r"%(?:\(\w+\))?[a-z]")
    assert [
        t
        for t, spanish in SPANISH.items()
        if sorted(conversion.findall(spanish)) != sorted(conversion.findall(t))
    ] == []


def test_every_translation_can_be_formatted() -> None:
    """Braces that belong to the sentence are escaped, and every value appears in it."""
    for template, spanish in SPANISH.items():
        values = {name: f"<{name}>" for name in _placeholders(template)}
        sentence = spanish.format(**values)
        assert sentence.strip(), template
        assert all(value in sentence for value in values.values()), template


def test_every_translation_keeps_the_command_words() -> None:
    """`retry` must be typed as it is, whatever the language: all that stands between backticks stays."""
    assert [t for t, spanish in SPANISH.items() if not _commands(t) <= _commands(spanish)] == []


def test_the_emulator_line_can_be_searched_for_in_english() -> None:
    """Scripts and people grep for one sentence, whatever the language."""
    line = "local emulator: nothing is sent to Azure"
    assert line in SPANISH[line]


def test_the_catalogue_is_sorted() -> None:
    """Two people who add a sentence each do not meet at the end of the file."""
    assert list(SPANISH) == sorted(SPANISH)
