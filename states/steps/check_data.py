"""SPLIT: check every rule of the service, count tokens, estimate the cost, and fix the plan."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from typing import Any

from states import places
from states.errors import Permanent
from states.intents import cases
from states.intents.dataset import Row, RowError, decoded, intents_of, part
from states.intents.examples import normalized, warnings
from states.model import Event, Plan, Project
from states.outcome import Done, Outcome
from states.ports import Ports
from states.text import Text, say


def step(project: Project, ports: Ports) -> Outcome:
    facts, plan = project.facts, ports.preferences.plan
    contents = {name: _load(project, ports, name) for name in (places.TRAINING, places.VALIDATION)}
    check = _Check(ports, plan, facts.repeated)
    summary = check.of(contents)
    refused = list(check.errors)
    check.cases(project)
    summary["ready"] = not summary["errors"]
    place = places.of_project(project.name, places.PREPARATION)
    as_json = {
        **summary,
        **{key: [ports.translate(text) for text in summary[key]] for key in ("errors", "warnings")},
    }
    digest = ports.artifacts.save(
        place, (json.dumps(as_json, ensure_ascii=False, indent=2) + "\n").encode()
    )
    if refused:
        raise Permanent(
            say(
                "The service would refuse the data ({problem}). Mend {examples} and `retry`; every"
                " problem is in {place}.",
                problem=refused[0],
                examples=places.of_project(project.name, places.EXAMPLES),
                place=place,
            )
        )
    if check.errors:
        raise Permanent(
            check.errors[0]
        )  # the test cases: the service never sees them, and the sentence says what to mend
    return Done(
        Event.DATA_ACCEPTED,
        replace(
            facts,
            artifacts={**facts.artifacts, place: digest},
            plan=asdict(replace(plan, base_model=check.model)),
        ),
    )


def _load(project: Project, ports: Ports, name: str) -> tuple[str, bytes]:
    place = places.of_project(project.name, name)
    return place, ports.artifacts.load(place, project.facts.artifacts[place])


class _Check:
    """The service's rules, applied to both files before anything is sent."""

    def __init__(self, ports: Ports, plan: Plan, repeated: Mapping[str, int]) -> None:
        self.ports, self.plan, self.repeated = ports, plan, repeated
        service = ports.catalog.service
        self.limits = {name: entry["value"] for name, entry in service["limits"].items()}
        self.framing = {name: service["tokens"][name] for name in ("per_message", "per_example")}
        self.model = service["models"]["aliases"].get(plan.base_model, plan.base_model)
        self.errors: list[Text] = []
        self.warnings: list[Text] = []

    def of(self, contents: Mapping[str, tuple[str, bytes]]) -> dict[str, Any]:
        files, rows = {}, {}
        for name, (place, content) in contents.items():
            rows[name] = self._rows(place, content)
            files[place] = self._file(place, content, rows[name])
        self._sets(rows[places.TRAINING], rows[places.VALIDATION])
        self._retirement()
        self.intents = intents_of(rows[places.TRAINING])
        self._names()
        self.trained = {normalized(part(row, "user")) for row in rows[places.TRAINING]}
        tokens = files[contents[places.TRAINING][0]]["tokens"]
        return {
            "ready": True,
            "errors": self.errors,
            "warnings": self.warnings,
            "files": files,
            "base_model": self.model,
            "epochs": self.plan.epochs,
            "estimated_training_tokens": self._job_tokens(tokens),
            "estimated_cost": self._cost(tokens * self.plan.epochs),
            "token_counting": "exact" if self.ports.tokens.is_exact_for(self.model) else "estimate",
        }

    def _rows(self, place: str, content: bytes) -> list[Row]:
        try:
            return decoded(content)
        except RowError as error:
            self.errors.append(
                say(
                    "{place}, line {line}: {problem}",
                    place=place,
                    line=error.line,
                    problem=error.text,
                )
            )
        except UnicodeDecodeError:
            self.errors.append(say("{place} is not UTF-8 text.", place=place))
        return []

    def _file(self, place: str, content: bytes, rows: Sequence[Row]) -> dict[str, Any]:
        if len(content) > self.limits["max_file_bytes"]:
            self.errors.append(
                say(
                    "{place}: {size} bytes; the service takes {limit}.",
                    place=place,
                    size=len(content),
                    limit=self.limits["max_file_bytes"],
                )
            )
        counts = [self._tokens(row) for row in rows]
        longest = self._model_facts().get("tokens_per_example", 65536)
        for number, count in enumerate(counts, start=1):
            if count > longest:
                self.errors.append(
                    say(
                        "{place}, line {line}: {count} tokens; the model takes {limit}.",
                        place=place,
                        line=number,
                        count=count,
                        limit=longest,
                    )
                )
        return {
            "examples": len(rows),
            "per_intent": dict(Counter(part(row, "assistant") for row in rows)),
            "tokens": sum(counts),
            "longest_example_tokens": max(counts, default=0),
            "bytes": len(content),
        }

    def _tokens(self, row: Row) -> int:
        messages = row["messages"]
        texts = sum(
            self.ports.tokens.count(m["role"]) + self.ports.tokens.count(m["content"])
            for m in messages
        )
        return int(
            texts + self.framing["per_message"] * len(messages) + self.framing["per_example"]
        )

    def _sets(self, training: Sequence[Row], validation: Sequence[Row]) -> None:
        if len(training) + len(validation) and len(training) < self.limits["min_examples"]:
            # Ten in all is enough for a split, but the service counts the training file alone.
            self.errors.append(
                say(
                    "{count} training example; the service trains on at least {minimum}.",
                    "{count} training examples; the service trains on at least {minimum}.",
                    count=len(training),
                    minimum=self.limits["min_examples"],
                )
            )
        both = {normalized(part(r, "user")) for r in training} & {
            normalized(part(r, "user")) for r in validation
        }
        for sentence in sorted(both):
            self.errors.append(
                say(
                    "The sentence «{sentence}» is in training and in validation.", sentence=sentence
                )
            )
        unknown = set(intents_of(validation)) - set(intents_of(training))
        for intent in sorted(unknown):
            self.errors.append(
                say("The intent {intent} is in validation only.", intent=repr(intent))
            )
        by_intent = {
            i: [part(r, "user") for r in [*training, *validation] if part(r, "assistant") == i]
            for i in intents_of(training)
        }
        self.warnings += warnings(
            by_intent, self.repeated, self.limits["advised_examples_per_intent"]
        )

    def cases(self, project: Project) -> None:
        """The test cases are only used after the training, but a mistake in them is cheaper to hear of now."""
        place = places.of_project(project.name, places.CASES)
        content = self.ports.artifacts.given(place)
        if content is None:
            self.warnings.append(
                say(
                    "There is no {place}: the validation sentences will serve as test cases.",
                    place=place,
                )
            )
            return
        try:
            given = cases.parsed(content, place, self.intents)
        except Permanent as error:
            self.errors.append(error.text)
            return
        for case in given:
            if normalized(case["text"]) in self.trained:
                self.warnings.append(
                    say(
                        "{place}: case {id} is also a training sentence and proves nothing.",
                        place=place,
                        id=case["id"],
                    )
                )

    def _names(self) -> None:
        longest = self.limits["intent_name_tokens"]
        for intent in self.intents:
            count = self.ports.tokens.count(intent)
            if count > longest:
                # The model's answer would be cut off, and every one of them counted as wrong.
                self.errors.append(
                    say(
                        "The name {intent} has {count} tokens; use at most {limit}.",
                        intent=repr(intent),
                        count=count,
                        limit=longest,
                    )
                )

    def _retirement(self) -> None:
        ends = self._model_facts().get("base_model_ends")
        if isinstance(ends, date) and ends <= datetime.fromtimestamp(self.ports.now, UTC).date():
            self.warnings.append(
                say(
                    "{model}: the base model was due to retire on {date}; customers who have not"
                    " trained it before may be refused. Check the model list of your resource.",
                    model=self.model,
                    date=str(ends),
                )
            )

    def _job_tokens(self, tokens: int) -> int:
        total = tokens * self.plan.epochs
        if total > self.limits["max_job_tokens"]:
            self.errors.append(
                say(
                    "{count} tokens for the whole job; the service takes {limit}.",
                    count=total,
                    limit=self.limits["max_job_tokens"],
                )
            )
        return total

    def _model_facts(self) -> Mapping[str, Any]:
        facts: Mapping[str, Any] = self.ports.catalog.service["models"].get(self.model, {})
        return facts

    def _cost(self, tokens: int) -> dict[str, Any]:
        prices = self.ports.catalog.service["prices"]
        price = prices["training"].get(self.model)
        if price is None:
            self.warnings.append(
                say("No price is known for {model}: the cost was not estimated.", model=self.model)
            )
            return {"amount": None, "currency": prices["currency"], "source": None, "date": None}
        return {
            "amount": round(tokens * price["usd_per_million_tokens"] / 1e6, 6),
            "currency": prices["currency"],
            "usd_per_million_tokens": price["usd_per_million_tokens"],
            "hosting_usd_per_hour": prices["hosting"]["usd_per_hour"],
            "source": price["source"],
            "date": str(price["date"]),
            "confidence": price.get("confidence", "documented"),
        }
