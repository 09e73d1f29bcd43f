"""A graph in use: built, assigned, read and differentiated at random, against a naive model that recomputes everything."""

from dataclasses import dataclass

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

import minigraph as mg
from minigraph.testing import arrays

SHAPES = st.sampled_from([(), (2, 1), (2, 2)])


def unbroadcast(array, shape):
    """Sums what broadcasting repeated."""
    array = array.sum(axis=tuple(range(array.ndim - len(shape))))
    return array.sum(axis=tuple(i for i, size in enumerate(shape) if size != array.shape[i]), keepdims=True).reshape(shape)


# The naive model: value, and for each operand what its share of an upstream gradient is, in plain NumPy.
OPERATIONS = {
    "add": (lambda a, b: a + b, lambda g, y, a, b: (unbroadcast(g, a.shape), unbroadcast(g, b.shape))),
    "subtract": (lambda a, b: a - b, lambda g, y, a, b: (unbroadcast(g, a.shape), unbroadcast(-g, b.shape))),
    "multiply": (lambda a, b: a * b, lambda g, y, a, b: (unbroadcast(g * b, a.shape), unbroadcast(g * a, b.shape))),
    "matmul": (lambda a, b: a @ b, lambda g, y, a, b: (g @ b.T, a.T @ g)),
    "tanh": (np.tanh, lambda g, y, a: (g * (1 - y**2),)),
    "square": (np.square, lambda g, y, a: (g * 2 * a,)),
    "sum": (np.sum, lambda g, y, a: (np.broadcast_to(g, a.shape),)),
    "transpose": (np.transpose, lambda g, y, a: (np.transpose(g),)),
}


@dataclass(frozen=True, eq=False)
class Model:
    """A node, and how the naive model says it is made."""

    node: mg.Node
    operation: str | None = None
    operands: tuple["Model", ...] = ()

    def value(self, leaves):
        """Recomputed from the leaves each time."""
        if self.operation is None:
            return leaves[self]
        return OPERATIONS[self.operation][0](*(operand.value(leaves) for operand in self.operands))

    def add_gradients(self, upstream, leaves, totals):
        """Reverse mode along every path separately, without remembering anything."""
        totals[self] = totals.get(self, 0) + upstream
        if self.operation is not None:
            values = [np.asarray(operand.value(leaves)) for operand in self.operands]
            shares = OPERATIONS[self.operation][1](upstream, np.asarray(self.value(leaves)), *values)
            for operand, share in zip(self.operands, shares, strict=True):
                operand.add_gradients(share, leaves, totals)

    def size(self):
        return 1 + sum(operand.size() for operand in self.operands)

    def leaves(self):
        """Each leaf once, in the order in which they were made."""
        found = [self] if self.operation is None else [leaf for operand in self.operands for leaf in operand.leaves()]
        return sorted(dict.fromkeys(found), key=lambda leaf: leaf.node.number)


class GraphInUse(RuleBasedStateMachine):
    """Whatever is read is what the naive model computes from the leaves as they are now."""

    nodes = Bundle("nodes")
    slopes = Bundle("slopes")

    def __init__(self):
        super().__init__()
        self.leaves = {}
        self.handed_out = []

    def expect(self, found, expected, exact=False):
        assert np.shape(found) == np.shape(expected)
        if exact:
            np.testing.assert_array_equal(found, expected)
        else:
            scale = np.max(np.abs(expected), initial=1.0, where=np.isfinite(expected))
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11 * scale)
        self.handed_out.append((found, np.array(found)))

    def gradient(self, J, model):
        totals = {}
        J.add_gradients(np.ones(()), self.leaves, totals)
        return totals[model]

    def scalar(self, model):
        return model if model.node.shape == () else Model(model.node.sum(), "sum", (model,))

    @rule(target=nodes, shape=SHAPES, data=st.data(), make=st.sampled_from([mg.parameter, mg.data]))
    def make_leaf(self, shape, data, make):
        value = data.draw(arrays(shape)) / 4
        model = Model(make(value))
        self.leaves[model] = np.array(value)
        return model

    @rule(target=nodes, name=st.sampled_from(["add", "subtract", "multiply"]), a=nodes, b=nodes)
    def combine(self, name, a, b):
        return self.made(name, a, b)

    @rule(target=nodes, a=nodes, b=nodes)
    def matrix_product(self, a, b):
        fits = a.node.ndim == b.node.ndim == 2 and a.node.shape[1] == b.node.shape[0]
        return self.made("matmul", a, b) if fits else a

    @rule(target=nodes, name=st.sampled_from(["tanh", "square", "sum"]), a=nodes)
    def apply(self, name, a):
        return self.made(name, a)

    @rule(target=nodes, a=nodes)
    def transposed(self, a):
        return self.made("transpose", a) if a.node.shape != (2, 1) else a

    def made(self, name, *operands):
        if sum(operand.size() for operand in operands) > 40:  # the naive model takes exponential time
            return operands[0]
        return Model(getattr(mg, name)(*(operand.node for operand in operands)), name, operands)

    @rule(model=nodes, data=st.data())
    def assign(self, model, data):
        for leaf in model.leaves():
            value = data.draw(arrays(leaf.node.shape)) / 4
            leaf.node.value = value
            self.leaves[leaf] = value

    @rule(model=nodes)
    def read(self, model):
        self.expect(model.node.value, model.value(self.leaves), exact=True)

    @rule(model=nodes, data=st.data())
    def evaluate_with_another_leaf(self, model, data):
        leaf = data.draw(st.sampled_from(model.leaves()))
        value = data.draw(arrays(leaf.node.shape)) / 4
        found = mg.evaluate(model.node, given={leaf.node: value})
        self.expect(found, model.value({**self.leaves, leaf: value}), exact=True)

    @rule(target=slopes, model=nodes)
    def differentiate(self, model):
        J = self.scalar(model)
        leaf = J.leaves()[0]
        return J, leaf, mg.grad(J.node, leaf.node)

    @rule(slope=slopes)
    def read_a_gradient_made_before(self, slope):
        J, leaf, node = slope
        self.expect(node.value, self.gradient(J, leaf))

    @rule(model=nodes)
    def run_backward(self, model):
        J = self.scalar(model)
        parameters = [leaf for leaf in J.leaves() if leaf.node.role == "parameter"]
        if parameters:
            J.node.backward()
        for leaf in parameters:
            self.expect(leaf.node.grad, self.gradient(J, leaf))

    @invariant()
    def arrays_handed_out_never_change(self):
        for array, copy in self.handed_out:
            assert np.array_equal(array, copy)


TestGraphInUse = GraphInUse.TestCase
TestGraphInUse.settings = settings(stateful_step_count=30)
