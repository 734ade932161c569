"""The service's two lists of base models, whatever stands in them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from agent.providers.base_models import (
    find_model,
    from_data_plane,
    from_manager,
    merge_all,
    read_list,
)
from states.errors import NeedsOperator
from states.remote import RemoteModel

MINI = "gpt-4.1-mini-2025-04-14"
BY_DATA = {
    "id": MINI,
    "capabilities": {"fine_tune": False, "inference": True},
    "lifecycle_status": "generally-available",
    "deprecation": {"fine_tune": 1_822_089_600, "inference": 1_822_089_600},
}
BY_MANAGER = {
    "format": "OpenAI",
    "name": "gpt-4.1-mini",
    "version": "2025-04-14",
    "capabilities": {"fineTune": "true"},
    "lifecycleStatus": "Deprecated",
    "deprecation": {"fineTune": "2027-04-14T00:00:00Z"},
}


def test_the_manager_has_the_last_word_and_one_that_trains_it_is_enough() -> None:
    listed = [from_data_plane(BY_DATA), from_manager(BY_MANAGER)]
    found = find_model("GPT-4.1-mini-2025-04-14", listed)
    assert found == RemoteModel(MINI, True, True, "Deprecated", "2027-04-14", "2027-09-28")
    assert merge_all(listed) == [found]
    assert from_manager({"kind": "OpenAI", "model": BY_MANAGER}) == from_manager(BY_MANAGER)


def test_what_the_lists_do_not_say_nobody_says() -> None:
    assert find_model(MINI, []) is None
    found = find_model("gpt-9", [from_data_plane(BY_DATA)])
    assert found is not None
    assert not found.is_listed
    assert from_manager({"name": "x", "version": "1"}) == RemoteModel("x-1")


def test_a_name_without_a_version_is_that_of_the_newest() -> None:
    listed = [RemoteModel(f"Qwen3-32B{rest}") for rest in ("-2", "-10", "-9-instruct", "x-99")]
    assert find_model("qwen3-32b", listed) == listed[1]
    assert find_model("Qwen3-32B-2", listed) == listed[0]
    assert find_model("Qwen3", listed) == RemoteModel("Qwen3", is_listed=False)
    bare = RemoteModel("Qwen3-32B")
    assert find_model("Qwen3-32B", [*listed, bare]) == bare


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"name": 3, "id": None},
        {"id": "x" * 9999, "name": "x" * 9999, "deprecation": [], "capabilities": "fine_tune"},
        {"id": "x", "name": "x", "deprecation": {"fine_tune": -1, "fineTune": "soon"}},
        {"id": "x", "name": "x", "deprecation": {"fine_tune": 1e300, "fineTune": {}}},
        {"id": "x", "name": "x", "capabilities": {"fine_tune": 1, "fineTune": "perhaps"}},
    ],
)
def test_a_hostile_item_says_nothing(item: dict[str, object]) -> None:
    for read in (from_data_plane, from_manager):
        found = read(item)
        assert (found.can_train, found.training_ends, found.deployment_ends) == (None, None, None)
        assert len(found.name) <= 200


def test_a_list_that_cannot_be_read_is_empty() -> None:
    def read() -> Iterable[RemoteModel]:
        yield RemoteModel("one")
        raise NeedsOperator("no right to list")

    assert read_list(read) == []
