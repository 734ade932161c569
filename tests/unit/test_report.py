"""The report of an evaluation: rendered from the results, escaped, complete where they are."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import webbrowser
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from agent.cli import report
from agent.report.page import Documents, make_page
from agent.report.render import Reports, _to_markdown
from agent.report.speech import Speech
from agent.views.language import translator
from states.facts import known
from states.places import Result
from states.state import State
from tests.prepared_reports import STORIES, STRANGE, STRANGE_STORY, prepare
from tests.unit.desk import Desk

JSON = {Result.TUNING_INFO, Result.DEPLOYMENT_INFO, Result.TEST_RESULTS, Result.ANALYSIS}


def documents_of(desk: Desk, story: Any, language: str = "en") -> dict[Result, Any]:
    project = prepare(desk, story)
    desk.results_in(language).publish(project)
    return {result: json.loads((desk.home / result).read_text()) for result in JSON}


def render(documents: dict[Result, Any], language: str = "en") -> tuple[str, str]:
    """(HTML, Markdown)"""
    files = dict(Reports(translator(language), language).render(documents, None))
    return files[Result.REPORT_HTML].decode(), files[Result.REPORT_MD].decode()


class Parsed(HTMLParser):
    """The tags and attributes of a page, and whether every tag that opens also ends."""

    VOID = frozenset({"meta", "link", "line", "circle", "rect", "path", "wbr", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("story", "ship", "headline"),
    [
        ("better", "yes", "Ship it"),
        ("worse", "no", "Do not ship it"),
        ("undecided", "undecided", "Not decided yet"),
    ],
)
def test_the_headline_is_the_verdict(desk: Desk, story: str, ship: str, headline: str) -> None:
    """What the page says first is what improvement_analysis.json says for programs."""
    documents = documents_of(desk, STORIES[story])
    assert documents[Result.ANALYSIS]["verdict"]["ship"] == ship
    page, markdown = render(documents)
    assert re.search(rf"<h1.*<span>{headline}</span></h1>", page)
    assert f"# tienda: {headline}\n" in markdown


def test_every_tag_is_closed_and_only_our_own_script_may_run(desk: Desk) -> None:
    """The policy of the page names its style and script by their digests, and nobody else."""
    page, _ = render(documents_of(desk, STRANGE_STORY))
    parsed = Parsed(page)
    assert parsed.open == []
    assert parsed.tags.count("script") == 1
    assert not {name for name in parsed.attributes if name.startswith("on")} | (
        parsed.attributes & {"style"}
    )
    for kind in ("style", "script"):
        [source] = re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"{kind}-src &#39;sha256-{digest}&#39;" in page or (
            f"{kind}-src 'sha256-{digest}'" in page
        )


def test_no_address_is_in_the_page(desk: Desk) -> None:
    """So that nothing can be asked of anybody: only places within it, and an empty picture."""
    page, _ = render(documents_of(desk, STORIES["better"]))
    addresses = re.findall(r'(?:href|src|action|data|poster)="([^"]*)"', page)
    assert [a for a in addresses if not a.startswith("#")] == ["data:,"]
    assert "@import" not in page
    assert "url(" not in page


@given(st.text(alphabet="`<b>| \\x", max_size=30))
@example("`x``<b>```y")
@settings(max_examples=300, deadline=None)
def test_no_run_of_backticks_lets_a_tag_through(said: str) -> None:
    """A reader of Markdown ends a code only at a run of as many backticks as began it."""
    line = f"| {_to_markdown(said)} |"
    inline = MarkdownIt("commonmark", {"html": True}).parse(line)[1]
    assert "html_inline" not in [token.type for token in inline.children or ()]


def test_markdown_has_no_markup_of_strangers(desk: Desk) -> None:
    """Pipes stay in their cell, and tags are text."""
    _, markdown = render(documents_of(desk, STRANGE_STORY))
    assert "\\<script\\>alert(1)\\</script\\>" in markdown
    assert "<script>" not in re.sub(r"`[^`]*`", "", markdown)
    lines = markdown.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("| intent |"))
    widths = {len(re.findall(r"(?<!\\)\|", line)) for line in lines[start : start + len(STRANGE)]}
    assert len(widths) == 1


def test_a_section_is_there_where_its_figures_are(desk: Desk) -> None:
    """Results of an older version hold neither verdict, nor candidates, nor confidence."""
    documents = documents_of(desk, STORIES["better"])
    newer, _ = render(documents)
    new = {
        Result.TEST_RESULTS: [
            "candidates",
            "comparisons",
            "confidence",
            "out_of_scope",
            "robustness",
            "lineage",
            "macro_f1",
            "weighted_f1",
            "monthly_volume",
            "hosting_usd_per_hour",
        ],
        Result.ANALYSIS: ["verdict", "grade_text", "grade_at_least"],
    }
    for result, keys in new.items():
        for key in keys:
            documents[result].pop(key, None)
    for intent in documents[Result.TEST_RESULTS]["per_intent"].values():
        for key in ("precision", "recall", "f1", "support", "confused_with"):
            intent.pop(key, None)
    documents[Result.TUNING_INFO]["loss_curve"] = []
    older, _ = render(documents)
    for section in ("confidence", "scope", "robustness", "training", "cost"):
        assert f'<section id="{section}"' in newer
        assert f'<section id="{section}"' not in older
    assert "Grade A" in older
    assert "Ship it" not in older


def test_figures_speak_the_language_of_the_person(desk: Desk) -> None:
    """With a decimal comma in Spanish; the page says which language it is in."""
    documents = documents_of(desk, STORIES["better"])
    spanish, english = render(documents, "es")[0], render(documents, "en")[0]
    accuracy = documents[Result.TEST_RESULTS]["accuracy"]
    shown = f"{accuracy * 100:.1f}"
    assert f"<b>{shown}\xa0%</b>" in english
    assert f"<b>{shown.replace('.', ',')}\xa0%</b>" in spanish
    assert '<html lang="es">' in spanish
    assert '<html lang="en">' in english


def test_every_failure_that_counts_is_shown(desk: Desk) -> None:
    """And none that was trained on, nor one without an answer: they are no mistakes."""
    answers = documents_of(desk, STORIES["undecided"])
    cases = answers[Result.TEST_RESULTS]["cases_answered"]
    wrong = [case for case in cases if not case["correct"]]
    wrong[0]["trained_on"], wrong[1]["near_training"] = True, True
    wrong[2]["finish_reason"] = "unanswered"
    page = make_page(Documents.of(answers, None), Speech(translator("en"), "en"))
    shown = {failure.text for group in page.failures for failure in group.failures}
    assert shown == {case["text"] for case in wrong[3:]}
    assert page.failed == len(wrong) - 3


def test_the_data_check_is_quoted_from_the_store(desk: Desk) -> None:
    """The report is rendered from the database alone, the summary of the data included."""
    project = prepare(desk, STORIES["undecided"])
    (desk.home / "data/processed/data_preparation_summary.json").unlink()
    desk.results_in("en").publish(project)
    assert "What the check of the data said" in (desk.home / Result.REPORT_HTML).read_text()


def test_a_report_is_written_when_a_project_is_analyzed_and_not_before(desk: Desk) -> None:
    """A page without a verdict would be half a page."""
    project = desk.go(State.EVALUATED)
    assert desk.results.report_of(project) is None
    done = desk.go(State.ANALYZED)
    assert desk.results.report_of(done) == desk.home / Result.REPORT_HTML
    without = replace(done, facts=replace(done.facts, analyzed=None))
    assert known(done.facts.analyzed)
    assert desk.results.report_of(without) is None


def test_a_page_of_somebody_else_is_no_report_of_a_generation(desk: Desk) -> None:
    """What does not begin as a report does is neither removed nor set aside."""
    foreign = desk.write(Result.REPORT_HTML, "<p><!-- afinador: generation 1 --></p>")
    desk.results.publish(desk.go(State.TRAINING))
    assert foreign.exists()


@pytest.mark.parametrize(
    ("browser", "is_shown"),
    [
        (webbrowser.BackgroundBrowser("true"), True),  # of a desktop
        (webbrowser.GenericBrowser("true"), False),  # of the console: it would take the terminal
        (webbrowser.Error("could not locate runnable browser"), False),
    ],
)
def test_a_page_is_opened_where_there_is_a_desktop(
    browser: Any, is_shown: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere the path that was told has to do, and nothing fails."""

    def get() -> Any:
        if isinstance(browser, Exception):
            raise browser
        monkeypatch.setattr(browser, "open", lambda url: opened.append(url) or True)
        return browser

    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "get", get)
    assert report.show(tmp_path / "mi informe.html") is is_shown
    assert opened == [(tmp_path / "mi informe.html").as_uri()] * is_shown


def test_the_templates_are_part_of_the_package() -> None:
    """What pyproject.toml ships: nothing else would be there after `pip install`."""
    folder = Path(__file__).resolve().parents[2] / "agent" / "report" / "templates"
    assert {path.suffix for path in folder.iterdir()} == {".html", ".css", ".js", ".md"}
