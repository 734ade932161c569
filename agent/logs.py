"""The log: one JSON line per tick, effect and move goes to logs/agent.jsonl; the same, readable,
to a terminal. Configured by bootstrap, before anything is done that is logged.

Longer than other files, so that all that is done to a line stands in one place.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import os
import stat
import sys
from collections.abc import Callable, MutableMapping, Sequence
from contextlib import suppress
from io import TextIOBase, TextIOWrapper
from pathlib import Path
from typing import Any

from agent.redactor import Redactor

# structlog loads rich for tracebacks in colours, which takes longer than all the rest of it; where
# rich is missing it does without, and so do we.
_IS_ABSENT = sys.modules.setdefault("rich", None) is None  # type: ignore[arg-type]
import structlog  # noqa: E402

if _IS_ABSENT:
    del sys.modules["rich"]

MEGABYTE = 1024 * 1024
NOISY = (
    "alembic",
    "apscheduler",
    "azure",
    "httpx2",
    "httpcore2",
    "msal",
    "openai",
    "temporalio",
    "transitions",
    "urllib3",
    "filelock",
)


def configure(folder: Path | None, level: str, secrets: Sequence[str], *, rotate: bool) -> None:
    """Logging goes to `folder`/agent.jsonl (None: nowhere) and to stderr.

    `rotate`: this process may rename the file once it has 5 MB.
    """
    redactor = Redactor(secrets)
    shared: list[Callable[..., Any]] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redacting(redactor),
    ]
    for_formatter = structlog.stdlib.ProcessorFormatter.wrap_for_formatter
    structlog.configure(
        # First of all whether it is written at all.
        processors=[structlog.stdlib.filter_by_level, *shared, for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    # What no line shows: the standard library's own way to save a quarter of each.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = _empty_root(level)
    root.addHandler(_console(shared, redactor, level))
    if folder is not None:
        _add_file(root, folder, shared, rotate)
    _quiet_libraries(level)


def _empty_root(level: str) -> logging.Logger:
    """The root logger without the handlers of an earlier call."""
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.setLevel(level.upper())
    return root


def _quiet_libraries(level: str) -> None:
    """At "info" they repeat what our own lines say."""
    for name in NOISY:
        logging.getLogger(name).setLevel(level.upper() if level == "debug" else "WARNING")
    if level != "debug":
        # It warns of every sweep that is left out because the one before still goes on, which is
        # what max_instances is for.
        logging.getLogger("apscheduler").setLevel("ERROR")
        # It lists a dozen ways in that nobody has chosen; credentials.py says what to do.
        logging.getLogger("azure").setLevel("ERROR")


def _redacting(redactor: Redactor) -> Callable[..., MutableMapping[str, Any]]:
    def redact(
        _logger: Any, _name: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        return {k: v if k.startswith("_") else redactor.deep(v) for k, v in event.items()}

    return redact


def _console(shared: list[Callable[..., Any]], redactor: Redactor, level: str) -> logging.Handler:
    """Moves and troubles, readable, on a terminal; on a pipe (systemd, docker) only warnings.

    The file has everything."""
    handler = _Quiet(logging.StreamHandler(_Stderr()))
    terminal = sys.stderr.isatty()
    renderer = structlog.dev.ConsoleRenderer(
        colors=terminal, exception_formatter=structlog.dev.plain_traceback
    )
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                _redacting(redactor),
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                renderer,
            ],
        )
    )
    handler.setLevel(
        level.upper()
        if terminal or level == "debug"
        else max(logging.getLevelName(level.upper()), logging.WARNING)
    )
    handler.addFilter(lambda record: level == "debug" or not _is_told_already(record))
    return handler


def _is_told_already(record: logging.LogRecord) -> bool:
    """`run` tells of every change in the person's language: a log line would only repeat it."""
    told = (
        "tick",
        "moved",
        "held",
        "gave_up",
        "retrying",
        "service_changed",
        "effect_sent",
        "effect_received",
    )
    return isinstance(record.msg, dict) and record.msg.get("event") in (
        *told,
        "project_created",
        "stopping",
    )


class _NoLink(logging.FileHandler):
    """OSError where a link stands in the place of the file: it could lead anywhere."""

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        return TextIOWrapper(
            os.fdopen(os.open(self.baseFilename, flags, 0o600), "ab"), encoding=self.encoding
        )


class _Rotating(_NoLink, logging.handlers.RotatingFileHandler):
    """Renames the file once it is large: a line later than its model, which formats each twice."""

    def shouldRollover(self, _record: logging.LogRecord) -> bool:  # noqa: N802  logging's name
        if self.stream is None:
            return False  # it is opened with the next line
        found = os.fstat(self.stream.fileno())  # other processes write there as well
        return stat.S_ISREG(found.st_mode) and found.st_size >= self.maxBytes


class _Watched(_NoLink, logging.handlers.WatchedFileHandler):
    """Goes over to the new file when the daemon has renamed it."""


def _open_rotating(path: Path) -> logging.Handler:
    return _Rotating(path, maxBytes=5 * MEGABYTE, backupCount=5, encoding="utf-8")


def _open_watched(path: Path) -> logging.Handler:
    return _Watched(path, encoding="utf-8")


def _add_file(
    root: logging.Logger, folder: Path, shared: list[Callable[..., Any]], rotate: bool
) -> None:
    path = folder / "agent.jsonl"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        plain = _open_rotating(path) if rotate else _open_watched(path)
    except OSError as error:
        # A log that cannot be written must not stop the work that it would tell of.
        logger = logging.getLogger(__name__)
        # A traceback would tell a person nothing here.
        logger.error("log_unavailable: %s: %s", path, error.strerror)  # noqa: TRY400
        return
    handler = _Quiet(plain)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(_to_line, default=str),
            ],
        )
    )
    root.addHandler(handler)


_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode  # json.dumps makes one a line


def _to_line(event: object, **_: Any) -> str:
    """One line of JSON, also to who takes U+2028 for the end of one."""
    line = _encode(event)
    return line.translate({ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"})


class _Stderr(TextIOBase):
    """What sys.stderr is at the moment: while a bar is drawn, it writes above it."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


class _Quiet(logging.Handler):
    """Passes records on, and drops them where they cannot be written.

    A full disk must not stop a project."""

    def __init__(self, inner: logging.Handler) -> None:
        super().__init__()
        self._inner = inner
        inner.handleError = lambda record: None  # type: ignore[method-assign]

    def setFormatter(self, fmt: logging.Formatter | None) -> None:  # noqa: N802  logging's name
        self._inner.setFormatter(fmt)

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError, ValueError):
            self._inner.handle(record)

    def close(self) -> None:
        with suppress(OSError, ValueError):
            self._inner.close()
        super().close()


__all__ = ["configure"]
