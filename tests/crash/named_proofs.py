"""The tests that must notice a breakage, by name: each is the test itself, with parameters that
`make test` gives it.

sabotage.py says which of them has to notice which breakage.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import signature
from typing import Any

import pytest

import agent.engine.decisions
import agent.engine.mutations
import agent.providers.azure_client
import agent.settings.config
from states.errors import NotFound, SettingsError
from states.state import State
from store.engine import open_engine
from store.sql import SqlStore
from tests.crash import (
    test_boundaries,
    test_budgets,
    test_fates,
    test_fuzz,
    test_meetings,
    test_renewals,
    test_sockets,
    test_teardowns,
)
from tests.crash.proofs import lives, meetings
from tests.crash.world import machine
from tests.unit import test_advice as advice
from tests.unit import test_cases_of_the_project as graded
from tests.unit import test_different_sentences as sentences
from tests.unit import test_emulator_gate as gate
from tests.unit import test_endings_of_answers as endings
from tests.unit import test_lags as lags
from tests.unit import test_loss_curve as loss_curve
from tests.unit import test_mended_files as mended
from tests.unit import test_network as network
from tests.unit import test_notices as notices
from tests.unit import test_ownership as services
from tests.unit import test_provider_errors as errors
from tests.unit import test_settings_that_set_nothing as settings
from tests.unit.desk import Desk

Patch = pytest.MonkeyPatch


def settings_refuse_a_short_settle() -> int:
    """`settle > time-out + listing lag`, or the program does not start."""
    base = {"AGENT_PROVIDER": "emulator", "AGENT_ENV_FILE": "/dev/null"}
    pairs = [("5", "0", "5"), ("5", "3", "8"), ("30", "60", "90"), ("0.5", "0", "0.4")]
    for timeout, lag, settle in pairs:
        durations = {
            "AGENT_REQUEST_TIMEOUT_SECONDS": timeout,
            "AGENT_LISTING_LAG_SECONDS": lag,
            "AGENT_SETTLE_SECONDS": settle,
        }
        try:
            agent.settings.config.load({**base, **durations})
        except SettingsError as refusal:
            assert "AGENT_SETTLE_SECONDS" in str(refusal)
        else:
            raise AssertionError(f"accepted: settle {settle} with time-out {timeout} and lag {lag}")
    return len(pairs)


def _mute(_line: str, **_counted: int) -> None:
    """What a test that is to fail has to tell."""


def _named(
    test: Callable[..., None], *given: Any, variant: str = ""
) -> tuple[str, Callable[[], object]]:
    return f"{test.__module__.rpartition('.')[2]}.py::{test.__name__}{variant}", lambda: test(
        *given, _mute
    )


def _unit(test: Callable[..., None], *given: Any) -> tuple[str, Callable[[], object]]:
    return f"{test.__module__.rpartition('.')[2]}.py::{test.__name__}", lambda: test(*given)


def _outlived(kind: str) -> tuple[str, Callable[[], object]]:
    test = test_fuzz.test_a_kind_of_reply_is_outlived
    return f"{_unit(test)[0]}[{kind}]", partial(test, kind)


def _at_a_desk(test: Callable[..., None], *given: Any) -> tuple[str, Callable[[], object]]:
    """A unit test with a home of its own, and whatever else of these it asks for by name."""

    def prove() -> None:
        with machine() as world, Patch.context() as patch:
            desk = Desk(world.home, SqlStore(open_engine(world.url)))
            offered = {"desk": desk, "tmp_path": world.home, "monkeypatch": patch}
            asked = {name: offered[name] for name in signature(test).parameters if name in offered}
            test(*given, **asked)
            desk.store.close()

    return _unit(test)[0], prove


# Each is the named test itself, with parameters with which `make test` runs it.
PROOFS: dict[str, Callable[[], object]] = dict(
    [
        _named(
            test_boundaries.test_a_crash_at_every_boundary_changes_nothing, test_boundaries.STRIDE
        ),
        _named(
            test_boundaries.test_a_power_cut_at_every_boundary_changes_nothing,
            test_boundaries.STRIDE,
        ),
        _named(
            test_boundaries.test_a_crash_at_every_boundary_of_a_cancellation_leaves_nothing,
            State.AWAITING_DEPLOY,
            test_boundaries.STRIDE,
        ),
        _named(test_budgets.test_what_is_over_the_budget_is_never_sent, 31),
        _named(test_teardowns.test_a_teardown_ends_with_none_of_ours_and_all_of_theirs, 5, "ttl"),
        _named(
            test_teardowns.test_a_teardown_ends_with_none_of_ours_and_all_of_theirs,
            *(5, "ttl_failed"),
            variant="[ttl_failed]",
        ),
        _named(
            test_renewals.test_a_renewal_makes_one_deployment_and_pays_no_answer_twice,
            37,
        ),
        _named(test_fates.test_every_fate_of_a_request_ends_in_one, "create_job"),
        _named(test_fates.test_every_pair_of_fates_ends_in_one, "create_job", test_fates.STRIDE),
        _named(test_fates.test_a_clock_set_by_a_day_makes_nothing_happen_twice),
        _named(test_fates.test_a_connection_that_takes_long_makes_nothing_happen_twice),
        _named(test_fates.test_what_an_edited_file_says_is_never_trained_unchecked),
        _named(test_fates.test_a_new_generation_sends_nothing_that_is_still_under_way, None),
        _named(test_fates.test_a_new_generation_leaves_nothing_of_the_old_one, None),
        _named(
            test_meetings.test_an_agent_stopped_at_every_boundary_finds_things_done,
            *(meetings.another_agent, lives.all_once, test_meetings.STRIDE),
            variant="[another_agent]",
        ),
        _named(
            test_meetings.test_an_agent_stopped_at_every_boundary_finds_things_done,
            *(meetings.another_agent_that_dies, lives.all_once, test_meetings.STRIDE),
            variant="[another_agent_that_dies]",
        ),
        _named(
            test_meetings.test_an_agent_that_wakes_late_begins_nothing_in_what_was_given_up,
            test_meetings.LATE,
        ),
        _named(test_sockets.test_a_lost_reply_makes_nobody_send_again),
        *map(_outlived, test_fuzz.KINDS),
        ("test_sabotage.py::test_settings_refuse_a_short_settle", settings_refuse_a_short_settle),
        _unit(sentences.test_sentences_that_differ_in_a_mark_contradict_nothing, "Pago", "Pagó"),
        _unit(sentences.test_what_nobody_sees_is_no_part_of_a_label),
        _unit(sentences.test_no_row_has_a_line_end_inside),
        _unit(services.test_two_emulators_have_two_names),
        _unit(gate.test_neither_a_stranger_nor_a_flood_gets_past_the_gate),
        _at_a_desk(graded.test_another_home_grades_on_the_same_cases, State.SPLIT),
        _at_a_desk(mended.test_a_mended_file_is_noticed),
        _at_a_desk(mended.test_an_unmended_file_is_not_run_again_and_pays_nothing),
        _at_a_desk(mended.test_a_file_that_is_still_being_saved_is_left_alone),
        _unit(settings.test_a_misspelt_name_in_the_file_is_refused, "AGENT_SEDE", "AGENT_SEED"),
        _unit(
            settings.test_an_address_of_another_form_is_refused_with_the_right_one,
            *("https://r.openai.azure.com/openai/deployments/x", "https://r.openai.azure.com"),
        ),
        _unit(
            advice.test_the_innermost_words_are_quoted_and_their_code_counts, advice.INNERMOST[0]
        ),
        _at_a_desk(
            network.test_a_proxy_or_certificate_that_cannot_be_used_is_named, *network.UNUSABLE[5]
        ),
        _unit(advice.test_a_token_that_resource_manager_refuses_is_not_blamed_on_the_key),
        _unit(
            errors.test_a_refusal_that_passes_by_its_own_words_is_waited_for,
            *(*errors.PASSING[0], True),
        ),
        _at_a_desk(lags.test_a_fresh_job_that_is_not_found_is_waited_for),
        _at_a_desk(
            lags.test_an_act_that_is_refused_for_now_is_repeated_and_happens_once,
            *(*lags.ACTS[1], lags.GONE),
        ),
        _at_a_desk(endings.test_a_case_that_is_never_answered_does_not_count),
        _at_a_desk(
            loss_curve.test_what_only_decorates_a_training_stops_none, "content", NotFound("404")
        ),
        _at_a_desk(endings.test_what_a_refusal_has_taught_is_kept_with_the_model),
        _at_a_desk(
            notices.test_a_kill_tells_a_thing_twice_at_most_and_never_not_at_all,
            "before it is sent",
        ),
    ]
)
