"""Draws the rooms of this repository in docs/design.md, from the imports in the code.

Called by `make house`; tests/unit/test_house.py fails while the drawing differs from the code.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "design.md"

# title -> the packages whose direct children are drawn as rooms, and further rooms.
DRAWINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "application": (("agent",), ("states", "store")),
    "core": (("states",), ()),
    "emulator": (("agent.emulator",), ()),
}

Arrows = Counter[tuple[str, str]]


def main() -> None:
    """Renews every drawing in the page."""
    graph = build_graph()
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(drawn(page, graph), encoding="utf-8")


def build_graph() -> grimp.ImportGraph:
    """Without the cache: it goes by the times of files, which git sets back."""
    return grimp.build_graph(
        "agent", "states", "store", exclude_type_checking_imports=True, cache_dir=None
    )


def drawn(page: str, graph: grimp.ImportGraph) -> str:
    """The page with each drawing, between its markers, made from the imports."""
    for title, (opened, besides) in DRAWINGS.items():
        block = re.compile(rf"(<!-- house: {title} -->\n).*?(<!-- /house -->)", re.DOTALL)
        if not block.search(page):
            sys.exit(f"{PAGE.name} has no markers for the drawing “{title}”.")
        text = mermaid(*rooms(graph, opened, besides))
        page = block.sub(rf"\g<1>{text}\g<2>", page)
    return page


def rooms(
    graph: grimp.ImportGraph, opened: tuple[str, ...], besides: tuple[str, ...]
) -> tuple[set[str], Arrows]:
    """The rooms of a drawing, and how many imports lead from one to another."""
    names = {child for package in opened for child in graph.find_children(package)} | set(besides)
    room_of = {
        module: room
        for room in sorted(names)  # a room inside another one comes later, and keeps its own
        for module in (room, *graph.find_descendants(room))
    }
    arrows: Arrows = Counter()
    for module, room in room_of.items():
        for imported in graph.find_modules_directly_imported_by(module):
            target = room_of.get(imported)
            if target not in (None, room):
                arrows[room, str(target)] += 1
    return names, arrows


def floors(names: set[str], arrows: Arrows) -> list[list[str]]:
    """The rooms by floor, highest first: each stands just above the highest room it imports."""
    height: dict[str, int] = {}
    while len(height) < len(names):
        ready = {
            name: 1 + max((height[b] for a, b in arrows if a == name), default=-1)
            for name in names - height.keys()
            if all(b in height for a, b in arrows if a == name)
        }
        if not ready:
            sys.exit(f"The rooms import each other in a circle: {sorted(names - height.keys())}")
        height |= ready
    return [
        sorted(name for name in names if height[name] == floor)
        for floor in range(max(height.values()), -1, -1)
    ]


def mermaid(names: set[str], arrows: Arrows) -> str:
    """A Mermaid graph: floors as boxes, arrows as imports with their number."""
    built = floors(names, arrows)
    lines = ["```mermaid", "flowchart TB"]
    for number, floor in zip(range(len(built) - 1, -1, -1), built, strict=True):
        lines.append(f"  subgraph floor{number} [floor {number}]")
        lines += [f'    {_node(name)}["{_label(name)}"]' for name in floor]
        lines.append("  end")
    lines += [
        f"  {_node(one)} -->|{count}| {_node(other)}"
        for (one, other), count in sorted(arrows.items())
    ]
    summary = f"{len(names)} rooms, {len(built)} floors, {len(arrows)} arrows, none of them upward."
    return "\n".join([*lines, "```", "", summary, ""])


def _node(name: str) -> str:
    return name.replace("__", "").replace(".", "_")


def _label(name: str) -> str:
    """The path of the room: a folder ends in a slash."""
    path = name.replace(".", "/")
    return f"{path}/" if (ROOT / path).is_dir() else f"{path}.py"


if __name__ == "__main__":
    main()
