"""The short ways through the forms lead where the long ones do."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from states.foreign import clean
from states.intents import forms

LATIN = st.characters(min_codepoint=0x20, max_codepoint=0x2FF)
TEXTS = st.text(LATIN, max_size=20) | st.text(max_size=20)
EVERY = "".join(map(chr, range(0x300)))


def same_form(sentence: str) -> str:
    lowered = unicodedata.normalize("NFC", sentence).lower()
    return " ".join(unicodedata.normalize("NFC", lowered).split())


def close_form(sentence: str) -> str:
    decomposed = unicodedata.normalize("NFKD", sentence.casefold())
    bare = "".join(c for c in decomposed if unicodedata.category(c) not in ("Mn", "Mc", "Me", "Cf"))
    return " ".join(re.sub(r"[\W_]+", " ", bare).split())


def check(text: str) -> None:
    assert forms.tidy(text) == unicodedata.normalize("NFC", clean(text))
    assert forms.same_form(text) == same_form(text)
    assert forms.close_form(text) == close_form(text)


@given(TEXTS)
def test_a_simple_text_has_the_forms_of_any_other(text: str) -> None:
    """The same as by the definition, whatever the text."""
    check(text)


def test_so_has_each_character_between_any_two() -> None:
    """One by one, and beside letters of either case."""
    for character in EVERY:
        for text in (character, f"a{character}B", f" {character}İ", f"½{character}ß ñ"):
            check(text)
