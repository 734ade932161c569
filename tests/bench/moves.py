"""What a durable move and a whole tick cost, beside the same rows without us, and beside rivals.

`raw` is sqlite3 alone, WAL and synchronous=FULL: the two rows of a move, as text that is ready.
`prepared Core`: the same rows by prepared statements of SQLAlchemy on a connection that is held.
A whole tick is that of the wired application (load, ports, step, store, log, results/), whose step
only moves, or only waits, and asks no service; the same once more that tells nobody of it. The
steps of the rivals write a fifth of our bytes.
"""

from __future__ import annotations

from pathlib import Path

from tests.bench.harness import BEFORE, PRODUCT, Goal, Runner, Table
from tests.bench.rivals import HERE, find_before, find_peers

_FOLDER = Path(__file__).parent
_RUN, _BEFORE, _RIVALS = (str(_FOLDER / f"moves_{name}.py") for name in ("run", "before", "rivals"))
_FIGURES = {"rate": "/s", "cpu_us": "µs"}
RAW, DBOS, LANGGRAPH = "raw sqlite3", "DBOS", "LangGraph"
UNTOLD = "neither log nor results/"

TABLES = [
    Table(
        "a durable move",
        [
            Runner(RAW, HERE, [_RUN, "raw"]),
            Runner(PRODUCT, HERE, [_RUN, "move"]),
            Runner(BEFORE, find_before(), [_BEFORE, "move"]),
            Runner("prepared Core", HERE, [_RUN, "core"]),
            Runner(DBOS, find_peers(), [_RIVALS, "dbos"]),
            Runner(LANGGRAPH, find_peers(), [_RIVALS, "langgraph"]),
        ],
        _FIGURES,
        [
            Goal("rate", at_least=0.5, against=RAW),
            Goal("rate", at_least=4.0, against=DBOS),
            Goal("rate", at_least=2.5, against=LANGGRAPH),
        ],
    ),
    *(
        Table(
            f"a whole tick that {kind}",
            [
                Runner(RAW, HERE, [_RUN, "raw"]),
                Runner(PRODUCT, HERE, [_RUN, kind]),
                Runner(BEFORE, find_before(), [_BEFORE, kind]),
                *floor,
            ],
            _FIGURES,
            [
                Goal("rate", at_least=0.35, against=RAW),
                *(Goal("rate", at_least=0.35, against=RAW, of=one.name) for one in floor),
            ],
        )
        for kind, floor in (("moves", [Runner(UNTOLD, HERE, [_RUN, "untold"])]), ("waits", []))
    ),
]
