"""The one tree of errors. A message says what happened, to what, and what to do next."""

from __future__ import annotations

import errno
from collections.abc import Mapping

from states.places import Artifact
from states.text import Text, say

_PROBLEMS = {  # in the words of the operating system, which people and search engines know
    errno.EACCES: say("Permission denied"),
    errno.EEXIST: say("File exists"),
    errno.EISDIR: say("Is a directory"),
    errno.EMFILE: say("Too many open files"),
    errno.ENOENT: say("No such file or directory"),
    errno.ENOSPC: say("No space left on device"),
    errno.ENOTDIR: say("Not a directory"),
    errno.EROFS: say("Read-only file system"),
}


def problem_of(error: OSError) -> Text | str:
    """What went wrong, for the {problem} of a message; in English where it is uncommon."""
    return _PROBLEMS.get(error.errno or 0, error.strerror or str(error))


class AfinadorError(Exception):
    """Anything this program says about itself. `text` can be translated; `str()` is English."""

    def __init__(self, text: Text | str) -> None:
        self.text = text if isinstance(text, Text) else Text("{message}", {"message": text})
        super().__init__(str(self.text))


class SettingsError(AfinadorError):
    """The settings or the command line are wrong: nothing was started."""


class StoreError(AfinadorError):
    """The database cannot be used as it is: corrupt, foreign, newer, or not writable."""


class StoreBusy(StoreError):
    """Another process keeps the database for itself at the moment."""


class Superseded(AfinadorError):
    """Another process moved the project in the meantime. Nothing was written."""

    def __init__(self, project: str) -> None:
        super().__init__(
            say("Project {project} was moved by another process in the meantime.", project=project)
        )


class Transient(AfinadorError):
    """A fault that may pass. `retry_after`: seconds the service asked for, or None."""

    def __init__(self, text: Text | str, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class Unreachable(Transient):
    """The service was not reached at all: the request was certainly not acted upon."""


class Throttled(Transient):
    """The service refused for now (429, conflict): the request was certainly not acted upon."""


class TooSoon(Throttled):
    """Nothing is busy: as things are it cannot be done, which will pass by the refusal's words."""


class Unclear(Transient):
    """The request may or may not have been acted upon: look before sending it again."""


class DeploymentNotReady(Transient):
    """The deployment exists but does not serve yet."""


class NoAnswer(Transient):
    """The deployment replied, and yet nobody has stated anything: neither model nor filter."""


class Missing(Transient):
    """The service does not find what is to be ended; said often enough, it is believed."""


class NotYet(Transient):
    """Not an error: an open intent must settle before it may be tried again. Counts no attempt."""


class Permanent(AfinadorError):
    """This project cannot go on.

    `remote`: the service failed, so a retry needs new idempotency keys (a new generation).
    """

    def __init__(self, text: Text | str, remote: bool = False) -> None:
        super().__init__(text)
        self.remote = remote


class NotFound(Permanent):
    """The service does not know the thing that was asked for."""


class NeedsOperator(AfinadorError):
    """Only a person can tell what to do.

    `heals`: looking again without `retry` is worth it, since the cause may be repaired elsewhere.
    """

    def __init__(self, text: Text | str, heals: bool = False) -> None:
        super().__init__(text)
        self.heals = heals


class NeedsConfirmation(NeedsOperator):
    """A person is to agree first. `subject`: the digest of what is agreed to."""

    def __init__(self, text: Text, subject: str) -> None:
        super().__init__(text)
        self.subject = subject


class Mistake(AfinadorError):
    """What stands in a person's file cannot be used. What follows is for whoever has read it."""


class FileRefused(NeedsOperator):
    """A person's files cannot be used as they are: another one in their place is tried by itself.

    `refused`: what each of them was, as Artifacts.fingerprint has it.
    """

    def __init__(self, text: Text, refused: Mapping[Artifact, str]) -> None:
        super().__init__(text)
        self.refused = refused


class FileEdited(NeedsOperator):
    """A file that the project relies upon was changed. `place`: its path below the home."""

    def __init__(self, artifact: Artifact, place: str) -> None:
        self.artifact = artifact
        super().__init__(
            say(
                "{place} was changed after it had been used. Either keep the change: `retry` goes"
                " on from there with the file as it is now; or put the old one back: `retry"
                " --restore`.",
                place=place,
            )
        )
