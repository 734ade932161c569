"""What the emulated service refuses, before it is put into the words of one of its surfaces."""

from __future__ import annotations


class ServiceError(Exception):
    """A refusal: HTTP status, the service's error code, a message for a person, and what it is about."""

    def __init__(self, status: int, code: str, message: str, target: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.target = target


def invalid(message: str, target: str | None = None) -> ServiceError:
    """The request cannot be accepted as it is."""
    return ServiceError(400, "invalidPayload", message, target)


def not_found(what: str, name: str) -> ServiceError:
    """There is no such thing, or no longer."""
    return ServiceError(404, "notFound", f"The {what} '{name}' does not exist on this resource.")
