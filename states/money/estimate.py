"""What a project will cost, before it does: its training, its questions, its deployment.

check_data.py counts the tokens; the prices are those of the catalogue at this moment, so that a
corrected price counts at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from states.money.prices import (
    HOURS_OF_A_DAY,
    HOURS_OF_A_MONTH,
    MILLION,
    AnswerPrice,
    Price,
    price_of_answers,
    price_of_hosting,
    price_of_training,
)
from states.text import Text, dollars, say


def count_epochs(count: int) -> Text:
    return say("{count} epoch", "{count} epochs", count=count)


@dataclass(frozen=True)
class TrainingEstimate:
    """`tokens`: of the training file times the epochs; None where nobody counted them."""

    model: str
    epochs: int
    tokens: int | None
    price: Price | None

    @property
    def usd(self) -> float | None:
        """None where it is not known."""
        if self.tokens is None or self.price is None:
            return None
        return self.tokens * self.price.usd / MILLION

    @property
    def text(self) -> Text:
        """One line, with the source of the price."""
        if self.tokens is None:
            return say("training {model}: nobody has counted its tokens", model=self.model)
        if self.price is None or self.usd is None:
            return say(
                "training {model}: {tokens} tokens in {epochs}; no price is known",
                model=self.model,
                tokens=self.tokens,
                epochs=count_epochs(self.epochs),
            )
        return say(
            "training {model}: about {usd} USD ({tokens} tokens in {epochs}, {price} USD a"
            " million: {source})",
            model=self.model,
            tokens=self.tokens,
            epochs=count_epochs(self.epochs),
            usd=dollars(self.usd),
            price=dollars(self.price.usd),
            source=self.price.source.text,
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "epochs": self.epochs,
            "tokens": self.tokens,
            "usd": self.usd,
            "price_per_million_tokens": self.price and self.price.as_json(),
        }


@dataclass(frozen=True)
class QuestionsEstimate:
    """What one candidate is asked. `price`: of the base model, for every candidate."""

    candidate: str
    questions: int
    tokens: int
    price: AnswerPrice | None

    @property
    def usd(self) -> float | None:
        if self.price is None:
            return None
        from states.intents.question_cost import ANSWER  # it brings all that reads sentences

        return self.price.cost(self.tokens, self.questions * ANSWER)

    def as_json(self) -> dict[str, Any]:
        return {
            "candidate": self.candidate,
            "questions": self.questions,
            "tokens": self.tokens,
            "usd": self.usd,
        }


@dataclass(frozen=True)
class HostingEstimate:
    """`price`: of an hour; None where it is not known. Of one that is tuned, used or not."""

    sku: str | None
    price: Price | None

    @property
    def text(self) -> Text:
        name = self.sku or "—"
        if self.price is None:
            return say("hosting as {sku}: no price is known", sku=name)
        if self.price.usd == 0:
            return say(
                "hosting as {sku}: no hourly fee; it ends by itself after 24 hours ({source})",
                sku=name,
                source=self.price.source.text,
            )
        return say(
            "hosting as {sku}, used or not: {hour} USD an hour, {day} a day, {month} a month"
            " ({source})",
            sku=name,
            hour=dollars(self.price.usd),
            day=dollars(self.price.usd * HOURS_OF_A_DAY),
            month=dollars(self.price.usd * HOURS_OF_A_MONTH),
            source=self.price.source.text,
        )

    def as_json(self) -> dict[str, Any]:
        hour = None if self.price is None else self.price.usd
        return {
            "sku": self.sku,
            "usd_per_hour": hour,
            "usd_per_day": None if hour is None else hour * HOURS_OF_A_DAY,
            "usd_per_month": None if hour is None else hour * HOURS_OF_A_MONTH,
            "price_per_hour": self.price and self.price.as_json(),
        }


@dataclass(frozen=True)
class Estimate:
    """All that a generation of a project will cost, as far as anybody knows."""

    training: TrainingEstimate
    questions: tuple[QuestionsEstimate, ...]
    hosting: HostingEstimate

    @property
    def questions_usd(self) -> float | None:
        amounts = [one.usd for one in self.questions]
        return None if None in amounts else sum(filter(None, amounts))

    def as_json(self) -> dict[str, Any]:
        price = self.questions[0].price if self.questions else None
        return {
            "currency": "USD",
            "training": self.training.as_json(),
            "questions": {
                "usd": self.questions_usd,
                "price_per_million_tokens": price and price.as_json(),
                "candidates": [one.as_json() for one in self.questions],
            },
            "hosting": self.hosting.as_json(),
        }


def estimate_training(
    service: Mapping[str, Any], model: str, epochs: int, tokens: int | None
) -> TrainingEstimate:
    """`service`: the catalogue."""
    return TrainingEstimate(model, epochs, tokens, price_of_training(service, model))


def estimate(
    service: Mapping[str, Any],
    training: TrainingEstimate,
    summary: Mapping[str, Any],
    sku: str | None,
) -> Estimate:
    """`summary`: data_preparation_summary.json; those of older versions foresee no questions."""
    price = price_of_answers(service, training.model)
    asked = summary.get("estimated_cost_of_questions", {}).get("candidates", ())
    questions = tuple(
        QuestionsEstimate(one["candidate"], one["questions"], one["tokens"], price) for one in asked
    )
    return Estimate(training, questions, HostingEstimate(sku, price_of_hosting(service, sku)))
