"""Text of strangers, cleaned once where it enters: what is left can be shown, stored and compared.

annotated_json.py and dataset.py call this for a person's files, agent/providers for the service.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

# Latin, in lines: nothing to clean, and nearly every text.
_PLAIN = re.compile("[\t\n -~\xa0-\xac\xae-\u034e]*")
_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1f\x85]")
# What a terminal obeys: a string up to its end (a title, a link), or a sequence (a colour).
_ESCAPES = re.compile(r"\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]")
_HALF_A_PAIR = re.compile("[\ud800-\udfff]")  # it can stand in JSON, but in no file
# The blanks that do not count as white space: a Braille cell, three fillers of Hangul, a note.
BLANKS = "\u2800\u115f\u1160\u3164\uffa0\U0001d159"
_BLANK = re.compile(f"[{BLANKS}]")
# Controls that are no white space, formats (Cf) that show nothing, and what is as invisible without
# being either. Not here: number signs of Arabic and their like, which are formats and are seen.
_UNSEEN = (
    "\\x00-\\x08\\x0e-\\x1b\\x7f-\\x9f"
    "\u00ad\u034f\u061c\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff0-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
    # No characters, by their own standard: two at the end of each plane, and 32 more.
    "\ufdd0-\ufdef"
    + "".join(f"{chr(end - 1)}{chr(end)}" for end in range(0xFFFF, 0x110000, 0x10000))
)
_FLAG = "\U0001f3f4[\U000e0020-\U000e007e]{1,6}\U000e007f"  # of Wales, say: a flag and its letters
_HIDDEN = re.compile(f"({_FLAG})|[{_UNSEEN}]")
_VARIANTS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_JOINERS = re.compile("[\u200c\u200d]+")
_VIRAMA = 9  # the combining class of the signs that kill a vowel
_FIRST_WITH_VARIANTS = "\u1000"  # no letter before Myanmar's has a variant


def clean(text: str) -> str:
    """The text as a person sees it. Lines end in a line feed; half a surrogate pair is U+FFFD.

    Joiners and variation selectors stay where they shape what stands before them: inside a word, in
    an emoji.
    """
    if _PLAIN.fullmatch(text):
        return text
    seen = _HALF_A_PAIR.sub("\ufffd", _BREAKS.sub("\n", _ESCAPES.sub("", text)))
    seen = _BLANK.sub(" ", _HIDDEN.sub(lambda found: found[1] or "", seen))
    return _JOINERS.sub(_keep_joiner, _VARIANTS.sub(_keep_variant, seen))


def _keep_variant(found: re.Match[str]) -> str:
    """The first of a row of selectors; more of them can only hide something."""
    before = found.string[found.start() - 1 : found.start()]
    is_plain_letter = before.isalpha() and before < _FIRST_WITH_VARIANTS
    return found[0][0] if before.strip() and not is_plain_letter else ""


def _keep_joiner(found: re.Match[str]) -> str:
    start, end = found.span()
    before, after = found.string[start - 1 : start], found.string[end : end + 1]
    is_inside = after.strip() or (before and unicodedata.combining(before) == _VIRAMA)
    return found[0][0] if before.strip() and is_inside else ""


def hidden_in(text: str) -> str:
    """What `clean` takes away that nobody sees, as "U+FEFF, U+200B"; empty for nothing."""
    if (seen := clean(text)) == text:
        return ""
    lost = Counter(text) - Counter(seen)
    unseen = sorted(c for c in lost if not (c.isspace() or (c.isascii() and c.isprintable())))
    return ", ".join(f"U+{ord(character):04X}" for character in unseen)
