"""The error that any part of the emulator raises to refuse a request.

server/endpoint.py turns it into the JSON of the surface that was asked (protocol/responses.py).
"""

from __future__ import annotations


class ServiceError(Exception):
    """HTTP status, the service's error code, a message for a person, and the field at fault."""

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
    """The file, job, model or deployment does not exist, or was deleted."""
    return ServiceError(404, "notFound", f"The {what} '{name}' does not exist on this resource.")


def resource_not_found() -> ServiceError:
    """What Azure's gateway answers for an address or an api-version that does not exist."""
    return ServiceError(404, "404", "Resource not found")
