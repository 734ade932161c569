"""Personal data and secrets in the sentences: only the kind and the rows are ever told.

A stage of assessment.py. A number counts only if its check digits are right; the value itself
leaves this file in no finding, no figure and no error.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from agent.quality.work import Work, places
from states.intents.findings import Assessment, Finding
from states.intents.sentences import Sentence
from states.text import Text, say

_EVERY = 20_000  # sentences between two looks at whether to stop
LENGTH = 20_000  # characters of one sentence looked at


@dataclass(frozen=True)
class Kind:
    """`name` in JSON. `is_real` rules out what only looks like it, by the check digits."""

    name: str
    shown: Text
    pattern: re.Pattern[str]
    is_real: Callable[[str], bool] = bool
    is_secret: bool = False


def stage(work: Work) -> Assessment:
    found: defaultdict[str, list[Sentence]] = defaultdict(list)
    for at, one in enumerate(chain(work.sentences, work.cases)):
        if at % _EVERY == 0:
            work.pause()
        for kind in kinds_in(one.text):
            found[kind].append(one)
    findings = [_tell(kind, found[kind.name]) for kind in KINDS if kind.name in found]
    return Assessment(
        findings, {"personal_data": {name: len(rows) for name, rows in found.items()}}
    )


def kinds_in(text: str) -> Iterator[str]:
    """The names of the kinds of personal data and secrets in a text.

    What was one kind is no other: the digits of an IBAN are no telephone number.
    """
    text = text[:LENGTH]
    if not _MAY_HOLD.search(text):
        return
    for kind in KINDS:
        spans = [
            match.span() for match in kind.pattern.finditer(text) if kind.is_real(match.group())
        ]
        if spans:
            yield kind.name
        for start, end in reversed(spans):
            text = f"{text[:start]} . {text[end:]}"


def without_values(text: str) -> str:
    """The text with "…" for whatever looks like personal data or a secret, real or not."""
    for kind in KINDS if _MAY_HOLD.search(text) else ():
        text = kind.pattern.sub("…", text)
    return text


def _tell(kind: Kind, sentences: Sequence[Sentence]) -> Finding:
    if kind.is_secret:
        text = say(
            "{count} sentence holds a secret ({kind}). Replace it by an invented one, and change"
            " the real one: the file goes to the service.",
            "{count} sentences hold a secret ({kind}). Replace each by an invented one, and change"
            " the real ones: the file goes to the service.",
            count=len(sentences),
            kind=kind.shown,
        )
    else:
        text = say(
            "{count} sentence holds personal data ({kind}). Replace it by an invented one: the file"
            " goes to the service, and a model may repeat it.",
            "{count} sentences hold personal data ({kind}). Replace each by an invented one: the"
            " file goes to the service, and a model may repeat it.",
            count=len(sentences),
            kind=kind.shown,
        )
    name = "secret" if kind.is_secret else "personal_data"
    return Finding(text, kind=name, rows=places(sentences), count=len(sentences))


def _is_iban(text: str) -> bool:
    """A word that follows it may look like its last characters: each ending is tried."""
    from stdnum import iban

    parts = re.split(r"[ -]", text)
    return any(iban.is_valid("".join(parts[:end])) for end in range(1, len(parts) + 1))


def _is_card(text: str) -> bool:
    """Luhn alone lets one number in ten pass, so the first digit has to be of an issuer too."""
    from stdnum import luhn

    digits = re.sub(r"\D", "", text)
    return digits[0] in "3456" and len(set(digits)) > 1 and bool(luhn.is_valid(digits))


def _is_identity(text: str) -> bool:
    from stdnum.es import dni, nie

    number = text.replace(".", "")
    return bool(dni.is_valid(number) or nie.is_valid(number))


def _is_mixed(text: str) -> bool:
    """A long word of letters and digits: a key, not a name."""
    return bool(re.search(r"\d", text) and re.search(r"[A-Za-z]", text))


def _is_password(text: str) -> bool:
    """ "password: no funciona" tells of none."""
    return bool(re.search(r"[\d!@#$%&*+]", re.split(r"[:=]", text, maxsplit=1)[-1]))


# A first look, for most sentences hold nothing.
_MAY_HOLD = re.compile(
    r"@|-----BEGIN|\d(?:\D?\d){6}|[-_A-Za-z\d]{20}|(?:contrase|clave|passw|pwd|secret|token)",
    re.IGNORECASE,
)

KINDS = (
    Kind(
        "private_key",
        say("a private key"),
        re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"),
        is_secret=True,
    ),
    Kind(
        "api_key",
        say("an API key or token"),
        re.compile(
            r"\b(?:sk-[\w-]{20,}|gh[pousr]_\w{30,}|github_pat_\w{20,}|xox[abprs]-[\w-]{10,}"
            r"|AKIA[A-Z\d]{16}|AIza[\w-]{35}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*"
            r"|[A-Fa-f\d]{32,}|[A-Za-z\d]{40,})"
        ),
        _is_mixed,
        is_secret=True,
    ),
    Kind(
        "password",
        say("a password"),
        re.compile(
            r"\b(?:contrase[nñ]a|clave|password|passwd|pwd|secret|token)\s?[:=]\s?\S{6,100}",
            re.IGNORECASE,
        ),
        _is_password,
        is_secret=True,
    ),
    Kind(
        "email",
        say("an e-mail address"),
        re.compile(
            r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}\.[^\W\d_]{2,24}\b"
        ),
    ),
    Kind(
        "iban",
        say("an IBAN"),
        re.compile(r"\b[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z\d]{4}){2,7}(?:[ -]?[A-Za-z\d]{1,3})?\b"),
        _is_iban,
    ),
    Kind("card", say("a card number"), re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}\b"), _is_card),
    Kind(
        "identity",
        say("a DNI or NIE"),
        re.compile(r"\b(?:[XYZxyz][ -]?\d{7}|\d{1,2}\.?\d{3}\.?\d{3})[ -]?[A-Za-z]\b"),
        _is_identity,
    ),
    Kind(
        "phone",
        say("a telephone number"),
        re.compile(
            r"(?<![\w+.,-])(?:(?:\+|00)[1-9]\d{0,2}[ .-]?(?:\(?\d{1,4}\)?[ .-]?){2,5}\d{2,4}"
            r"|[6789]\d{2}(?:[ .-]?\d{2}){3}|[6789]\d{2}(?:[ -]?\d{3}){2})(?![\d,.€$%]*\d)"
        ),
    ),
)
