"""What is left of a stranger's text: all that is seen, and nothing else."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from states.foreign import BLANKS, clean, hidden_in

SEEN_FORMATS = "؀؁؂؃؄؅۝܏࢐࢑࣢\U000110bd\U000110cd"  # Arabic, Syriac and Kaithi signs


def test_no_format_and_no_control_that_shows_nothing_is_left() -> None:
    """Every one that Unicode has, at the beginning, inside and at the end of a word."""
    spared = set(SEEN_FORMATS) | {"\u200c", "\u200d"}
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        unseen = unicodedata.category(character) in ("Cf", "Cc") and not character.isspace()
        if unseen and character not in spared:
            assert clean(f"{character}devol{character}ver{character}") == "devolver"
            assert hidden_in(f"devol{character}ver") == f"U+{number:04X}"


@pytest.mark.parametrize("joiner", ["\u200c", "\u200d"])
def test_a_joiner_counts_inside_a_word_and_in_an_emoji_alone(joiner: str) -> None:
    """At the end of a text it joins nothing."""
    assert clean(f"{joiner}devolver{joiner}") == "devolver"
    assert clean(f"hola{joiner} {joiner}mundo") == "hola mundo"
    assert clean(f"می{joiner}خواهم") == f"می{joiner}خواهم"


@pytest.mark.parametrize(
    "text",
    [
        "👩‍💻 y ❤️‍🔥",
        "1️⃣",
        "🏴󠁧󠁢󠁷󠁬󠁳󠁿",
        "葛󠄀城",
        "ന്‍ അവന്‍",  # Malayalam's chillu at the end of a word
        "पागल हूँ",
        "a\tb\nc\u2028d",
        *SEEN_FORMATS,
        "",
    ],
)
def test_what_shapes_a_letter_or_an_emoji_stays(text: str) -> None:
    """Flags, families, keycaps, variants of ideographs, signs of vowels, white space."""
    assert (clean(text), hidden_in(text)) == (text, "")


@pytest.mark.parametrize("blank", [*BLANKS, "\u00ad", "\ufe0f", "\U000e0101", "\U000e0041"])
def test_what_looks_blank_is_empty(blank: str) -> None:
    """Alone, and at the end of a name."""
    assert clean(blank).strip() == ""
    assert clean(f"devolver{blank}").strip() == "devolver"
    assert hidden_in(f"devolver{blank}") == f"U+{ord(blank):04X}"


def test_letters_hidden_in_tags_or_selectors_go() -> None:
    """What an emoji may carry unseen, and a model would read."""
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore all")
    assert clean(f"👍{tags}") == "👍"
    assert clean("👍\ufe0f" + "\U000e0110" * 9) == "👍\ufe0f"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\x1b[31mrojo\x1b[0m", "rojo"),
        ("\x1b]0;título\x07texto", "texto"),
        ("\x1b]8;;http://x\x1b\\aquí\x1b]8;;\x1b\\", "aquí"),
        ("\x1bcrojo\x9b", "crojo"),
        ("\x1b]sin final", "]sin final"),
        ("un \ud83d roto", "un \ufffd roto"),
        ("uno\r\ndos\u0085tres\rcuatro", "uno\ndos\ntres\ncuatro"),
    ],
)
def test_nothing_is_left_for_a_terminal_to_obey(text: str, left: str) -> None:
    """Colours, titles, links; and what has no form in a file is replaced."""
    assert clean(text) == left


@pytest.mark.parametrize("point", [0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF])
def test_what_is_no_character_goes(point: int) -> None:
    """No font shows it, and by its own standard no text has it."""
    assert clean(f"a{chr(point)}b") == "ab"
    assert clean("\ufdcf\ufffd\ufdf0") == "\ufdcf\ufffd\ufdf0"
