"""What may go wrong at one step of the chain: each cached array and each g′ of a small set in the place of the right one."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial, singledispatch
from itertools import combinations

import numpy as np

from minigraph.calculus.reverse_mode import local_derivatives
from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.linear_maps import Identity, LinearMap, MatMulLeft, MatMulRight, Negation, Scale
from minigraph.core.node import Node, Role, literal
from minigraph.core.op import Op
from minigraph.core.pulling import ancestors
from minigraph.formulas import to_text
from minigraph.operations.activations import LeakyReLU, ReLU, Sigmoid, Tanh
from minigraph.operations.losses import BCE
from minigraph.operations.softmax import LogCentering
from minigraph.reading.names import Names
from minigraph.reading.numbers import rounded
from minigraph.values import Array

ACTIVATIONS: tuple[Op, ...] = (Sigmoid(), Tanh(), ReLU(), LeakyReLU())
"""Those whose derivatives are put in the place of the right one."""
SLOPES = (-0.01, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.3)
"""The slopes that people take for leaky ReLU, and a sign that is wrong."""
MOST_CACHED = 40
"""Of so many arrays each is tried."""

Apply = Callable[[Array], Array]


@dataclass(frozen=True)
class Slip:
    """One thing that goes wrong at one step.

    Attributes:
        words: what it is.
        apply: what it makes of the array that comes from above.
        common: whether it is looked for beside another as well.
        of_gradient: the name of the weights in whose place their own gradient stands; "" for all other slips.
        forgets: the part of J that is left out; "" for all other slips.
        leaves_out: whether it is a factor that was forgotten, or a path.
    """

    words: str
    apply: Apply
    common: bool = False
    of_gradient: str = ""
    forgets: str = ""
    leaves_out: bool = False


@dataclass
class Cached:
    """What a backward function has at hand: the arrays of the forward pass, and the gradients so far.

    Attributes:
        names: what they are called.
        nodes: the nodes of the forward pass whose arrays are tried.
        gradients: the gradients of those with names.
        fixed: the nodes that depend on no parameter, such as Y.
        penalties: the costs that depend on parameters alone, where J depends on data, and the steps to them.
    """

    names: Names
    nodes: list[Node]
    gradients: dict[Node, Array]
    fixed: Collection[Node]
    penalties: Collection[Node]
    values: list[tuple[Node, str, Array]] = field(init=False)

    def __post_init__(self) -> None:
        self.values = [(node, self.called(node), value_of(node)) for node in self.nodes]

    def called(self, node: Node) -> str:
        """The name of a node; a formula stands in parentheses."""
        name = self.names.of(node)
        return f"({name})" if " " in name and node not in self.names else name


def cached_in(backward_pass: BackwardPass, names: Names, gradients: dict[Node, Array], costs: Collection[Node]) -> Cached:
    """What is at hand: leaves, what has a name, and what lies on the way; of large graphs the last of it."""
    on_the_way = {line.input for line in backward_pass}
    order = [node for node in ancestors([backward_pass.root]) if node.role is not Role.LITERAL]
    trained, of_data = _reached_from(order, Role.PARAMETER), _reached_from(order, Role.DATA)
    alone = [node for node in costs if node in trained and node not in of_data]
    penalties = ancestors(alone) if backward_pass.root in of_data else []
    at_hand = [node for node in order[:-1] if node.op is None or node.name is not None or node in on_the_way]
    return Cached(names, at_hand[-MOST_CACHED:], gradients, set(order) - trained, {x for x in penalties if x.op is not None})


def _reached_from(order: Sequence[Node], role: Role) -> set[Node]:
    """The nodes that depend on a leaf of this role."""
    found: set[Node] = set()
    for node in order:
        if node.role is role or not found.isdisjoint(node.inputs):
            found.add(node)
    return found


def value_of(node: Node) -> Array:
    """The value in float64."""
    return np.asarray(node.value, np.float64)


# What a line of the ledger makes of gradients, in NumPy: of a stack of them at once, since many are tried


@singledispatch
def pulled(factor: LinearMap, stack: Array) -> Array:
    """The pull of a map, of each array of the stack."""
    return np.stack([value_of(factor.pull(literal(upstream))) for upstream in stack])


@pulled.register
def _(factor: Identity, stack: Array) -> Array:
    return stack


@pulled.register
def _(factor: Negation, stack: Array) -> Array:
    return -stack


@pulled.register
def _(factor: Scale, stack: Array) -> Array:
    return _scaled(value_of(factor.factor))(stack)


@pulled.register
def _(factor: MatMulLeft, stack: Array) -> Array:
    product: Array = value_of(factor.matrix).swapaxes(-1, -2) @ stack
    return product


@pulled.register
def _(factor: MatMulRight, stack: Array) -> Array:
    product: Array = stack @ value_of(factor.matrix).swapaxes(-1, -2)
    return product


def _scaled(factor: Array) -> Apply:
    """Each array times a factor, which is broadcast to it, or it to the factor."""

    def scaled(stack: Array) -> Array:
        missing = factor.ndim + 1 - stack.ndim
        product: Array = (
            stack.reshape(len(stack), *(1,) * missing, *stack.shape[1:]) * factor if missing > 0 else stack * factor
        )
        return product

    return scaled


def contribution(line: Contribution, stack: Array, at: int = -1, slip: Slip | None = None) -> Array:
    """What the line brings to its input; with a slip at one of its factors, or behind them where broadcasting is undone."""
    factors = list(line.local.factors())
    for place, factor in enumerate(factors):
        stack = slip.apply(stack) if slip is not None and place == at else pulled(factor, stack)
    if slip is not None and at == len(factors):
        return slip.apply(stack)
    if line.summed_axes and stack.shape[1:] == line.product.shape:
        stack = stack.sum(tuple(axis + 1 for axis in line.summed_axes)).reshape(-1, *line.input.shape)
    return stack


# What may go wrong


def slips_of(line: Contribution, cached: Cached, is_last: bool) -> Iterator[tuple[int, Slip]]:
    """The slips at each factor of the line's local derivative, and where broadcasting is undone."""
    factors = list(line.local.factors())
    for place, factor in enumerate(factors):
        if isinstance(factor, Scale):
            found = _of_derivative(line, factor, cached, is_last)
        elif isinstance(factor, MatMulLeft | MatMulRight):
            found = _of_matrix(factor, cached, is_last)
        elif isinstance(factor, LogCentering):
            found = _of_softmax(line, factor, cached)
        else:
            continue
        for slip in found:
            yield place, slip
    if line.summed_axes and is_last:
        for slip in _of_sum(line, cached):
            yield len(factors), slip


