"""A real emulator process on a home of its own, and what the contract tests ask of it over real HTTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openai
import pytest

ROOT = Path(__file__).resolve().parents[2]
KEY = "llave-de-prueba"
DATED = "2024-12-01-preview"
ARM = (
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a/deployments"
)
QUICK = {
    "EMULATOR_FILE_SECONDS": "0",
    "EMULATOR_QUEUE_SECONDS": "0",
    "EMULATOR_TRAIN_SECONDS": "0",
    "EMULATOR_DEPLOY_SECONDS": "0",
}
SYSTEM = (
    "Clasifica el mensaje del cliente. Responde solo con una de estas etiquetas: comprar, devolver,"
    " queja o consulta."
)
# Written for these tests: none of the product's own example sentences is here.
SENTENCES = {
    "comprar": [
        "Quiero encargar dos lámparas de pie",
        "Ponme una cafetera roja en el carrito",
        "Me llevo el sofá de tres plazas",
        "Necesito pedir un teclado nuevo para hoy",
        "Añade tres toallas de baño a mi pedido",
        "Deseo adquirir la mesa de roble que vi ayer",
        "Resérvame la última bicicleta, la pago ahora",
        "Voy a quedarme con el colchón grande, cobradme",
        "Tramita la compra de cuatro sillas plegables",
    ],
    "devolver": [
        "El microondas no cabe en la cocina, quiero que me devolváis el dinero",
        "Os mando de vuelta la tableta sin estrenar",
        "Cómo os reenvío el espejo que no me convence",
        "Necesito el reembolso del sillón",
        "Quiero cambiar la alfombra por otra más pequeña",
        "Pasad a recoger la estantería, no me la quedo",
        "Solicito la devolución del aspirador que compré el lunes",
        "He recibido el modelo equivocado y quiero retornarlo",
        "Quiero anular el pedido ya entregado y recuperar el importe",
    ],
    "queja": [
        "El repartidor fue muy grosero conmigo",
        "Llevo un mes esperando y nadie responde al teléfono",
        "Es una vergüenza cómo tratáis a la gente",
        "La caja llegó rota y mojada, qué desastre",
        "Vuestro servicio es pésimo y cada vez va a peor",
        "Estoy muy enfadado con la atención que he recibido",
        "La lavadora se ha estropeado al segundo día, menuda calidad",
        "Me habéis cobrado de más y encima os reís de mí",
        "Nunca había visto una tienda tan mal organizada",
    ],
    "consulta": [
        "A qué hora abrís los sábados",
        "Hacéis envíos a Canarias",
        "Qué garantía tiene el televisor",
        "Se puede pagar con tarjeta de regalo",
        "Dónde está la tienda más cercana",
        "Cuánto mide la cama de matrimonio",
        "Tenéis aparcamiento para clientes",
        "Cuántos días tarda en llegar un envío a Portugal",
        "De qué material es la encimera blanca",
    ],
}
FEW = {
    "sí": ["uno", "dos", "tres", "cuatro", "cinco"],
    "no": ["seis", "siete", "ocho", "nueve", "diez"],
}
UNSEEN = [
    ("Me gustaría comprar un escritorio de madera", "comprar"),
    ("Mándame dos almohadas, las pago con tarjeta", "comprar"),
    ("Encargo una vitrina y un par de cuadros", "comprar"),
    ("Quiero hacerme con la freidora que tenéis de oferta", "comprar"),
    ("Devuelvo la cortina porque no es del color que pedí", "devolver"),
    ("Reembolsadme la plancha, la reenvío mañana", "devolver"),
    ("No me quedo con la silla de oficina, recogedla en casa", "devolver"),
    ("Quiero cambiar este perchero por otro modelo", "devolver"),
    ("Estoy harto de vuestra falta de respeto", "queja"),
    ("El paquete llegó tarde y destrozado, es indignante", "queja"),
    ("Qué vergüenza de atención telefónica", "queja"),
    ("Nadie me contesta desde hace dos semanas, muy mal", "queja"),
    ("Cuál es vuestro horario en festivos", "consulta"),
    ("Cuánto cuesta el transporte a Mallorca", "consulta"),
    ("Qué dimensiones tiene el armario ropero", "consulta"),
    ("Aceptáis pagos con el móvil en la tienda", "consulta"),
]


@dataclass
class Reply:
    """A plain HTTP answer."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass
