"""What can be wrong where predictions meet targets: flat where they are wrong, out of reach, of one class only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.linear_maps import Scale
from minigraph.core.node import Node, literal
from minigraph.explanation.health_findings.features_and_targets import Targets
from minigraph.explanation.health_findings.layers_and_units import FLAT, Finding
from minigraph.operations.activations import Sigmoid
from minigraph.operations.softmax import Softmax
from minigraph.reading.names import Names
from minigraph.reading.numbers import rounded
from minigraph.reading.pinned_notes import Pin
from minigraph.reading.steps import is_flat

WRONG = 0.5
"""A prediction that is off by more is wrong."""
STUCK = 0.1
"""From this share of the examples on it is a finding that they are certain, wrong and taught nothing."""
LEARNT = 0.05
"""A mean loss below this (in nats) is that of classes that are learnt: by chance it is 0.69 or more."""
FEW = 10
"""Of fewer examples all may be of one class by chance."""
FAR_OUT = np.array([-1e6, -1e3, -30, -3, -1, 0, 1, 3, 30, 1e3, 1e6])
"""Where an activation is asked for its values, to see what it reaches."""
UNBOUNDED = 100.0
"""An activation that gives more at its ends has no end."""


def output_findings(backward_pass: BackwardPass, targets: Sequence[Targets], names: Names) -> Iterator[Finding]:
    """What is wrong with the outputs, each thing once."""
    activations = {line.consumer: line for line in backward_pass if _is_elementwise(line)}
    yield from _first(_certain(pair, activations, names) for pair in targets)
    yield from _first(_out_of_reach(pair, names) for pair in targets)
    yield from _first(_one_class(pair, names) for pair in sorted(targets, key=lambda pair: pair.node.op is not None))
    yield from _first(_one_output(line, names) for line in backward_pass)


def are_learnt(targets: Sequence[Targets]) -> bool:
    """Whether the classes are learnt: the loss is so small that steps can but be small."""
    losses = [pair.line.consumer for pair in targets if pair.are_classes]
    return any(loss.op is not None and loss.op.is_loss and np.mean(loss.value) < LEARNT for loss in losses)


def _first(found: Iterable[Finding | None]) -> Iterator[Finding]:
    first = next((finding for finding in found if finding is not None), None)
    return iter(() if first is None else (first,))


def _is_elementwise(line: Contribution) -> bool:
    return len(line.consumer.inputs) == 1 and isinstance(line.local, Scale) and line.input.shape == line.consumer.shape


def _certain(pair: Targets, activations: dict[Node, Contribution], names: Names) -> Finding | None:
    """Outputs that are certain and wrong, and to whose logits nothing comes back."""
    A, Y, below = pair.prediction, np.asarray(pair.node.value), activations.get(pair.prediction)
    if below is None or not isinstance(below.local, Scale) or is_flat(below.local.factor):  # what is off is told as dead
        return None
    error = np.abs(np.asarray(A.value) - Y)
    op = pair.line.consumer.op
    is_loss = op is not None and op.is_loss
    expected = np.abs(pair.line.upstream.value) * error if is_loss else np.abs(pair.line.product.value)
    stuck = (error > WRONG) & (np.abs(below.product.value) < FLAT * expected) & (expected > 0)
    columns = pair.columns(stuck)
    examples = np.asarray(columns.reshape(-1, columns.shape[-1]).any(axis=0))
    if not len(examples) or examples.mean() < STUCK:
        return None
    z, a = names.of(below.input), names.of(A)
    share = f"{int(examples.sum())} of {len(examples)} examples"
    evidence = f"{a} is certain and wrong for {share}: it is flat there, and nearly nothing of the error comes back to {z}."
    advice = "Begin with smaller weights and standardised inputs, so that no output starts at its flat ends."
    if A.op is not None and isinstance(A.op.rules, Sigmoid):
        advice = (
            f"Give the loss the logits, mg.bce_with_logits({z}, {names.of(pair.node)}): its derivative σ({z}) − "
            f"{names.of(pair.node)} does not vanish. And begin with smaller weights."
        )
    return Finding("certain", a, evidence, advice, (Pin(A, f"certain and wrong: {share}"),))


def _out_of_reach(pair: Targets, names: Names) -> Finding | None:
    """Targets that the activation of the output can't give, such as 0 to 9 of a sigmoid."""
    op = pair.prediction.op
    if op is None or pair.are_classes or len(pair.prediction.inputs) != 1 or not _is_on_entries(pair.prediction):
        return None
    reached = np.asarray(op(literal(FAR_OUT)).value)
    Y = np.asarray(pair.node.value)
    low, high = float(reached.min()), float(reached.max())
    low, high = (-np.inf if low < -UNBOUNDED else low), (np.inf if high > UNBOUNDED else high)
    beyond = (low - 1e-6 > Y) | (high + 1e-6 < Y)
    if not beyond.any():
        return None
    a, y = names.of(pair.prediction), names.of(pair.node)
    evidence = f"{y} goes from {rounded(Y.min())} to {rounded(Y.max())}, and {op.name} gives numbers from {rounded(low)} to "
    evidence += f"{rounded(high)} only: {int(beyond.sum())} of {Y.size} targets can't be reached."
    advice = (
        "For numbers leave the last activation out; for classes give one-hot columns or labels to "
        "mg.cross_entropy_with_logits; or bring the targets into that range."
    )
    return Finding("out of reach", a, evidence, advice, (Pin(pair.node, "some targets can't be reached"),))


def _is_on_entries(node: Node) -> bool:
    return node.op is not None and node.op.broadcasts and node.op.domain == (-np.inf, np.inf)


def _one_class(pair: Targets, names: Names) -> Finding | None:
    """Targets that are all the same, where the loss is one for classes."""
    rows = pair.values
    if not pair.are_classes or rows.shape[-1] < FEW or rows.ndim != 2:
        return None
    single = rows.shape[0] == 1 or bool(np.allclose(rows.sum(axis=0), 1))
    if not single or not np.all(rows == rows[:, :1]) or not np.isin(rows[:, 0], (0, 1)).all():
        return None
    y, which = names.of(pair.node), int(rows[0, 0]) if rows.shape[0] == 1 else int(np.argmax(rows[:, 0]))
    evidence = f"all {rows.shape[1]} targets in {y} are of one class, {which}: a net that always says so is never wrong."
    advice = "Look at how the targets were made, and shuffle examples before they are cut into parts or batches."
    return Finding("one class", y, evidence, advice, (Pin(pair.node, "one class only"),))


def _one_output(line: Contribution, names: Names) -> Finding | None:
    """Softmax of one output."""
    op = line.consumer.op
    assert op is not None
    squashes, rules = getattr(op.rules, "squashes", None), op.rules
    axis = rules.axis if isinstance(rules, Softmax) else 0
    if not (isinstance(rules, Softmax) or squashes is Softmax) or line.position != 0 or line.input.shape[axis] != 1:
        return None
    evidence = f"softmax of one output is always 1, whatever {names.of(line.input)} is: it can't learn."
    advice = "For two classes use one output with mg.bce_with_logits; or one output for each class, and one-hot targets."
    return Finding("one output", names.of(line.input), evidence, advice, (Pin(line.input, "softmax of one output"),))
