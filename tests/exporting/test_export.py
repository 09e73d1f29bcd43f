"""What `mg.export` takes and refuses; and how it finds what follows from the number of examples."""

import numpy as np
import pytest
from exports import Net, assert_near, by_numpy, indexed

import minigraph as mg
from minigraph.program.lowering.table import Lowering, register

X = mg.data(np.linspace(-1, 1, 12).reshape(3, 4), "X")


def run_for(tmp_path, build, *counts, inputs=(X,), batch=None):
    """The file of a function gives what the function does, for other numbers of examples."""
    path = mg.export(build, tmp_path / "model.py", inputs, batch or {"X": 1})
    for m in counts:
        x = mg.data(np.random.default_rng(m).standard_normal((3, m)), "X")
        built = build(x)
        nodes = built if isinstance(built, list) else [built]
        for found, node in zip(by_numpy(path, [x.value]), nodes, strict=True):
            assert_near(found, node.value)
    return path


# What follows from the number of examples


def count(x):
    return x.shape[1]


FOLLOWS = {
    "a mean": lambda x: x.mean(),
    "its gradient": lambda x: mg.grad((x * x).mean(), x),
    "an own 1/m": lambda x: (1 / count(x)) * x.sum(),
    "1/(m - 1)": lambda x: (x * x).sum() / (count(x) - 1) + (x * x).sum() * (1 / (count(x) - 1)),
    "3/m + ½": lambda x: x * (2 * count(x) + 3),
    "m and one more": lambda x: x * (count(x) + 1.5),
    "a flat array": lambda x: x.reshape((3 * count(x),)),
    "columns twice": lambda x: mg.concatenate([x, x], axis=1)[:, count(x) + 1 :],
    "all but the last": lambda x: x[:, :-1],
    "backwards": lambda x: x[::-1, ::-1],
    "ones": lambda x: x + mg.broadcast_to(1.0, x.shape) + np.ones(x.shape),
    "a matrix of m": lambda x: x.T @ x,
    "alone": lambda x: mg.concatenate([x]) * 2,
    "the first one": lambda x: [x[:, 0], x[1], x[None, ..., 0:1], x[[2, 0]]],
    "gradients of parts": lambda x: [
        mg.grad((x[:, 0] * x[:, 0]).sum() + (x[1:] ** 2).sum() + (x[[2, 0, 2]] ** 3).sum() + (x[1] ** 2).sum(), x)
    ],
}


@pytest.mark.parametrize("what", FOLLOWS)
def test_what_follows_from_the_number_of_examples(tmp_path, what):
    run_for(tmp_path, FOLLOWS[what], 2, 4, 5, 12)


def test_a_number_that_is_by_chance_that_of_a_recording(tmp_path):
    """0.2 = 1/5, and 5, 7 and 11 features."""
    W = mg.parameter(np.random.default_rng(0).standard_normal((5, 3)), "W")
    run_for(tmp_path, lambda x: [(W @ x * 0.2).mean(), W @ x * 5.0 / 7.0, mg.grad((W @ x).mean() * 0.2, W)], 3, 5, 7)


def test_sizes_at_which_a_lowering_does_other_things(tmp_path):
    W = mg.parameter(np.random.default_rng(0).standard_normal((1000, 3)), "W")
    run_for(tmp_path, lambda x: mg.grad(mg.relu(W @ x).sum(), W), 3, 9)


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (lambda x: x * count(x) ** 2, "it has numbers that follow from it in another way than "),
        (lambda x: x * np.arange(count(x)), "it has numbers that follow"),
        (lambda x: x[:, : count(x) // 2], "it has sizes that follow from it in another way"),
        (lambda x: x[0:2] if count(x) in (7, 1013) else x[0:2, 0 : count(x)], "it has sizes that follow"),
        (lambda x: x[:, 0:3] if count(x) in (7, 1013) else x[:, :3], "it has sizes that follow"),
        (lambda x: x * (3.0 if count(x) in (11, 1019) else 2.0), "it has numbers that follow"),
        (lambda x: x if count(x) == 7 or count(x) == 1013 else x * 2, "another number of examples leads another way"),
        (lambda x: x * 2 if count(x) == 11 or count(x) == 1019 else x, "another number of examples leads another way"),
    ],
)
def test_what_follows_in_another_way_is_refused(tmp_path, build, why):
    with pytest.raises(mg.ShapeError, match=rf"^export: .*would fit one number of examples only: .*{why}"):
        mg.export(build, tmp_path / "model.py", [X], {X: 1})
    assert not list(tmp_path.iterdir())


