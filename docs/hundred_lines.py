"""minigraph in about a hundred lines: a graph, linear maps, the chain rule and its ledger."""

from collections import namedtuple
from functools import reduce
from itertools import count

import numpy as np

creation = count()


class Node:
    """One step: an operation and the nodes that it reads; or a leaf, with its own value."""

    __array_ufunc__ = None  # NumPy leaves array + node to the node

    def __init__(self, op=None, inputs=(), value=None, name="a step"):
        self.op, self.inputs, self.name, self.number = op, inputs, name, next(creation)
        self.own = np.array(value, dtype=float) if op is None else None
        tried = self.own if op is None else op.forward(*(np.ones(x.shape) for x in inputs))
        self.shape = np.shape(tried)

    @property
    def value(self):
        """What it comes to now: computed when it is read, so never out of date."""
        return evaluate(self)[0]


def parameter(value, name="a number"):
    """A leaf; assign to `.own` to change it."""
    return Node(value=value, name=name)


def as_node(x):
    """A node as it is; a number or an array as a leaf."""
    return x if isinstance(x, Node) else parameter(x)


def ancestors(*ends):
    """All that these nodes are made of, and themselves, each after what it reads."""
    found, waiting = set(), list(ends)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(node.inputs)
    return sorted(found, key=lambda node: node.number)


def evaluate(*nodes):
    """The values of the nodes; every step on the way is done once."""
    values = {}
    for node in ancestors(*nodes):
        read = [values[x] for x in node.inputs]
        values[node] = node.op.forward(*read) if node.op else node.own
    return [values[node] for node in nodes]


# A local derivative pushes a change of x on to y, and pulls a gradient at y back to x.
LinearMap = namedtuple("LinearMap", "push pull")


def identity():
    """y = x: a change arrives as it is, and so does a gradient."""
    return LinearMap(lambda change: change, lambda grad: grad)


def scale(factor):
    """Entry by entry, y changes by factor times the change of x."""
    return LinearMap(lambda change: change * factor, lambda grad: grad * factor)


def matmul_left(matrix):
    """y = matrix · x."""
    return LinearMap(lambda change: matrix @ change, lambda grad: matrix.T @ grad)


def matmul_right(matrix):
    """y = x · matrix."""
    return LinearMap(lambda change: change @ matrix, lambda grad: grad @ matrix.T)


# An operation: how arrays become an array, and a local derivative for each input.
Op = namedtuple("Op", "forward derivatives")


def operation(forward, derivatives):
    """A function of nodes that makes a step."""
    op = Op(forward, derivatives)
    return lambda *operands: Node(op, [as_node(x) for x in operands])


def elementwise(forward, derivatives):
    """An operation entry by entry, whose operands are first repeated to one shape."""
    apply = operation(forward, derivatives)

    def repeat_and_apply(*operands):
        nodes = [as_node(x) for x in operands]
        shape = np.broadcast_shapes(*(x.shape for x in nodes))
        return apply(*(broadcast_to(x, shape) for x in nodes))

    return repeat_and_apply


def broadcast_to(x, shape):
    """x, repeated to the shape. Each use brings a gradient: the pull is their sum."""
    if x.shape == shape:
        return x
    back = LinearMap(lambda change: broadcast_to(change, shape), lambda grad: sum_to(grad, x.shape))
    return operation(lambda a: np.broadcast_to(a, shape), lambda y, x: [back])(x)


def sum_to(x, shape):
    """x, summed over the axes that repeating an array of this shape would give it."""
    padded = (1,) * (len(x.shape) - len(shape)) + shape
    axes = tuple(axis for axis, size in enumerate(padded) if size != x.shape[axis])
    back = LinearMap(lambda change: sum_to(change, shape), lambda grad: broadcast_to(grad, x.shape))
    return operation(lambda a: a.sum(axes).reshape(shape), lambda y, x: [back])(x)


add = elementwise(np.add, lambda y, a, b: [identity(), identity()])
multiply = elementwise(np.multiply, lambda y, a, b: [scale(b), scale(a)])
matmul = operation(np.matmul, lambda y, a, b: [matmul_right(b), matmul_left(a)])
transpose = operation(np.transpose, lambda y, a: [LinearMap(transpose, transpose)])
tanh = elementwise(np.tanh, lambda y, z: [scale(1 - y * y)])
sigmoid = elementwise(lambda z: 1 / (1 + np.exp(-z)), lambda y, z: [scale(y * (1 - y))])
softplus = elementwise(lambda z: np.logaddexp(0, z), lambda y, z: [scale(sigmoid(z))])

Node.__add__ = Node.__radd__ = add
Node.__mul__ = Node.__rmul__ = multiply
Node.__matmul__, Node.T = matmul, property(transpose)
Node.__sub__ = lambda a, b: a + -1.0 * as_node(b)
Node.__rsub__ = lambda a, b: as_node(b) - a


def mean(x):
    """The mean of all entries."""
    return sum_to(x, ()) * (1 / np.prod(x.shape))


# A line of the ledger: what came to an edge from above, and what its local derivative made of it.
Contribution = namedtuple("Contribution", "consumer input upstream contribution")


def edges(node):
    """What a step reads, each with its local derivative."""
    maps = node.op.derivatives(node, *node.inputs) if node.op else []
    return zip(node.inputs, maps, strict=True)


def backward(J):
    """The chain rule back from J: its gradient by every node, as a node, and the ledger."""
    arrived, gradients, ledger = {J: [as_node(np.ones(J.shape))]}, {}, []
    for node in reversed(ancestors(J)):
        upstream = gradients[node] = reduce(add, arrived[node])
        for x, local in edges(node):
            contribution = local.pull(upstream)
            arrived.setdefault(x, []).append(contribution)
            ledger.append(Contribution(node, x, upstream, contribution))
    return gradients, ledger


def jvp(y, changes):
    """The chain rule forward: how y changes, to first order, if these leaves change so."""
    tangents = {x: as_node(change) for x, change in changes.items()}
    for node in ancestors(y):
        pushed = [local.push(tangents[x]) for x, local in edges(node) if x in tangents]
        if pushed:
            tangents[node] = reduce(add, pushed)
    return tangents[y]
