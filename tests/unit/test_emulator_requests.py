"""What the emulator does with a request before a handler: pages, fault rules, the rate limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.emulator.faults.rules import FaultRules
from agent.emulator.protocol.errors import ServiceError
from agent.emulator.protocol.paging import take_page
from agent.emulator.resources.rate_limit import RateLimit, Share
from agent.emulator.state.storage import Store


def test_pages_end_where_the_items_do() -> None:
    items = [str(number) for number in range(5)]
    assert take_page(items, str, {"limit": "2"}, 20, 100) == (["0", "1"], True)
    assert take_page(items, str, {"limit": "2", "after": "3"}, 20, 100) == (["4"], False)
    assert take_page(items, str, {"after": "4"}, 20, 100) == ([], False)
    for wrong in ({"after": "9"}, {"limit": "0"}, {"limit": "101"}, {"limit": "²"}):
        with pytest.raises(ServiceError):
            take_page(items, str, wrong, 20, 100)


def test_the_first_rule_that_is_neither_skipping_nor_used_up_strikes(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    rules = FaultRules(store)
    rules.replace(
        [
            {
                "match": {"method": "POST", "path": "files$"},
                "skip": 1,
                "times": 1,
                "do": {"kind": "drop_before"},
            },
            {"match": {"path": "files"}, "times": 2, "do": {"kind": "truncate"}},
        ]
    )
    struck = [rules.take_next("POST", "/openai/files") for _ in range(4)]
    assert [do["kind"] if do else None for do in struck] == [
        "truncate",
        "drop_before",
        "truncate",
        None,
    ]
    assert rules.take_next("GET", "/openai/models") is None
    store.close()


def test_the_rate_limit_counts_the_requests_of_the_last_ten_seconds_of_each_deployment() -> None:
    limit = RateLimit()
    first = limit.count("a", 2, 9, 0.0, is_enforced=True)
    assert (first.requests, first.is_refused) == (Share(2, 1, 0.0), False)
    assert limit.count("a", 2, 9, 4.0, is_enforced=True).requests.remaining == 0
    refused = limit.count("a", 2, 9, 5.5, is_enforced=True)
    assert (refused.is_refused, refused.wait) == (True, 4.5)
    headers = refused.refusal().headers
    assert (headers["retry-after"], headers["retry-after-ms"]) == ("5", "4500")
    assert not limit.count("a", 2, 9, 5.5, is_enforced=False).is_refused
    assert not limit.count("b", 2, 9, 5.5, is_enforced=True).is_refused
    assert limit.count("a", 2, 9, 20.0, is_enforced=True).requests.remaining == 1
    assert not limit.count("a", 1, 9, 3.0, is_enforced=True).is_refused  # its clock went back


def test_the_rate_limit_counts_the_tokens_of_the_last_minute() -> None:
    limit = RateLimit()
    first = limit.count("a", 2, 1500, 0.0, is_enforced=True)
    assert first.headers() == {
        "x-ratelimit-limit-requests": "2",
        "x-ratelimit-limit-tokens": "2000",
        "x-ratelimit-remaining-requests": "1",
        "x-ratelimit-remaining-tokens": "500",
        "x-ratelimit-reset-requests": "0",
        "x-ratelimit-reset-tokens": "0",
    }
    refused = limit.count("a", 2, 501, 15.0, is_enforced=True)
    assert (refused.is_refused, refused.wait, refused.tokens.remaining) == (True, 45.0, 500)
    assert not limit.count("a", 2, 500, 15.0, is_enforced=True).is_refused
    assert not limit.count("a", 2, 1500, 60.0, is_enforced=True).is_refused
    assert limit.count("a", 2, 2001, 600.0, is_enforced=True).wait == 60  # it never fits
