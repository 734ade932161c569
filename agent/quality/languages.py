"""Rows in another language than most: a customer's own, or a slip of whoever gathered them.

A stage of assessment.py. Short sentences are not judged: "ok" and "no" are of every language.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

from agent.quality.work import Work, places, sample
from states.intents.findings import Assessment, Finding
from states.intents.sentences import Sentence
from states.text import Text, say

# Of all that py3langid knows, those a customer of a Spanish or English shop may write in.
LANGUAGES = ("ar", "ca", "de", "en", "es", "eu", "fr", "gl", "it", "ja", "nl", "pt", "ru", "zh")
# Measured on 13,083 English and 6,659 Spanish rows, docs/quality.md: at 0.1 a few are wrong.
UNLIKELY = 0.05  # for the language of most rows; it does not matter which other one it is
WORDS, LETTERS = 3, 10  # fewer are not judged
MEANT = 0.2  # share of the rows from which a second language is there on purpose
MOST = 100_000  # sentences looked at; of more, as many drawn at random
_ENOUGH = 2_000  # sentences that tell which language most are in

_WORD = re.compile(r"[^\W\d_]+")
_WITHOUT_SPACES = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")  # Japanese, Chinese
_LENGTH = 2_000  # characters of a sentence looked at


def stage(work: Work) -> Assessment:
    long_enough = [one for one in work.sentences if is_long_enough(one.text)]
    judged = sample(long_enough, MOST)
    if not judged:
        return Assessment()
    try:
        main = main_language([one.text for one in judged])
        found = _find(judged, main, work)
    finally:
        _identifier.cache_clear()  # 80 MB, for a check that a daemon makes once
    counts = Counter(language for language, _ in found)
    foreign = [(language, one) for language, one in found if counts[language] < _most(judged)]
    figures = {
        "judged": len(judged),
        "of": len(long_enough),
        "main": main,
        "others": dict(counts),
    }
    return Assessment(_tell(foreign, main), {"languages": figures})


def _find(judged: Sequence[Sentence], main: str, work: Work) -> list[tuple[str, Sentence]]:
    found = []
    for at, one in enumerate(judged):
        if at % 10_000 == 0:
            work.pause()
        if language := other_language(one.text, main):
            found.append((language, one))
    return found


def _most(judged: Sequence[Sentence]) -> float:
    return max(MEANT * len(judged), 2)


def is_long_enough(text: str) -> bool:
    words = _WORD.findall(text)
    letters = sum(map(len, words))
    return letters >= LETTERS and (len(words) >= WORDS or bool(_WITHOUT_SPACES.search(text)))


def main_language(texts: Sequence[str]) -> str:
    """The code of the language that most of the first ones are in, evenly taken."""
    step = max(1, len(texts) // _ENOUGH)
    return Counter(_rank(text)[0][0] for text in texts[::step]).most_common(1)[0][0]


def other_language(text: str, main: str) -> str | None:
    """The code of the likeliest language, where `main` is hardly possible."""
    ranked = _rank(text)
    return ranked[0][0] if dict(ranked)[main] < UNLIKELY else None


def _rank(text: str) -> list[tuple[str, float]]:
    """Codes and probabilities, the likeliest first."""
    return [(str(code), float(chance)) for code, chance in _identifier().rank(text[:_LENGTH])]


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def _tell(foreign: Sequence[tuple[str, Sentence]], main: str) -> list[Finding]:
    if not foreign:
        return []
    counts = Counter(language for language, _ in foreign)
    text = say(
        "{count} sentence looks like another language ({languages}) than the rest ({main}). Take it"
        " out if customers do not write so.",
        "{count} sentences look like another language ({languages}) than the rest ({main}). Take"
        " them out if customers do not write so.",
        count=len(foreign),
        languages=_listed(counts),
        main=main,
    )
    rows = places([one for _, one in foreign])
    return [Finding(text, kind="other_language", rows=rows, count=len(foreign))]


def _listed(counts: Counter[str]) -> Text:
    return Text(", ".join(f"{language}: {count}" for language, count in counts.most_common()))
