"""Paraphrases made by rule, the same on every machine: what tests/bench/labels.py plants."""

from __future__ import annotations

from random import Random

SYNONYMS = {
    "buy": "purchase",
    "cash": "money",
    "get": "receive",
    "help": "assist",
    "money": "cash",
    "need": "require",
    "purchase": "buy",
    "show": "display",
    "still": "yet",
    "want": "wish",
    "why": "how come",
    "alarma": "aviso",
    "cancelar": "anular",
    "mostrar": "enseñar",
    "poner": "programar",
    "quiero": "necesito",
    "recordatorio": "aviso",
}
OPENINGS = ("Hi, ", "Hello, ", "Please, ", "Ok, ")


def misspell(text: str, random: Random) -> str:
    """Two letters inside the longest word change places."""
    words = text.split()
    at = max(range(len(words)), key=lambda index: len(words[index]))
    word = words[at]
    if len(word) < 4:
        return f"{text} {word}"
    cut = random.randrange(1, len(word) - 2)
    words[at] = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
    return " ".join(words)


def replace_a_word(text: str, random: Random) -> str:
    """A word of the table is replaced; a text without one is misspelt."""
    words = text.split()
    known = [at for at, word in enumerate(words) if word.lower() in SYNONYMS]
    if not known:
        return misspell(text, random)
    at = random.choice(known)
    words[at] = SYNONYMS[words[at].lower()]
    return " ".join(words)


def reorder(text: str, random: Random) -> str:
    """The last words come first: "my card, where is"."""
    words = text.rstrip("?.! ").split()
    cut = random.randrange(1, len(words)) if len(words) > 1 else 0
    return " ".join([*words[cut:], *words[:cut]])


def open_politely(text: str, random: Random) -> str:
    """Something is said before it, and its marks are left out."""
    return random.choice(OPENINGS) + text.rstrip("?.! ").lower()


EDITS = (misspell, replace_a_word, reorder, open_politely)


def paraphrase(text: str, random: Random, edits: int = 2) -> str:
    """The text after some different edits."""
    for edit in random.sample(EDITS, edits):
        text = edit(text, random)
    return text
