"""What may become of a request, of a clock, of a file, and of a generation: each case by itself, in
every combination that fits.
"""

from __future__ import annotations

import pytest

from tests.crash.conftest import Tell
from tests.crash.proofs import fates, files, generations

pytestmark = pytest.mark.usefixtures("quiet")
KINDS = ("upload", "create_job", "create_deployment")
# Of the deployment: one made up from the project, or one from the settings.
NAMES = [None, pytest.param("modelo", marks=pytest.mark.slow)]
STRIDE = 31  # in `make test` every thirty-first pair of fates


@pytest.mark.parametrize("kind", KINDS)
def test_every_fate_of_a_request_ends_in_one(kind: str, tell: Tell) -> None:
    """Lost, silent, late, slow, long, refused, busy: once each, with and without lagging listings
    and slow looks.
    """
    tell(f"{fates.every_fate(1, kinds=[kind])} fates: 0 duplicates, 0 lost")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "stride",
    [pytest.param(STRIDE, id="sampled"), pytest.param(1, id="all", marks=pytest.mark.slow)],
)
def test_every_pair_of_fates_ends_in_one(kind: str, stride: int, tell: Tell) -> None:
    """The second attempt fares no better than the first: the wait is counted from the last one."""
    tell(f"{fates.every_fate(2, stride, kinds=[kind])} pairs of fates: 0 duplicates, 0 lost")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_seventh_triple_of_fates_ends_in_one(kind: str, tell: Tell) -> None:
    """Three attempts in a row come to nothing that could be seen."""
    tell(f"{fates.every_fate(3, 7, kinds=[kind])} triples of fates: 0 duplicates, 0 lost")


def test_a_clock_set_by_a_day_makes_nothing_happen_twice(tell: Tell) -> None:
    """Forward and back, while a request is unanswered."""
    tell(f"{fates.every_clock()} jumps of a day: 0 duplicates")


def test_a_connection_that_takes_long_makes_nothing_happen_twice(tell: Tell) -> None:
    """The process is killed just as the request leaves: it left soon after its stamp, or it never
    does.
    """
    tell(f"{fates.every_slow_connection()} slow connections: 0 duplicates")


def test_what_an_edited_file_says_is_never_trained_unchecked(tell: Tell) -> None:
    """The agent holds and names the file and both ways on; it takes neither by itself."""
    tell(f"{files.every_edit()} edits: 0 trainings on unchecked data")


def test_a_deleted_file_is_made_again(tell: Tell) -> None:
    """From the database alone, in every state."""
    tell(f"{files.every_loss()} deleted files: each made again")


@pytest.mark.parametrize("name", NAMES)
def test_a_new_generation_sends_nothing_that_is_still_under_way(
    name: str | None, tell: Tell
) -> None:
    """Begun anew while an upload, a job or a deployment is unanswered."""
    tried = generations.every_new_generation(names=[name])
    tell(f"{tried} new generations in the middle of a request: 0 duplicates, nothing left over")


@pytest.mark.parametrize("name", NAMES)
def test_a_new_generation_leaves_nothing_of_the_old_one(name: str | None, tell: Tell) -> None:
    """Restarted, failed and retried, or cancelled and retried in every state."""
    tell(f"{generations.every_restart(names=[name])} new generations: nothing left over")
