"""More test cases for a project that has some. The commands import and evaluate use it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from states.intents.forms import same_form
from states.intents.gather_cases import NOTHING, CaseSet


@dataclass(frozen=True)
class JoinedCases:
    """`added`: not there before; `corrected`: there already, and expect another intent now."""

    found: CaseSet
    added: int
    corrected: int


def join_cases(known: CaseSet, given: CaseSet) -> JoinedCases:
    """The known cases, then the new ones.

    Of a sentence that is known, the intent given now counts, under the id that it has. A new one
    under the id of another gets an id of its own."""
    cases, sentences = list(known.cases), list(known.sentences)
    at: dict[str, list[int]] = {}
    for place, case in enumerate(cases):
        at.setdefault(same_form(case.text), []).append(place)
    ids, corrected = {case.id for case in cases}, 0
    for case, sentence in zip(given.cases, given.sentences, strict=True):
        there = at.get(same_form(case.text))
        if there is None:
            cases.append(replace(case, id=_find_free(case.id, ids)))
            sentences.append(sentence)
            ids.add(cases[-1].id)
            continue
        corrected += any(cases[place].expected != case.expected for place in there)
        for place in there:
            cases[place] = replace(cases[place], expected=case.expected)
            sentences[place] = replace(sentences[place], intent=case.label)
    added = len(cases) - len(known.cases)
    findings = given.findings
    if any(case.expected is not None for case in cases):
        findings = [one for one in findings if one.kind != NOTHING]
    joined = replace(given, cases=cases, sentences=sentences, findings=findings)
    return JoinedCases(joined, added, corrected)


def _find_free(name: str, ids: set[str]) -> str:
    number, free = 1, name
    while free in ids:
        number += 1
        free = f"{name}-{number}"
    return free
