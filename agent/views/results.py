"""results/: four JSON files and the report, rendered from the store alone and written whole.

The engine calls `publish` after every move, and `report` calls `publish_everything` at any time:
the same facts give the same bytes for every generation. A file on disk is read back only to see
which generation it belongs to, so that nothing is overwritten.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from agent.views.json_file import encode
from agent.views.result_content import Json, ResultContent
from agent.views.result_sources import read_preparation, results_of
from states.errors import StoreError, problem_of
from states.model import Project
from states.places import Artifact, Result, place_of
from states.stages import DELETED
from states.store_port import Store
from states.text import say

REPORTS = (Result.REPORT_HTML, Result.REPORT_MD)
# The JSON of a project and the summary of its data in, both forms of the report out.
RenderReports = Callable[[Mapping[Result, Json], Json | None], Iterator[tuple[Result, bytes]]]
# A report names its generation before anything that a stranger has written.
_GENERATION = re.compile(rb"(?:<!doctype html>\n)?<!-- afinador: generation (\d+) -->")


class Results:
    """Writes the results files of one home."""

    def __init__(
        self,
        home: Path,
        store: Store,
        content: ResultContent,
        render_reports: RenderReports,
        write: Callable[[Path, bytes], None],
    ) -> None:
        self._home, self._store, self._content, self._write = home, store, content, write
        self._render_reports = render_reports

    def publish(self, project: Project) -> None:
        """Writes every file that the project has facts for, and sets aside what is of the past.

        Raises StoreError at the end if one could not be written.
        """
        trouble: StoreError | None = None
        stuck = set()
        true_now = results_of(project.facts)
        # Once for all files of a generation: of 20,000 cases each time takes seconds.
        render_former = cache(partial(self._render_former, project))
        for result in self._find_files(project):
            try:
                self._set_aside(project, result, render_former)
                if result not in true_now:
                    self._withdraw(project, result)
            except StoreError as error:
                trouble = error
                stuck.add(result)
        for result, content in self._render(project):
            try:
                if result not in stuck:
                    self._keep(self._path(project, result), content)
            except StoreError as error:
                trouble = error
        try:
            self._renew_parent(project)
        except StoreError as error:
            trouble = error
        if trouble is not None:
            raise trouble

    def publish_everything(self, project: Project) -> None:
        """As `publish`, and the files of every earlier generation again, in generation-N/."""
        self.publish(project)
        for generation in range(1, project.generation):
            former = self._find_former(project, generation)
            for result, content in self._render(former) if former else ():
                self._keep(self._path(project, result, generation), content)

    def places_of(self, project: Project) -> list[str]:
        """Below the home: the files that there are for the project as it stands now."""
        true_now = results_of(project.facts)
        return [place_of(result, project.name) for result in Result if result in true_now]

    def report_of(self, project: Project) -> Path | None:
        """The page that a person opens; None while there is nothing to report."""
        path = self._path(project, Result.REPORT_HTML)
        return path if Result.REPORT_HTML in results_of(project.facts) else None

    def files_of(self, project: Project) -> list[Path]:
        """Every file, of data and results, that there is of the project as it stands now.

        What an earlier generation left behind is not among them."""
        data = [place_of(artifact, project.name) for artifact in Artifact]
        paths = [self._home / place for place in (*data, *self.places_of(project))]
        return [path for path in paths if path.is_file()]

    def with_counts(self, project: Project) -> Project:
        """The project with the counts of its evaluation, for an accuracy with its interval.

        Version 0.1 kept them in the document of the answers alone."""
        evaluated = project.facts.evaluated
        if evaluated is None or evaluated.cases:
            return project
        from states.evaluation import scores

        total = scores.score(self._content.read_evaluation(project, evaluated).graded)
        counted = replace(evaluated, cases=total.cases, correct=total.correct)
        return replace(project, facts=replace(project.facts, evaluated=counted))

    # Files --------------------------------------------------------------------------------------

    def _path(self, project: Project, result: Result, generation: int | None = None) -> Path:
        path = self._home / place_of(result, project.name)
        return path if generation is None else path.parent / f"generation-{generation}" / path.name

    def _find_files(self, project: Project) -> list[Result]:
        """Those that there are, in one look: every move comes by here."""
        try:
            names = {entry.name for entry in os.scandir(self._path(project, REPORTS[0]).parent)}
        except FileNotFoundError:
            return []
        except OSError:
            return list(Result)  # whoever reads one of them tells what is wrong
        return [result for result in Result if result.value.rpartition("/")[2] in names]

    def _render(self, project: Project) -> Iterator[tuple[Result, bytes]]:
        """Every file that the project has facts for: first the JSON, then the report made of it."""
        documents = {}
        for result, document in self._content.render(project):
            documents[result] = document
            yield result, encode(document)
        if results_of(project.facts).issuperset(REPORTS):
            yield from self._render_reports(documents, read_preparation(self._store, project.facts))

    def _keep(self, path: Path, content: bytes) -> None:
        if not _holds(path, content):
            self._write(path, content)

    def _set_aside(
        self,
        project: Project,
        result: Result,
        render_former: Callable[[int], Mapping[Result, bytes]],
    ) -> None:
        """Moves what an earlier generation found into its folder: it is not what is true now."""
        path = self._path(project, result)
        generation = _read_generation(path)
        if generation is None or generation >= project.generation:
            return
        rendered = render_former(generation)
        aside = self._path(project, result, generation)
        try:
            if result in rendered:
                self._keep(aside, rendered[result])
            else:  # of a database that an older copy replaced, say: kept as it is
                self._write(aside, path.read_bytes())
            path.unlink()
        except OSError as error:
            raise _to_unreadable(project, result, error) from error

    def _render_former(self, project: Project, generation: int) -> Mapping[Result, bytes]:
        former = self._find_former(project, generation)
        return dict(self._render(former)) if former else {}

    def _renew_parent(self, project: Project) -> None:
        """Its deployment was there when its files were set aside, and is deleted by now."""
        parent = project.facts.parent
        if parent is None or parent.answers_at is not None:
            return
        path = self._path(project, Result.DEPLOYMENT_INFO, parent.generation)
        if _read(path).get("status") in (None, DELETED):
            return
        former = self._find_former(project, parent.generation)
        for result, document in self._content.render(former) if former else ():
            if result is Result.DEPLOYMENT_INFO:
                self._keep(path, encode(document))
                return

    def _withdraw(self, project: Project, result: Result) -> None:
        """Removes a file of this generation that is no longer true, because a stage was dropped.

        Only one that the history can explain: a file that this database never wrote stays.
        """
        path = self._path(project, result)
        if _read_generation(path) != project.generation:
            return
        past = self._store.past(project, project.generation)
        if any(result in results_of(former.facts) for former in past):
            try:
                path.unlink()
            except OSError as error:
                raise _to_unreadable(project, result, error) from error

    def _find_former(self, project: Project, generation: int) -> Project | None:
        """The project as that generation ended: its deployment was deleted on the way out, unless
        it is the one that the present generation is compared with, and is there."""
        former = next(iter(self._store.past(project, generation)), None)
        parent = project.facts.parent
        if parent is not None and parent.generation == generation and parent.answers_at:
            return former
        return former and replace(former, facts=former.facts.without_our_deployment())


def _to_unreadable(project: Project, result: Result, error: OSError) -> StoreError:
    place = place_of(result, project.name)
    return StoreError(
        say("{place} cannot be read: {problem}.", place=place, problem=problem_of(error))
    )


def _read_generation(path: Path) -> int | None:
    """The generation that a results file says it is of; None where there is no such file."""
    try:
        content = path.read_bytes() if path.is_file() else b"{}"
        if path.suffix != ".json":
            named = _GENERATION.match(content)
            return None if named is None else int(named[1])
        found = json.loads(content)["generation"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return found if isinstance(found, int) else None


def _read(path: Path) -> Json:
    """Empty where there is no such file, or nobody can read it."""
    try:
        found = json.loads(path.read_bytes()) if path.is_file() else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.is_file() and path.read_bytes() == content
    except OSError:
        return False
