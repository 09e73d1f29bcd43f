"""memory="less": activations are computed again in the backward pass, to the same bits, in less memory."""

import re

import numpy as np
import pytest
from minigraph.models import DeepNet

import minigraph as mg
from minigraph.program.graph import ProgramGraph
from minigraph.program.native.library import library
from minigraph.program.passes.recomputing import Forward, _forward

BACKENDS = ["numpy"] if isinstance(library(), str) else ["numpy", "native"]


def deep(activation, layers=16, width=20, m=2048, residual=False, dtype=np.float64):
    """The cost of a deep net, and its parameters."""
    random = np.random.default_rng(7)
    A, parameters = mg.data(random.standard_normal((width, m)).astype(dtype), "X"), []
    for layer in range(1, layers + 1):
        W = mg.parameter((random.standard_normal((width, width)) / np.sqrt(width)).astype(dtype), f"W{layer}")
        b = mg.parameter(random.standard_normal((width, 1)).astype(dtype) / 10, f"b{layer}")
        parameters += [W, b]
        Z = (W @ A + b).named(f"Z{layer}")
        A = (A + activation(Z) if residual else activation(Z)).named(f"A{layer}")
    return mg.square(A).mean().named("J"), parameters


def descent(J, parameters):
    return {p: p - 0.01 * g for p, g in zip(parameters, mg.grad(J, parameters), strict=True)}


def buffers(program):
    """The bytes of all buffers."""
    return int(re.search(r"buffers of ([\d,]+) bytes", program.report())[1].replace(",", ""))


def gradients(program):
    """The bytes of the array of all gradients, which no pass can do without."""
    return next(
        place.size * place.dtype.itemsize for place in program.machine.instructions.buffers if place.name == "gradients"
    )


def steps(make, memory, backend="numpy", count=5, **options):
    """The program, the costs of some steps, and the parameters then."""
    J, parameters = make()
    program = mg.compile(J, updates=descent(J, parameters), memory=memory, backend=backend, gram=False, **options)
    costs = program.repeat(count)
    return program, costs.tobytes(), b"".join(p.value.tobytes() for p in parameters)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("activation", [mg.tanh, mg.relu, mg.sigmoid, mg.softplus])
def test_bits_stay_and_memory_is_less(activation, residual, backend):
    def make():
        return deep(activation, residual=residual)

    less, costs, parameters = steps(make, "less", backend)
    more, expected_costs, expected_parameters = steps(make, "more", backend)
    assert (costs, parameters) == (expected_costs, expected_parameters)
    assert buffers(less) - gradients(less) < 0.6 * (buffers(more) - gradients(more))


def test_only_a_part_is_done_twice():
    """Each layer's product at most once more, and those before the first and after the last kept layer not even that."""
    less, _, _ = steps(lambda: deep(mg.relu), "less")
    more, _, _ = steps(lambda: deep(mg.relu), "more")
    products = [program.source.count("dot(") + program.source.count("matmul(") for program in (more, less)]
    assert products[0] < products[1] < products[0] + 16
    assert "Z2_again" in less.source and "A2_again" in less.source
    assert "again" not in more.source


def test_the_memory_of_a_much_deeper_net_grows_with_the_root_of_its_layers():
    def most(layers):
        less, _, _ = steps(lambda: deep(mg.tanh, layers=layers, width=8, m=5120), "less", count=1)
        return (buffers(less) - gradients(less)) / (8 * 8 * 5120)  # in layers

    assert most(16) < 12 and most(64) < 22


def test_what_a_choice_takes_is_what_it_keeps_and_the_most_between():
    nodes = [mg.data(np.zeros(1000))]
    for _ in range(9):
        nodes.append(mg.tanh(nodes[-1]))
    saved = nodes[1:]
    forward = Forward(nodes, set(nodes), saved)
    for kept, arrays in ([], 9), ([4], 5), ([2, 5], 5), ([0, 2, 5, 8], 6), (range(9), 9):
        assert forward.bytes_with([saved[i] for i in kept]) == arrays * 8000
    assert [saved.index(node) for node in min(forward.choices(), key=forward.bytes_with)] == [1, 3, 5, 7, 8]


