"""The forms in which sentences and names are kept and compared.

The readers of a person's files keep `tidy` texts. Sentences that differ are different: only
`same_form` decides what is repeated, contradicts, or is in both files.
"""

from __future__ import annotations

import re
import unicodedata

from states.foreign import clean

_JOINERS = dict.fromkeys((0x200C, 0x200D))
_SURROUNDING = ("Po", "Ps", "Pe", "Pi", "Pf")  # the categories of stops, quotes and brackets
_NAMING = "#%&*/@\\"  # punctuation to Unicode, but C# is another thing than C
_MARKDOWN = "*_ "


def tidy(text: str) -> str:
    """The text that is trained and asked: what is seen, each letter in its one form (NFC)."""
    return unicodedata.normalize("NFC", clean(text))


def same_form(sentence: str) -> str:
    """Equal for the same sentence, whatever its Unicode form, case and white space.

    Not casefold, for which the German Masse and Maße are one.
    """
    lowered = unicodedata.normalize("NFC", sentence).lower()
    return " ".join(unicodedata.normalize("NFC", lowered).split())


def name_form(name: str) -> str:
    """Equal for names that a model's answer could not tell apart: "Comprar." is comprar.

    Marks and symbols count in it: C, C# and C++ are three. Empty for a name without any of these.
    """
    form = same_form(clean(name)).translate(_JOINERS)
    return form.strip("".join(c for c in set(form) if _surrounds(c)))


def _surrounds(character: str) -> bool:
    if character in " `":
        return True
    return unicodedata.category(character) in _SURROUNDING and character not in _NAMING


def answer_forms(answer: str) -> tuple[str, ...]:
    """The names that an answer may give, the likelier first: some models answer in Markdown."""
    return name_form(answer), name_form(answer.strip(_MARKDOWN))


def close_form(sentence: str) -> str:
    """Equal for sentences that differ in marks, punctuation or symbols alone. Empty without more.

    For warnings: "pago" and "pagó" are two sentences, and perhaps a slip.
    """
    decomposed = unicodedata.normalize("NFKD", sentence.casefold())
    bare = "".join(c for c in decomposed if unicodedata.category(c) not in ("Mn", "Mc", "Me", "Cf"))
    return " ".join(re.sub(r"[\W_]+", " ", bare).split())
