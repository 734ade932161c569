"""A proof that nothing can fail proves nothing: each deliberate breakage is caught by a named test,
which passes without it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from states.errors import StoreError
from tests.crash import breakages, named_proofs, schedules
from tests.crash.conftest import Tell
from tests.crash.named_proofs import PROOFS
from tests.crash.proofs import lives
from tests.crash.proofs.lives import SEED
from tests.crash.sabotage import ALL, Sabotage, proof_of

pytestmark = pytest.mark.usefixtures("quiet")
PAGE = Path(__file__).parents[2] / "docs" / "guarantees.md"
# What random schedules alone find within the number given below; the other breakages are too well
# hidden for them.
FOUND_BY_CHANCE = (
    breakages.skip_the_look_up,
    breakages.receipts_dropped_and_no_look_up,
    breakages.no_version_guard,
    breakages.an_unclear_answer_counts_as_a_refusal,
    breakages.hold_ignored,
)


def test_settings_refuse_a_short_settle() -> None:
    """The program does not start with settle ≤ time-out + listing lag."""
    assert named_proofs.settings_refuse_a_short_settle() > 0


@pytest.mark.parametrize("broken", ALL, ids=lambda s: s.breaks.__name__)
def test_a_breakage_is_caught(
    broken: Sabotage, monkeypatch: pytest.MonkeyPatch, tell: Tell
) -> None:
    """The named test, which passes as things are, fails when they are broken."""
    lives.untouched()  # what the others are compared with: before anything is broken
    broken.breaks(monkeypatch)
    with pytest.raises((AssertionError, StoreError)) as caught:
        PROOFS[proof_of(broken)]()
    tell(f"caught: “{broken.what}” ({str(caught.value).splitlines()[0][:50]} …)")


@pytest.mark.slow
@pytest.mark.parametrize(
    "broken", [s for s in ALL if s.breaks in FOUND_BY_CHANCE], ids=lambda s: s.breaks.__name__
)
def test_random_schedules_alone_catch_a_breakage(
    broken: Sabotage, monkeypatch: pytest.MonkeyPatch, tell: Tell
) -> None:
    """The schedules are not a formality: without knowing what to look for, they find the coarse
    breakages.
    """
    broken.breaks(monkeypatch)
    with pytest.raises((AssertionError, StoreError)):
        schedules.prove(SEED, 1000, shrink=False)  # it ends with the first it finds
    tell(f"“{broken.what}” caught by random schedules")


def test_the_page_names_every_breakage_and_its_test() -> None:
    """docs/guarantees.md is not a promise but a list of what is tested."""
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    missing = [
        s.what
        for s in ALL
        if not any(s.what in row and proof_of(s).partition("::")[2] in row for row in rows)
    ]
    assert not missing, f"not in {PAGE.name}, or not with their test: {missing}"
