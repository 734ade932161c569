"""SIGKILL at random moments over whole lives: the agent, its emulator, or both; then whoever is
left, or started anew, goes on.
"""

from __future__ import annotations

import random
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from tests.crash import processes
from tests.crash.conftest import Tell
from tests.crash.proofs.lives import SEED

# in each of these tests, in one life or more: SIGKILLs that hit a living process, two where both
# are hit at once
KILLS = 7
LONG = ceil(200 / KILLS)  # tests in `make test-crash`, for 200 SIGKILLs
SHORT = 0  # `make test` has tests/e2e/test_kills.py: 20 of them in one life


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The files of a life in which nobody was killed."""
    home = tmp_path_factory.mktemp("life") / "mi tienda"
    home.mkdir()
    assert processes.lived(home, random.Random(0), kills=0) == 0
    return processes.final_files(home)


@pytest.mark.parametrize(
    "number", [pytest.param(n, marks=[] if n < SHORT else pytest.mark.slow) for n in range(LONG)]
)
def test_killed_at_random_moments_it_still_ends_the_same(
    number: int, undisturbed: dict[str, Any], tmp_path: Path, tell: Tell
) -> None:
    """Two uploads, one job, one deployment, a gapless history, the same files, and no process left
    behind.
    """
    tell(f"seed {SEED + number}")  # before anything can fail
    chance = random.Random(SEED + number)
    kills = lives = 0
    while kills < KILLS:
        home = tmp_path / f"mi tienda {lives}"
        home.mkdir()
        kills += processes.lived(home, chance, KILLS - kills)
        found = processes.final_files(home)
        different = [name for name in found if found[name] != undisturbed[name]]
        assert not different, f"{different} differ after {kills} kills, seed {SEED + number}"
        lives += 1
    tell(f"{kills} SIGKILLs in {lives} lives: 0 duplicates, 0 lost, 0 left behind", SIGKILLs=kills)