def _of_derivative(line: Contribution, factor: Scale, cached: Cached, is_last: bool) -> Iterator[Slip]:
    """A factor that is forgotten, put in twice, or another in its place."""
    right = value_of(factor.factor)
    own = cached.names.derivative(line.consumer, line.input).name + formula_of(line, cached.names)
    if line.product.shape == line.upstream.shape:
        yield Slip(forgotten(own), lambda stack: stack, common=True, leaves_out=True)
    is_constant = all(x.role is Role.LITERAL for x in factor.factor.inputs or (factor.factor,))
    yield Slip(f"the factor {own} was put in twice", _scaled(right * right), common=not is_constant)
    yield Slip(f"it was divided by the factor {own}, not multiplied", _scaled(1 / right))
    if is_constant:
        if right.ndim == 0 and right > 1:  # 1/p of dropout
            dropped = f"1/{rounded(1 - 1 / right)} stands where the factor {own} belongs"
            yield Slip(f"{dropped}: the share that is dropped, and not that which is kept", _scaled(right / (right - 1)))
        return
    shape = line.consumer.shape
    is_activation = len(line.consumer.inputs) == 1 and line.input.shape == shape
    if is_activation:
        yield from _of_activation(line, own, cached)
    yield from _of_mask(factor.factor, right, cached)
    if isinstance(line.consumer.op, BCE) and line.position == 0:
        yield from _of_bce(line, own, cached, is_last)
    for node, name, array in cached.values:
        if array.shape not in (shape, right.shape):
            continue
        near = node in (line.consumer, line.input)
        for text, other in _forms(name, array, near) if is_activation else [(name, array)]:
            if other.any():  # a factor of zeros is a path that is left out, which is said otherwise
                yield Slip(f"{text} stands where {own} belongs", _scaled(other), common=near and is_activation)
    yield Slip(f"a mask of the gradient's own sign stands where {own} belongs", lambda stack: stack * (stack > 0))


