"""Where every file lives below the home: the names that the hand-run scripts gave them."""

from __future__ import annotations

from enum import StrEnum

DEFAULT_PROJECT = "tienda"


class Artifact(StrEnum):
    """A file of a project that steps read or write: its place for the default project."""

    EXAMPLES = "data/raw/intent_examples.json"
    SOURCES = "data/raw/intent_examples.sources.json"
    DROPPED = "data/raw/dropped.csv"
    INTENTS = "data/raw/intents.json"
    CASES = "data/raw/test_cases.json"
    CASE_SOURCES = "data/raw/test_cases.sources.json"
    PROMPTS = "data/processed/training_prompts.jsonl"
    TRAINING = "data/training/train_data.jsonl"
    VALIDATION = "data/validation/validation_data.jsonl"
    PREPARATION = "data/processed/data_preparation_summary.json"


# What a person gives, or is told of what they gave. All other files are made of these.
GIVEN = (
    Artifact.EXAMPLES,
    Artifact.SOURCES,
    Artifact.DROPPED,
    Artifact.INTENTS,
    Artifact.CASES,
    Artifact.CASE_SOURCES,
)


class Result(StrEnum):
    """A file that is written from the store alone: its place for the default project."""

    TUNING_INFO = "results/fine_tuning_info.json"
    DEPLOYMENT_INFO = "results/deployment_info.json"
    TEST_RESULTS = "results/test_results.json"
    ANALYSIS = "results/improvement_analysis.json"
    REPORT_HTML = "results/report.html"
    REPORT_MD = "results/report.md"


def place_of(file: Artifact | Result, project: str) -> str:
    """The path below the home: that of the default project, or below `projects/<name>`."""
    if project == DEFAULT_PROJECT:
        return file.value
    top, rest = file.value.split("/", 1)
    return f"{top}/projects/{project}/{rest}"
