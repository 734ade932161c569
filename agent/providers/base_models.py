"""The service's lists of base models, told apart and put together. Used by azure.py and `models`.

The data plane lists what a resource may use, Resource Manager the same with more dates. Either may
be refused, empty, or lack a word: what is not there says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import structlog

from states.errors import AfinadorError
from states.foreign import clean
from states.remote import RemoteModel

log = structlog.get_logger()

LONGEST = 200  # characters of a name or a word of the service's
LATEST = 10**11  # unix seconds; later is no date


def read_list(read: Callable[[], Iterable[RemoteModel]]) -> Sequence[RemoteModel]:
    """The models of one list; none where it cannot be read, which is no fault of a project."""
    try:
        return [model for model in read() if model.name]
    except AfinadorError as error:
        log.info("models_not_listed", reason=str(error))
        return []


def find_model(name: str, listed: Sequence[RemoteModel]) -> RemoteModel | None:
    """What the lists say of the model, the later ones with more weight; None: there is none.

    Of a name without a version, as open weights are called, that of its newest version."""
    if not listed:
        return None
    versions = {one.name: _version_of(one.name, name) for one in listed}
    fitting = {other: found for other, found in versions.items() if found is not None}
    if not fitting:
        return RemoteModel(name, is_listed=False)
    best = max(fitting, key=lambda other: (not fitting[other], fitting[other]))
    same = [one for one in listed if one.name.casefold() == best.casefold()]
    found = same[0]
    for other in same[1:]:
        found = _merge(found, other)
    return found


def is_named(listed: str, name: str) -> bool:
    """Whether a model of a list goes by the name: `Qwen3-32B-1` is a version of `Qwen3-32B`."""
    return _version_of(listed, name) is not None


def merge_all(listed: Sequence[RemoteModel]) -> Sequence[RemoteModel]:
    """Each model once."""
    found: dict[str, RemoteModel] = {}
    for one in listed:
        key = one.name.casefold()
        found[key] = _merge(found[key], one) if key in found else one
    return list(found.values())


def from_data_plane(item: Mapping[str, Any]) -> RemoteModel:
    """An object of GET /models: dates are unix seconds."""
    abilities, ends = _object(item.get("capabilities")), _object(item.get("deprecation"))
    return RemoteModel(
        _word(item.get("id")) or "",
        can_train=_truth(abilities.get("fine_tune")),
        lifecycle=_word(item.get("lifecycle_status")),
        training_ends=_day_of_seconds(ends.get("fine_tune")),
        deployment_ends=_day_of_seconds(ends.get("inference")),
    )


def from_manager(item: Mapping[str, Any]) -> RemoteModel:
    """An object of GET …/accounts/{account}/models, or of a location, which wraps it in `model`."""
    model = _object(item.get("model")) or item
    abilities, ends = _object(model.get("capabilities")), _object(model.get("deprecation"))
    name, version = _word(model.get("name")), _word(model.get("version"))
    return RemoteModel(
        f"{name}-{version}" if name and version else name or "",
        can_train=_truth(abilities.get("fineTune")),
        lifecycle=_word(model.get("lifecycleStatus")),
        training_ends=_day(ends.get("fineTune")),
        deployment_ends=_day(ends.get("inference")),
    )


def _version_of(listed: str, name: str) -> tuple[int, ...] | None:
    """What the listed name has behind the other; empty: nothing; None: it is of another model."""
    found, wanted = listed.casefold(), name.casefold()
    if found == wanted:
        return ()
    parts = found.removeprefix(f"{wanted}-").split("-")
    is_version = found.startswith(f"{wanted}-") and all(part.isdecimal() for part in parts)
    return tuple(map(int, parts)) if is_version else None


def _merge(first: RemoteModel, second: RemoteModel) -> RemoteModel:
    """The second one's word where it has one. It can be trained if either says so."""
    told = {
        name: getattr(second, name)
        for name in ("lifecycle", "training_ends", "deployment_ends")
        if getattr(second, name) is not None
    }
    abilities = {first.can_train, second.can_train}
    can_train = True if True in abilities else False if False in abilities else None
    return replace(first, can_train=can_train, **told)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _word(value: object) -> str | None:
    return clean(value)[:LONGEST] or None if isinstance(value, str) else None


def _truth(value: object) -> bool | None:
    """Resource Manager writes "true"."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.casefold())
    return value if isinstance(value, bool) else None


def _day(value: object) -> str | None:
    with suppress(ValueError, TypeError):
        return datetime.fromisoformat(str(value)).date().isoformat()
    return None


def _day_of_seconds(value: object) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < LATEST:
        return datetime.fromtimestamp(value, UTC).date().isoformat()
    return None
