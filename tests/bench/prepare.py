"""From a CSV to VALIDATED: the product beside two loops around tiktoken, all on the same rows.

    .venv/bin/python tests/bench/prepare.py [--rows 1000000] [--bare] [--instruction FILE]

`floor`: the fastest straightforward loop (encode_ordinary, constants counted once). `naive`: the
system message counted for every row, with encode. Each runs in a process of its own, one after the
other; its CPU seconds are its own and those of its children. `--bare` leaves the look of the local
classifier out of the product, which the loops do not have either.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
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
    sys.exit(main(["new", "bench", "--examples", str(source), "--system-prompt", str(system)]))


def measure(kind: str, *arguments: str) -> dict[str, float]:
    """CPU and wall seconds of a process of this file, and its peak in MiB."""
    began = time.monotonic()
    run = subprocess.Popen([sys.executable, __file__, "--run", kind, *arguments], cwd=ROOT)
    _, status, used = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    if run.returncode:
        sys.exit(f"{kind}: exit code {run.returncode}")
    return {
        "cpu": used.ru_utime + used.ru_stime,
        "wall": time.monotonic() - began,
        "peak": used.ru_maxrss / 1024,
    }


def compare(given: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, system = folder / "rows.csv", folder / "system.txt"
        write_rows(source, given.rows)
        system.write_text(given.instruction.read_text() if given.instruction else SHORT)
        (folder / "home").mkdir()
        found = {}
        for kind in ("product", "floor", "naive"):
            bare = ["--bare"] if given.bare else []
            found[kind] = measure(kind, "--source", str(source), "--folder", name, *bare)
            print(f"{kind:8} {json.dumps({k: round(v, 1) for k, v in found[kind].items()})}")
        database = sum(path.stat().st_size for path in (folder / "home").rglob("agent.db*"))
    cpu = {kind: one["cpu"] for kind, one in found.items()}
    print(
        f"{given.rows} rows: product/floor {cpu['product'] / cpu['floor']:.2f},"
        f" naive/product {cpu['naive'] / cpu['product']:.2f},"
        f" peak {found['product']['peak']:.0f} MiB, database {database / 1e6:.1f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--instruction", type=Path, help="a file, in place of a short sentence")
    parser.add_argument("--bare", action="store_true", help="without the local classifier")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--source", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run is None:
        return compare(given)
    sys.path.insert(0, str(ROOT))
    system = given.folder / "system.txt"
    if given.run == "product":
        return run_product(given.source, given.folder / "home", system, is_bare=given.bare)
    return run_loop(given.source, given.folder, system.read_text(), given.run == "naive")


if __name__ == "__main__":
    main()
