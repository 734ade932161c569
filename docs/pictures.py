"""Takes the pictures of the report in docs/, in a real browser: `make pictures`.

The reports are those of tests/prepared_reports.py: made-up answers, the program's own figures.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from store.engine import open_engine  # noqa: E402
from store.migrate import upgrade  # noqa: E402
from store.sql import SqlStore  # noqa: E402
from tests.chromium import find_chromium, open_browser  # noqa: E402
from tests.prepared_reports import STORIES, write_report  # noqa: E402
from tests.unit.desk import Desk  # noqa: E402


@dataclass(frozen=True)
class Picture:
    """`size`: of the window, in CSS pixels; `section`: only that part of the page."""

    file: str
    story: str
    language: str
    size: tuple[int, int]
    scheme: str = "light"
    section: str | None = None


PICTURES = (
    Picture("report.png", "better", "en", (1100, 800)),
    Picture("report-intents.png", "better", "en", (1100, 860), section="#intents"),
    Picture("report-phone.png", "worse", "en", (390, 844), "dark"),
    Picture("es/report.png", "undecided", "es", (1100, 800)),
)


def main() -> int:
    chromium = find_chromium()
    if chromium is None:
        sys.stderr.write("no Chromium is installed here\n")
        return 1
    with tempfile.TemporaryDirectory() as folder, open_browser(chromium) as browser:
        engine = open_engine(f"sqlite:///{folder}/agent.db")
        upgrade(engine)
        with closing(SqlStore(engine)) as store:
            desk = Desk(Path(folder), store)
            for picture in PICTURES:
                page = _open(browser, picture, desk)
                shown = page.locator(picture.section) if picture.section else page
                shown.screenshot(path=ROOT / "docs" / picture.file)
    return 0


def _open(browser, picture: Picture, desk: Desk):  # noqa: ANN001, ANN202  playwright's own
    story = STORIES[picture.story]
    path = write_report(desk, "tienda", story, picture.language)
    width, height = picture.size
    page = browser.new_page(
        viewport={"width": width, "height": height}, color_scheme=picture.scheme
    )
    page.goto(path.as_uri())
    return page


if __name__ == "__main__":
    sys.exit(main())
