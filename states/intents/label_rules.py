"""What the names and numbers of the intents alone give away: no library is needed for it.

agent/quality applies RULES before its classifier. A new rule is one function and one line in RULES.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations

from states.intents.document import SHOWN
from states.intents.findings import Finding
from states.intents.sentences import Sentence
from states.intents.set_rules import label_form
from states.text import Text, say

OUTWEIGHS = 10  # times as many sentences: a model leans towards the larger intent
SPLITS_WELL = 5  # sentences: with fewer, at most one is set aside for validation
_SHORTEST, _LONGEST = 4, 60  # characters of a name in which one letter may be a slip
_GROUP = 50  # names compared with each other: thousands that differ in spaces alone are no slip
# Letters of Cyrillic and Greek, and the Latin ones that nobody can tell them from.
_LOOKALIKES = str.maketrans("асеорхуіјѕкмнтвαοερικντχ", "aceopxyijskmhtbaoepikvtx")

Rule = Callable[[Sequence[Sentence], Sequence[Sentence]], list[Finding]]


def check(sentences: Sequence[Sentence], cases: Sequence[Sentence]) -> list[Finding]:
    """What every rule finds, in the order of RULES."""
    return [finding for rule in RULES for finding in rule(sentences, cases)]


def warn_of_labels_alike(
    sentences: Sequence[Sentence], _cases: Sequence[Sentence]
) -> list[Finding]:
    """Two names for what is perhaps one intent: the model would learn to tell them apart."""
    first: dict[str, Sentence] = {}
    for one in sentences:
        first.setdefault(one.intent, one)
    pairs = list(labels_alike(first))
    if not pairs:
        return []
    shown = tuple(
        say("{one} and {other}", one=repr(one), other=repr(other)) for one, other in pairs[:SHOWN]
    )
    text = say(
        "{count} pair of intents has nearly the same name. If the two are one, join them:\n{pairs}",
        "{count} pairs of intents have nearly the same name. If two are one, join them:\n{pairs}",
        count=len(pairs),
        pairs=shown,
    )
    rows = tuple(first[name].where for pair in pairs[:SHOWN] for name in pair)
    can_be_merged = any(label_form(one) == label_form(other) for one, other in pairs)
    return [
        Finding(
            text,
            kind="labels_alike",
            rows=rows[:SHOWN],
            count=len(pairs),
            command=Text("--merge-labels") if can_be_merged else None,
        )
    ]


def labels_alike(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs that differ in case, spaces, hyphens, accents or in one letter, and in no digit."""
    groups = defaultdict(list)
    for name in names:
        for key in _keys(_plain(name)):
            groups[key].append(name)
    seen = set()
    for group in groups.values():
        for pair in combinations(group[:_GROUP], 2):
            if pair not in seen and _is_alike(*(_plain(name) for name in pair)):
                yield pair
            seen.add(pair)


def _plain(name: str) -> str:
    """The name in Latin letters where it looks so, without case, accents, spaces and hyphens."""
    decomposed = unicodedata.normalize("NFKD", name.casefold()).translate(_LOOKALIKES)
    return "".join(
        c for c in decomposed if unicodedata.category(c) not in ("Mn", "Zs", "Pd", "Pc", "Cf", "Cc")
    )


def _keys(plain: str) -> set[str]:
    """Names that differ in one letter share one: what is left without some letter.

    A digit is left out together with nothing else: item1 and item2 are two on purpose, and so are
    ten thousand of them.
    """
    if not _SHORTEST <= len(plain) <= _LONGEST:
        return {plain}
    without = {
        plain[:at] + plain[at + 1 :] for at, letter in enumerate(plain) if not letter.isdigit()
    }
    return without | {plain}


def _is_alike(one: str, other: str) -> bool:
    """Equal, or one letter apart: replaced, missing, or changed with its neighbour."""
    if one == other:
        return True
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    rest, others = one[start:], other[start:]
    if rest[:1].isdigit() or others[:1].isdigit():
        return False
    return (
        rest[1:] == others[1:]
        or rest[1:] == others
        or rest == others[1:]
        or (rest[1::-1] + rest[2:] == others and len(rest) > 1)
    )


def warn_of_imbalance(sentences: Sequence[Sentence], _cases: Sequence[Sentence]) -> list[Finding]:
    """A model that has seen one intent ten times as often as another leans towards it."""
    counts = Counter(one.intent for one in sentences).most_common()
    if not counts or counts[0][1] < OUTWEIGHS * counts[-1][1]:
        return []
    (most, count), (least, few) = counts[0], counts[-1]
    text = say(
        "{most} has {count} sentences, {least} only {few}: the model will lean towards {most}."
        " Add sentences to the small intents.",
        most=repr(most),
        count=count,
        least=repr(least),
        few=few,
    )
    small = {intent for intent, number in counts if counts[0][1] >= OUTWEIGHS * number}
    return [Finding(text, kind="imbalance", rows=_first_rows(sentences, small), count=len(small))]


def warn_of_small_intents(
    sentences: Sequence[Sentence], _cases: Sequence[Sentence]
) -> list[Finding]:
    """Of so few sentences, one or none is left to measure with."""
    counts = Counter(one.intent for one in sentences)
    small = [intent for intent, number in counts.items() if number < SPLITS_WELL]
    if not small:
        return []
    text = say(
        "{count} intent has fewer than {least} sentences, too few to train and to validate with:"
        " {intents}. Add some.",
        "{count} intents have fewer than {least} sentences, too few to train and to validate with:"
        " {intents}. Add some.",
        count=len(small),
        least=SPLITS_WELL,
        intents=_listed(small),
    )
    rows = _first_rows(sentences, set(small))
    return [Finding(text, kind="small_intents", rows=rows, count=len(small))]


def warn_of_intents_without_cases(
    sentences: Sequence[Sentence], cases: Sequence[Sentence]
) -> list[Finding]:
    """What is not asked about is not measured."""
    if not cases:
        return []
    asked = {case.intent for case in cases}
    without = [intent for intent in Counter(one.intent for one in sentences) if intent not in asked]
    if not without:
        return []
    text = say(
        "{count} intent has no test case, so nobody will know how well it is recognized:"
        " {intents}. Add a case.",
        "{count} intents have no test case, so nobody will know how well they are recognized:"
        " {intents}. Add a case for each.",
        count=len(without),
        intents=_listed(without),
    )
    rows = _first_rows(sentences, set(without))
    return [Finding(text, kind="intents_without_cases", rows=rows, count=len(without))]


def _listed(intents: Sequence[str]) -> str:
    names = ", ".join(repr(intent) for intent in intents[:SHOWN])
    return names if len(intents) <= SHOWN else f"{names}, …"


def _first_rows(sentences: Sequence[Sentence], intents: set[str]) -> tuple[Text, ...]:
    """Where each of the intents begins, the first few."""
    first: dict[str, Text] = {}
    for one in sentences:
        if one.intent in intents and one.intent not in first:
            first[one.intent] = one.where
            if len(first) == SHOWN:
                break
    return tuple(first.values())


RULES: tuple[Rule, ...] = (
    warn_of_labels_alike,
    warn_of_imbalance,
    warn_of_small_intents,
    warn_of_intents_without_cases,
)