def _of_mask(node: Node, mask: Array, cached: Cached) -> Iterator[Slip]:
    """What is dropped in the place of what is kept."""
    if mask.size > 1 and node in cached.fixed and np.isin(mask, (0, 1)).all():
        name = cached.called(node)
        yield Slip(f"1 − {name} stands where {name} belongs", _scaled(1 - mask))


def forgotten(factor: str, formula: str = "") -> str:
    """A factor of the chain rule that was forgotten, and what it is."""
    return f"the factor {factor}{formula} was forgotten"


def left_out(above: str, below: str) -> str:
    """A path that brings nothing."""
    return f"the path from {above} to {below} is missing"


def _forms(name: str, array: Array, is_near: bool) -> Iterator[tuple[str, Array]]:
    """What derivatives of activations are made of, of one array; of those of other layers only the right ones."""
    yield name, array
    yield f"1 − {name}²", 1 - array**2
    yield f"{name}(1 − {name})", array * (1 - array)
    yield f"[{name} > 0]", (array > 0) * 1.0
    if is_near:
        yield f"1 − {name}", 1 - array
        yield f"{name}²", array**2
        yield f"1 + {name}²", 1 + array**2
        yield f"1 − 2{name}", 1 - 2 * array
        yield f"{name}(1 + {name})", array * (1 + array)
        yield f"(1 − {name})²", (1 - array) ** 2
        yield f"[{name} < 0]", (array < 0) * 1.0


def _of_activation(line: Contribution, own: str, cached: Cached) -> Iterator[Slip]:
    """The derivative of another activation, or of this one at another place, or with another value at the kink."""
    Z, A = line.input, line.consumer
    assert A.op is not None
    if A.op.kinks:
        at_zero = (
            f"where {cached.called(Z)} is 0 the derivative 1 was taken, and J takes 0: for 1 say at_zero=1 in the graph"
        )
        yield Slip(at_zero, _scaled((value_of(Z) >= 0) * 1.0))
    if A.op.domain == (-np.inf, np.inf) and (other := derivative_at(A.op, value_of(A))) is not None:
        yield Slip(
            f"g′ was taken at {cached.called(A)} and not at {cached.called(Z)}: the factor {own} belongs",
            _scaled(other),
            True,
        )
    others = {op.name: op for op in ACTIVATIONS if type(op) is not type(A.op.rules)}
    if isinstance(A.op.rules, LeakyReLU):
        others |= {f"leaky ReLU with the slope {rounded(slope)}": LeakyReLU(slope) for slope in SLOPES}
    for name, op in others.items():
        for node in (Z, A):
            other = derivative_at(op, value_of(node))
            assert other is not None
            if not other.any():
                continue
            what = f"the derivative of {name} at {cached.called(node)}"
            yield Slip(f"{what} stands where {own} belongs", _scaled(other), common=node is Z)


def _of_bce(line: Contribution, own: str, cached: Cached, is_last: bool) -> Iterator[Slip]:
    """What the two branches −Y/A and (1 − Y)/(1 − A) become."""
    A, Y = (cached.called(node) for node in line.consumer.inputs)
    a, y = map(value_of, line.consumer.inputs)
    first, second = -y / a, (1 - y) / (1 - a)
    error = [(f"{A} − {Y}", a - y)] if is_last else []  # further back σ′ is put in twice, as it is called then
    for text, other in (
        *error,
        (f"−{Y}/{A}", first),
        (f"(1 − {Y})/(1 − {A})", second),
        (f"−{Y}/{A} − (1 − {Y})/(1 − {A})", first - second),
        (f"−{Y}/{A} + (1 − {Y})/{A}", first + (1 - y) / a),
        (f"−{Y} log {A} − (1 − {Y}) log(1 − {A})", -y * np.log(a) - (1 - y) * np.log(1 - a)),
    ):
        yield Slip(f"{text} stands where {own} belongs", _scaled(other))


def derivative_at(op: Op, values: Array) -> Array | None:
    """g′ at each value; None if it is no function of single entries."""
    result = op(literal(values))
    (local,) = local_derivatives(result)
    return np.broadcast_to(value_of(local.factor), values.shape) if isinstance(local, Scale) else None


