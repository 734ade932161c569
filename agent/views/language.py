"""Texts in the language of the person, from the gettext catalogues in agent/resources/locale.

bootstrap and the command line ask for a `translator`; parser.py lets argparse speak as well."""

from __future__ import annotations

import gettext
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from states.text import ENGLISH, Language, Text

Translate = Callable[[Text], str]
DOMAIN = "afinador"
# By its place, for gettext takes nothing else; importlib.resources alone would take milliseconds.
LOCALE = Path(__file__).parents[1] / "resources" / "locale"
_DECIMAL_POINT = {"es": ","}


@dataclass(frozen=True)
class _Translated:
    """A language with a catalogue. What has no translation there is shown in English."""

    catalogue: gettext.NullTranslations
    decimal_point: str

    def sentence(self, template: str) -> str:
        return self.catalogue.gettext(template)

    def plural(self, one: str, many: str, count: float) -> str:
        # A count is whole; gettext's formula for the form takes nothing else.
        return self.catalogue.ngettext(one, many, int(count))

    def number(self, number: float, digits: int | None) -> str:
        return ENGLISH.number(number, digits).replace(".", self.decimal_point)


@cache
def _language(name: str) -> Language:
    if name == "en":  # the templates are English
        return ENGLISH
    # gettext keeps what it has read: argparse, which asks for the same, does not read it again.
    return _Translated(gettext.translation(DOMAIN, LOCALE, [name]), _DECIMAL_POINT[name])


def translator(language: str) -> Translate:
    """A function from Text to a sentence. `language`: "en" or "es"."""
    spoken = _language(language)
    return lambda text: text.render(spoken)


@contextmanager
def gettext_speaks(language: str) -> Iterator[None]:
    """What the standard library says through gettext (argparse does) is in that language.

    gettext chooses by the variable LANGUAGE, which is put back at the end: programs that are
    started later inherit nothing. The process's locale stays as it is. Not for threads."""
    before, domain = os.environ.get("LANGUAGE"), gettext.textdomain()
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = language
    try:
        yield
    finally:
        gettext.textdomain(domain)
        os.environ.pop("LANGUAGE")
        if before is not None:
            os.environ["LANGUAGE"] = before
