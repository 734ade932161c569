"""The handler of /files/import: a file that the service fetches itself.

The real service fetches it while the file is `running`. This one does so before it answers, so
that a kill in the middle leaves no file behind that never gets ready.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from agent.emulator.protocol.errors import invalid
from agent.emulator.protocol.http import Request, Response, Upload
from agent.emulator.resources.context import Context
from agent.emulator.resources.files import MOST_BYTES, read_purpose, take_file

_SECONDS = 30.0


def import_file(context: Context, request: Request) -> Response:
    """POST /files/import. What cannot be fetched becomes a file that ends in `error`."""
    body = request.json_object()
    purpose = read_purpose(request)
    name, url = body.get("filename"), body.get("content_url")
    if not isinstance(name, str) or not name:
        raise invalid("The field 'filename' is required and must be a string.", "filename")
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https"):
        raise invalid("The field 'content_url' must be an address of http or https.", "content_url")
    content = _fetch(url)
    upload = Upload(name, content or b"")
    return take_file(context, request, upload, purpose, failed=not content)


def _fetch(url: str) -> bytes | None:
    """None for what cannot be had, is empty, or is larger than a file may be."""
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310  http(s) alone
            content: bytes = answer.read(MOST_BYTES + 1)
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError):
        return None
    return content if len(content) <= MOST_BYTES else None