class Running:
    """One emulator process, and short ways to talk to it."""

    process: subprocess.Popen[str]
    home: Path
    url: str
    _clients: dict[tuple[object, ...], Any] = field(default_factory=dict)

    @property
    def sdk(self) -> openai.AzureOpenAI:
        return self.client()

    def client(
        self, version: str = DATED, key: str = KEY, seconds: float = 30.0
    ) -> openai.AzureOpenAI:
        # Kept, because making one reads all certificates of the system.
        if (version, key, seconds) not in self._clients:
            made = openai.AzureOpenAI(
                azure_endpoint=self.url,
                api_key=key,
                api_version=version,
                max_retries=0,
                timeout=seconds,
            )
            self._clients[version, key, seconds] = made
        client: openai.AzureOpenAI = self._clients[version, key, seconds]
        return client

    @property
    def v1(self) -> openai.OpenAI:
        if ("v1",) not in self._clients:
            self._clients["v1",] = openai.OpenAI(
                base_url=f"{self.url}/openai/v1/", api_key=KEY, max_retries=0, timeout=30
            )
        client: openai.OpenAI = self._clients["v1",]
        return client

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        data = (
            body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        )
        sent = {
            "api-key": KEY,
            "authorization": f"Bearer {KEY}",
            "content-type": "application/json",
            **headers,
        }
        request = urllib.request.Request(self.url + path, method=method, data=data, headers=sent)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return Reply(answer.status, dict(answer.headers.items()), answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, dict(error.headers.items()), error.read())

    def arm(self, method: str, name: str = "", body: Any = None) -> Reply:
        return self.ask(method, f"{ARM}{'/' if name else ''}{name}?api-version=2024-10-01", body)

    def put(self, name: str, model: str, capacity: int = 50) -> Reply:
        properties = {"model": {"format": "OpenAI", "name": model, "version": "1"}}
        return self.arm(
            "PUT",
            name,
            {"sku": {"name": "standard", "capacity": capacity}, "properties": properties},
        )

    def deploy(self, name: str, model: str) -> None:
        assert self.put(name, model).status in (200, 201)
        wait_for(
            lambda: self.arm("GET", name).body["properties"]["provisioningState"] == "Succeeded"
        )

    def behave(self, **changes: Any) -> None:
        assert self.ask("PUT", "/_emulator/behaviour", changes).status == 200

    def fault(self, do: dict[str, Any], method: str = "POST", path: str = "", **more: Any) -> None:
        rule = {"match": {"method": method, "path": path}, "do": do, **more}
        assert self.ask("PUT", "/_emulator/faults", [rule]).status == 200

    def counts(self) -> dict[str, int]:
        return dict(self.ask("GET", "/_emulator/ledger").body["counts"])

    def reset(self) -> None:
        """Faults and behaviour as at the start, and no deployment in the way of the next."""
        self.ask("DELETE", "/_emulator/faults")
        self.ask("DELETE", "/_emulator/behaviour")
        wait_for(
            lambda: all(
                one["properties"]["provisioningState"] == "Succeeded"
                for one in self.arm("GET").body["value"]
            )
        )

    def upload(self, content: bytes, name: str = "train.jsonl") -> str:
        """Uploads and waits until the file is processed."""
        file = self.sdk.files.create(file=(name, content), purpose="fine-tune")
        wait_for(lambda: self.sdk.files.retrieve(file.id).status == "processed")
        return file.id

    def train(self, content: bytes, checks: bytes | None = None, **asked: Any) -> Any:
        """Trains and waits until the job is over."""
        files = {"training_file": self.upload(content)}
        if checks is not None:
            files["validation_file"] = self.upload(checks, "validation.jsonl")
        job = self.sdk.fine_tuning.jobs.create(
            **{"model": "gpt-4o-mini", "seed": 42, **files, **asked}
        )
        return self.over(job.id)

    def over(self, job_id: str, seconds: float = 30) -> Any:
        ended = ("succeeded", "failed", "cancelled")
        wait_for(lambda: self.sdk.fine_tuning.jobs.retrieve(job_id).status in ended, seconds)
        return self.sdk.fine_tuning.jobs.retrieve(job_id)

    def answer(self, deployment: str, text: str, system: str = SYSTEM, **asked: Any) -> str:
        messages = [{"role": "system", "content": system}, {"role": "user", "content": text}]
        said = self.sdk.chat.completions.create(
            model=deployment, messages=messages, **{"temperature": 0, **asked}
        )
        return said.choices[0].message.content or ""

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)
        self.end()

    def end(self) -> None:
        self.process.wait(timeout=10)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        for client in self._clients.values():
            client.close()
        self._clients.clear()


