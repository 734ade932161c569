"""Deliberate breakages of the product: the proofs must notice every one of them.

Each is a patch of a public method, function or constructor argument.

Longer than other files, so that every breakage and its proof stand in one list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
    breakages,
    breakages_of_replies,
    test_boundaries,
    test_fates,
    test_fuzz,
    test_meetings,
    test_sockets,
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
from tests.unit import test_network as network
from tests.unit import test_ownership as services
from tests.unit import test_provider_errors as errors
from tests.unit import test_settings_that_set_nothing as settings
from tests.unit.desk import Desk

Patch = pytest.MonkeyPatch


# The proofs ---------------------------------------------------------------------------------------


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
        _named(test_meetings.test_an_agent_that_wakes_late_begins_nothing_in_what_was_given_up, 2),
        _named(test_sockets.test_a_lost_reply_makes_nobody_send_again),
        *map(_outlived, test_fuzz.KINDS),
        ("test_sabotage.py::test_settings_refuse_a_short_settle", settings_refuse_a_short_settle),
        _unit(sentences.test_sentences_that_differ_in_a_mark_contradict_nothing, "Pago", "Pagó"),
        _unit(sentences.test_what_nobody_sees_is_no_part_of_a_label),
        _unit(sentences.test_no_row_has_a_line_end_inside),
        _unit(services.test_two_emulators_have_two_names),
        _unit(gate.test_neither_a_stranger_nor_a_flood_gets_past_the_gate),
        _at_a_desk(graded.test_another_home_grades_on_the_same_cases, State.SPLIT),
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
    ]
)


# The breakages ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sabotage:
    """`what` is broken by `breaks`; `proof` (the beginning of a name in PROOFS) must notice."""

    what: str
    breaks: Callable[[Patch], None]
    proof: str


ALL = [
    Sabotage(
        "the emulator lets everybody in, with bodies of any size",
        breakages.everybody_is_let_in,
        "test_emulator_gate.py::test_neither",
    ),
    Sabotage(
        "the look-up before sending is left out",
        breakages.skip_the_look_up,
        "test_fates.py::test_every_fate",
    ),
    Sabotage(
        "the stamp is not renewed at a second attempt",
        breakages.stamp_not_renewed,
        "test_fates.py::test_every_pair",
    ),
    Sabotage(
        "settling is counted from the first attempt",
        breakages.settle_from_the_first_attempt,
        "test_fates.py::test_every_pair",
    ),
    Sabotage(
        "settling is counted to now, not to the look",
        breakages.settle_to_now_and_not_to_the_look,
        "test_fates.py::test_every_fate",
    ),
    Sabotage(
        "settling is counted from the beginning of a long request",
        breakages.settle_from_the_beginning_of_a_long_request,
        "test_fates.py::test_every_fate",
    ),
    Sabotage(
        "an unclear answer counts as a refusal",
        breakages.an_unclear_answer_counts_as_a_refusal,
        "test_fates.py::test_every_fate",
    ),
    Sabotage(
        "the settings allow settle ≤ time-out + lag",
        breakages.short_settle_allowed,
        "test_sabotage.py::test_settings",
    ),
    Sabotage(
        "a misspelt name in `.env` is passed over",
        breakages.misspelt_names_passed_over,
        "test_settings_that_set_nothing.py::test_a_misspelt",
    ),
    Sabotage(
        "a place within the API is taken as endpoint",
        breakages.any_place_is_an_endpoint,
        "test_settings_that_set_nothing.py::test_an_address",
    ),
    Sabotage(
        "what decorates a training may stop it",
        breakages.decoration_stops_the_work,
        "test_loss_curve.py::test_what_only",
    ),
    Sabotage(
        "the inner errors of a refusal are left out",
        breakages.inner_errors_left_out,
        "test_advice.py::test_the_innermost",
    ),
    Sabotage(
        "Resource Manager's refusals count as the data plane's",
        breakages.one_surface_for_all,
        "test_advice.py::test_a_token",
    ),
    Sabotage(
        "sentences that are merely close are one",
        breakages.close_sentences_are_one,
        "test_different_sentences.py::test_sentences_that_differ",
    ),
    Sabotage(
        "what nobody sees becomes part of a label",
        breakages.what_nobody_sees_is_kept,
        "test_different_sentences.py::test_what_nobody_sees",
    ),
    Sabotage(
        "a row is written with a line's end inside",
        breakages.line_ends_are_written_into_rows,
        "test_different_sentences.py::test_no_row",
    ),
    Sabotage(
        "all emulators are one service",
        breakages.emulators_have_one_name,
        "test_ownership.py::test_two_emulators_have",
    ),
    Sabotage(
        "each home grades on its own test cases",
        breakages.each_home_has_its_own_cases,
        "test_cases_of_the_project.py::test_another_home",
    ),
    Sabotage(
        "a refusal that passes by its own words is final",
        breakages.passing_refusals_are_final,
        "test_provider_errors.py::test_a_refusal_that_passes",
    ),
    Sabotage(
        "a fresh job that is not found has vanished",
        breakages.no_job_is_fresh,
        "test_lags.py::test_a_fresh_job",
    ),
    Sabotage(
        "one 404 to an act is believed",
        breakages.one_404_to_an_act_is_believed,
        "test_lags.py::test_an_act",
    ),
    Sabotage(
        "a case without an answer counts",
        breakages.unanswered_cases_count,
        "test_endings_of_answers.py::test_a_case",
    ),
    Sabotage(
        "what a refusal has taught is forgotten",
        breakages.what_was_taught_is_forgotten,
        "test_endings_of_answers.py::test_what_a_refusal",
    ),
    Sabotage(
        "the environment's proxy is not tried at the start",
        breakages.proxies_not_tried,
        "test_network.py::test_a_proxy_or",
    ),
    Sabotage(
        "settle is shorter than the time-out",
        breakages.short_settle_used,
        "test_fates.py::test_every_fate",
    ),
    Sabotage(
        "a request is sent however late",
        breakages.sent_however_late,
        "test_fates.py::test_a_connection_that_takes_long",
    ),
    Sabotage(
        "the clock of the wall alone is believed",
        breakages.wall_clock_only,
        "test_fates.py::test_a_clock",
    ),
    Sabotage("keys are random", breakages.random_keys, "test_fates.py::test_every_fate"),
    Sabotage(
        "receipts are dropped, and no look-up",
        breakages.receipts_dropped_and_no_look_up,
        "test_boundaries.py::test_a_crash_at_every_boundary_changes",
    ),
    Sabotage(
        "the row is moved without its version",
        breakages.no_version_guard,
        "test_meetings.py::test_an_agent_stopped_at_every_boundary_finds_things_done[another_agent]",
    ),
    Sabotage(
        "row and checkpoint in two transactions",
        breakages.row_and_checkpoint_in_two_transactions,
        "test_boundaries.py::test_a_crash_at_every_boundary_changes",
    ),
    Sabotage(
        "the compare-and-swap is always won",
        breakages.compare_and_swap_always_wins,
        "test_meetings.py::test_an_agent_stopped_at_every_boundary_finds_things_done[another_agent_that_dies]",
    ),
    Sabotage(
        "calling off takes two steps",
        breakages.called_off_in_two_steps,
        "test_meetings.py::test_an_agent_that_wakes",
    ),
    Sabotage(
        "the SDK retries by itself", breakages.sdk_retries_on, "test_sockets.py::test_a_lost_reply"
    ),
    Sabotage(
        "answers are not kept",
        breakages.answers_not_kept,
        "test_boundaries.py::test_a_crash_at_every_boundary_changes",
    ),
    Sabotage(
        "a file is renamed before it is fsynced",
        breakages.rename_without_fsync,
        "test_boundaries.py::test_a_power_cut",
    ),
    Sabotage(
        "a file is written in place",
        breakages.no_atomic_rename,
        "test_boundaries.py::test_a_crash_at_every_boundary_changes",
    ),
    Sabotage("a hold is ignored", breakages.hold_ignored, "test_fates.py::test_what_an_edited"),
    Sabotage(
        "no last look at the files before the job",
        breakages.last_look_left_out,
        "test_fates.py::test_what_an_edited",
    ),
    Sabotage(
        "the digest of a file is not checked",
        breakages.digest_not_checked,
        "test_fates.py::test_what_an_edited",
    ),
    Sabotage(
        "a new generation forgets what the old one has under way",
        breakages.a_new_generation_forgets_what_is_under_way,
        "test_fates.py::test_a_new_generation_sends",
    ),
    Sabotage(
        "an old generation is left alone at the service",
        breakages.an_old_generation_is_left_alone,
        "test_fates.py::test_a_new_generation_leaves",
    ),
    Sabotage(
        "a listing without a deployment proves its deletion",
        breakages.a_listing_proves_a_deletion,
        "test_boundaries.py::test_a_crash_at_every_boundary_of_a_cancellation",
    ),
    Sabotage(
        "redirects are followed",
        breakages_of_replies.redirects_followed,
        "test_fuzz.py::test_a_kind_of_reply_is_outlived[redirects]",
    ),
    Sabotage(
        "a reply may have any size",
        breakages_of_replies.replies_without_bound,
        "test_fuzz.py::test_a_kind_of_reply_is_outlived[bomb]",
    ),
    Sabotage(
        "a listing may go on for ever",
        breakages_of_replies.listings_without_bound,
        "test_fuzz.py::test_a_kind_of_reply_is_outlived[fresh for ever]",
    ),
    Sabotage(
        "any 2xx counts as a deletion",
        breakages_of_replies.any_success_deletes,
        "test_fuzz.py::test_a_kind_of_reply_is_outlived[success of another shape]",
    ),
    Sabotage(
        "the text of strangers is not cleaned",
        breakages_of_replies.strangers_text_is_not_cleaned,
        "test_fuzz.py::test_a_kind_of_reply_is_outlived[text of strangers]",
    ),
]


def proof_of(sabotage: Sabotage) -> str:
    """The full name of the proof that must notice."""
    (name,) = [name for name in PROOFS if name == sabotage.proof] or [
        name for name in PROOFS if name.startswith(sabotage.proof)
    ]
    return name
