"""The evaluation's questions to a service on this machine: the product beside a bare AsyncOpenAI.

    .venv/bin/python -m tests.bench.evaluate [--cases 400] [--concurrency 16] [--rounds 3]

`product`: from the first question to EVALUATED, with its database on the disk, each answer
committed. `before`: the same one by one, with a look at the deployment before each, as the product
did until 0.2. `bare`: the SDK's asynchronous client, which keeps nothing, with as many requests at
once. The service (chat_service.py) answers after the given time; each of the three runs in a
process of its own, in turn.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.bench.chat_service import MODEL, serve

ROOT = Path(__file__).parents[2]
VERSION, KEY = "2024-12-01-preview", "key"
INSTRUCTION = "Eres un clasificador de intenciones. Responde solo con el nombre. " * 30
LATENCIES = (0.0, 0.05, 0.3)
KINDS = ("product", "before", "bare")


@contextmanager
def serving(latency: float, name: str) -> Iterator[str]:
    """The address of a service in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.evaluate", "--run", "serve"]
    run = subprocess.Popen(
        [*command, "--latency", str(latency), "--name", name],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(run.stdout.readline())}"
    finally:
        run.terminate()
        run.wait()
        run.stdout.close()


def ask_in_the_product(cases: int, latency: float, most: int, *, one_by_one: bool) -> float:
    """Cases a second."""
    import structlog

    from agent.providers import together
    from agent.providers.azure import AzureService
    from agent.providers.azure_client import Endpoint
    from agent.providers.errors import Errors
    from agent.redactor import Redactor
    from states.model import Project
    from states.ports import Ports
    from states.state import State
    from store.engine import open_engine
    from store.migrate import upgrade
    from store.sql import SqlStore
    from tests.unit.desk import Desk

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    if one_by_one:
        together.BATCH, most = 0.0, 1
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        home = Path(folder)
        (home / "data").mkdir()
        engine = open_engine(f"sqlite:///{home}/data/agent.db")
        upgrade(engine)
        desk = Desk(home, SqlStore(engine))
        desk.wish(system_prompt=INSTRUCTION, concurrency=most)
        desk.create(cases=cases)
        name = desk.go(State.DEPLOYED).facts.deployed.name  # type: ignore[union-attr]
        desk.tick()  # the cases are read
        with serving(latency, name) as url:
            service = AzureService(
                Endpoint(url, KEY, VERSION, 30.0), None, Errors(url, Redactor((KEY,)))
            )
            honest, desk.cloud.answer = desk.ports_for, "comprar"
            desk.cloud.deployments[name] = replace(desk.cloud.deployments[name], model=MODEL)

            def ports_for(project: Project) -> Ports:
                return replace(honest(project), read=service)

            desk.ports_for = ports_for  # type: ignore[method-assign]
            _expect_model(desk, MODEL)
            ticker, began = desk.ticker, time.perf_counter()
            while ticker.tick("tienda").after.state is State.DEPLOYED:
                pass
            seconds = time.perf_counter() - began
            service.close()
        desk.store.close()
    return cases / seconds


def _expect_model(desk: Any, model: str) -> None:
    """The project was trained into the model that the service serves."""
    from states.facts import known
    from states.store_port import Pause

    project = desk.project()
    facts = replace(project.facts, trained=replace(known(project.facts.trained), model=model))
    desk.store.pause(project, Pause(project.due_at, None, 0, None, facts))


async def ask_bare(cases: int, url: str, name: str, most: int) -> float:
    """Cases a second."""
    import openai

    client = openai.AsyncAzureOpenAI(
        azure_endpoint=url, api_key=KEY, api_version=VERSION, max_retries=0
    )
    gate = asyncio.Semaphore(most)

    async def ask(number: int) -> str | None:
        async with gate:
            answer = await client.chat.completions.create(
                model=name,
                temperature=0,
                max_tokens=64,
                messages=[
                    {"role": "system", "content": INSTRUCTION},
                    {"role": "user", "content": f"caso {number}"},
                ],
            )
            return answer.choices[0].message.content

    began = time.perf_counter()
    await asyncio.gather(*map(ask, range(cases)))
    return cases / (time.perf_counter() - began)


def run(given: argparse.Namespace) -> None:
    if given.run == "serve":
        asyncio.run(serve(given.latency, given.name))
    elif given.run == "bare":
        with serving(given.latency, "bench") as url:
            print(asyncio.run(ask_bare(given.cases, url, "bench", given.concurrency)))
    else:
        is_before = given.run == "before"
        print(
            ask_in_the_product(given.cases, given.latency, given.concurrency, one_by_one=is_before)
        )


def measure(kind: str, given: argparse.Namespace, latency: float) -> float:
    # One by one takes as long as it takes: a tenth of the cases says as much.
    cases = max(20, given.cases // 10) if kind == "before" and latency else given.cases
    command = [sys.executable, "-m", "tests.bench.evaluate", "--run", kind, "--cases", str(cases)]
    command += ["--latency", str(latency), "--concurrency", str(given.concurrency)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)


def compare(given: argparse.Namespace) -> None:
    print(f"{given.cases} cases, {given.concurrency} at once, load {os.getloadavg()[0]:.1f}")
    for latency in LATENCIES:
        rates: dict[str, list[float]] = {kind: [] for kind in KINDS}
        for _ in range(given.rounds):
            for kind in KINDS:
                rates[kind].append(measure(kind, given, latency))
        product, before, bare = (statistics.median(rates[kind]) for kind in KINDS)
        ratios = [p / b for p, b in zip(rates["product"], rates["bare"], strict=True)]
        print(
            f"{latency * 1000:3.0f} ms: product {product:.0f}, before {before:.1f}, bare"
            f" {bare:.0f} cases/s; product/bare {statistics.median(ratios):.2f}"
            f" ({min(ratios):.2f}-{max(ratios):.2f}), product/before {product / before:.1f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--latency", type=float, default=0.0, help=argparse.SUPPRESS)
    parser.add_argument("--name", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    (run if given.run else compare)(given)


if __name__ == "__main__":
    main()