def formula_of(line: Contribution, names: Names) -> str:
    """`` = `` and the local derivative as a formula, if it is one factor."""
    factors = [factor.factor for factor in line.local.factors() if isinstance(factor, Scale)]
    return f" = {to_text(factors[0], budget=40, names=names)}" if len(factors) == 1 else ""


def _of_matrix(factor: MatMulLeft | MatMulRight, cached: Cached, is_last: bool) -> Iterator[Slip]:
    """A matrix without its transpose, forgotten, or another in its place: an array, its gradient, another layer's."""
    if factor.matrix.ndim != 2:
        return
    from_left = isinstance(factor, MatMulLeft)
    matrix, name = value_of(factor.matrix), cached.called(factor.matrix)

    def by(other: Array) -> Apply:
        return (lambda stack: other.T @ stack) if from_left else (lambda stack: stack @ other.T)

    yield Slip(f"{name} stands without its transpose", by(matrix.T), common=True)
    yield Slip(
        f"the factor {name} was forgotten",
        _repeated(matrix.shape[1] if from_left else matrix.shape[0], -2 if from_left else -1),
    )
    for node, other_name, array in cached.values:
        if array.ndim == 2 and node is not factor.matrix:
            yield Slip(f"{other_name} stands where {name} belongs", by(array), common=is_last)
    for node, gradient in cached.gradients.items():
        if gradient.ndim == 2:
            own = name if node is factor.matrix and node.role is Role.PARAMETER else ""
            yield Slip(f"{cached.names.gradient(node).name} stands where {name} belongs", by(gradient), of_gradient=own)
    if is_last:
        yield Slip(f"the product with {name} was taken entry by entry, where a matrix product belongs", _scaled(matrix))


def _repeated(size: int, axis: int) -> Apply:
    def repeated(stack: Array) -> Array:
        return np.repeat(stack, size, axis) if stack.shape[axis] == 1 else stack

    return repeated


def _of_softmax(line: Contribution, factor: LogCentering, cached: Cached) -> Iterator[Slip]:
    """Softmax differentiated entry by entry, or along the wrong axis."""
    s, name = value_of(factor.probabilities), cached.called(line.consumer)
    own = cached.names.derivative(line.consumer, line.input).name
    yield Slip(f"the derivative {own} of softmax was forgotten", lambda stack: stack, common=True)
    entrywise = (
        f"softmax was differentiated entry by entry, as {name}(1 − {name}): each output depends on all entries of its column"
    )
    yield Slip(entrywise, _scaled(s * (1 - s)), common=True)
    yield Slip(f"{name} stands where the derivative {own} of softmax belongs", _scaled(s))
    kind = type(factor)
    for axis in range(s.ndim):
        if axis != factor.axis % s.ndim:
            along = kind(factor.probabilities, axis)
            yield Slip(
                f"the sum in the derivative {own} of softmax was taken over axis {axis}",
                partial(pulled, along),
            )


def _of_sum(line: Contribution, cached: Cached) -> Iterator[Slip]:
    """Sums over wrong axes, or none at all."""
    shape, node = line.product.shape, line.input
    why = f"{cached.names.of(node)} {node.shape} was broadcast to {line.consumer.shape}, so its gradient is summed back"
    yield Slip(f"the sum is missing: {why}", lambda stack: stack, common=True)
    wanted = ", ".join(map(str, line.summed_axes))
    for count in range(1, len(shape) + 1):
        for axes in combinations(range(len(shape)), count):
            over = f"all entries were summed, where the sum over axis {wanted} belongs: {why}"
            if count < len(shape):
                over = f"the sum was taken over axis {', '.join(map(str, axes))}, where axis {wanted} belongs: {why}"
            if axes != line.summed_axes:
                share = math.prod(shape[axis] for axis in line.summed_axes) / math.prod(shape[axis] for axis in axes)
                mean = over.replace("summed", "averaged").replace("the sum was", "the mean was")
                for keepdims in (True, False):
                    summed = partial(np.sum, axis=tuple(axis + 1 for axis in axes), keepdims=keepdims)
                    yield Slip(over, summed, common=True)
                    yield Slip(mean, _times(share, summed))


def _times(factor: float, apply: Apply) -> Apply:
    return lambda stack: factor * apply(stack)
