"""Microsoft's published table of models: as what each is trained, and deployed once it is.

Microsoft Learn, "Models that support fine-tuning", 2026-10-06, read by hand and not from the
catalogue. gpt-4o and gpt-4o-mini: its footnote 5.
"""

from __future__ import annotations

ALL = ("standard", "globalstandard", "datazonestandard", "developertier")
_GLOBAL = ("globalstandard", "datazonestandard")
_PREVIEW = ("globalstandard", "developertier")

# What can be trained by examples: its training types, and the SKUs of its deployments.
PUBLISHED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "gpt-4.1": (ALL, ALL),
    "gpt-4.1-mini": (ALL, ALL),
    "gpt-4.1-nano": (ALL, ALL),
    "gpt-4o": (ALL, ALL[:3]),
    "gpt-4o-mini": (ALL, ALL[:3]),
    "Qwen3-32B": (_GLOBAL, ("globalstandard",)),
    "Llama-3.3-70B": (_GLOBAL, ("globalstandard",)),
    "Ministral-3B": (_GLOBAL, ("globalstandard",)),
    "gpt-oss-20b": (_GLOBAL, ("globalstandard",)),
    # Managed compute or Fireworks alone.
    "Qwen3.8-27B": (_PREVIEW, ()),
    "Qwen3.6-35B-A3B": (_PREVIEW, ()),
    "gpt-oss-120b": (_PREVIEW, ()),
    "Muse-Glimmer-30B": (_PREVIEW, ()),
    # By reinforcement alone.
    "o4-mini": ((), ()),
    "gpt-5": ((), ()),
    "MAI-Code-1.1-Flash": ((), ()),
}


def list_forbidden() -> list[tuple[str, str, str]]:
    """Model, training type and SKU of everything that the table does not have."""
    return [
        (name, kind, sku)
        for name, (types, skus) in PUBLISHED.items()
        for kind in ALL
        for sku in ALL
        if kind not in types or sku not in skus
    ]
