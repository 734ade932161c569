"""Finds the labels that a system prompt offers, and their descriptions.

resources/inference.py calls `find_labels` for a base model, resources/training_plan.py to start
training from what the labels say.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

# A line like "- devolver: quiere el dinero", "1) devolver" or "a) devolver".
_BULLET = re.compile(r"^\s*(?:[-*•–+]|\(?\d{1,3}[.)]|[a-z]\))\s+(?P<item>\S.*?)\s*$")
# Between a label and its description: a colon, an arrow, or a dash with spaces around it.
_SEPARATOR = re.compile(r"\s*(?::|=>|->|=|→|\s[-–—]\s|\s\()\s*")
# The word before the last label of a list, in Spanish or English.
_OR = r"(?:o|u|y|e|or|and)"
# Between two quoted labels: a mark, such a word, both, or a line break.
_BETWEEN = rf"(?:\s*[,;|/]\s*(?:{_OR}\s+)?|\s+{_OR}\s+|\s*\n\s*)"
_QUOTES = (r"`[^`\n]+`", r"\"[^\"\n]+\"", r"“[^”\n]+”", r"«[^»\n]+»", r"(?<!\w)'[^'\n]+'(?!\w)")
_JSON_LIST = re.compile(r"\[[^\[\]]*\]")
# "(comprar, devolver o queja)" or the same in square brackets.
_BRACKETS = re.compile(r"[\[(]([^\[\]()]+)[\])]")
# "Responde con una de estas: comprar, devolver o queja."
_AFTER_COLON = re.compile(r":\s*([^:\n]+?)(?:\.(?:\s|$)|\n|$)")
_LAST_JOIN = re.compile(rf",?\s+{_OR}\s+", re.IGNORECASE)
# "comprar, devolver o queja" anywhere, if each label is one word.
_PLAIN_RUN = re.compile(rf"\w+(?:, \w+)+,? {_OR} \w+", re.IGNORECASE)
_AROUND = " \t\"'`“”«»‘’*_.;,"

Labels = tuple["Label", ...]


@dataclass(frozen=True)
class Label:
    """One possible answer, and what the prompt says about it."""

    name: str
    description: str = ""


def find_labels(prompt: str) -> Labels:
    """The labels a prompt offers, in its order; none if it lists fewer than two."""
    for found in (
        _find_bullets(prompt),
        _find_json_list(prompt),
        _find_quoted(prompt),
        _find_bracketed(prompt),
        _find_enumerated(prompt),
    ):
        if len(found) >= 2:
            return found
    return ()


def _find_bullets(prompt: str) -> Labels:
    """The first block of bullets that all read like labels; empty lines may stand between them."""
    block: list[Label | None] = []
    for line in [*prompt.splitlines(), "the end"]:
        match = _BULLET.match(line)
        if match:
            block.append(_parse_bullet(match["item"]))
        elif line.strip() or None in block:
            if len(block) >= 2 and None not in block:
                return _deduplicate([label for label in block if label])
            block = []
    return ()


def _parse_bullet(item: str) -> Label | None:
    """A bullet as a label, or None if it reads like an instruction."""
    name, _, rest = _SEPARATOR.sub("\0", item, count=1).partition("\0")
    name = name.strip(_AROUND)
    return Label(name, rest.rstrip(")").strip()) if _is_short(name, words=4) else None


def _find_json_list(prompt: str) -> Labels:
    for text in _JSON_LIST.findall(prompt):
        try:
            names = json.loads(text)
        except ValueError:
            continue
        if len(names) >= 2 and all(isinstance(name, str) for name in names):
            return _deduplicate([Label(name) for name in names])
    return ()


def _find_quoted(prompt: str) -> Labels:
    """Quoted words in a row; two quotations far apart are no list."""
    for quote in _QUOTES:
        run = re.search(f"{quote}(?:{_BETWEEN}{quote})+", prompt)
        if run:
            return _to_labels(re.findall(quote, run.group()))
    return ()


def _find_bracketed(prompt: str) -> Labels:
    return max((_split_list(inside) for inside in _BRACKETS.findall(prompt)), key=len, default=())


def _find_enumerated(prompt: str) -> Labels:
    after_colon = max(
        (_split_list(rest) for rest in _AFTER_COLON.findall(prompt)), key=len, default=()
    )
    if len(after_colon) >= 2:
        return after_colon
    run = _PLAIN_RUN.search(prompt)
    return _split_list(run.group()) if run else ()


def _split_list(text: str) -> Labels:
    """`a, b, c o d`, `a | b` or `a / b` as labels; none as soon as one part is a sentence."""
    for mark in (",", ";", "|", "/"):
        if mark in text:
            parts = [piece for part in text.split(mark) for piece in _LAST_JOIN.split(part)]
            break
    else:
        parts = _LAST_JOIN.split(text)
    return _to_labels([part for part in parts if part.strip(_AROUND)])


def _to_labels(parts: list[str]) -> Labels:
    names = [part.strip(_AROUND) for part in parts]
    return (
        _deduplicate([Label(name) for name in names])
        if all(_is_short(name, words=3) for name in names)
        else ()
    )


def _is_short(name: str, *, words: int) -> bool:
    longest = 40 if " " in name else 100  # characters; card_payment_wrong_exchange_rate is one word
    return 0 < len(name) <= longest and len(name.split()) <= words


def _deduplicate(labels: list[Label]) -> Labels:
    kept: dict[str, Label] = {}
    for label in labels:
        kept.setdefault(label.name, label)
    return tuple(kept.values())
