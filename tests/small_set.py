"""Another set of intents than the shop's, of the least size, so that a run is short."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SMALL = {
    "encender": (
        [
            f"Enciende la luz {place}"
            for place in ("del salón", "de la cocina", "del baño", "de la entrada", "de arriba")
        ]
        + ["Pon la lámpara", "Dale a la luz", "Que haya luz"]
    ),
    "apagar": (
        [
            f"Apaga la luz {place}"
            for place in ("del salón", "de la cocina", "del baño", "de la entrada", "de arriba")
        ]
        + ["Quita la lámpara", "Corta la luz", "Déjalo a oscuras"]
    ),
}


SMALL_CASES = [
    {"text": "Enciende todas las luces", "expected": "encender"},
    {"text": "Apaga todas las luces", "expected": "apagar"},
]


def write_small_set(
    home: Path, *, project: str | None = None, cases: bool = True, examples: Any = None
) -> None:
    """The set and its cases, where the home's project looks for them."""
    folder = home / "data" / (f"projects/{project}/raw" if project else "raw")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "intent_examples.json").write_text(json.dumps(examples or SMALL, ensure_ascii=False))
    if cases:
        (folder / "test_cases.json").write_text(json.dumps(SMALL_CASES, ensure_ascii=False))
