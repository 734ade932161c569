"""In which language the instruction is written: that of the sentences, Spanish or English.

build_prompts asks where neither the project nor a person has said.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

LOOKED_AT = 5_000  # sentences; more do not change the answer


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that one language uses all the time and the other never does.
_SPANISH = _words(
    "el la los las un una que qué de del en y por para con mi mis se está estoy es son lo le su no"
    " sí cómo cuándo dónde cuánto quiero puedo tengo hay esta este muy más pero ha he hola quién al"
    " me ya hoy"
)
_ENGLISH = _words(
    "the an is are was i my you your to of for with and on it this that what how when where why can"
    " could do does did have has would will not from been am there be if at please but"
)


def guess_language(sentences: Iterable[str]) -> str:
    """ "es" or "en". Spanish where neither is seen more often: the first users write it."""
    spanish = english = 0
    for sentence in islice(sentences, LOOKED_AT):
        words = sentence.lower().split()
        spanish += sum(word.strip("¿?¡!.,;:") in _SPANISH for word in words)
        english += sum(word.strip("?!.,;:") in _ENGLISH for word in words)
    return "en" if english > spanish else "es"
