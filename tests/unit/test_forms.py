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
    other = f"{text[:-1]}  {text[-1:].upper()}"
    for one in (other, text.lower(), text.strip()):
        is_same = forms.form_number(text) == forms.form_number(one)
        assert is_same == (same_form(text) == same_form(one))
    assert forms.tidy(text) == unicodedata.normalize("NFC", clean(text))
    assert forms.same_form(text) == same_form(text)
    assert forms.close_form(text) == close_form(text)


@given(TEXTS)
def test_a_simple_text_has_the_forms_of_any_other(text: str) -> None:
    """The same as by the definition, whatever the text."""
    check(text)


@given(st.lists(st.text(LATIN, max_size=8) | st.just("¿Qué  tal?"), min_size=1, max_size=5))
def test_many_texts_at_one_look_have_the_numbers_of_each(texts: list[str]) -> None:
    """Joined by what none of them has."""
    each = [forms.form_number(text) for text in texts]
    assert forms.form_numbers("\0".join(texts), "\0") == each


def test_so_has_each_character_between_any_two() -> None:
    """One by one, and beside letters of either case."""
    for character in EVERY:
        for text in (character, f"a{character}B", f" {character}İ", f"½{character}ß ñ"):
            check(text)