def test_what_is_saved_is_alive_where_most_memory_is_in_use_and_read_later():
    w = mg.parameter(np.zeros((20, 1000)), "w")
    a = w.sum(axis=0)  # w is a leaf, which is there anyway
    b = mg.tanh(a)
    size = b.sum()  # one number is not worth it
    total = b + size
    c = mg.cos(total)  # while it is made, a, b and the total are there; the total is not read again
    J = (mg.sin(c * c) * b * a * size).sum()
    forward = _forward(ProgramGraph((J,), {w: J * np.ones((20, 1000))}, (), {}))
    assert [node for node in forward.order if node in forward.before] == [w, a, b, size, total, c]
    assert forward.saved == [a, b, c]


def test_where_nothing_is_saved_the_program_stays():
    J, parameters = deep(mg.relu, layers=1)
    report = mg.compile(J, updates=descent(J, parameters), memory="less").report()
    (before, after) = re.search(r"^recompute +(\d+) → +(\d+) operations", report, flags=re.MULTILINE).groups()
    assert before == after
    small = deep(mg.tanh, m=1500)  # arrays side by side are kept together
    assert "again" not in mg.compile(small[0], updates=descent(*small), memory="less").source


def test_what_is_not_pure_is_done_once():
    class Noise(mg.Elementwise):
        """Adds a number of its own in each step."""

        pure = False
        calls = 0

        def forward(self, x):
            Noise.calls += 1
            return x + Noise.calls

        def derivatives(self, result, x):
            return (mg.Identity(),)

    noise = Noise()
    _, costs, parameters = steps(lambda: deep(lambda Z: mg.tanh(noise(Z))), "less", count=2)
    assert Noise.calls == 2 * 16
    Noise.calls = 0
    _, *expected = steps(lambda: deep(lambda Z: mg.tanh(noise(Z))), "more", count=2)
    assert [costs, parameters] == expected


def test_a_net_and_a_function_that_builds_take_it():
    random = np.random.default_rng(3)
    X, Y = random.standard_normal((20, 4500)), random.integers(0, 2, (1, 4500))
    nets = [
        DeepNet([20, *[20] * 12, 1], seed=0).fit(X, Y, epochs=3, memory=memory, batch_size=batch_size)
        for batch_size in (None, 2250)
        for memory in ("more", "less")
    ]
    for more, less in (nets[:2], nets[2:]):
        assert less.history.cost == more.history.cost
        assert all(a.value.tobytes() == b.value.tobytes() for a, b in zip(less.parameters, more.parameters, strict=True))

    w = mg.parameter(random.standard_normal((30, 30)), "w")

    def build(X):
        A = X
        for layer in range(12):
            A = mg.tanh(w @ A).named(f"A{layer}")
        J = A.mean()
        return J, {w: w - 0.1 * mg.grad(J, w)}

    start, X = w.value, random.standard_normal((30, 2000))
    built = mg.compile(build, memory="less")
    costs = built.repeat(3, X)
    assert "again" in built.source
    w.value = start
    assert costs.tobytes() == mg.compile(build).repeat(3, X).tobytes()


@pytest.mark.parametrize("memory", ["little", None, 1, ["less"]])
def test_another_word_is_refused(memory):
    with pytest.raises(ValueError, match="memory is 'more' or 'less'"):
        mg.compile(mg.data(1.0), memory=memory)
    with pytest.raises(ValueError, match="memory is 'more' or 'less'"):
        DeepNet([2, 1]).fit([[0.0, 1.0], [1.0, 0.0]], [[0, 1]], memory=memory)


def test_jax_is_refused():
    with pytest.raises(ValueError, match="is not for backend='jax'"):
        mg.compile(mg.data(1.0), memory="less", backend="jax")
