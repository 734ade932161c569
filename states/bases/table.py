"""The published table of base models: method, training types and deployment SKUs of each.

intents/model_rules.py refuses what is not in it before anything is paid; offers.py lists it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum
from typing import Any

from states.text import Text, say, with_suggestion

Entry = Mapping[str, Any]  # of a model in the catalogue; empty for one that it does not know

METHOD = "supervised"  # the one that this program trains by
STANDARD = "standard"  # the training type where none is sent
OPENAI = "OpenAI"  # the format of a model whose maker nobody names
# As the service writes them; the data zone's is unverified.
TRAINING_TYPES = {
    "standard": "Standard",
    "globalstandard": "GlobalStandard",
    "datazonestandard": "DataZoneStandard",
    "developertier": "developerTier",
}
SENT_TYPES = ("standard", "globalstandard", "developertier")  # those that documents name
SKUS = {
    "standard": "Standard",
    "globalstandard": "GlobalStandard",
    "datazonestandard": "DataZoneStandard",
    "developertier": "DeveloperTier",
    "provisioned": "ProvisionedManaged",
}
_TUNED = ".ft-"  # in the name of every fine-tuned model, behind that of its base
_DATA_ZONE, _PROVISIONED = "datazone", "provisioned"


class Fit(Enum):
    """Whether the table has a pair. UNKNOWN: the model or the word is in none of its lists."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def resolve(service: Mapping[str, Any], name: str) -> str:
    """The name that the service wants for what people type. `service`: the catalogue."""
    return str(service["models"]["aliases"].get(name, name))


def find_entry(service: Mapping[str, Any], name: str) -> Entry:
    """What the catalogue knows of a base model, or of the base of a fine-tuned one.

    Open weights are known by any way to write them, with a version or without."""
    models, base = service["models"], resolve(service, base_of(name))
    if base in models and base != "aliases":
        found: Entry = models[base]
        return found
    wanted = base.casefold()
    for entry in models.values():
        for other in entry.get("names", ()):
            rest = wanted.removeprefix(other)
            if rest != wanted and (not rest or rest.replace("-", "").isdigit()):
                known: Entry = entry
                return known
    return {}


def price_key(service: Mapping[str, Any], name: str) -> str:
    """Under which the prices of a base model stand, however it is written; of one that nobody
    knows, and of a fine-tuned one, the name itself."""
    entry = find_entry(service, name) if base_of(name) == name else {}
    return next((key for key, one in service["models"].items() if entry and one is entry), name)


def known_names(service: Mapping[str, Any]) -> list[str]:
    """All by which a person may call a base model of the catalogue."""
    models = service["models"]
    entries = {name: entry for name, entry in models.items() if name != "aliases"}
    others = [other for entry in entries.values() for other in entry.get("names", ())]
    return [*models["aliases"], *entries, *others]


def suggest(name: str, known: Collection[str]) -> Text:
    """The name, and the known one that it may be a slip of: for within a sentence."""
    told, meant = say("{model}", model=name), [] if base_of(name) in known else known
    return with_suggestion(told, base_of(name), meant, is_inside=True)


def base_of(name: str) -> str:
    """The base model in the name of a fine-tuned one; another name as it is."""
    return name.partition(_TUNED)[0]


def format_of(entry: Entry) -> str:
    """The maker, in the word that Resource Manager takes."""
    return str(entry.get("format", OPENAI))


def fits_method(entry: Entry) -> Fit:
    return _look_up(METHOD, entry.get("methods"), (METHOD,))


def fits_training_type(entry: Entry, given: str | None) -> Fit:
    """`given`: as a person writes it; None: it is not sent, which is Standard."""
    word = (given or STANDARD).casefold()
    kind = "datazonestandard" if word.startswith(_DATA_ZONE) else word
    return _look_up(kind, entry.get("training_types"), TRAINING_TYPES)


def fits_sku(entry: Entry, given: str) -> Fit:
    word = given.casefold()
    kind = _PROVISIONED if _PROVISIONED in word else word
    return _look_up(kind, entry.get("skus"), SKUS)


def training_types_of(entry: Entry) -> list[str]:
    """As the service writes them."""
    return [TRAINING_TYPES[kind] for kind in entry.get("training_types", ())]


def skus_of(entry: Entry) -> list[str]:
    """As the service writes them."""
    return [SKUS[kind] for kind in entry.get("skus", ())]


def _look_up(kind: str, allowed: Any, known: Any) -> Fit:
    if allowed is None or kind not in known:
        return Fit.UNKNOWN
    return Fit.YES if kind in allowed else Fit.NO
