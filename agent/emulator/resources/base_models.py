"""The base models this emulator knows, under the names the service gives them.

Jobs fine-tune one of them, deployments may serve one, GET /models lists them all.
"""

from __future__ import annotations

from dataclasses import dataclass

_TUNED = ".ft-"  # in the name of every fine-tuned model, behind that of its base
# Training types and deployment SKUs, in lower case.
_ALL = ("standard", "globalstandard", "datazonestandard", "developertier")
_SKU_NAMES = dict(
    zip(_ALL, ("Standard", "GlobalStandard", "DataZoneStandard", "DeveloperTier"), strict=True)
)
_NOT_DEVELOPER = _ALL[:3]
_OPEN_TYPES = ("globalstandard", "datazonestandard")
_ENDS_OF_4O = ("2027-04-01", "2027-10-01")
_ENDS_OF_41 = ("2027-04-14", "2027-10-14")


@dataclass(frozen=True)
class BaseModel:
    """A base model; jobs and responses call it by its dated name.

    `maker`: the format that its deployments must name, letter by letter. `training_types`, `skus`:
    as which it is trained and, once trained, deployed. `training_ends`, `deployments_end`: days,
    the second of what was fine-tuned; None: nobody says."""

    family: str
    version: str
    maker: str = "OpenAI"
    training_types: tuple[str, ...] = _ALL
    skus: tuple[str, ...] = _ALL
    training_ends: str | None = None
    deployments_end: str | None = None

    @property
    def dated_name(self) -> str:
        """Name and version in one, as in responses of the data plane."""
        return f"{self.family}-{self.version}"

    @property
    def is_open(self) -> bool:
        """Its weights are: everybody but OpenAI publishes theirs here."""
        return self.maker != "OpenAI"

    @property
    def sku_names(self) -> list[str]:
        """As Resource Manager writes them."""
        return [_SKU_NAMES[sku] for sku in self.skus]

    def refuses_sku(self, name: str) -> bool:
        """What no list names is let through: the service may have it."""
        word = name.casefold()
        return word in _ALL and word not in self.skus


# Microsoft Learn, "Models that support fine-tuning", 2026-10-06 (gpt-4o, gpt-4o-mini: footnote 5);
# the makers from Microsoft's azure-skills, 2026-08-21. The versions of the open weights but
# gpt-oss-20b's are made up. The days: "Model retirement schedule", 2026-10-05.
BASE_MODELS = (
    BaseModel("gpt-4o-mini", "2024-07-18", "OpenAI", _ALL, _NOT_DEVELOPER, *_ENDS_OF_4O),
    BaseModel("gpt-4o", "2024-08-06", "OpenAI", _ALL, _NOT_DEVELOPER, *_ENDS_OF_4O),
    BaseModel("gpt-4.1", "2025-04-14", "OpenAI", _ALL, _ALL, *_ENDS_OF_41),
    BaseModel("gpt-4.1-mini", "2025-04-14", "OpenAI", _ALL, _ALL, *_ENDS_OF_41),
    BaseModel("gpt-4.1-nano", "2025-04-14", "OpenAI", _ALL, _ALL, *_ENDS_OF_41),
    BaseModel("gpt-35-turbo", "0125"),
    BaseModel("gpt-oss-20b", "11", "Microsoft", _OPEN_TYPES, ("globalstandard",)),
    BaseModel("Ministral-3B", "1", "Mistral AI", _OPEN_TYPES, ("globalstandard",)),
    BaseModel("Llama-3.3-70B", "1", "Meta", _OPEN_TYPES, ("globalstandard",)),
    BaseModel("Qwen3-32B", "1", "Alibaba", _OPEN_TYPES, ("globalstandard",)),
)


def is_tuned(name: str) -> bool:
    """Whether this is the name of a fine-tuned model, or of a checkpoint of one."""
    return _TUNED in name


def sku_name_of(given: str) -> str:
    """A SKU as Resource Manager writes it; one that no list names as it was given."""
    return _SKU_NAMES.get(given.casefold(), given)


def find_base_model(name: str) -> BaseModel | None:
    """The base model of a dated or undated name."""
    return next((model for model in BASE_MODELS if name in (model.family, model.dated_name)), None)


def find_base_of(name: str) -> BaseModel | None:
    """The base of a fine-tuned model, by its name; of a base model itself."""
    return find_base_model(name.partition(_TUNED)[0])
