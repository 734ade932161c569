"""From a CSV to VALIDATED: the product beside two loops around tiktoken, all on the same rows.

    make bench ONLY=prepare
    .venv/bin/python -m tests.bench.prepare --rows 1000000 [--bare] [--instruction FILE]

`tiktoken loop`: the fastest straightforward loop (encode_ordinary, constants counted once), alone;
`naive`: the system message counted for every row, with encode. CPU seconds are those of the process
and its children. `rules alone` and `--bare` leave the look of the local classifier out of the
product, which neither the loops nor the former version have.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from tests.bench.harness import BEFORE, PRODUCT, Goal, Runner, Table, measure
from tests.bench.printed import lines
from tests.bench.rivals import HERE, find_before

INTENTS = [f"intent_{number:02}" for number in range(50)]
SAID = (
    "quiero comprar una camisa roja de talla grande por favor me puedes decir cuándo llega mi"
    " pedido número que hice ayer gracias hola buenos días dónde está la devolución de tarjeta"
    " tienda abre mañana cambiar zapatos factura nombre empresa envío gratis descuento código"
)
SHORT = "Eres un clasificador de intenciones. Responde únicamente con el nombre de la intención."


def write_rows(path: Path, count: int) -> None:
    """Distinct sentences of about 60 characters, the intents in turn."""
    chance, words = random.Random(1), SAID.split()
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("text", "intent"))
        for number in range(count):
            said = " ".join(chance.choices(words, k=8))
            rows.writerow((f"{said} {number}", INTENTS[number % len(INTENTS)]))


def load_encoding() -> Any:
    os.environ["TIKTOKEN_CACHE_DIR"] = str(files("agent.resources.vocabulary"))
    import tiktoken

    return tiktoken.get_encoding("o200k_base")


def run_loop(source: Path, target: Path, system: str, is_naive: bool) -> None:
    """Both JSONL files, the tokens of all rows, and those of the longest."""
    encoding = load_encoding()

    def count(text: str) -> int:
        return len(encoding.encode(text) if is_naive else encoding.encode_ordinary(text))

    constant = 0 if is_naive else count(system) + 3 * 4 + 3
    by_intent = {intent: count(intent) for intent in INTENTS}
    total = longest = 0
    with (
        source.open(newline="", encoding="utf-8") as rows,
        (target / "train.jsonl").open("w", encoding="utf-8") as training,
        (target / "validation.jsonl").open("w", encoding="utf-8") as validation,
    ):
        for number, row in enumerate(csv.DictReader(rows)):
            said, intent = row["text"], row["intent"]
            messages = [
                {"role": "system", "content": system},
                {"role": "user", "content": said},
                {"role": "assistant", "content": intent},
            ]
            if is_naive:
                tokens = sum(count(m["role"]) + count(m["content"]) + 3 for m in messages) + 3
            else:
                tokens = constant + count(said) + by_intent[intent]
            total += tokens
            longest = max(longest, tokens)
            file = validation if number % 5 == 0 else training
            file.write(json.dumps({"messages": messages}, ensure_ascii=False) + "\n")
    print(json.dumps({"tokens": total, "longest": longest}))


def run_product(source: Path, home: Path, system: Path, *, is_bare: bool) -> None:
    """`new`, in this process, so that its peak is ours."""
    from agent.cli.main import main

    if is_bare:
        os.environ["AGENT_DATA_CHECK"] = "rules"
    os.environ.update(AGENT_HOME=str(home), AGENT_ENV_FILE=os.devnull, AGENT_PROVIDER="emulator")
    if main(["new", "bench", "--examples", str(source), "--system-prompt", str(system)]):
        sys.exit("the data was refused")


def _prepare_rows(count: int, instruction: Path | None) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        write_rows(folder / "rows.csv", count)
        (folder / "system.txt").write_text(instruction.read_text() if instruction else SHORT)
        # The former version reads what lies in its home.
        found: dict[str, list[str]] = {}
        with (folder / "rows.csv").open(newline="", encoding="utf-8") as rows:
            for row in csv.DictReader(rows):
                found.setdefault(row["intent"], []).append(row["text"])
        raw = folder / "before" / "data" / "raw"
        raw.mkdir(parents=True)
        (raw / "intent_examples.json").write_text(json.dumps(found, ensure_ascii=False))

    return prepare


def _run(name: str, kind: str, *more: str) -> Runner:
    words = ("-m", "tests.bench.prepare", "--run", kind, "--folder", "{folder}", *more)
    return Runner(name, HERE, words)


def make_table(rows: int, instruction: Path | None = None, *, is_bare: bool = False) -> Table:
    former = {"AGENT_HOME": "{folder}/before", "AGENT_PROVIDER": "emulator"}
    product = [_run(_BARE, "product", "--bare")]
    if not is_bare:
        product.insert(0, _run(PRODUCT, "product"))
    return Table(
        f"Prepare {rows:,} examples",
        (
            *product,
            Runner(BEFORE, find_before(), ("-m", "agent", "run", *_FORMER), former),
            _run(_LOOP, "floor"),
            _run("naive", "naive"),
        ),
        {"cpu": "s", "wall": "s", "peak": "MiB", "database": "MB"},
        (
            Goal("cpu", at_most=1.4, against=_LOOP, of=_BARE),
            Goal("cpu", at_most=1.4, against="naive", of=_BARE),
        ),
        rounds=1,
        prepare=_prepare_rows(rows, instruction),
        longest=1800.0,
    )


_BARE, _LOOP = "rules alone", "tiktoken loop"
_FORMER = ("--project", "tienda", "--until", "VALIDATED")
TABLES = (make_table(100_000),)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--instruction", type=Path, help="a file, in place of a short sentence")
    parser.add_argument("--bare", action="store_true", help="without the local classifier")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run is None:
        found = measure(make_table(given.rows, given.instruction, is_bare=given.bare))
        print("\n".join(lines(found)))
        return
    source, system = given.folder / "rows.csv", given.folder / "system.txt"
    if given.run != "product":
        run_loop(source, given.folder, system.read_text(), given.run == "naive")
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as home:
        run_product(source, Path(home), system, is_bare=given.bare)
        size = sum(path.stat().st_size for path in Path(home).rglob("agent.db*"))
        print(json.dumps({"database": size / 1e6}))


if __name__ == "__main__":
    main()
