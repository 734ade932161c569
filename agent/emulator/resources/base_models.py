"""The base models this emulator knows, under the names the service gives them.

Jobs fine-tune one of them, deployments may serve one, GET /models lists them all.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BaseModel:
    """A base model; jobs and responses call it by its dated name."""

    family: str
    version: str

    @property
    def dated_name(self) -> str:
        """Name and version in one, as in responses of the data plane."""
        return f"{self.family}-{self.version}"


BASE_MODELS = (
    BaseModel("gpt-4o-mini", "2024-07-18"),
    BaseModel("gpt-4o", "2024-08-06"),
    BaseModel("gpt-4.1", "2025-04-14"),
    BaseModel("gpt-4.1-mini", "2025-04-14"),
    BaseModel("gpt-4.1-nano", "2025-04-14"),
    BaseModel("gpt-35-turbo", "0125"),
)


def find_base_model(name: str) -> BaseModel | None:
    """The base model of a dated or undated name."""
    return next((model for model in BASE_MODELS if name in (model.family, model.dated_name)), None)
