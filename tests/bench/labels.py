"""Plants faults in a real data set, and says how many of them agent/quality finds.

    .venv/bin/python -m tests.bench.labels TRAIN.csv TEST.csv [--share 0.05] [--seed 1]

Wrong labels: a share of the training sentences gets another intent, drawn from all, and once more
from those the local classifier confuses with it, which is the mistake that people make. Leaks and
near duplicates: paraphrases by rule (tests/bench/edits.py) of 100 sentences. A false alarm is a
pair under two intents, which a person would not call the same. A CSV has the columns text and
category; a TSV is read as Facebook's multilingual task-oriented dialog is laid out.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from agent.quality import classifier, duplicates, features, languages, leakage, personal, suspects
from agent.quality.assessment import LocalQuality
from agent.quality.classifier import Trial
from agent.quality.features import Features
from agent.quality.work import Work, never
from states.intents.records import Source
from states.intents.sentences import Sentence
from tests.bench.edits import paraphrase

PLANTED = 100


def main() -> None:
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = "1"  # before numpy is imported, which the first stage does
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--words", action="store_true", help="as where the encoder is missing")
    given = parser.parse_args()
    if given.words:
        features._load_encoder = lambda: None
    train, test = read(given.train), read(given.test)
    intents = len({one.intent for one in train})
    print(f"{given.train.name}: {len(train)} sentences, {intents} intents; {len(test)} cases")
    measure_leaks(train, test, Random(given.seed))
    measure_duplicates(train, Random(given.seed))
    measure_alarms(train, test)
    measure_labels(train, given.share, Random(given.seed))
    measure_time(train, test)


def read(path: Path) -> list[Sentence]:
    """A CSV by its header, or a TSV of intent, slots, text."""
    source = Source(path.name)
    with path.open(encoding="utf-8", newline="") as file:
        if path.suffix == ".tsv":
            rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            return [Sentence(r[2].strip(), r[0], source, at) for at, r in enumerate(rows, 1)]
        return [
            Sentence(row["text"], row["category"], source, at)
            for at, row in enumerate(csv.DictReader(file), 2)
        ]


def measure_leaks(train: Sequence[Sentence], test: Sequence[Sentence], random: Random) -> None:
    for edits in (1, 2, 3):
        planted = [
            replace(one, text=paraphrase(one.text, random, edits))
            for one in random.sample(train, PLANTED)
        ]
        found = leakage.find_leaks(train, planted)
        print(f"leaks planted with {edits} edit(s): {len(found)} of {PLANTED} found")
    own = [leak for leak in leakage.find_leaks(train, test) if not leak.is_exact]
    wrong = sum(leak.asked.intent != leak.trained.intent for leak in own)
    print(f"leaks of the set's own: {len(own)} of {len(test)} cases are near, {wrong} of these to")
    print(f"  a sentence of another intent: false alarms, {wrong / len(test):.1%} of the cases")


def measure_duplicates(train: Sequence[Sentence], random: Random) -> None:
    for edits in (1, 2, 3):
        planted = [
            replace(one, text=paraphrase(one.text, random, edits), row=len(train) + at)
            for at, one in enumerate(random.sample(train, PLANTED))
        ]
        pairs = duplicates.find([*train, *planted])
        met = {at for pair in pairs for at in (pair.one, pair.other) if at >= len(train)}
        print(f"near duplicates planted with {edits} edit(s): {len(met)} of {PLANTED} found")
    pairs = duplicates.find(train)
    across = sum(train[pair.one].intent != train[pair.other].intent for pair in pairs)
    print(f"near duplicates of the set's own: {len(pairs)} pairs, {across} under two intents")


def measure_alarms(train: Sequence[Sentence], test: Sequence[Sentence]) -> None:
    """Rows said to be in another language, or to hold personal data: a clean set has none."""
    work = Work([*train, *test])
    told = [*languages.stage(work).findings, *personal.stage(work).findings]
    found = [(finding.kind, finding.count) for finding in told]
    print(f"other language, personal data: {found} of {len(work.sentences)} rows")


def measure_labels(train: Sequence[Sentence], share: float, random: Random) -> None:
    made = features.make([one.text for one in train], lambda: None)
    trial = classifier.try_out(train, made, lambda: None)
    print(f"{made.name}: {(trial.predicted == trial.labels).mean():.2%} right as given")
    for name, flipped in (
        ("any intent", flip(trial, share, random, to_similar=False)),
        ("a similar intent", flip(trial, share, random, to_similar=True)),
    ):
        judge(name, train, flipped, made)


def flip(trial: Trial, share: float, random: Random, *, to_similar: bool) -> list[Sentence]:
    """A share of the sentences under another intent, drawn as the classifier confuses them."""
    sentences = list(trial.sentences)
    for at in random.sample(range(len(sentences)), round(share * len(sentences))):
        others = [name for name in trial.intents if name != sentences[at].intent]
        if to_similar:
            ranked = (-trial.probabilities[at]).argsort()
            others = [n for n in (trial.intents[i] for i in ranked[:4]) if n in others]
        sentences[at] = replace(sentences[at], intent=random.choice(others))
    return sentences


def judge(
    name: str, train: Sequence[Sentence], flipped: Sequence[Sentence], made: Features
) -> None:
    wrong = {at for at, one in enumerate(flipped) if one.intent != train[at].intent}
    trial = classifier.try_out(flipped, made, lambda: None)
    ranked = suspects.rank(trial)
    found = wrong & set(ranked)
    named = sum(trial.intents[trial.predicted[at]] == train[at].intent for at in found)
    first = len(wrong & set(ranked[:PLANTED]))
    print(
        f"{len(wrong)} labels flipped to {name}: {len(ranked)} suspects, precision"
        f" {len(found) / max(1, len(ranked)):.1%}, recall {len(found) / len(wrong):.1%};"
        f" {first} of the first {PLANTED}; the true intent is named for {named}"
    )


def measure_time(train: Sequence[Sentence], test: Sequence[Sentence]) -> None:
    started, wall = time.process_time(), time.perf_counter()
    found = LocalQuality(never).assess(train, test, "")
    kinds = Counter({finding.kind: finding.count for finding in found.findings})
    print(f"all of it: {time.process_time() - started:.1f} s of CPU, ", end="")
    print(f"{time.perf_counter() - wall:.1f} s by the clock; {dict(kinds)}")


if __name__ == "__main__":
    sys.exit(main())
