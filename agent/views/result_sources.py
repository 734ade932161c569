"""Which files of results/ there are of a project, and what they were made from.

results.py and result_content.py call it.
"""

from __future__ import annotations

import json
from typing import Any

from states.facts import Facts
from states.places import Artifact, Result
from states.store_port import Store

Json = dict[str, Any]


def results_of(facts: Facts) -> set[Result]:
    """The results files that there are facts for. The report needs the analysis as well."""
    is_analyzed = facts.evaluated is not None and facts.analyzed is not None
    there = {
        Result.TUNING_INFO: facts.created is not None,
        Result.DEPLOYMENT_INFO: facts.requested is not None and facts.trained is not None,
        Result.TEST_RESULTS: facts.evaluated is not None,
        Result.ANALYSIS: is_analyzed,
        Result.REPORT_HTML: is_analyzed,
        Result.REPORT_MD: is_analyzed,
    }
    return {result for result, is_known in there.items() if is_known}


def read_preparation(store: Store, facts: Facts) -> Json | None:
    """What the check of the data said; None for a project that kept no summary of it."""
    digest = facts.artifacts.get(Artifact.PREPARATION)
    if digest is None or not store.has_blob(digest):
        return None
    summary: Json = json.loads(store.get_blob(digest))
    return summary


def render_lineage(facts: Facts) -> Json:
    """The digests of what was trained and asked; null for what was not recorded."""
    return {
        "examples_sha256": facts.artifacts.get(Artifact.EXAMPLES),
        "training_sha256": facts.artifacts.get(Artifact.TRAINING),
        "validation_sha256": facts.artifacts.get(Artifact.VALIDATION),
        "cases_sha256": facts.artifacts.get(Artifact.CASES),
    }
