"""A backward pass as a table: a line for each contribution, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.node import Node, literal
from minigraph.explanation.numbers import array_text, bracketed, relation
from minigraph.formulas.notation import symbol, to_text
from minigraph.reading.names import marked_names

MOST_LINES = 60
"""Longer passes are cut in the middle."""
WIDEST = 40
"""Cells are cut after so many characters."""

HEAD = ("", "from", "to", "upstream, through the local derivative", "brings", "total so far")


def table(backward_pass: BackwardPass) -> str:
    """The table as text."""
    lines = list(enumerate(backward_pass, start=1))
    cut = len(lines) - MOST_LINES
    shown = lines if cut <= 0 else [*lines[: MOST_LINES // 2], *lines[-MOST_LINES // 2 :]]
    marked = marked_names(backward_pass.root)
    rows = [_row(number, line, backward_pass, marked) for number, line in shown]
    printed = aligned([HEAD, *rows])
    if cut > 0:
        printed.insert(1 + MOST_LINES // 2, f"… {cut} more lines …")
    root = _root(backward_pass, marked)
    start = f"Backward pass from {root}: it starts with ∂{root}/∂{root} = {array_text(backward_pass.seed.value)}"
    return "\n".join([start, *printed])


def _row(number: int, line: Contribution, backward_pass: BackwardPass, marked: Mapping[Node, str]) -> tuple[str, ...]:
    root = _root(backward_pass, marked)
    above = root if line.consumer is backward_pass.root else _name(line.consumer, marked)
    consumer = above if line.consumer.name or above == root else f"({above})"
    upstream = symbol(f"∂{root}/∂{consumer}", line.upstream.shape)
    formula = to_text(line.local.told(upstream), budget=WIDEST, names=marked)
    if line.summed_axes:
        formula += f", summed to {line.input.shape or 'a scalar'}"
    total = array_text(line.running_total) if len(line.arrivals) > 1 else ""
    return str(number), above, _name(line.input, marked), formula, _brings(line), total


def _brings(line: Contribution) -> str:
    """3 · 2 = 6 for numbers, else the array in short."""
    brought = array_text(line.contribution.value)
    if line.upstream.shape or line.contribution.shape:
        return brought
    local = line.local.pull(literal(1.0, line.upstream.dtype)).value
    return f"{array_text(line.upstream.value)} · {bracketed(local)} {relation([line.upstream.value, local])} {brought}"


def _root(backward_pass: BackwardPass, marked: Mapping[Node, str]) -> str:
    return marked.get(backward_pass.root) or backward_pass.root.name or "output"


def _name(node: Node, marked: Mapping[Node, str]) -> str:
    return marked.get(node) or node.name or to_text(node, budget=20, names=marked)


def aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The rows with all columns of equal width."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
