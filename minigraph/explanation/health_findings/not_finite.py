"""Where a NaN or an infinity comes from: the data, an earlier step, the edge of a domain, or numbers that grew too large."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minigraph.core.errors import NonFiniteError, describe
from minigraph.core.evaluation import check_finite, refuse_non_finite
from minigraph.core.ledger import BackwardPass
from minigraph.core.linear_maps import Scale
from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors
from minigraph.explanation.health_findings.features_and_targets import fixed_in
from minigraph.explanation.health_findings.layers_and_units import Finding
from minigraph.operations.choices import Where
from minigraph.reading.names import Names
from minigraph.reading.numbers import index_text, rounded
from minigraph.reading.pinned_notes import Pin
from minigraph.values import Array

LOGITS = (
    "Compute the loss from the logits, with mg.bce_with_logits or mg.cross_entropy_with_logits: they never take the "
    "logarithm of 0. Elsewhere keep away from the edge, as mg.maximum(x, 1e-12) does."
)
GREW = (
    "The numbers grew too large: lower the learning rate, standardise the inputs, and begin with smaller weights (He or "
    "Xavier). For exponentials there are mg.sigmoid, mg.softmax and the losses of logits, which never overflow."
)
EARLIER = (
    "An earlier step made it so, and no later step can mend it: start again with a lower learning rate, and ask mg.health "
    "before the first step."
)
ROOT = "Its derivative is infinite there: keep away from the edge, as mg.sqrt(x + 1e-12) does."

UNDEFINED = "It has no derivative there, as a power with a negative base has none by its exponent: keep within the domain."
NOT_CHOSEN = (
    "mg.where computes both of its branches, and what it does not choose comes back as 0 · ∞ = NaN: choose the operand "
    "instead, as mg.log(mg.where(mask, x, 1.0)) does."
)


def non_finite(backward_pass: BackwardPass, names: Names) -> Iterator[Finding]:
    """The first NaN or infinity, in the values or else in the gradients; none where it does no harm.

    An infinity that ends in finite numbers does none, such as −∞ for the places that a softmax shall not see.
    """
    if all(map(_is_finite, (backward_pass.root, *backward_pass.gradients.values()))):
        return
    try:
        if _is_finite(backward_pass.root):
            with check_finite():
                _ = backward_pass.root.value
        else:
            source = _source(backward_pass.root)
            refuse_non_finite([source], {}, dict.fromkeys(source.inputs))
    except NonFiniteError as error:
        node = error.node
        first = Pin(node, f"{_broken(node.value)} first here")
        yield Finding("non-finite", names.of(node), _evidence(error), _cure(node, backward_pass.root), (first,))
        return
    node = next(node for node, gradient in backward_pass.gradients.items() if not _is_finite(gradient))
    value = np.asarray(backward_pass.gradients[node].value)
    place = tuple(map(int, np.argwhere(~np.isfinite(value))[0]))
    at = f" at {index_text(place)}" if place else ""
    evidence = (
        f"{describe(node)}; its gradient is {rounded(value[place])}{at}, the first in the pass that is not finite, though "
    )
    evidence += "all values are."
    lines = (line for line in backward_pass if line.input is node)
    slopes = [x.factor for line in lines for x in line.local.factors() if isinstance(x, Scale)]
    first = Pin(node, f"gradient {_broken(value)} first here")
    infinite = any(np.isinf(x.value).any() for x in slopes)
    cure = GREW if all(map(_is_finite, slopes)) else ROOT if infinite else UNDEFINED
    yield Finding("non-finite", names.of(node), evidence, cure, (first,))


def _evidence(error: NonFiniteError) -> str:
    """What the error says; of an array without a rule also how much of it is not finite."""
    node, value = error.node, np.asarray(error.node.value)
    if node.op is not None or value.ndim == 0:
        return str(error)
    broken = ~np.isfinite(value)
    text = str(error).removesuffix(" Check where it comes from.")
    count = f" {int(broken.sum())} of {value.size} entries are not finite"
    if value.ndim == 2:
        count += f", in {int(broken.any(axis=0).sum())} of {value.shape[1]} columns"
    return f"{text}{count}."


def _cure(node: Node, root: Node) -> str:
    """What people do about it, by what it comes from."""
    value = np.asarray(node.value)
    if node.role is Role.PARAMETER:
        return EARLIER
    if node in fixed_in(root):
        whole = value.ndim == 2 and value.shape[1] > 1 and bool((~np.isfinite(value)).all(axis=1).any())
        cure = "Clean the data: leave these examples out, or fill the gaps in, by the median of the feature for instance. "
        if whole:
            cure = (
                "Clean the data: no entry of a row is finite. Was a constant feature divided by its standard deviation, 0? "
            )
        return cure + "The learning rate has no part in it."
    if _is_finite(root) and any(isinstance(x.op, Where) and node in x.inputs[1:] for x in ancestors([root])):
        return NOT_CHOSEN
    return LOGITS if _is_at_an_edge(node) else GREW


def _is_at_an_edge(node: Node) -> bool:
    """Whether an operand lies where the operation is not defined, such as 0 for a logarithm and a divisor."""
    assert node.op is not None
    for position, operand in enumerate(node.inputs):
        low, high = node.op.domain_of(position)
        value = np.asarray(operand.value)
        if (np.any(value <= low) and np.isfinite(low)) or (np.any(value >= high) and np.isfinite(high)):
            return True
    small = all(np.all(np.abs(operand.value) < 1) for operand in node.inputs[1:])
    return len(node.inputs) > 1 and node.op.broadcasts and small


def _broken(value: Array) -> str:
    return "NaN" if np.isnan(value).any() else "∞"


def _is_finite(node: Node) -> bool:
    return bool(np.isfinite(node.value).all())


def _source(node: Node) -> Node:
    """Where what is not finite in the value of a node arose; an infinity elsewhere in the graph is another matter."""
    while (broken := next((x for x in node.inputs if not _is_finite(x)), None)) is not None:
        node = broken
    return node
