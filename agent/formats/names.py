"""The names by which columns are known, in Spanish and English.

roles.py compares the header of a file with them. A column with a plain name is taken before one
whose name may mean something else: of "intent" and "category" it is "intent".
"""

from __future__ import annotations

import unicodedata
from typing import Literal

Role = Literal["text", "intent", "kind", "id"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# role -> its plain names, then those that may mean something else
NAMES: dict[Role, tuple[frozenset[str], frozenset[str]]] = {
    "text": (
        _words("text texto frase sentence utterance oracion"),
        _words(
            "mensaje message consulta query pregunta question ejemplo example prompt input entrada"
            " expresion phrase instruction instruccion peticion request"
        ),
    ),
    "intent": (
        _words("intent intencion"),
        _words(
            "category categoria label etiqueta clase class target output salida completion"
            " expected esperado expectedintent intencionesperada intentname labeltext tag"
        ),
    ),
    "kind": (_words("kind tipo"), frozenset()),
    "id": (_words("id"), frozenset()),
}


def plain(name: str) -> str:
    """Equal for names that differ by case, accents, spaces and signs: "Intención " is intencion."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(character for character in decomposed if character.isalnum())


def rank(name: str, role: Role) -> int | None:
    """0 for a plain name of the role, 1 for one that may mean something else, None for none."""
    form = plain(name)
    singulars = {form, form.removesuffix("s"), form.removesuffix("es")}
    return next((rank for rank, names in enumerate(NAMES[role]) if singulars & names), None)
