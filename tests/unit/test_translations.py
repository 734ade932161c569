"""Every sentence the program can say has a Spanish translation that fits it."""

from __future__ import annotations

import argparse
import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message

from agent.views.language import gettext_speaks, translator
from states.text import Rounded, Text

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / ".ci"))
import catalogue as ci  # noqa: E402  what `make locale` runs

sys.path.pop(0)

PLACE = ci.LOCALE / "es" / "LC_MESSAGES" / "afinador.po"
SPANISH = ci.read(PLACE)
SAID = ci.said()
# Raised only where a program sets argparse up wrongly, so nobody who types meets them.
FOR_PROGRAMMERS = re.compile(
    r"conflict|subparser|\.__call__|callable|merge actions|dest=|positionals|option string %\("
    r"|must be optional"
)


def _messages() -> list[Message]:
    return [message for message in SPANISH if message.id]


def _pairs() -> Iterator[tuple[str, str]]:
    """(template, its translation), each form of a plural by itself."""
    for message in _messages():
        if isinstance(message.id, str):
            yield message.id, message.string
        else:
            yield from zip(message.id, message.string, strict=True)


def _placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def _commands(sentence: str) -> set[str]:
    return set(sentence.split("`")[1::2])


def test_every_template_is_a_literal() -> None:
    """A template put together while running could not be looked up, nor found by this test."""
    wrong = [
        where
        for where, call in ci.calls()
        if not call.args or len(ci.literals(call)) != len(call.args)
    ]
    assert not wrong, f"say() needs literal templates, found others at: {', '.join(wrong)}"


def test_a_plural_has_the_count_that_chooses_its_form() -> None:
    """And a template is said with its plural everywhere, or nowhere."""
    without = [
        where
        for where, call in ci.calls()
        if len(call.args) > 1 and "count" not in [keyword.arg for keyword in call.keywords]
    ]
    assert without == []
    forms = {(one, *rest) for _, call in ci.calls() for one, *rest in [ci.literals(call)]}
    assert sorted(one for one, *rest in forms if not rest and isinstance(SAID[one], tuple)) == []


def test_no_template_formats_a_value_itself() -> None:
    """How a number is written is for the language to say: `Rounded(x, 1)`, not `{x:.1f}`."""
    own = [
        template
        for template, _ in _pairs()
        if any(spec or way for _, _, spec, way in Formatter().parse(template))
    ]
    assert own == []


def test_every_template_has_a_translation() -> None:
    """No person who chose Spanish meets an English sentence."""
    known = {m.id if isinstance(m.id, str) else m.id[0] for m in _messages()}
    missing = sorted(SAID.keys() - known) + ci.untranslated(SPANISH)
    assert not missing, "run `make locale`, and translate in " + "\n".join(
        [str(PLACE.relative_to(ROOT)), *missing]
    )


def test_no_translation_outlives_its_template() -> None:
    """The catalogue holds nothing that the program no longer says."""
    stale = [m.id for m in _messages() if m.id not in SAID.values()]
    assert stale == [], "no longer said: `make locale` takes them out"


def test_the_catalogue_is_as_make_locale_writes_it() -> None:
    """Sorted, so that two people who add a sentence each do not meet at the end of the file."""
    assert PLACE.read_bytes() == ci.written(ci.renewed(SPANISH)), "run `make locale`"


def test_the_compiled_catalogue_is_that_of_the_written_one() -> None:
    """What the program reads is what translators read."""
    assert PLACE.with_suffix(".mo").read_bytes() == ci.compiled(SPANISH), "run `make locale`"


def test_every_translation_has_the_placeholders_of_its_template() -> None:
    """Nothing that the English sentence tells is lost, nothing is asked for that is not given."""
    assert [t for t, spanish in _pairs() if _placeholders(spanish) != _placeholders(t)] == []


def test_every_translation_ends_as_its_template() -> None:
    """With a full stop or without: what is told behind it looks at the template alone."""
    ends = (".", "!", "?", "…")
    assert [t for t, spanish in _pairs() if t.endswith(ends) is not spanish.endswith(ends)] == []


