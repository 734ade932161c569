"""The stages of the assessment, one after the other; an implementation of the port `Quality`.

apart.py runs the heavy ones in a process of its own. A new stage is a file with a function from
Work to Assessment, and one line in STAGES with the libraries that it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from agent.quality import duplicates, languages, leakage, local_model, personal
from agent.quality.work import Work, never
from states.intents import label_rules
from states.intents.findings import Assessment, Finding
from states.intents.sentences import Sentence
from states.text import Text, say


@dataclass(frozen=True)
class Stage:
    """`run` imports the libraries when it is called, and is not called where one is missing.

    A light one needs little memory for its libraries, however many sentences there are."""

    run: Callable[[Work], Assessment]
    libraries: tuple[str, ...]
    is_light: bool = False


STAGES = (
    Stage(duplicates.stage, ("numpy", "rapidfuzz")),
    Stage(leakage.stage, ("numpy", "rapidfuzz")),
    Stage(languages.stage, ("py3langid",)),
    Stage(personal.stage, ("stdnum",), is_light=True),
    Stage(local_model.stage, ("numpy", "scipy", "sklearn", "cleanlab", "threadpoolctl")),
)
_PACKAGES = {
    "cleanlab": "cleanlab",
    "numpy": "scikit-learn",
    "py3langid": "py3langid",
    "rapidfuzz": "rapidfuzz",
    "scipy": "scikit-learn",
    "sklearn": "scikit-learn",
    "stdnum": "python-stdnum",
    "threadpoolctl": "scikit-learn",
}


def is_installed(library: str) -> bool:
    return find_spec(library) is not None


class LocalQuality:
    """A look at the sentences on this machine: the same data is always judged alike.

    `should_stop` is asked every second or two; where it says yes, `assess` raises NotYet.
    """

    def __init__(
        self,
        should_stop: Callable[[], bool] = never,
        is_installed: Callable[[str], bool] = is_installed,
    ) -> None:
        self._should_stop = should_stop
        self._is_installed = is_installed

    def assess(
        self, sentences: Sequence[Sentence], cases: Sequence[Sentence], language: str
    ) -> Assessment:
        """What every stage finds whose libraries are there, and which ones are missing."""
        work = Work(sentences, cases, self._should_stop)
        found = run_stages(work, STAGES, self._is_installed)
        findings = [*label_rules.check(sentences, cases), *found.findings]
        return Assessment([*findings, *tell_missing(self._is_installed)], found.figures)


def run_stages(
    work: Work, stages: Iterable[Stage], is_installed: Callable[[str], bool] = is_installed
) -> Assessment:
    """What these stages find whose libraries are there."""
    findings: list[Finding] = []
    figures: dict[str, Any] = {}
    for stage in stages:
        work.pause()
        if all(is_installed(library) for library in stage.libraries):
            found = stage.run(work)
            findings += found.findings
            figures |= found.figures
    return Assessment(findings, figures)


def tell_missing(is_installed: Callable[[str], bool] = is_installed) -> list[Finding]:
    """Which libraries are not there, and how to install them."""
    needed = sorted({library for stage in STAGES for library in stage.libraries})
    missing = sorted({_PACKAGES[one] for one in needed if not is_installed(one)})
    if not missing:
        return []
    text = say(
        "A part of the check was left out: {libraries} is not installed.",
        "A part of the check was left out: {libraries} are not installed.",
        count=len(missing),
        libraries=", ".join(missing),
    )
    command = Text('pip install "afinador[data]"')
    return [Finding(text, kind="missing_library", count=len(missing), command=command)]