# Nodes


def test_nodes_are_built_again_for_any_number_of_examples(tmp_path):
    net = Net()
    path = mg.export(net.output(net.X), tmp_path / "net.py", batch={net.X: 1})
    for m in (1, 6, 9):
        x, _ = net.examples(m)
        assert_near(by_numpy(path, [x.value])[0], net.output(x).value)


def test_parameters_are_inputs_if_they_are_named(tmp_path):
    net = Net()
    A2 = net.output(net.X)
    path = mg.export([A2, A2], tmp_path / "net.py", [net.W2, net.X], {"X": -1})
    found = by_numpy(path, [net.W2.value, net.X.value])
    assert_near(found[0], A2.value)
    assert_near(found[1], A2.value)


@pytest.mark.parametrize(
    "nodes",
    [
        lambda x: (1 / 4) * x.sum(),
        lambda x: x.sum() / 4,
        lambda x: mg.grad((x @ x.T).mean() + x.mean(), x),
        lambda x: x.reshape((12,)),
        lambda x: x + mg.broadcast_to(mg.parameter(np.ones((3, 1)), "b"), (3, 4)),
        lambda x: mg.broadcast_to(mg.parameter(np.ones((3, 1)), "b"), (3, 4)).sum(axis=1, keepdims=True) + x,
        lambda x: x + mg.data(np.ones((3, 4)) * [1, 2, 3, 5]),
        lambda x: x[:, :4] * 3.0,
    ],
)
def test_nodes_that_may_follow_from_the_number_of_examples_are_refused(tmp_path, nodes):
    with pytest.raises(mg.ShapeError, match=r"^export: .* may depend on the number of examples.* Give a function"):
        mg.export(nodes(X), tmp_path / "model.py", [X], {X: 1})


def test_indices_of_every_kind(tmp_path):
    nodes, leaves = indexed()
    path = mg.export(nodes, tmp_path / "model.py", leaves)
    for found, node in zip(by_numpy(path, [leaf.value for leaf in leaves]), nodes, strict=True):
        assert_near(found, node.value)


# What is refused


class Sorted(mg.Op):
    """An operation of a user's own, without lowering."""

    def shape(self, x):
        return x.shape

    def forward(self, x):
        return np.sort(x)

    def derivatives(self, result, x):
        raise NotImplementedError


class Noise(mg.Elementwise):
    """One that is not pure."""

    pure = False

    def forward(self, x):
        return x + np.random.default_rng().standard_normal(x.shape)

    def derivatives(self, result, x):
        return [mg.Identity()]


class Mixed(mg.Op):
    """An operation whose lowering asks for everything that a writer has."""

    def shape(self, x):
        return x.shape

    def forward(self, x):
        found = np.cumsum(x, axis=1) + np.clip(x, 0, 1).sum(0) + x.max(1, keepdims=True)
        found[1:] = found[:-1]
        return found + x[[2, 0, 1]]

    def derivatives(self, result, x):
        raise NotImplementedError


def write_mixed(write, op, out, x):
    shape, dtype = out.shape, out.dtype
    sums, kept, picked = (write.scratch(shape, dtype) for _ in range(3))
    row, most = write.scratch((1, *shape[1:]), dtype), write.scratch((shape[0], 1), dtype)
    write.fill(row, 7.0)
    row = write.reshaped(row, shape[1:])
    write.call("add.accumulate", x, 1, sums)
    write.clip(x, write.number(0.0, dtype), write.number(1.0, dtype), kept)
    write.call("add.reduce", kept, (0,), False, row)
    write.call("maximum.reduce", x, (1,), True, most)
    write.call("add", sums, row, sums)
    write.call("add", sums, most, sums)
    write.copy(write.part(sums, slice(0, 1), shape[1:]), write.part(out, slice(0, 1), shape[1:]))
    rest = (shape[0] - 1, shape[1])
    write.copy(write.part(sums, slice(0, shape[0] - 1), rest), write.part(out, slice(1, shape[0]), rest))
    write.call("take", x, write.filled(2.0, (1,), dtype), write.part(picked, slice(0, 1), (1, shape[1])))
    write.call("take", x, write.filled(0.0, (1,), dtype), write.part(picked, slice(1, 2), (1, shape[1])))
    write.call("take", x, write.filled(1.0, (1,), dtype), write.part(picked, slice(2, 3), (1, shape[1])))
    write.call("add", out, picked, out)


