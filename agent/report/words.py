"""The fixed words of the page, by the names that its templates use."""

from __future__ import annotations

from collections.abc import Mapping

from states.text import Text, say

WORDS: Mapping[str, Text] = {
    "title": say("Evaluation report"),
    "project": say("Project"),
    "generation": say("generation"),
    "skip": say("Skip to the figures"),
    "contents": say("Contents"),
    "stand_in": say("Figures of the local emulator, not of GPT"),
    "next": say("What to do next"),
    "further": say("Further steps"),
    "advice": say("Advice"),
    "advice_lead": say("What to change, the most useful first."),
    "candidates": say("Everybody who was asked"),
    "candidates_lead": say(
        "All of them answered the same cases. The dot is the accuracy, the line its 95 % interval."
    ),
    "target_lead": say("The dashed line is the target."),
    "candidate": say("candidate"),
    "axis": say("accuracy and 95 % interval"),
    "accuracy": say("accuracy"),
    "interval": say("95 % interval"),
    "right": say("right"),
    "target": say("Target"),
    "comparisons": say("Case by case against each other"),
    "comparisons_lead": say(
        "Only the cases on which two candidates differ tell them apart: McNemar's exact test,"
        " corrected for their number (Holm)."
    ),
    "against": say("against"),
    "both_right": say("both right"),
    "only_tuned": say("only the tuned"),
    "only_rival": say("only the other"),
    "both_wrong": say("both wrong"),
    "difference": say("difference, points"),
    "p": say("p"),
    "p_holm": say("p (Holm)"),
    "verdict": say("verdict"),
    "intents": say("Every intent"),
    "intents_lead": say("The weakest first. With a script allowed, a click on a title sorts."),
    "intent": say("intent"),
    "precision": say("precision"),
    "recall": say("recall"),
    "f1": say("F1"),
    "support": say("cases"),
    "confused_with": say("taken for"),
    "sort": say("Sort by"),
    "kinds": say("By kind of case"),
    "kind": say("kind"),
    "confusion": say("What is taken for what"),
    "heat_lead": say("Rows: what was right. Columns: what was answered. Empty: never."),
    "pairs_lead": say("The pairs that are confused most often."),
    "expected": say("right answer"),
    "answered": say("answered"),
    "count": say("times"),
    "no_confusion": say("Nothing was confused."),
    "confidence": say("How sure it is"),
    "ece": say("Expected calibration error"),
    "as_table": say("The figures as a table"),
    "loss": say("The training"),
    "scope": say("Sentences that no intent fits"),
    "scope_lead": say(
        "The threshold was chosen on the validation sentences and judged on these cases."
    ),
    "robustness": say("The same sentence, written differently"),
    "robustness_lead": say("How many answers stay as they were."),
    "perturbation": say("where"),
    "same": say("same answer"),
    "cases": say("cases"),
    "failures": say("Every wrong answer"),
    "failures_lead": say(
        "With the training sentences that lie nearest: a wrong one among them is a mistake in the"
        " data, none that is near means that examples are missing."
    ),
    "no_failures": say("There is no wrong answer."),
    "instead_of": say("instead of"),
    "probability": say("probability"),
    "it_said": say("It said"),
    "nearest": say("Nearest in the training"),
    "cost": say("Cost and latency"),
    "cost_lead": say("Prices are those of the catalogue on the day of the evaluation."),
    "model": say("model"),
    "p50": say("latency, half below"),
    "p95": say("latency, 95 % below"),
    "tokens": say("tokens, question + answer"),
    "usd_per_1000": say("per 1,000 questions"),
    "usd_per_month": say("per month"),
    "money": say("What was spent"),
    "lineage": say("Where it comes from"),
    "lineage_lead": say("Every figure can be followed back to the data by these names."),
    "data": say("What the check of the data said"),
    "data_clean": say("The check of the data found nothing."),
    "footer": say("Made by Afinador from its database: `report` writes the same page again."),
}
