"""The workflow drawn by code: as SVG for the page, as Mermaid for the manual. Both read the table, nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from jicha_web.cases.workflow import LEVELS, Move, State, Workflow

LANES = (*LEVELS[1:], "system", "none")  # city, county, station, system, ends
_COLUMN, _LANE, _WIDTH, _HEIGHT, _LEFT, _TOP = 92, 92, 80, 34, 56, 20


@dataclass(frozen=True)
class Node:
    """A state in the drawing; the middle of its box."""

    state: State
    x: int
    y: int

    @property
    def left(self) -> int:
        """Left edge of the box."""
        return self.x - _WIDTH // 2

    @property
    def top(self) -> int:
        """Upper edge of the box."""
        return self.y - _HEIGHT // 2


@dataclass(frozen=True)
class Edge:
    """A move in the drawing: an SVG path, and where its number stands."""

    number: int
    move: Move
    path: str
    x: int
    y: int
    back: bool


@dataclass(frozen=True)
class Lane:
    """A row of the drawing: who acts there."""

    code: str
    y: int
    line: int


@dataclass(frozen=True)
class Drawing:
    """The whole drawing, in pixels."""

    width: int
    height: int
    lanes: tuple[Lane, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    box_width: int = _WIDTH
    box_height: int = _HEIGHT


def draw(flow: Workflow) -> Drawing:
    """Lay out the workflow: states from left to right in their order, a lane for each level."""
    shown = [state for state in flow.states.values() if state.code != "cancelled"]
    lanes = [lane for lane in LANES if any(s.level == lane for s in shown)]
    nodes = {
        s.code: Node(s, _LEFT + _WIDTH // 2 + _COLUMN * n, _TOP + _LANE // 2 + _LANE * lanes.index(s.level))
        for n, s in enumerate(shown)
    }
    edges: list[Edge] = []
    used: dict[tuple[str, str], int] = {}
    for number, move in enumerate(flow.moves, 1):
        for source in move.sources:
            target = move.target(source)
            if target == source or target not in nodes or source not in nodes:
                continue
            turn = used.setdefault((source, target), 0)
            used[source, target] += 1
            edges.append(_edge(number, move, nodes[source], nodes[target], turn))
    return Drawing(
        width=_LEFT + _COLUMN * len(shown), height=_TOP + _LANE * len(lanes),
        lanes=tuple(Lane(lane, _TOP + _LANE // 2 + _LANE * n, _TOP + _LANE * n) for n, lane in enumerate(lanes)),
        nodes=tuple(nodes.values()), edges=tuple(edges),
    )  # fmt: skip


def _edge(number: int, move: Move, source: Node, target: Node, turn: int) -> Edge:
    back = target.x < source.x
    shift = 12 + 14 * turn
    if back:  # below the boxes, dashed
        x1, y1, x2, y2 = source.x - 14, source.y + _HEIGHT // 2, target.x + 14, target.y + _HEIGHT // 2
        depth = max(y1, y2) + shift + min(abs(source.x - target.x) // 12, 34)
        return Edge(number, move, f"M{x1},{y1} C{x1},{depth} {x2},{depth} {x2},{y2}", (x1 + x2) // 2,
                    (y1 + y2 + 6 * depth) // 8, True)  # fmt: skip
    if target.x - source.x > _COLUMN:  # over the boxes between
        x1, y1, x2, y2 = source.x + 14, source.y - _HEIGHT // 2, target.x - 14, target.y - _HEIGHT // 2
        height = min(y1, y2) - shift - 12
        return Edge(number, move, f"M{x1},{y1} C{x1},{height} {x2},{height} {x2},{y2}", (x1 + x2) // 2,
                    (y1 + y2 + 6 * height) // 8, False)  # fmt: skip
    x1, y1, x2, y2 = source.x + _WIDTH // 2, source.y - 6 * turn, target.x - _WIDTH // 2, target.y - 6 * turn
    middle = (x1 + x2) // 2
    return Edge(number, move, f"M{x1},{y1} C{middle},{y1} {middle},{y2} {x2},{y2}", middle, (y1 + y2) // 2, False)


def mermaid(flow: Workflow) -> str:
    """Return the workflow as a Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{s.label.zh}<br/>{s.label.en}" as {s.code}' for s in flow.states.values()]
    lines += [f"    [*] --> {code}" for code in flow.start]
    for move in flow.moves:
        for source in move.sources:
            lines.append(f"    {source} --> {move.target(source)}: {move.label.zh} {move.label.en}")
    lines += [f"    {s.code} --> [*]" for s in flow.states.values() if s.end]
    return "\n".join(lines)
