"""The forms in which sentences and names are kept and compared.

The readers of a person's files keep `tidy` texts. Sentences that differ are different: only
`same_form` decides what is repeated, contradicts, or is in both files.
"""

from __future__ import annotations

import re
import unicodedata

from states.foreign import clean

NO_INTENT = "(none)"  # in tables, for an answer that names no intent; no intent may be called so
_JOINERS = dict.fromkeys((0x200C, 0x200D))
_SURROUNDING = ("Po", "Ps", "Pe", "Pi", "Pf")  # the categories of stops, quotes and brackets
_NAMING = "#%&*/@\\"  # punctuation to Unicode, but C# is another thing than C
_MARKDOWN = "*_ "
_BITS = 2**60 - 1  # an int of more takes 16 bytes more
# Latin letters and signs in one line: nothing to clean, in NFC, and in NFC whatever the case.
_LATIN = re.compile("[ -~\xa0-\xac\xae-\u02ff]*")


def is_simple(text: str) -> bool:
    """True for nearly every text of a Latin script: `tidy` leaves it as it is."""
    if text.isprintable() and _as_latin_1(text) is not None:
        return True  # what most are, at a fifth of the cost
    return _LATIN.fullmatch(text) is not None


def _as_latin_1(text: str) -> bytes | None:
    """Its bytes where all of its characters are Latin-1: then it is in NFC, in either case."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return None


def tidy(text: str) -> str:
    """The text that is trained and asked: what is seen, each letter in its one form (NFC)."""
    if is_simple(text):
        return text
    return unicodedata.normalize("NFC", clean(text))


def same_form(sentence: str) -> str:
    """Equal for the same sentence, whatever its Unicode form, case and white space.

    Not casefold, for which the German Masse and Maße are one.
    """
    if _as_latin_1(sentence) is not None:
        lowered = sentence.lower()
        has_spaces_only_inside = lowered.isprintable() and lowered.strip() == lowered
        if has_spaces_only_inside and "  " not in lowered:
            return lowered
        return " ".join(lowered.split())
    lowered = unicodedata.normalize("NFC", sentence).lower()
    return " ".join(unicodedata.normalize("NFC", lowered).split())


def form_number(sentence: str) -> int:
    """Stands for `same_form` where millions are compared: a set of them takes a third.

    Of a million sentences two have the same number by chance once in 10^6 times. It differs from
    process to process.
    """
    return form_numbers(sentence, "")[0]


def form_numbers(joined: str, between: str) -> list[int]:
    """form_number of each of the texts that are joined by a control character that none of them
    has; of the only one, if that is empty.

    Latin-1 without odd spaces, as nearly all are, is looked at as a whole and byte by byte.
    """
    latin, separator = _as_latin_1(joined), between.encode()
    if latin is not None:
        lowered = latin.translate(_LOWER)
        is_plain = (
            not lowered.translate(None, _PRINTABLE + separator)
            and lowered[:1] != b" " != lowered[-1:]
            and b"  " not in lowered
            and not (between and (b" " + separator in lowered or separator + b" " in lowered))
        )
        if is_plain:
            forms = lowered.split(separator) if between else [lowered]
            return [hash(form) & _BITS for form in forms]
    return [_number(same_form(text)) for text in (joined.split(between) if between else [joined])]


def _number(form: str) -> int:
    latin = _as_latin_1(form)
    return hash(form if latin is None else latin) & _BITS


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


def prefix_forms(text: str) -> tuple[str, ...]:
    """With which the `answer_forms` begin of an answer that begins with this text."""
    form = same_form(clean(text)).translate(_JOINERS)
    plain = form.lstrip("".join(c for c in set(form) if _surrounds(c)))
    bare = plain.lstrip("".join(c for c in set(plain) if c in _MARKDOWN or _surrounds(c)))
    return (plain,) if bare == plain else (plain, bare)


def close_form(sentence: str) -> str:
    """Equal for sentences that differ in marks, punctuation or symbols alone. Empty without more.

    For warnings: "pago" and "pagó" are two sentences, and perhaps a slip.
    """
    latin = _as_latin_1(sentence)
    if latin is not None:
        bare = latin.translate(_BARE, _BARED)
        if _OTHER not in bare:
            return b" ".join(bare.split()).decode("latin-1")
    return " ".join(_strip_marks(sentence).split())


def close_number(sentence: str) -> int | None:
    """Stands for `close_form` as form_number does for `same_form`; None where that is empty."""
    form = close_form(sentence)
    return hash(form) & _BITS if form else None


def _strip_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in decomposed if unicodedata.category(c) not in ("Mn", "Mc", "Me", "Cf"))
    return re.sub(r"[\W_]+", " ", bare)


# The same for Latin-1, byte by byte: what stands for each, and which are left out. _OTHER is for
# those few that become more than one letter, or one of another alphabet.
_OTHER = b"\0"
_LETTERS = [_strip_marks(chr(code)) for code in range(0x100)]
_BARED = bytes(code for code in range(0x100) if not _LETTERS[code])
_BARE = bytes(ord(one) if len(one) == 1 and one < "\u0100" else 0 for one in _LETTERS)
_LOWER = "".join(map(chr, range(0x100))).lower().encode("latin-1")
_PRINTABLE = bytes(code for code in range(0x100) if chr(code).isprintable())
