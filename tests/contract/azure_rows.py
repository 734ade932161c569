"""What the provider's tests upload, train and ask."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from agent.providers.azure import AzureService
from states.remote import JobSpec, Phase

SURFACES = ["2024-12-01-preview", "2024-10-21", "v1", "preview"]


KEY = "clave-de-prueba-7f3a91"


# The emulator keeps the faults it is ordered: what it quotes is not its key, which nothing may ever
# write to a file.
QUOTED = "clave-citada-19e04b"


SYSTEM = "Clasifica. Las intenciones son:\n- encender: dar la luz.\n- apagar: quitar la luz."


ROWS = "".join(
    json.dumps(
        {
            "messages": [
                {"role": "system", "content": SYSTEM},
                {"role": "user", "content": f"{verb} la luz {n}"},
                {"role": "assistant", "content": label},
            ]
        }
    )
    + "\n"
    for n in range(6)
    for verb, label in (("Enciende", "encender"), ("Apaga", "apagar"))
).encode()


def uploaded(service: AzureService, name: str | None = None) -> str:
    return service.upload(name or f"p-{uuid.uuid4().hex[:8]}-training.jsonl", ROWS)


def spec(training: str, **changes: Any) -> JobSpec:
    fields = {
        "epochs": 1,
        "batch_size": 2,
        "learning_rate_multiplier": 1.0,
        "seed": 7,
        "training_type": None,
        **changes,
    }
    return JobSpec("gpt-4o-mini", training, training, **fields)


def trained(service: AzureService, until: Any, suffix: str = "marca-1") -> Any:
    job = service.create_job(spec(uploaded(service)), suffix)
    until(lambda: service.job(job).phase is not Phase.WORKING)
    return service.job(job)


def wait_until_answered(service: AzureService, name: str) -> None:
    """The deployment has left Creating."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = service.deployment(name)
        if found is not None and found.phase is Phase.READY:
            return
        time.sleep(0.05)
    raise AssertionError("the deployment never became ready")
