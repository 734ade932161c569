"""AzureService against a service whose answers and listings know no measure."""

from __future__ import annotations

import gc
import json
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from agent.providers import azure, paging
from agent.providers.azure import AzureService
from states.errors import NeedsOperator, Transient, Unclear
from tests.contract.azure_calls import ACTS, LOOKS
from tests.contract.stranger import Answer, Stranger

MEGABYTE = 1024 * 1024
SURFACES = ["2024-10-21", "v1"]
CALLS: dict[str, Callable[[AzureService], object]] = {**LOOKS, **ACTS}
Connect = Callable[..., AzureService]


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """Two gigabytes of zeros in two megabytes: after a full flush, each block is as the one before.

    The end is missing, which nobody reaches."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first, block = (
        packer.compress(bytes(8 * MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2)
    )
    return first + 255 * block


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("call", CALLS)
def test_what_unpacks_into_gigabytes_is_not_unpacked(
    call: str, status: int, bomb: bytes, stranger: Stranger, connect: Connect
) -> None:
    """Nor kept: it is counted while it streams, on every surface and whatever the status."""
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    stranger.say(Answer(status, bomb, headers))
    tracemalloc.start()
    try:
        with pytest.raises(Unclear, match="more than"):
            CALLS[call](connect())
        assert tracemalloc.get_traced_memory()[1] < 64 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_an_answer_beyond_its_bound_is_not_read(stranger: Stranger, connect: Connect) -> None:
    """Though it is JSON, and about the very job."""
    stranger.say(
        Answer(200, b'{"id": "ftjob-1", "more": "' + bytes(MEGABYTE).hex().encode() + b'"}')
    )
    with pytest.raises(Unclear, match="more than 1 MB"):
        LOOKS["job"](connect())


@pytest.mark.parametrize("length", ["1000", "3"])
@pytest.mark.parametrize("call", ["job", "deployment", "create_job", "create_deployment"])
def test_a_length_that_is_a_lie_is_unclear(
    call: str, length: str, stranger: Stranger, connect: Connect
) -> None:
    """Longer than the body, which breaks off; or shorter, so that the JSON does."""
    headers = {"content-type": "application/json", "content-length": length}
    stranger.say(Answer(200, b'{"id": "x"}', headers))
    with pytest.raises(Unclear):
        CALLS[call](connect())


DEEP = b"[" * 100_000 + b"]" * 100_000
DIGITS = b'{"id": "file-1", "created_at": ' + b"7" * 5000 + b"}"
NESTED = b'{"a":' * 900 + b"1" + b"}" * 900


@pytest.mark.parametrize("body", [DEEP, DIGITS, NESTED], ids=["deep", "digits", "nested"])
@pytest.mark.parametrize("call", [call for call in CALLS if call != "content"])
def test_json_without_measure_is_not_what_was_promised(
    call: str, body: bytes, stranger: Stranger, connect: Connect
) -> None:
    """Python has limits of its own for both, and breaks in other ways beyond them."""
    stranger.say(Answer(200, body))
    with pytest.raises(Transient, match=r"not the JSON|without an answer"):
        CALLS[call](connect())
    stranger.say(Answer(401, body))
    with pytest.raises(NeedsOperator):
        CALLS[call](connect())


def test_numbers_and_depths_that_nothing_can_store_count_as_missing(
    stranger: Stranger, connect: Connect
) -> None:
    """The object itself is read: what surrounds its id is decoration."""
    deep: Any = 1
    for _ in range(100):
        deep = {"n_epochs": deep}
    body = {"id": "ftjob-1", "seed": 10**400, "created_at": 10**18, "hyperparameters": deep}
    stranger.say(Answer(200, json.dumps(body).encode()))
    job = connect().job("ftjob-1")
    assert (job.seed, job.created_at) == (None, 0)
    assert len(json.dumps(job.hyperparameters)) < 1000


# Listings -----------------------------------------------------------------------------------------


def page(numbers: Iterator[int], **more: Any) -> bytes:
    made = [{"id": f"file-{next(numbers)}", "filename": "x"} for _ in range(3)]
    return json.dumps({"object": "list", "data": made, **more}).encode()


@pytest.fixture
def endless(stranger: Stranger) -> Stranger:
    """Fresh items for ever."""
    numbers = count()
    stranger.say(lambda *_: Answer(200, page(numbers, has_more=True)))
    return stranger


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("look", ["files", "jobs"])
def test_a_listing_of_fresh_items_for_ever_is_given_up(
    look: str, surface: str, endless: Stranger, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It proves nothing about what is not in it."""
    monkeypatch.setattr(paging, "MOST_PAGES", 5)
    with pytest.raises(Unclear, match="no end"):
        LOOKS[look](connect(surface))
    assert len(endless.asked) == 5


