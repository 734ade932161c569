"""Texts in the language of the person. The catalogue maps the English template to its translation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files

from states.text import Text

Translate = Callable[[Text], str]


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    if language == "en":
        return {}
    translations: dict[str, str] = json.loads(
        files("agent.resources.locale").joinpath(f"{language}.json").read_bytes()
    )
    return translations


def translator(language: str) -> Translate:
    """A function from Text to a sentence. What has no translation is shown in English rather than not at all."""
    catalogue = _catalogue(language)
    return lambda text: text.rendered(lambda template: catalogue.get(template, template))
