"""Deliberate breakages of the product: the proofs must notice every one of them.

Longer than other files, so that every breakage and its proof stand in one list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.crash import (
    breakages,
    breakages_of_inputs,
    breakages_of_money,
    breakages_of_notices,
    breakages_of_replies,
)
from tests.crash.named_proofs import PROOFS

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Sabotage:
    """`what` is broken by `breaks`; `proof` (the beginning of a name in PROOFS) must notice."""

    what: str
    breaks: Callable[[Patch], None]
    proof: str


ALL = [
    Sabotage(
        "nobody asks for the budget",
        breakages_of_money.budget_not_asked_for,
        "test_budgets.py::test_what_is_over",
    ),
    Sabotage(
        "a teardown is written down and not carried out",
        breakages_of_money.teardown_not_carried_out,
        "test_teardowns.py::test_a_teardown_ends_with_none_of_ours_and_all_of_theirs",
    ),
    Sabotage(
        "a deployment past its time goes only where its project is ANALYZED",
        breakages_of_money.overdue_only_where_analyzed,
        "test_teardowns.py::test_a_teardown_ends_with_none_of_ours_and_all_of_theirs[ttl_failed]",
    ),
    Sabotage(
        "what has ended by itself is made anew under the key that it was made by",
        breakages_of_money.renewed_without_a_generation,
        "test_renewals.py::test_a_renewal",
    ),
    Sabotage(
        "an address counts as told before it was",
        breakages_of_notices.noted_before_it_is_sent,
        "test_notices.py::test_a_kill_tells",
    ),
    Sabotage(
        "the emulator lets everybody in, with bodies of any size",
        breakages_of_inputs.everybody_is_let_in,
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
        breakages_of_inputs.short_settle_allowed,
        "test_sabotage.py::test_settings",
    ),
    Sabotage(
        "a misspelt name in `.env` is passed over",
        breakages_of_inputs.misspelt_names_passed_over,
        "test_settings_that_set_nothing.py::test_a_misspelt",
    ),
    Sabotage(
        "a place within the API is taken as endpoint",
        breakages_of_inputs.any_place_is_an_endpoint,
        "test_settings_that_set_nothing.py::test_an_address",
    ),
    Sabotage(
        "what decorates a training may stop it",
        breakages_of_replies.decoration_stops_the_work,
        "test_loss_curve.py::test_what_only",
    ),
    Sabotage(
        "the inner errors of a refusal are left out",
        breakages_of_replies.inner_errors_left_out,
        "test_advice.py::test_the_innermost",
    ),
    Sabotage(
        "Resource Manager's refusals count as the data plane's",
        breakages_of_replies.one_surface_for_all,
        "test_advice.py::test_a_token",
    ),
    Sabotage(
        "sentences that are merely close are one",
        breakages_of_inputs.close_sentences_are_one,
        "test_different_sentences.py::test_sentences_that_differ",
    ),
    Sabotage(
        "what nobody sees becomes part of a label",
        breakages_of_inputs.what_nobody_sees_is_kept,
        "test_different_sentences.py::test_what_nobody_sees",
    ),
    Sabotage(
        "a row is written with a line's end inside",
        breakages_of_inputs.line_ends_are_written_into_rows,
        "test_different_sentences.py::test_no_row",
    ),
    Sabotage(
        "all emulators are one service",
        breakages_of_inputs.emulators_have_one_name,
        "test_ownership.py::test_two_emulators_have",
    ),
    Sabotage(
        "each home grades on its own test cases",
        breakages_of_inputs.each_home_has_its_own_cases,
        "test_cases_of_the_project.py::test_another_home",
    ),
    Sabotage(
        "a mended file is not noticed",
        breakages_of_inputs.mended_files_not_noticed,
        "test_mended_files.py::test_a_mended",
    ),
    Sabotage(
        "a file that was refused is run again at each poll",
        breakages_of_inputs.refused_files_run_again,
        "test_mended_files.py::test_an_unmended",
    ),
    Sabotage(
        "a file half saved is taken",
        breakages_of_inputs.half_saved_files_taken,
        "test_mended_files.py::test_a_file_that_is_still",
    ),
    Sabotage(
        "a refusal that passes by its own words is final",
        breakages_of_replies.passing_refusals_are_final,
        "test_provider_errors.py::test_a_refusal_that_passes",
    ),
    Sabotage(
        "a fresh job that is not found has vanished",
        breakages_of_replies.no_job_is_fresh,
        "test_lags.py::test_a_fresh_job",
    ),
    Sabotage(
        "one 404 to an act is believed",
        breakages_of_replies.one_404_to_an_act_is_believed,
        "test_lags.py::test_an_act",
    ),
    Sabotage(
        "a case without an answer counts",
        breakages_of_replies.unanswered_cases_count,
        "test_endings_of_answers.py::test_a_case",
    ),
    Sabotage(
        "what a refusal has taught is forgotten",
        breakages_of_replies.what_was_taught_is_forgotten,
        "test_endings_of_answers.py::test_what_a_refusal",
    ),
    Sabotage(
        "the environment's proxy is not tried at the start",
        breakages_of_inputs.proxies_not_tried,
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
        breakages_of_inputs.digest_not_checked,
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
