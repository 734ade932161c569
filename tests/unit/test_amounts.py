"""Amounts of money as a person reads them: what is less than a cent is not nothing."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

from agent.report.speech import Speech
from agent.views.language import translator
from states.money.budget import Account, describe_spent, limit_of
from states.money.spending import Spent
from states.text import dollars, say

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / ".ci"))
import catalogue as ci  # noqa: E402  what `make locale` runs

sys.path.pop(0)

# Who has rounded already: a limit what is left of it, the report's Speech all of its figures.
ROUNDED = ("left_shown", "dollars", "speech")
# An amount or the word for none (plan_budget), and that Speech itself.
BY_HAND = {"a budget of {usd} USD", "{amount} USD"}


@pytest.mark.parametrize(
    ("usd", "english", "spanish"),
    [
        (0.0, "0.00", "0,00"),
        (12.345, "12.35", "12,35"),
        (0.01, "0.01", "0,01"),
        (0.0099, "0.0099", "0,0099"),
        (0.0034, "0.0034", "0,0034"),
        (0.000_012_3, "0.000012", "0,000012"),
        (-0.002, "-0.002", "-0,002"),
        (5.6e-17, "0.00", "0,00"),  # 0.1 + 0.2 - 0.3
    ],
)
def test_less_than_a_cent_is_told_by_its_first_digits(
    usd: float, english: str, spanish: str
) -> None:
    text = say("{usd} USD", usd=dollars(usd))
    assert str(text) == f"{english} USD"
    assert translator("es")(text) == f"{spanish} USD"


def test_no_amount_is_rounded_by_itself() -> None:
    """Every sentence that tells an amount has it from `dollars`."""
    wrong = [
        f"{where}: {ast.unparse(keyword.value)}"
        for where, call in ci.calls()
        for template in ci.literals(call)
        if template not in BY_HAND
        for name in re.findall(
            r"\{(\w+)\} (?:USD\b|\{currency\}|an? (?:day|month|hour)\b)", template
        )
        for keyword in call.keywords
        if keyword.arg == name and not _is_amount(keyword.value)
    ]
    assert wrong == []
    amounts = re.compile(r"Rounded\(.*(usd|amount|budget|price|spent|committed)", re.IGNORECASE)
    rounded = [
        f"{where}: {ast.unparse(keyword)}"
        for where, call in ci.calls()
        for keyword in call.keywords
        if amounts.search(ast.unparse(keyword.value))
    ]
    assert rounded == []


def _is_amount(value: ast.expr) -> bool:
    return any(word in ast.unparse(value).partition("(")[0] for word in ROUNDED)


def test_a_project_that_has_spent_little_has_not_spent_nothing() -> None:
    account = Account(Spent(answers=0.0034), Spent(), {})
    told = str(describe_spent(account.own, limit_of(0.004, None, account)))
    assert told == (
        "spent about 0.0034 USD; 0.0006 USD left of the budget of 0.004 USD: 85 % of it are spent"
        " or set aside"
    )
    dust = Account(Spent(training=0.1, answers=0.2), Spent(), {})  # 0.30000000000000004
    assert str(describe_spent(dust.own, limit_of(0.3, None, dust))).endswith("set aside")


def test_the_report_has_more_digits_where_four_say_nothing() -> None:
    speech = Speech(translator("es"), "es")
    assert [speech.dollars(usd) for usd in (0.0, 0.05, 0.000_034, 3.0)] == [
        "0,00 USD",
        "0,0500 USD",
        "0,000034 USD",
        "3,00 USD",
    ]