@pytest.mark.parametrize(("look", "field"), [("files", "data"), ("deployments", "value")])
def test_pages_without_end_that_are_full_take_no_memory(
    look: str, field: str, stranger: Stranger, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page is within its bound; all of them together would not be."""
    monkeypatch.setattr(paging, "MOST_PAGES", 25)
    numbers = count()

    def answer(_method: str, path: str) -> Answer:
        made = [{"id": f"{next(numbers)}" + "x" * 9_000, "name": f"{n}" * 900} for n in range(150)]
        link = f"{stranger.url}{path.partition('?')[0]}?page={next(numbers)}"
        more = {"has_more": True, "nextLink": link}
        return Answer(200, json.dumps({field: made, **more}).encode())

    stranger.say(answer)
    on = connect()
    gc.disable()  # what refers to itself would stay as well
    tracemalloc.start()
    try:
        with pytest.raises(Unclear, match="no end"):
            LOOKS[look](on)
        assert tracemalloc.get_traced_memory()[1] < 20 * MEGABYTE
    finally:
        tracemalloc.stop()
        gc.enable()


def test_a_listing_of_more_items_than_there_can_be_is_given_up(
    endless: Stranger, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few its pages are."""
    monkeypatch.setattr(paging, "MOST_ITEMS", 7)
    with pytest.raises(Unclear, match="no end"):
        LOOKS["files"](connect())
    assert len(endless.asked) == 3


def test_a_link_without_its_host_goes_on_at_the_same_one(
    stranger: Stranger, connect: Connect
) -> None:
    """Gateways rewrite addresses so."""
    link = "/subscriptions/s/deployments?page=2"
    first, last = {"value": [{"name": "a"}], "nextLink": link}, {"value": [{"name": "Mine"}]}

    def answer(_method: str, path: str) -> Answer:
        if path.endswith(link):
            return Answer(200, json.dumps(last).encode())
        return Answer(200 if "mine" not in path else 404, json.dumps(first).encode())

    stranger.say(answer)
    found = connect().deployment("mine")
    assert found is not None and found.name == "Mine"


def test_events_without_end_are_read_while_they_are_of_use(
    endless: Stranger, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest come first."""
    monkeypatch.setattr(azure, "MOST_EVENTS", 7)
    assert len(connect().events("ftjob-1")) == 7
    assert len(endless.asked) == 3


@pytest.mark.usefixtures("endless")
def test_a_listing_that_goes_on_for_long_is_given_up(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its thread belongs to the other projects as well."""
    monkeypatch.setattr(paging, "LONGEST", 0.0)
    with pytest.raises(Unclear, match="no end"):
        LOOKS["files"](connect())


@pytest.mark.parametrize("surface", SURFACES)
def test_a_cursor_that_stands_still_is_an_end_only_where_no_more_is_promised(
    surface: str, stranger: Stranger, connect: Connect
) -> None:
    """A surface without pages repeats itself; one that says there is more hides it."""
    on = connect(surface)
    stranger.say(Answer(200, page(count())))
    assert on.files_named("x", "x") == ["file-0", "file-1", "file-2"]
    nameless = b'{"data": [{"filename": "x"}], "has_more": true}'
    for promised in (page(count(), has_more=True), nameless):
        stranger.say(Answer(200, promised))
        with pytest.raises(Unclear, match="no end"):
            LOOKS["files"](on)
        assert len(stranger.asked) <= 3


@pytest.mark.parametrize("ring", [1, 3, 10**9], ids=["itself", "ring", "ever new"])
def test_links_of_resource_manager_that_go_round_are_given_up(
    ring: int, stranger: Stranger, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are followed only while they lead on."""
    monkeypatch.setattr(paging, "MOST_PAGES", 20)
    numbers = count()

    def answer(_method: str, _path: str) -> Answer:
        link = f"{stranger.url}/subscriptions/s/deployments?page={next(numbers) % ring}"
        return Answer(200, json.dumps({"value": [], "nextLink": link}).encode())

    stranger.say(answer)
    with pytest.raises(Unclear, match="no end"):
        LOOKS["deployments"](connect())
    assert len(stranger.asked) <= 20
