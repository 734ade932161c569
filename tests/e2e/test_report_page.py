"""The report as a person meets it: in a real browser, at three widths, light and dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from store.engine import open_engine
from store.migrate import upgrade
from store.sql import SqlStore
from tests.chromium import find_chromium, open_browser
from tests.prepared_reports import MANY_STORY, STORIES, STRANGE, STRANGE_STORY, write_report
from tests.unit.desk import Desk

CHROMIUM = find_chromium()
pytestmark = [
    pytest.mark.xdist_group("chromium"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here"),
]
SIZES = {390: 844, 820: 1180, 1440: 900}  # a phone, a tablet, a laptop
TOLD = {**STORIES, "strange": STRANGE_STORY, "many": MANY_STORY}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    assert CHROMIUM is not None
    with open_browser(CHROMIUM) as opened:
        yield opened


@pytest.fixture(scope="module")
def page_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str], Path]]:
    """`page_of(story, language)`: its page, made when it is first asked for."""
    home = tmp_path_factory.mktemp("informes")
    engine = open_engine(f"sqlite:///{home / 'agent.db'}")
    upgrade(engine)
    with closing(SqlStore(engine)) as store:
        desk = Desk(home, store)
        yield cache(
            lambda story, language: write_report(desk, f"{story}-{language}", TOLD[story], language)
        )


class Seen:
    """A page that is open, and what it asked of anybody or complained of."""

    def __init__(self, page: Any, path: Path) -> None:
        self.page, self.asked, self.complaints = page, list[str](), list[str]()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        page.goto(path.as_uri())

    def resize(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": SIZES[width]})


@pytest.fixture
def look(browser: Any, page_of: Callable[[str, str], Path]) -> Iterator[Any]:
    contexts = []

    def at(
        story: str, language: str = "en", width: int = 1440, scheme: str = "light", **more: Any
    ) -> Seen:
        contexts.append(
            browser.new_context(
                viewport={"width": width, "height": SIZES[width]}, color_scheme=scheme, **more
            )
        )
        return Seen(contexts[-1].new_page(), page_of(story, language))

    yield at
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    ("story", "language", "width", "scheme"),
    [
        ("undecided", "es", 390, "light"),
        ("better", "es", 820, "dark"),
        ("better", "en", 1440, "light"),
        ("strange", "en", 390, "dark"),
    ],
)
def test_anybody_can_read_it_anywhere(
    look: Any, story: str, language: str, width: int, scheme: str
) -> None:
    """There is no violation that axe knows of. A second each, so not every page in every way."""
    from axe_playwright_python.sync_playwright import Axe

    seen = look(story, language, width, scheme)
    found = Axe().run(seen.page, options={"resultTypes": ["violations"]})
    assert [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]] == []


@pytest.mark.parametrize("story", TOLD)
def test_a_page_fits_and_keeps_to_itself(look: Any, story: str) -> None:
    """Nothing is beyond the edge at any width, and nothing is asked of the network."""
    seen = look(story, "en")
    for width in SIZES:
        seen.resize(width)
        assert seen.page.evaluate("document.documentElement.scrollWidth") == width
    assert seen.complaints == []
    assert [url for url in seen.asked if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("story", STORIES)
def test_the_first_screen_says_whether_to_ship_and_what_next(look: Any, story: str) -> None:
    """Nobody has to scroll for the verdict, the accuracy and the first thing to do."""
    seen = look(story, "es")
    for width, height in SIZES.items():
        seen.resize(width)
        for place in ("#verdict", ".reason", ".decision > .figures", ".next li >> nth=0"):
            box = seen.page.locator(place).bounding_box()
            assert box["y"] + box["height"] <= height, (place, width)


def test_names_and_sentences_are_text(look: Any) -> None:
    """Whatever they hold, nothing of it is run, and a page may be any length."""
    seen = look("strange")
    shown = seen.page.locator(".sortable tbody th").all_text_contents()
    assert set(shown) == set(STRANGE)
    assert seen.page.locator("script").count() == 1
    assert seen.complaints == []


def test_the_table_of_intents_sorts_by_the_keyboard(look: Any) -> None:
    seen = look("better")
    cases = seen.page.locator(".sortable thead button", has_text="cases")
    for order in ("ascending", "descending"):
        cases.focus()
        seen.page.keyboard.press("Enter")
        column = seen.page.locator(".sortable thead th[aria-sort]")
        assert column.get_attribute("aria-sort") == order
        shown = seen.page.locator(".sortable tbody td:nth-child(6)").all_text_contents()
        assert [int(n) for n in shown] == sorted(map(int, shown), reverse=order == "descending")


def test_it_is_complete_without_a_script_and_on_paper(look: Any) -> None:
    """The script only sorts; on paper what is folded on the screen is there as well."""
    seen = look("better", java_script_enabled=False)
    assert seen.page.locator(".sortable tbody tr").count() == 10
    assert seen.page.locator("button").count() == 0
    printed = look("better").page.pdf(format="A4")
    assert printed.startswith(b"%PDF")


def test_thousands_of_cases_make_a_page_that_opens(look: Any, page_of: Any) -> None:
    """Pairs in place of a picture of 77 columns, and every failure of 3,080 cases."""
    assert page_of("many", "en").stat().st_size < 2_000_000
    seen = look("many")
    assert seen.page.locator(".heat").count() == 0
    failures = seen.page.locator("#failures .group > ul > li").count()
    assert failures == int(seen.page.locator("#failures h2 small").text_content())
    assert failures > 300
