"""A backward pass as a table: a line for each contribution, in order."""

from __future__ import annotations

from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.node import literal
from minigraph.formulas import to_text
from minigraph.reading.names import Names
from minigraph.reading.numbers import aligned, array_text, bracketed, relation, rounded
from minigraph.reading.words import told

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
    names = Names(backward_pass.root)
    printed = aligned([HEAD, *(_row(number, line, names) for number, line in shown)])
    if cut > 0:
        printed.insert(1 + MOST_LINES // 2, f"… {cut} more lines …")
    start = f"Backward pass from {names.of(backward_pass.root)}: it starts with "
    start += f"{names.gradient(backward_pass.root).name} = {array_text(backward_pass.seed.value)}"
    return "\n".join([start, *printed, *names.where("\n".join(printed))])


def _row(number: int, line: Contribution, names: Names) -> tuple[str, ...]:
    formula = to_text(told(line.local, names.gradient(line.consumer)), budget=WIDEST, names=names)
    if line.summed_axes:
        formula += f", summed to {line.input.shape or 'a scalar'}"
    total = array_text(line.running_total) if len(line.arrivals) > 1 else ""
    return str(number), names.of(line.consumer), names.of(line.input), formula, _brings(line), total


def _brings(line: Contribution) -> str:
    """3 · 2 = 6 for numbers, else the array in short."""
    brought = array_text(line.contribution.value)
    if line.upstream.shape or line.contribution.shape:
        return brought
    local = line.local.pull(literal(1.0, line.upstream.dtype)).value
    product = f"{rounded(line.upstream.value)} · {bracketed(rounded(local))}"
    return f"{product} {relation([line.upstream.value, local])} {brought}"
