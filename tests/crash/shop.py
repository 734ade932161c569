"""A shop so small that a whole life is short."""

from __future__ import annotations

import json

from agent.resources.catalog import PackagedCatalog
from states.places import Artifact

NAME, UID = "tienda", "0badcafe"


EXAMPLES = {
    "encender": [
        f"Enciende la luz {where}"
        for where in (
            "del salón",
            "de la cocina",
            "del baño",
            "de arriba",
            "de abajo",
            "ya",
            "aquí",
        )
    ],
    "apagar": [
        f"Apaga la luz {where}"
        for where in (
            "del salón",
            "de la cocina",
            "del baño",
            "de arriba",
            "de abajo",
            "ya",
            "aquí",
        )
    ],
}


CASES = [
    {"text": "Que haya luz", "expected": "encender"},
    {"text": "Déjalo a oscuras", "expected": "apagar"},
    {"text": "Dale al interruptor", "expected": "encender"},
]


FILES = tuple(Artifact)


EDITABLE = (Artifact.PROMPTS, Artifact.TRAINING, Artifact.VALIDATION)


class Catalog(PackagedCatalog):
    """The packaged one with a small example set, so that a whole life is short."""

    @property
    def starter_examples(self) -> bytes:
        return json.dumps(EXAMPLES, ensure_ascii=False).encode()

    @property
    def starter_cases(self) -> bytes:
        return json.dumps(CASES, ensure_ascii=False).encode()


CATALOG = Catalog()
