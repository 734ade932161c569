"""The words by which a person's file of test cases says that no intent fits a sentence.

gather_cases.py reads them and `export` writes one. In test_cases.json it is null alone.
"""

from __future__ import annotations

from collections.abc import Collection

from states.intents.forms import NO_INTENT
from states.intents.set_rules import label_form

# The first is written. An empty cell is none of them: it is more often one that was forgotten.
WORDS = (NO_INTENT, "none", "null", "oos", "out_of_scope", "ninguna", "ninguno")
_FORMS = frozenset(map(label_form, WORDS))


def means_no_intent(word: str, intents: Collection[str]) -> bool:
    """Up to case, accents, spaces, _ and -; never where an intent is called so, or nearly."""
    form = label_form(word)
    return form in _FORMS and all(label_form(intent) != form for intent in intents)


def word_for_no_intent(intents: Collection[str]) -> str:
    """One that is read back as such; the first where a project has an intent for each."""
    return next((word for word in WORDS if means_no_intent(word, intents)), WORDS[0])