register(Mixed, Lowering(write_mixed))


def test_an_operation_without_lowering_is_refused_by_name(tmp_path):
    with pytest.raises(TypeError, match=r"^export: sorted .*has no lowering.*Register one for Sorted"):
        mg.export(Sorted()(X) * 2, tmp_path / "model.py")
    swapped = Mixed()
    swapped.forward = np.sort  # the object's own: nothing of its type's lowering holds
    with pytest.raises(TypeError, match=r"^export: mixed .*has no lowering"):
        mg.export(swapped(X), tmp_path / "model.py")
    with pytest.raises(TypeError, match=r"^export: noise .*is not pure"):
        mg.export(Noise()(X), tmp_path / "model.py")


def test_a_lowering_may_ask_for_all_that_a_writer_has(tmp_path):
    run_for(tmp_path, lambda x: [Mixed()(x), Mixed()(mg.broadcast_to(x[0], x.shape))], 4, 6)


def test_what_is_no_function_of_numpy_is_none_of_a_file():
    from minigraph.exporting.recording import Recorder

    assert not hasattr(Recorder(), "nonsense") and not hasattr(Recorder(), "linalg") and hasattr(Recorder(), "exp")


def test_other_files_are_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(ValueError, match=r"^export: model\.txt ends in none of \.onnx, \.py"):
        mg.export(X * 2, tmp_path / "model.txt")
    with pytest.raises(ValueError, match=r"^export: there is no node to compute"):
        mg.export([], tmp_path / "model.py")
    with pytest.raises(FileNotFoundError, match="is no folder"):
        mg.export(X * 2, tmp_path / "nowhere" / "model.py")
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_there_stays_if_anything_goes_wrong(tmp_path):
    path = mg.export(X * 2, tmp_path / "model.py")
    before = path.read_text()
    with pytest.raises(TypeError):
        mg.export(Sorted()(X), path)
    assert path.read_text() == before
    mg.export(X * 3, path)
    assert path.read_text() != before and [each.name for each in tmp_path.iterdir()] == ["model.py"]


def test_arguments_that_make_no_sense(tmp_path):
    path = tmp_path / "model.py"
    for call, error, message in (
        (lambda: mg.export(lambda x: x, path), TypeError, "with a function, inputs are nodes"),
        (lambda: mg.export(3, path), TypeError, "outputs are a node or a list of nodes"),
        (lambda: mg.export(X * 2, path, [X * 2]), TypeError, "an input is a leaf"),
        (lambda: mg.export(X * 2, path, batch=[X]), TypeError, "batch is a dict from inputs to axes"),
        (lambda: mg.export(X * 2, path, batch={"Z": 1}), TypeError, "batch names inputs: .*Z.*, and there are 'X'"),
        (lambda: mg.export(X * 2, path, batch={mg.data(1.0, "other"): 1}), TypeError, "batch names inputs: 'other'"),
        (lambda: mg.export(X * 2, path, [], {"X": 1}), TypeError, "there are none"),
        (lambda: mg.export(X * 2, path, batch={X: 2}), mg.ShapeError, r"'X' is \(3, 4\) and has no axis 2"),
        (lambda: mg.export(X * 2, path, batch={X: 0.5}), TypeError, "an axis of batch"),
        (lambda: mg.export(lambda x: (x, {x: x}), path, [X]), TypeError, "A file has no state"),
        (lambda: mg.export(lambda x: 3, path, [X]), TypeError, "The function returns"),
    ):
        with pytest.raises(error, match=message):
            call()
    Y = mg.data(np.ones((1, 5)), "Y")
    with pytest.raises(mg.ShapeError, match=r"'X' is \(3, 4\) and 'Y' is \(1, 5\): along the axes of batch"):
        mg.export([X * 2, Y * 2], path, batch={X: 1, Y: 1})
    assert not path.exists()
