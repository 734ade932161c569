"""The rules for training data: each is a function that returns what it finds.

check_data applies RULES to both files before anything is sent. A new rule is one function here
and one line in RULES; an error stops the project, a warning is only told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from states.intents import model_rules
from states.intents.close_sentences import warn_of_close_sentences
from states.intents.data_file import DataFile
from states.intents.examples import find_warnings
from states.intents.findings import Finding
from states.intents.instruction_rules import longest_example, warn_of_dear_instruction
from states.intents.records import Source
from states.intents.sentences import Sentence, find_forms
from states.text import say


@dataclass(frozen=True)
class Data:
    """All that the rules look at. `now` in unix seconds; `limits` by name, as in the catalogue."""

    training: DataFile
    validation: DataFile
    sentences: Sequence[Sentence]  # as a person finds them: in the examples, or else in these files
    repeated: Mapping[str, int]  # intent -> sentences of the examples that stand there twice
    base_model: str
    epochs: int
    limits: Mapping[str, int]
    model: Mapping[str, Any]  # what the catalogue knows of the base model; may be empty
    price: Mapping[str, Any] | None
    count_tokens: Callable[[str], int]
    now: float
    deploy_sku: str | None = None  # as which the model is to be deployed, where that is known
    deploys: bool = False  # the agent makes the deployment itself
    training_type: str | None = None
    known_models: Sequence[str] = ()  # by every name that the catalogue has for one

    @property
    def intents(self) -> list[str]:
        return list(self.training.per_intent)

    @property
    def job_tokens(self) -> int:
        return self.training.tokens * self.epochs


Rule = Callable[[Data], list[Finding]]


def check(data: Data) -> list[Finding]:
    """What every rule finds, in the order of RULES."""
    return [finding for rule in RULES for finding in rule(data)]


def check_file_size(data: Data) -> list[Finding]:
    limit = data.limits["max_file_bytes"]
    return [
        Finding(
            say(
                "{place}: {size} bytes; the service takes {limit}.",
                place=file.place,
                size=file.size,
                limit=limit,
            ),
            is_error=True,
        )
        for file in (data.training, data.validation)
        if file.size > limit
    ]


def check_example_length(data: Data) -> list[Finding]:
    return [
        finding for file in (data.training, data.validation) for finding in _too_long(data, file)
    ]


def _too_long(data: Data, file: DataFile) -> list[Finding]:
    """Each where a person finds its sentence, or else in the file that is uploaded."""
    at = find_forms(data.sentences, {form for _, _, form in file.too_long})
    found = []
    for line, count, form in file.too_long:
        where = at[form].where if form in at else Source(file.place).where(line)
        text = say(
            "{where}: {count} tokens, with the instruction; the model takes {limit}.",
            where=where,
            count=count,
            limit=longest_example(data.model),
        )
        found.append(Finding(text, is_error=True, kind="too_long", rows=(where,), count=1))
    more = file.too_long_count - len(file.too_long)
    if more:
        text = say(
            "{place}: {count} more example is as long.",
            "{place}: {count} more examples are as long.",
            place=file.place,
            count=more,
        )
        found.append(Finding(text, is_error=True, kind="too_long", count=more))
    return found


def check_number_of_examples(data: Data) -> list[Finding]:
    """Ten in all is enough for a split, but the service counts the training file alone."""
    count, minimum = data.training.examples, data.limits["min_examples"]
    if count >= minimum or not (data.training.examples or data.validation.examples):
        return []
    text = say(
        "{count} training example; the service trains on at least {minimum}.",
        "{count} training examples; the service trains on at least {minimum}.",
        count=count,
        minimum=minimum,
    )
    return [Finding(text, is_error=True)]


def check_leakage(data: Data) -> list[Finding]:
    """A validation sentence that is trained on proves nothing."""
    found = [
        Finding(
            say("The sentence «{sentence}» is in training and in validation.", sentence=sentence),
            is_error=True,
        )
        for sentence in sorted(data.validation.leaked)
    ]
    more = len(data.validation.forms) - len(found)
    if more:
        text = say(
            "{count} more sentence is in training and in validation.",
            "{count} more sentences are in training and in validation.",
            count=more,
        )
        found.append(Finding(text, is_error=True, count=more))
    return found


def check_unknown_intents(data: Data) -> list[Finding]:
    unknown = set(data.validation.per_intent) - set(data.intents)
    return [
        Finding(
            say("The intent {intent} is in validation only.", intent=repr(intent)), is_error=True
        )
        for intent in sorted(unknown)
    ]


def warn_of_sentences(data: Data) -> list[Finding]:
    return warn_of_close_sentences(data.sentences)


def warn_of_weak_intents(data: Data) -> list[Finding]:
    counts = data.training.per_intent + data.validation.per_intent
    by_intent = {intent: counts[intent] for intent in data.intents}
    advised = data.limits["advised_examples_per_intent"]
    return find_warnings(by_intent, data.repeated, advised)


def about_model(data: Data) -> list[Finding]:
    """What the catalogue says of it: dates, price, whether it is trained and deployed as wished."""
    name, model = data.base_model, data.model
    return [
        *model_rules.warn_of_unknown_model(name, model, data.known_models),
        *model_rules.warn_of_retirement(name, model, data.now),
        *model_rules.check_method(name, model),
        *model_rules.check_training_type(name, model, data.training_type),
        *model_rules.check_deployment_sku(name, model, data.deploy_sku, data.deploys),
        *model_rules.warn_of_unknown_price(name, data.price),
    ]


def check_name_length(data: Data) -> list[Finding]:
    """An answer longer than a name may be is cut off, and would always count as wrong."""
    longest = data.limits["intent_name_tokens"]
    counts = {intent: data.count_tokens(intent) for intent in data.intents}
    return [
        Finding(
            say(
                "The name {intent} has {count} tokens; use at most {limit}.",
                intent=repr(_begin(intent)),
                count=count,
                limit=longest,
            ),
            is_error=True,
        )
        for intent, count in counts.items()
        if count > longest
    ]


def _begin(name: str, most: int = 60) -> str:
    """Enough to find it by: one of thousands of characters would hide the rest of the message."""
    return name if len(name) <= most else f"{name[:most]}…"


def check_job_tokens(data: Data) -> list[Finding]:
    limit = data.limits["max_job_tokens"]
    if data.job_tokens <= limit:
        return []
    text = say(
        "{count} tokens for the whole job; the service takes {limit}.",
        count=data.job_tokens,
        limit=limit,
    )
    return [Finding(text, is_error=True)]


def warn_of_long_instruction(data: Data) -> list[Finding]:
    return warn_of_dear_instruction(data.training, data.epochs, data.price)


RULES: tuple[Rule, ...] = (
    check_file_size,
    check_example_length,
    check_number_of_examples,
    check_leakage,
    check_unknown_intents,
    warn_of_sentences,
    warn_of_weak_intents,
    about_model,
    check_name_length,
    check_job_tokens,
    warn_of_long_instruction,
)
