"""What the project has spent so far, by kind, and what it goes on costing. page.py shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.report.decision import Figure
from agent.report.speech import Speech
from states.text import Text, dollars, say

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Money:
    """`figures`: what each kind of thing has cost, all of it, and what goes on; `remarks`: what the
    figures mean."""

    figures: Sequence[Figure]
    remarks: Sequence[str]


def count_money(analysis: Json, speech: Speech) -> Money | None:
    """None where the results hold nothing of it: of an older version, or generation."""
    found = analysis.get("spending")
    if not found:
        return None
    tell, dollars = speech.tell, speech.dollars
    figures = [
        Figure(
            tell(say("Training")),
            dollars(found["training_usd"]),
            tell(say("{count} token", "{count} tokens", count=found["trained_tokens"])),
        ),
        Figure(
            tell(say("Hosting")),
            dollars(found["hosting_usd"]),
            tell(say("{hours} h", hours=speech.number(found["hosting_hours"], 2))),
        ),
        Figure(tell(say("Questions of the evaluation")), dollars(found["answers_usd"])),
        Figure(tell(say("Spent so far")), dollars(found["spent_usd"]), _of_budget(found, speech)),
    ]
    if found["set_aside_usd"]:
        figures.append(Figure(tell(say("Set aside")), dollars(found["set_aside_usd"])))
    figures.append(
        Figure(
            tell(say("Per hour, from now on")),
            dollars(found["usd_per_hour_now"]),
            tell(_describe_meter(found, speech)),
        )
    )
    return Money(figures, [tell(text) for text in _remark(found)])


def _of_budget(found: Json, speech: Speech) -> str:
    if found["budget_usd"] is None:
        return ""
    usd = speech.dollars(found["budget_usd"])
    if found["budget_of"] == "home":
        return speech.tell(say("all projects together may spend {usd}", usd=usd))
    return speech.tell(say("of a budget of {usd}", usd=usd))


def _describe_meter(found: Json, speech: Speech) -> Text:
    names = found["deployed_now"]
    if not names:
        return say("nothing is deployed")
    told = ", ".join(names)
    if found["usd_per_day_now"] is None:
        return say("{names}, whose price is not known", names=told)
    return say(
        "{usd} a day, used or not: {names}",
        usd=speech.dollars(found["usd_per_day_now"]),
        names=told,
    )


def _remark(found: Json) -> list[Text]:
    remarks = [
        say(
            "As of {time}, from what the agent knows and the prices of its catalogue: no bill.",
            time=found["as_of"][:16].replace("T", " ") + " UTC",
        )
    ]
    if not found["charges_money"]:
        remarks.append(say("The emulator charges nothing: these are the prices of Azure."))
    price = found["hosting_price"]
    if price:
        remarks.append(
            say(
                "An hour of hosting: {usd} USD ({source}, {date}).",
                usd=dollars(price["usd"]),
                source=price["source"],
                date=price["date"],
            )
            if price["is_verified"]
            else say(
                "An hour of hosting: {usd} USD ({source}, {date}, unverified).",
                usd=dollars(price["usd"]),
                source=price["source"],
                date=price["date"],
            )
        )
    if found["unknown_prices"]:
        remarks.append(
            say(
                "Not counted, since no price is known: {names}.",
                names=", ".join(found["unknown_prices"]),
            )
        )
    return remarks