def wait_for(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def launch_process(home: Path, *flags: str, **environment: str) -> Running:
    """Starts an emulator and waits for its ready line."""
    process = spawn(home, *flags, **environment)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.kill()
        assert process.stderr is not None
        raise AssertionError(f"the emulator did not start: {process.stderr.read()}")
    return Running(process, home, json.loads(line)["url"])


def spawn(home: Path, *flags: str, **environment: str) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("EMULATOR_")}
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "agent.emulator",
            "--home",
            str(home),
            "--until-stdin-closes",
            *flags,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**clean, **QUICK, **environment},
    )


def rows(sentences: dict[str, list[str]], system: str = SYSTEM) -> bytes:
    """A training file: one chat example per sentence."""
    lines = []
    for label, texts in sentences.items():
        for text in texts:
            said = (("system", system), ("user", text), ("assistant", label))
            lines.append(
                json.dumps(
                    {"messages": [{"role": role, "content": content} for role, content in said]},
                    ensure_ascii=False,
                )
            )
    return "\n".join(lines).encode()


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts emulators on this test's own home, and ends them all."""
    started: list[Running] = []

    def start(*flags: str, home: Path | None = None, **environment: str) -> Running:
        started.append(launch_process(home or tmp_path / "home", *flags, **environment))
        return started[-1]

    yield start
    for one in started:
        one.kill()


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One emulator with the real encoder for all tests that leave it as it was."""
    running = launch_process(tmp_path_factory.mktemp("emulator") / "home")
    yield running
    running.kill()


@pytest.fixture(scope="session")
def _plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = launch_process(tmp_path_factory.mktemp("plain") / "home", EMULATOR_ENCODER="hash")
    yield running
    running.kill()


@pytest.fixture
def plain(_plain: Running) -> Iterator[Running]:
    """One emulator without the encoder, quick to start; faults and behaviour are put back after every test."""
    _plain.reset()
    yield _plain
    _plain.reset()


@pytest.fixture(scope="session")
def trained(emulator: Running) -> Any:
    """A job that was trained on SENTENCES; its model is deployed as `tuned`, its base model as `base`."""
    job = emulator.train(
        rows(SENTENCES),
        rows({label: texts[:3] for label, texts in SENTENCES.items()}),
        suffix="tienda",
    )
    assert job.status == "succeeded", job.error
    emulator.deploy("tuned", job.fine_tuned_model)
    emulator.deploy("base", "gpt-4o-mini")
    return job


@pytest.fixture
def training_rows() -> Callable[..., bytes]:
    return rows


@pytest.fixture
def few_rows() -> bytes:
    """The smallest training file there is: ten rows, two answers."""
    return rows(FEW)


@pytest.fixture
def sentences() -> dict[str, list[str]]:
    return SENTENCES


@pytest.fixture
def unseen() -> list[tuple[str, str]]:
    return UNSEEN


@pytest.fixture
def until() -> Callable[..., None]:
    return wait_for


@pytest.fixture
def start_process() -> Callable[..., subprocess.Popen[str]]:
    """Starts an emulator without waiting for it; the test ends it."""
    return spawn
