"""The evaluation's questions to a service on this machine: the product beside a bare AsyncOpenAI.

    make bench ONLY=evaluate

The product: from the first question to EVALUATED, with its database on the disk, each answer
committed. `one by one`: the same with a look at the deployment before each question, as 26aa9e6
does it. `AsyncOpenAI`: the SDK's asynchronous client, which keeps nothing, with as many requests at
once. The service (chat_service.py) answers after the given time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
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
from tests.bench.harness import PRODUCT, Goal, Runner, Table
from tests.bench.rivals import HERE, ROOT

VERSION, KEY = "2024-12-01-preview", "key"
INSTRUCTION = "Eres un clasificador de intenciones. Responde solo con el nombre. " * 30
LATENCIES = (0.0, 0.05, 0.3)
CASES, AT_ONCE = 400, 16


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
    """The last line: the cases a second, for the harness."""
    if given.run == "serve":
        asyncio.run(serve(given.latency, given.name))
    elif given.run == "bare":
        with serving(given.latency, "bench") as url:
            rate = asyncio.run(ask_bare(given.cases, url, "bench", AT_ONCE))
            print(json.dumps({"rate": rate}))
    else:
        alone = given.run == "before"
        rate = ask_in_the_product(given.cases, given.latency, AT_ONCE, one_by_one=alone)
        print(json.dumps({"rate": rate}))


def _make_table(latency: float) -> Table:
    def runner(name: str, kind: str, cases: int) -> Runner:
        told = ("--run", kind, "--cases", str(cases), "--latency", str(latency))
        return Runner(name, HERE, ("-m", "tests.bench.evaluate", *told))

    return Table(
        f"Evaluation, answers after {latency * 1000:.0f} ms, {AT_ONCE} at once",
        (
            runner(PRODUCT, "product", CASES),
            # One by one takes as long as it takes: a tenth of the cases says as much.
            runner("one by one", "before", max(20, CASES // 10) if latency else CASES),
            runner(_BARE, "bare", CASES),
        ),
        {"rate": "cases/s", "cpu": "s"},
        (Goal("rate", at_least=0.9, against=_BARE),),
        rounds=3,
    )


_BARE = "AsyncOpenAI"
TABLES = tuple(map(_make_table, LATENCIES))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--run", required=True)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--name", default="")
    run(parser.parse_args())


if __name__ == "__main__":
    main()