def test_every_translation_has_the_conversions_of_its_template() -> None:
    """argparse fills in its sentences with `%`."""
    conversion = re.compile(r"%(?:\(\w+\))?[a-z]")
    assert [
        t
        for t, spanish in _pairs()
        if sorted(conversion.findall(spanish)) != sorted(conversion.findall(t))
    ] == []


def test_every_translation_can_be_formatted() -> None:
    """Braces that belong to the sentence are escaped, and every value appears in it."""
    for template, spanish in _pairs():
        values = {name: f"<{name}>" for name in _placeholders(template)}
        sentence = spanish.format(**values)
        assert sentence.strip(), template
        assert all(value in sentence for value in values.values()), template


def test_every_translation_keeps_the_command_words() -> None:
    """`retry` must be typed as it is in any language: all that stands between backticks stays."""
    assert [t for t, spanish in _pairs() if not _commands(t) <= _commands(spanish)] == []


def test_the_emulator_line_can_be_searched_for_in_english() -> None:
    """Scripts and people grep for one sentence, whatever the language."""
    line = "local emulator: nothing is sent to Azure"
    assert line in translator("es")(Text(line))


def test_everything_argparse_says_to_a_person_is_translated() -> None:
    """Of the Python that runs this test; the ones after it may say more."""
    tree = ast.parse(Path(argparse.__file__).read_text(encoding="utf-8"))
    own = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", None) in ("_", "ngettext")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert {one for one in own - SAID.keys() if not FOR_PROGRAMMERS.search(one)} == set()


@pytest.mark.parametrize(("language", "words"), [("es", "uso: x"), ("en", "usage: x")])
def test_argparse_speaks_the_language_of_the_person(
    language: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the machine's locale says; and nothing of it is left behind for other programs."""
    monkeypatch.setenv("LANGUAGE", "fr:es" if language == "en" else "en")
    before = dict(os.environ)
    with gettext_speaks(language):
        assert argparse.ArgumentParser(prog="x").format_usage().startswith(words)
    assert dict(os.environ) == before
    assert argparse.ArgumentParser(prog="x").format_usage().startswith("usage: x")


@pytest.mark.parametrize(
    ("count", "english", "spanish"),
    [
        (0, "deleted: 0 files", "borrados: 0 archivos"),
        (1, "deleted: 1 file", "borrado: 1 archivo"),
        (2, "deleted: 2 files", "borrados: 2 archivos"),
    ],
)
def test_one_is_not_many(count: int, english: str, spanish: str) -> None:
    """In either language, and after a night in the database as well."""
    one, many = ("deleted: {count} " + f"file{s}, deployment {{name}}" for s in ("", "s"))
    text = Text(one, {"count": count, "name": "x"}, many)
    for kept in (text, Text.from_json(text.as_json())):
        assert kept is not None
        assert str(kept) == f"{english}, deployment x"
        assert translator("es")(kept) == f"{spanish}, despliegue x"


def test_numbers_are_written_as_the_language_writes_them() -> None:
    """With a decimal comma in Spanish; whole numbers, and numbers in words of their own, stay."""
    text = Text(
        "{share} % of {total}, at {rate}, as {typed}",
        {"share": Rounded(82.5, 1), "total": 3043, "rate": 0.05, "typed": "0.8"},
    )
    kept = Text.from_json(text.as_json())
    assert kept == text
    assert str(kept) == "82.5 % of 3043, at 0.05, as 0.8"
    assert translator("es")(text) == "82,5 % of 3043, at 0,05, as 0.8"
    assert str(Text("{share} %", {"share": Rounded(91.0, 0)})) == "91 %"


def test_a_text_of_an_older_version_is_read() -> None:
    """It has neither a plural nor a rounded number."""
    old = {"template": "a {b}", "values": {"b": {"template": "c", "values": {}}}}
    assert Text.from_json(old) == Text("a {b}", {"b": Text("c")})
    assert Text.from_json(old).as_json() == old  # type: ignore[union-attr]
