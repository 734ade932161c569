"""More test cases beside those that a project has."""

from __future__ import annotations

import pytest

from states.errors import SettingsError
from states.intents.cases import NOTHING_TO_GRADE, Case
from states.intents.findings import Finding
from states.intents.gather_cases import NOTHING, CaseSet
from states.intents.joined_cases import join_cases
from states.intents.records import Source
from states.intents.sentences import Sentence


def _set(file: str, *cases: Case) -> CaseSet:
    places = [Sentence(case.text, case.label, Source(file), n) for n, case in enumerate(cases, 1)]
    return CaseSet(list(cases), places)


KNOWN = _set("old.csv", Case("uno", "typical", "Apaga la luz", "apagar"))


def test_what_is_new_is_added_and_what_is_known_stays() -> None:
    new = Case("dos", "hard", "Sube el volumen", "subir")
    joined = join_cases(KNOWN, _set("new.csv", Case("x", "hard", "apaga la  LUZ", "apagar"), new))
    assert joined.found.cases == [*KNOWN.cases, new]
    assert [one.source.file for one in joined.found.sentences] == ["old.csv", "new.csv"]
    assert (joined.added, joined.corrected) == (1, 0)
    assert join_cases(joined.found, _set("new.csv", new)).added == 0


def test_a_corrected_intent_counts_from_then_on() -> None:
    """Under the id that it has, so that its answer is found again."""
    joined = join_cases(KNOWN, _set("new.csv", Case("x", "typical", "Apaga la luz", None)))
    assert joined.found.cases == [Case("uno", "typical", "Apaga la luz", None)]
    assert (joined.found.sentences[0].intent, joined.corrected) == ("", 1)


def test_the_id_of_another_sentence_is_not_taken() -> None:
    given = _set("new.csv", *(Case("uno", "typical", text, "apagar") for text in ("a", "b")))
    found = join_cases(KNOWN, given).found.cases
    assert [case.id for case in found] == ["uno", "uno-2", "uno-3"]


def test_cases_that_no_intent_fits_may_be_added_alone() -> None:
    """Those that the project has are graded."""
    given = _set("new.csv", Case("x", "typical", "¿Qué hora es?", None))
    given.findings.append(Finding(NOTHING_TO_GRADE, is_error=True, kind=NOTHING))
    join_cases(KNOWN, given).found.refuse_mistakes()
    with pytest.raises(SettingsError):
        join_cases(CaseSet(), given).found.refuse_mistakes()


def test_a_project_without_cases_takes_them_as_they_are() -> None:
    joined = join_cases(CaseSet(), KNOWN)
    assert (joined.found.cases, joined.added) == (KNOWN.cases, 1)
