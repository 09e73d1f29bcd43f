"""Exported files, run and compared with the graph."""

import runpy

import numpy as np

import minigraph as mg

ROUNDING = {np.dtype(np.float64): 1e-12, np.dtype(np.float32): 1e-6}


def by_numpy(path, arrays):
    """What the function of a Python file gives, as a list."""
    found = runpy.run_path(str(path))[path.stem](*arrays)
    return list(found) if isinstance(found, tuple) else [found]


def by_onnxruntime(path, arrays):
    """What onnxruntime gives."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)  # a graph of constants is said to be one
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    return session.run(None, dict(zip(names, map(np.asarray, arrays), strict=True)))


def assert_near(found, expected, factor=1):
    """Of the shape and dtype, and equal to rounding, measured by the largest entry."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape and found.dtype == expected.dtype
    bound = factor * ROUNDING[expected.dtype] * max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    assert np.all(np.abs(found - expected) <= bound), f"{found} is not {expected}"


def assert_exported(graph, path, run):
    """Values and gradients of a random graph are those of its file."""
    leaves = [*graph.parameters, *graph.data]
    nodes = [graph.root, *graph.nodes, *mg.grad(graph.root, list(graph.parameters))]
    mg.export(nodes, path, leaves)
    for found, node in zip(run(path, [leaf.value for leaf in leaves]), nodes, strict=True):
        assert_near(found, node.value)


class Net:
    """A small net as functions that build it, for any number of examples."""

    def __init__(self, dtype=np.float64):
        random = np.random.default_rng(0)
        with np.errstate(all="ignore"):
            self.W1 = mg.parameter(random.standard_normal((4, 3)).astype(dtype), "W1")
            self.b1 = mg.parameter(np.zeros((4, 1), dtype), "b1")
            self.W2 = mg.parameter(random.standard_normal((2, 4)).astype(dtype), "W2")
        self.parameters = [self.W1, self.b1, self.W2]
        self.X, self.Y = self.examples(6)

    def examples(self, m):
        """Other data."""
        random = np.random.default_rng(m)
        dtype = self.W1.dtype
        X, Y = random.standard_normal((3, m)), np.eye(2)[:, random.integers(0, 2, m)]
        return mg.data(X.astype(dtype), "X"), mg.data(Y.astype(dtype), "Y")

    def logits(self, X):
        """The last layer's Z."""
        with mg.group("Layer 1"):
            A1 = mg.tanh(self.W1 @ X + self.b1).named("A1")
        return (self.W2 @ A1).named("Z2")

    def output(self, X):
        """The last layer's A."""
        return mg.softmax(self.logits(X)).named("A2")

    def step(self, X, Y):
        """The cost, its gradients, and the next values of the parameters."""
        J = mg.cross_entropy_with_logits(self.logits(X), Y).mean().named("J")
        gradients = mg.grad(J, self.parameters)
        return [J, *gradients, *(w - 0.1 * g for w, g in zip(self.parameters, gradients, strict=True))]


def indexed():
    """Parts of an array by indices of every kind, each with its gradient; and the leaves."""
    x = mg.parameter(np.random.default_rng(0).standard_normal((3, 4, 5)), "x")
    i, j, s = mg.data([2, 0, 1], "i"), mg.data([[1], [3]], "j"), mg.data(1.0, "s")
    mask = np.arange(60).reshape(3, 4, 5) % 3 == 0
    parts = [x[i], x[:, j], x[i, [0, 1, 3]], x[i, :, [0, -1, 3]], x[:, [0, 1], [1, 2]], x[1, [0, 2, 2]], x[mask]]
    parts += [x[mask[:, :, 0]], x[[2, 0]], x[s], x[:, j, [1, 2]], x[[0, 2], 1:3], x[[0, 2], ::2], x[None, [0, 1]]]
    parts += [x[i, 1:3], x[:, 1:, j], x[1, None, ..., 2], x[:, ::-2, 1:], x[..., -1], mg.take(x, i, axis=1)]
    parts += [
        x[..., None, s],
        x[i, None, [0, 1, 3]],
        x[None, i, 1:3],
        x[:, None, j, 2:],
        x[1:, mask[0]],
        x[i, :, None, [0, -1, 3]],
    ]
    return [node for part in parts for node in (part, mg.grad((part**3).sum(), x))], [x, i, j, s]
