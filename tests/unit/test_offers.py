"""What can be trained here, by the catalogue and by what the service lists."""

from __future__ import annotations

from datetime import UTC, datetime

from agent.resources.catalog import PackagedCatalog
from states.money.offers import Offer, list_offers
from states.remote import RemoteModel

SERVICE = PackagedCatalog().service
NOW = datetime(2026, 11, 27, tzinfo=UTC).timestamp()
MINI, NANO = "gpt-4.1-mini-2025-04-14", "gpt-4.1-nano-2025-04-14"


def offers(
    listed: tuple[RemoteModel, ...] = (), sku: str | None = "developertier", now: float = NOW
) -> dict[str, Offer]:
    return {one.name: one for one in list_offers(SERVICE, listed, sku, now)}


def recommended(found: dict[str, Offer]) -> list[str]:
    return [name for name, one in found.items() if one.recommended is not None]


def test_without_the_service_the_catalogue_says_it_all() -> None:
    found = offers()
    assert next(iter(found)) == MINI
    assert recommended(found) == [MINI]
    assert found[MINI].is_listed is None
    told = found[MINI].as_json(NOW)
    assert (told["training_days_left"], told["deployment_days_left"]) == (138, 321)
    assert told["dates_of"] == "2026-10-05"
    assert told["price_per_million_tokens"]["date"] == "2025-11-05"
    assert found["o4-mini-2025-04-16"].why_not is not None
    assert found["gpt-oss-120b"].why_not is not None


def test_what_the_service_lists_and_says_counts() -> None:
    found = offers(
        (
            RemoteModel(MINI, can_train=False),
            RemoteModel(NANO, can_train=True, deployment_ends="2028-01-01"),
            RemoteModel("Ministral-3B-2411", can_train=False),
            RemoteModel("gpt-9", can_train=True),
            RemoteModel("gpt-8", can_train=False),
            RemoteModel(f"{NANO}.ft-00c0ffee", can_train=True),
        )
    )
    assert "cannot be fine-tuned here" in str(found[MINI].why_not)
    assert "does not list" in str(found["gpt-4o-2024-08-06"].why_not)
    assert recommended(found) == [NANO]
    assert found[NANO].as_json(NOW)["deployment_ends"] == "2028-01-01"
    assert (found["Ministral-3B-2411"].why_not, found["Ministral-3B-2411"].is_doubted) == (
        None,
        True,
    )
    assert found["gpt-9"].why_not is None
    assert not {"gpt-8", f"{NANO}.ft-00c0ffee"} & set(found)


def test_the_recommended_one_suits_the_sku_and_does_not_end_soon() -> None:
    later = datetime(2027, 3, 1, tzinfo=UTC).timestamp()
    assert recommended(offers(sku="GlobalStandard", now=later)) == ["Ministral-3B"]
    assert recommended(offers(sku="developertier", now=later)) == []
    ended = datetime(2027, 5, 1, tzinfo=UTC).timestamp()
    assert "any more" in str(offers(now=ended)[MINI].why_not)
