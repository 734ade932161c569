"""Sentences as customers also write them: without accents, in capitals, with a slip, politely.

robustness.py asks whether the answer stays the same. The same sentence is always changed alike.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from enum import StrEnum
from random import Random

_ACCENTS = {"\u0301", "\u0308"}  # of á and ü; the tilde of ñ makes another letter
_OPENING = str.maketrans("", "", "¿¡")
_COURTESIES: Mapping[str, tuple[str, ...]] = {
    "es": ("Hola, ", "Buenos días, ", "Buenas, ", "Por favor, ", "Disculpe, "),
    "en": ("Hello, ", "Good morning, ", "Hi, ", "Please, ", "Excuse me, "),
}


class Perturbation(StrEnum):
    """What is done to a sentence."""

    NO_ACCENTS = "no_accents"
    NO_OPENING_MARKS = "no_opening_marks"  # ¿ and ¡
    OTHER_CASE = "other_case"  # all small, or all capitals where it was small
    TYPO = "typo"  # two neighbouring letters of one word change places
    COURTESY = "courtesy"  # something polite is said first


def perturb(kind: Perturbation, text: str, language: str = "es") -> str | None:
    """The changed sentence; None where this changes nothing, or leaves nothing.

    `language`: es or en, in which to be polite."""
    change = _CHANGES[kind]
    changed = change(text, language)
    return changed if changed != text and changed.strip() else None


def _drop_accents(text: str, _: str) -> str:
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(part for part in parts if part not in _ACCENTS))


def _drop_opening_marks(text: str, _: str) -> str:
    return text.translate(_OPENING)


def _change_case(text: str, _: str) -> str:
    return text.lower() if text.lower() != text else text.upper()


def _slip(text: str, _: str) -> str:
    """Inside a word: its first and last letter stay, and it can still be read."""
    places = [
        at
        for at in range(1, len(text) - 2)
        if text[at] != text[at + 1] and text[at - 1 : at + 3].isalpha()
    ]
    if not places:
        return text
    at = Random(text).choice(places)  # seeded with the text itself
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _greet(text: str, language: str) -> str:
    courtesies = _COURTESIES.get(language, _COURTESIES["es"])
    return Random(text).choice(courtesies) + text


_CHANGES: Mapping[Perturbation, Callable[[str, str], str]] = {
    Perturbation.NO_ACCENTS: _drop_accents,
    Perturbation.NO_OPENING_MARKS: _drop_opening_marks,
    Perturbation.OTHER_CASE: _change_case,
    Perturbation.TYPO: _slip,
    Perturbation.COURTESY: _greet,
}
