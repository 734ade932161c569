"""The service's own lists of base models, for `models`: two looks that spend and change nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent.doctor.manager import ACCOUNTS, path_of
from agent.doctor.reading import items_of
from agent.providers.base_models import from_data_plane, from_manager, merge_all
from agent.providers.looks import Seen, open_looks
from agent.redactor import Redactor
from agent.settings.config import Settings
from states.errors import AfinadorError
from states.remote import RemoteModel
from states.text import Text


def read_models(
    settings: Settings, redactor: Redactor
) -> tuple[Sequence[RemoteModel], Text | None]:
    """What either list has, put together, and why there is nothing."""
    try:
        with open_looks(settings, redactor) as looks:
            seen = [(looks.data("/models"), "data", from_data_plane)]
            if looks.manager_url:
                path = f"{path_of(settings)}/models"
                seen.append((looks.manager(path, ACCOUNTS), "value", from_manager))
    except AfinadorError as error:
        return [], error.text
    problems = [one.problem.text for one, _, _ in seen if one.problem is not None]
    listed = [model for one in seen for model in _models_in(*one) if model.name]
    return merge_all(listed), problems[0] if problems and not listed else None


def _models_in(
    seen: Seen, name: str, read: Callable[[Mapping[str, Any]], RemoteModel]
) -> list[RemoteModel]:
    return [] if seen.problem is not None else [read(one) for one in items_of(seen.body, name)]
