"""What may go wrong at one step of the chain: each cached array and each g′ of a small set in the place of the right one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial, singledispatch
from itertools import combinations

import numpy as np

from minigraph.calculus.reverse_mode import local_derivatives
from minigraph.core.ledger import Contribution
from minigraph.core.linear_maps import Identity, LinearMap, MatMulLeft, MatMulRight, Negation, Scale
from minigraph.core.node import Node, Role, literal
from minigraph.core.op import Op
from minigraph.explanation.mistakes.slip import Apply, Cached, Slip, value_of
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
    op = line.consumer.op and line.consumer.op.name
    if line.product.shape == line.upstream.shape:
        yield Slip(forgotten(own), lambda stack: stack, common=True, leaves_out=True, kind=("forgotten", op))
    is_constant = all(x.role is Role.LITERAL for x in factor.factor.inputs or (factor.factor,))
    twice = f"the factor {own} was put in twice"
    yield Slip(twice, _scaled(right * right), common=not is_constant, kind=("twice", op))
    yield Slip(f"it was divided by the factor {own}, not multiplied", _scaled(1 / right), kind=("divided", op))
    if is_constant:
        if right.ndim == 0 and right > 1:  # 1/p of dropout
            dropped = f"1/{rounded(1 - 1 / right)} stands where the factor {own} belongs"
            words = f"{dropped}: the share that is dropped, and not that which is kept"
            yield Slip(words, _scaled(right / (right - 1)), kind=("share that is dropped", op))
        return
    shape = line.consumer.shape
    is_activation = len(line.consumer.inputs) == 1 and line.input.shape == shape
    if is_activation:
        yield from _of_activation(line, own, cached)
        yield from _of_square(line.input, right, own, cached)
    yield from _of_mask(factor.factor, right, cached)
    if isinstance(line.consumer.op, BCE) and line.position == 0:
        yield from _of_bce(line, own, cached, is_last)
    for node, name, array in cached.values:
        if array.shape not in (shape, right.shape):
            continue
        near = node in (line.consumer, line.input)
        for form, other in _forms(array, near) if is_activation else [("{}", array)]:
            if other.any():  # a factor of zeros is a path that is left out, which is said otherwise
                words = f"{form.replace('{}', name)} stands where {own} belongs"
                yield Slip(words, _scaled(other), common=near and is_activation, kind=("in its place", form, node, op))
    above = value_of(line.upstream)
    if (above > 0).any() and (above < 0).any():  # else the mask is no factor, or a path that is left out
        words = f"a mask of the gradient's own sign stands where {own} belongs"
        yield Slip(words, lambda stack: stack * (stack > 0), kind=("own sign", op))


def _of_square(node: Node, right: Array, own: str, cached: Cached) -> Iterator[Slip]:
    """The sum that a sum of squares is of, taken for its derivative, with the 2 and without."""
    if right.size > 1 and np.array_equal(right, 2 * value_of(node)):
        for twice, total in (("2 times ", right.sum()), ("", right.sum() / 2)):
            words = f"{twice}the sum of all entries of {cached.called(node)} stands where {own} belongs, entry by entry"
            yield Slip(words, _scaled(np.full(right.shape, total)), kind=("summed", twice))


def _of_mask(node: Node, mask: Array, cached: Cached) -> Iterator[Slip]:
    """What is dropped in the place of what is kept."""
    if mask.size > 1 and node in cached.fixed and np.isin(mask, (0, 1)).all():
        name = cached.called(node)
        yield Slip(f"1 − {name} stands where {name} belongs", _scaled(1 - mask), kind=("1 − the mask",))


def forgotten(factor: str, formula: str = "") -> str:
    """A factor of the chain rule that was forgotten, and what it is."""
    return f"the factor {factor}{formula} was forgotten"


def left_out(above: str, below: str) -> str:
    """A path that brings nothing."""
    return f"the path from {above} to {below} is missing"


def _forms(array: Array, is_near: bool) -> Iterator[tuple[str, Array]]:
    """What derivatives of activations are made of, of one array, called {}; of those of other layers only the right ones."""
    yield "{}", array
    yield "1 − {}²", 1 - array**2
    yield "{}(1 − {})", array * (1 - array)
    yield "[{} > 0]", (array > 0) * 1.0
    if is_near:
        yield "1 − {}", 1 - array
        yield "{}²", array**2
        yield "1 + {}²", 1 + array**2
        yield "1 − 2{}", 1 - 2 * array
        yield "{}(1 + {})", array * (1 + array)
        yield "(1 − {})²", (1 - array) ** 2
        yield "[{} < 0]", (array < 0) * 1.0


def _of_activation(line: Contribution, own: str, cached: Cached) -> Iterator[Slip]:
    """The derivative of another activation, or of this one at another place, or with another value at the kink."""
    Z, A = line.input, line.consumer
    assert A.op is not None
    if A.op.kinks:
        at_zero = (
            f"where {cached.called(Z)} is 0 the derivative 1 was taken, and J takes 0: for 1 say at_zero=1 in the graph"
        )
        yield Slip(at_zero, _scaled((value_of(Z) >= 0) * 1.0), kind=("at the kink",))
    if A.op.domain == (-np.inf, np.inf) and (other := derivative_at(A.op, value_of(A))) is not None:
        yield Slip(
            f"g′ was taken at {cached.called(A)} and not at {cached.called(Z)}: the factor {own} belongs",
            _scaled(other),
            common=True,
            kind=("g′ at", A, A.op.name),
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
            words = f"{what} stands where {own} belongs"
            yield Slip(words, _scaled(other), common=node is Z, kind=("derivative of", name, node, A.op.name))


def _of_bce(line: Contribution, own: str, cached: Cached, is_last: bool) -> Iterator[Slip]:
    """What the two branches −Y/A and (1 − Y)/(1 − A) become."""
    A, Y = (cached.called(node) for node in line.consumer.inputs)
    a, y = map(value_of, line.consumer.inputs)
    first, second = -y / a, (1 - y) / (1 - a)
    error = [("{A} − {Y}", a - y)] if is_last else []  # further back σ′ is put in twice, as it is called then
    for form, other in (
        *error,
        ("−{Y}/{A}", first),
        ("(1 − {Y})/(1 − {A})", second),
        ("−{Y}/{A} − (1 − {Y})/(1 − {A})", first - second),
        ("−{Y}/{A} + (1 − {Y})/{A}", first + (1 - y) / a),
        ("−{Y} log {A} − (1 − {Y}) log(1 − {A})", -y * np.log(a) - (1 - y) * np.log(1 - a)),
    ):
        yield Slip(f"{form.format(A=A, Y=Y)} stands where {own} belongs", _scaled(other), kind=("loss", form))


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

    yield Slip(f"{name} stands without its transpose", by(matrix.T), common=True, kind=("no transpose",))
    yield Slip(
        f"the factor {name} was forgotten",
        _repeated(matrix.shape[1] if from_left else matrix.shape[0], -2 if from_left else -1),
        kind=("no matrix",),
    )
    for node, other_name, array in cached.values:
        if array.ndim == 2 and node is not factor.matrix:
            words = f"{other_name} stands where {name} belongs"
            yield Slip(words, by(array), common=is_last, kind=("in the matrix's place", node))
    for node, gradient in cached.gradients.items():
        if gradient.ndim == 2:
            own = name if node is factor.matrix and node.role is Role.PARAMETER else ""
            words = f"{cached.names.gradient(node).name} stands where {name} belongs"
            yield Slip(words, by(gradient), of_gradient=own, kind=("in the matrix's place its gradient", node))
    if is_last:
        entrywise = f"the product with {name} was taken entry by entry, where a matrix product belongs"
        yield Slip(entrywise, _scaled(matrix), kind=("entry by entry",))


def _repeated(size: int, axis: int) -> Apply:
    def repeated(stack: Array) -> Array:
        return np.repeat(stack, size, axis) if stack.shape[axis] == 1 else stack

    return repeated


def _of_softmax(line: Contribution, factor: LogCentering, cached: Cached) -> Iterator[Slip]:
    """Softmax differentiated entry by entry, or along the wrong axis."""
    s, name = value_of(factor.probabilities), cached.called(line.consumer)
    own = cached.names.derivative(line.consumer, line.input).name
    yield Slip(f"the derivative {own} of softmax was forgotten", lambda stack: stack, common=True, kind=("no softmax",))
    entrywise = (
        f"softmax was differentiated entry by entry, as {name}(1 − {name}): each output depends on all entries of its column"
    )
    yield Slip(entrywise, _scaled(s * (1 - s)), common=True, kind=("softmax entry by entry",))
    yield Slip(f"{name} stands where the derivative {own} of softmax belongs", _scaled(s), kind=("softmax itself",))
    kind = type(factor)
    for axis in range(s.ndim):
        if axis != factor.axis % s.ndim:
            along = kind(factor.probabilities, axis)
            yield Slip(
                f"the sum in the derivative {own} of softmax was taken over axis {axis}",
                partial(pulled, along),
                kind=("softmax over", axis),
            )


def _of_sum(line: Contribution, cached: Cached) -> Iterator[Slip]:
    """Sums over wrong axes, or none at all."""
    shape, node = line.product.shape, line.input
    why = f"{cached.names.of(node)} {node.shape} was broadcast to {line.consumer.shape}, so its gradient is summed back"
    yield Slip(f"the sum is missing: {why}", lambda stack: stack, common=True, kind=("no sum",))
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
                    yield Slip(over, summed, common=True, kind=("sum over", axes))
                    yield Slip(mean, _times(share, summed), kind=("mean over", axes))


def _times(factor: float, apply: Apply) -> Apply:
    return lambda stack: factor * apply(stack)
