"""Page into bytes: report.html and report.md. `Reports` is what the results view is given."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup, escape

from agent.report.page import Documents, make_page
from agent.report.speech import Speech
from agent.report.words import WORDS
from agent.views.language import Translate
from states.places import Result

Json = Mapping[str, Any]

_CODE = re.compile("`([^`\n]+)`")
_ITEM = re.compile("\n  - ")
_WORD_END = re.compile("([_./-])(?=\\w)")
_MARKDOWN = re.compile(r"([\\*_{}\[\]<>#|~`&])")


class _Safe(str):
    """Markdown already."""

    __slots__ = ()


class Reports:
    """Renders the report of a project, in a person's language: "en" or "es"."""

    def __init__(self, translate: Translate, language: str) -> None:
        self._speech = Speech(translate, language)

    def render(
        self, results: Mapping[Result, Json], preparation: Json | None
    ) -> Iterator[tuple[Result, bytes]]:
        """Both forms, of what the other results files hold. UTF-8."""
        page = make_page(Documents.of(results, preparation), self._speech)
        words = {name: self._speech.tell(text) for name, text in WORDS.items()}
        given = {"page": page, "words": words, "language": self._speech.language}
        for result, template in (
            (Result.REPORT_HTML, _html().get_template("report.html")),
            (Result.REPORT_MD, _markdown().get_template("report.md")),
        ):
            yield result, template.render(given).encode(errors="replace")


def _environment(autoescape: bool) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("agent.report"),
        autoescape=autoescape,  # noqa: S701  off for Markdown, which has its own escapes
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def _html() -> jinja2.Environment:
    """Everything is escaped but our own style and script, whose digests are in the page's policy:
    a browser runs and applies nothing else, whatever a sentence holds.
    """
    environment = _environment(autoescape=True)
    for name, place in (("style", "report.css"), ("script", "report.js")):
        source, _, _ = environment.loader.get_source(environment, place)  # type: ignore[union-attr]
        environment.globals[name] = Markup(source)  # noqa: S704  our own file
        environment.globals[f"{name}_digest"] = _digest(source)
    environment.filters["prose"] = _to_prose
    environment.filters["name"] = _to_name
    return environment


@cache
def _markdown() -> jinja2.Environment:
    environment = _environment(autoescape=False)
    environment.finalize = _to_markdown
    environment.filters["item"] = _to_item
    return environment


def _digest(source: str) -> str:
    """As a content security policy names what it allows."""
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def _to_prose(text: str) -> Markup:
    """Escaped, with what stands between backticks as code, and no number torn from its sign.

    Lines that begin with a dash are a list, as `states.text` writes one."""
    escaped = _CODE.sub(r"<code>\1</code>", str(escape(text)).replace(" %", "\xa0%"))
    said, *items = _ITEM.split(escaped)
    if not items:
        return Markup(said)  # noqa: S704  escaped above
    listed = "".join(f"<li>{item}</li>" for item in items)
    return Markup(f"{said}<ul>{listed}</ul>")  # noqa: S704  escaped above


def _to_name(name: str) -> Markup:
    """Escaped, in its own direction of writing, and broken where its words end."""
    escaped = _WORD_END.sub(r"\1<wbr>", str(escape(name)))
    return Markup(f"<bdi>{escaped}</bdi>")  # noqa: S704  escaped above


def _to_item(text: str) -> _Safe:
    """An item of a numbered list, with the list in it beneath it."""
    return _Safe("\n   - ".join(_to_markdown(line) for line in _ITEM.split(text)))


def _to_markdown(value: object) -> str:
    """One line in which nothing is markup but code between backticks."""
    if isinstance(value, _Safe):
        return value
    line = " ".join(str(value).split())
    if line.count("`") % 2 or "``" in line:  # a run of them does not end at a single one
        return _MARKDOWN.sub(r"\\\1", line)
    parts = line.split("`")
    return "".join(
        "`" + part.replace("|", "\\|") + "`" if place % 2 else _MARKDOWN.sub(r"\\\1", part)
        for place, part in enumerate(parts)
    )
