"""Which trainings a project has had, by its intents. Called by mutations.py and spending.py."""

from __future__ import annotations

import re
from collections.abc import Iterable

from states.store_port import VOIDED, Intent

_GENERATION = re.compile(r"\.g(\d+)\.create-job$")  # at the end of the key (exactly_once.py)


def jobs_made(intents: Iterable[Intent]) -> dict[str, int]:
    """Each job that was created -> its generation, also where no checkpoint names it."""
    found = {}
    for intent in intents:
        key = _GENERATION.search(intent.key) if intent.kind == "create-job" else None
        if key is not None and intent.receipt not in (None, VOIDED):
            found[str(intent.receipt)] = int(key[1])
    return found
