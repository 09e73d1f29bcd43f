"""`mg.compile(…, backend="jax")`: the steps of the NumPy program, on one device and on many."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import minigraph as mg
from minigraph.testing import graphs


def assert_near(found, expected, tolerance=1e-12):
    """Equal to rounding, measured by the largest entry."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape and found.dtype == expected.dtype
    scale = max(1.0, np.max(np.abs(expected), initial=0.0))
    assert np.all(np.abs(found - expected) <= tolerance * scale), f"{found} is not {expected}"


class Net:
    """A small net on 48 examples, with a step of descent with a velocity for its first layer."""

    def __init__(self, dtype=np.float64):
        random = np.random.default_rng(0)
        self.X = mg.data(random.standard_normal((5, 48)).astype(dtype), "X")
        self.Y = mg.data((random.random((1, 48)) < 0.4).astype(dtype), "Y")
        self.parameters = []
        for layer, (before, after) in enumerate([(5, 7), (7, 1)], 1):
            self.parameters += [
                mg.parameter(random.standard_normal((after, before)).astype(dtype), f"W{layer}"),
                mg.parameter(np.zeros((after, 1), dtype), f"b{layer}"),
            ]
        self.velocity = mg.data(np.zeros((7, 5), dtype), "v")
        self.J, self.updates = self.build(self.X, self.Y)

    def build(self, X, Y):
        """The cost on these nodes, and the step."""
        W1, b1, W2, b2 = self.parameters
        J = mg.bce_with_logits(W2 @ mg.tanh(W1 @ X + b1) + b2, Y).mean().named("J")
        gradients = mg.grad(J, self.parameters)
        updates = {p: p - 0.1 * g for p, g in zip(self.parameters, gradients, strict=True)}
        updates[self.velocity] = 0.9 * self.velocity + gradients[0]
        updates[W1] = W1 - 0.1 * updates[self.velocity]
        return J, updates

    def values(self):
        """All that a step changes."""
        return [leaf.value for leaf in self.updates]


def assert_same_state(one, other, tolerance=1e-12):
    for found, expected in zip(one.values(), other.values(), strict=True):
        assert_near(found, expected, tolerance)


OVER_8 = {"devices": 8, "split": {"X": 1, "Y": 1}}


@pytest.mark.parametrize("options", [{}, {"devices": 1}, {"devices": 3}, OVER_8, {"split": {"X": -1, "Y": 1}}])
def test_full_batches_on_one_device_and_on_many(jax, options):
    net, reference = Net(), Net()
    program = mg.compile(net.J, updates=net.updates, backend="jax", **options)
    expected = mg.compile(reference.J, updates=reference.updates, backend="numpy")
    assert_near(program(), expected())
    assert_near(program.repeat(20), expected.repeat(20))
    assert_near(program(), expected())
    assert_same_state(net, reference)
    assert not jax.config.jax_enable_x64  # nobody else's numbers have changed


@pytest.mark.parametrize("form", ["nodes", "function"])
def test_mini_batches_on_eight_devices(jax, form):
    """In the form of a function the last, smaller batch of 8 is whole on each device if 8 don't divide it."""
    net, reference = Net(), Net()
    if form == "nodes":
        X, Y = mg.data(net.X.value[:, :16], "X"), mg.data(net.Y.value[:, :16], "Y")
        J, updates = net.build(X, Y)
        program, cuts = mg.compile(J, [X, Y], updates, backend="jax", **OVER_8), [0, 16, 32, 48]
    else:
        program, cuts = mg.compile(net.build, backend="jax", **OVER_8), [0, 16, 37, 48]
    expected = mg.compile(reference.build, backend="numpy")
    for _ in range(2):
        for start, end in itertools.pairwise(cuts):
            batch = net.X.value[:, start:end], net.Y.value[:, start:end]
            assert_near(program(*batch), expected(*batch))
    assert_near(program.repeat(3, *batch), expected.repeat(3, *batch))
    assert_same_state(net, reference)


def test_devices_add_up_once_a_step(jax):
    net = Net()
    program = mg.compile(net.J, updates=net.updates, backend="jax", **OVER_8)
    program()
    machine = program.machine
    with jax.enable_x64(True):
        text = machine._steps.lower(machine._state, machine._read([]), 1).compile().as_text()
    assert len(re.findall(r" all-reduce(?:-start)?\(", text)) == 1
    assert "all-gather" not in text
    assert {shard.data.shape for shard in machine._read([])[0].addressable_shards} == {(5, 6)}


@settings(
    max_examples=settings.default.max_examples // 3,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(graph=graphs())
def test_random_graphs(jax, graph):
    leaves = list(graph.parameters)
    updates = {w: w - 0.01 * g for w, g in zip(leaves, mg.grad(graph.root, leaves), strict=True)}
    before = [w.value for w in leaves]
    expected = mg.compile([graph.root, *graph.nodes], graph.data, updates, backend="numpy")(*(x.value for x in graph.data))
    after = [w.value for w in leaves]
    for w, value in zip(leaves, before, strict=True):
        w.value = value
    program = mg.compile([graph.root, *graph.nodes], graph.data, updates, backend="jax")
    for found, value in zip(program(*(x.value for x in graph.data)), expected, strict=True):
        assert_near(found, value)
    for w, value in zip(leaves, after, strict=True):
        assert_near(w.value, value)


def test_single_precision(jax):
    net, reference = Net(np.float32), Net(np.float32)
    found = mg.compile(net.J, updates=net.updates, backend="jax", **OVER_8).repeat(5)
    assert_near(found, mg.compile(reference.J, updates=reference.updates).repeat(5), 1e-5)
    assert_same_state(net, reference, 1e-4)


def test_outputs_of_every_shape_have_a_row_for_each_step(jax):
    net, reference = Net(), Net()
    outputs = [net.J, net.parameters[0]], [reference.J, reference.parameters[0]]
    program = mg.compile(outputs[0], updates=net.updates, backend="jax", **OVER_8)
    expected = mg.compile(outputs[1], updates=reference.updates)
    assert [rows.shape for rows in program.repeat(0)] == [(0,), (0, 7, 5)]
    for found, rows in zip(program.repeat(4), expected.repeat(4), strict=True):
        assert_near(found, rows)


def test_long_repeats_are_several_scans(jax, monkeypatch):
    monkeypatch.setattr("minigraph.program.jax.jax_machine.LONGEST_SCAN", 4)
    net, reference = Net(), Net()
    program = mg.compile(net.J, updates=net.updates, backend="jax")
    assert_near(program.repeat(11), mg.compile(reference.J, updates=reference.updates).repeat(11))
    assert_same_state(net, reference)


# The state


def test_what_others_assign_and_other_programs_do_is_seen(jax):
    net, reference = Net(), Net()
    first, second = (mg.compile(net.J, updates=net.updates, backend="jax", devices=n) for n in (None, 2))
    numpy = mg.compile(net.J, updates=net.updates, backend="numpy")
    expected = mg.compile(reference.J, updates=reference.updates, backend="numpy")
    for program in (first, second, numpy, first, first, second):
        assert_near(program(), expected())
    for each in (net, reference):
        each.parameters[1].value = each.parameters[1].value + 1
        each.X.value = each.X.value * 2
    handed_out, before = net.parameters[0].value, net.parameters[0].value.copy()
    assert_near(first.repeat(3), expected.repeat(3))
    assert_same_state(net, reference)
    np.testing.assert_array_equal(handed_out, before)
    assert_near(net.J.value, reference.J.value)  # the graph itself reads the new values


def test_a_program_without_updates(jax):
    x = mg.data([1.0, 2.0], "x")
    program = mg.compile([x * 2, mg.tanh(x)], inputs=[x], backend="jax")
    assert_near(program([3.0, 4.0])[0], np.array([6.0, 8.0]))
    assert_near(program()[0], np.array([2.0, 4.0]))
    assert_near(program()[1], np.tanh([1.0, 2.0]))


def test_one_thread_at_a_time(jax):
    net = Net()
    program = mg.compile(net.J, updates=net.updates, backend="jax")
    with program.machine._busy, pytest.raises(RuntimeError, match=r"^the program is running already"):
        program()
    assert_near(program(), Net().J.value)


def test_arrays_that_lie_on_the_devices_are_taken_as_they_are(jax):
    net, reference = Net(), Net()
    program = mg.compile(net.J, [net.X, net.Y], net.updates, backend="jax", **OVER_8)
    expected = mg.compile(reference.J, updates=reference.updates)
    with jax.enable_x64(True):
        sharding = program.machine.placement.sharding(net.X)
        X = jax.make_array_from_callback((5, 48), sharding, lambda part: net.X.value[part])
        assert program.machine.placement.put(X, net.X) is X
        Y = jax.numpy.asarray(net.Y.value, np.float32)  # converted, as any array is
    assert_near(program(X, Y), expected())
    assert_near(program(X, net.Y.value), expected())
    assert_same_state(net, reference)


# What is not finite, and what is outside a domain


def counting(start, finish, backend):
    """A counter that goes down by one a step; a finish makes of it what the step returns."""
    x = mg.data(start, "x")
    return x, mg.compile(finish(x), updates={x: x - 1.0}, backend=backend)


def test_a_step_that_is_not_finite_is_done_by_the_graph(jax):
    found, expected = (counting(6.0, lambda x: 1 / x, backend) for backend in ("jax", "numpy"))
    assert_near(1 / found[1].repeat(12), 1 / expected[1].repeat(12))
    assert_near(found[0].value, np.float64(-6.0))
    assert "1 step was not finite" in found[1].report()
    assert_near(found[1].repeat(80), expected[1].repeat(80))  # scans again after a while


def test_training_that_runs_away_ends_as_elsewhere(jax):
    costs = []
    for backend in ("jax", "numpy"):
        w = mg.parameter(3.0, "w")
        program = mg.compile((w * w).named("J"), updates={w: w - 1e100 * mg.grad(w * w, w)}, backend=backend)
        costs.append(program.repeat(9))
        assert np.isnan(program()) == np.isnan(costs[-1][-1])
    np.testing.assert_allclose(costs[0], costs[1], rtol=1e-12)
    with mg.check_finite(), pytest.raises(mg.NonFiniteError, match="step 0"):
        program()


def test_data_outside_a_domain_are_refused_before_a_step(jax):
    net = Net()
    program = mg.compile(net.J, [net.X, net.Y], net.updates, backend="jax", **OVER_8)
    before = net.values()
    with pytest.raises(mg.DomainError, match=r"'Y' is \(1, 48\), but it has the entry 2\.0"):
        program(net.X.value, net.Y.value * 2)
    with jax.enable_x64(True), pytest.raises(mg.DomainError, match=r"'Y' is \(1, 48\), but it has the entry 2\.0"):
        program(jax.numpy.asarray(net.X.value), net.Y.value * 2)
    for found, value in zip(net.values(), before, strict=True):
        np.testing.assert_array_equal(found, value)


@pytest.mark.parametrize("options", [{}, {"devices": 4}])
def test_what_leaves_a_domain_within_a_step_is_refused_there(jax, options):
    p, y = mg.parameter([0.5, 0.25], "p"), mg.data([1.0, 0.0], "y")
    program = mg.compile(mg.bce(p, y).sum(), updates={p: p + 0.125}, backend="jax", **options)
    with pytest.raises(mg.DomainError, match=r"'p' is \(2,\), but it has the entry 1\.125"):
        program.repeat(10)
    np.testing.assert_array_equal(p.value, [1.125, 0.875])


# Operations of one's own


class Swish(mg.Elementwise):
    """An operation that JAX knows nothing of."""

    def forward(self, z):
        return z / (1 + np.exp(-z))

    def derivatives(self, y, z):
        return [mg.Scale(y + mg.sigmoid(z) * (1 - y))]


@pytest.mark.parametrize("options", [{}, {"devices": 8, "split": {"x": 0}}])
def test_an_operation_of_ones_own_is_called_back(jax, options):
    found = []
    for backend in ("jax", "numpy"):
        w, x = mg.parameter(0.5, "w"), mg.data(np.linspace(-1, 1, 16), "x")
        J = mg.squared_error(Swish()(w * x), x).mean()
        program = mg.compile(J, updates={w: w - mg.grad(J, w)}, backend=backend, **(options if backend == "jax" else {}))
        found.append([program.repeat(5), program(), w.value])
    for one, other in zip(*found, strict=True):
        assert_near(one, other)


# What is shown and what is refused


def test_the_report_says_where_it_runs_and_the_source_is_what_jax_traced(jax):
    net = Net()
    program = mg.compile(net.J, updates=net.updates, backend="jax", **OVER_8)
    assert program.report().splitlines()[-1] == (
        "backend  jax: 8 devices of kind cpu; split over them: axis 1 of X, axis 1 of Y"
    )
    assert "stack" not in program.report() and "share" in program.report()
    assert "tanh" in program.source and "f64[5,48]" in program.source
    assert program.source_for(1000) == program.source
    assert not program.uses_gram(10**6)
    assert mg.compile(net.J, backend="jax").report().endswith("backend  jax: 1 device of kind cpu")


def test_devices_of_every_form(jax):
    net, some = Net(), jax.devices()[2:4]
    mesh = jax.sharding.Mesh(np.array(some), ("any",))
    for devices in (some, tuple(some), mesh):
        program = mg.compile(net.J, backend="jax", devices=devices, split={net.X: 1})
        assert program.machine.placement.devices == list(some)
        assert_near(program(), net.J.value)


@pytest.mark.parametrize(
    ("devices", "error", "words"),
    [
        (0, ValueError, r"^compile: 0 devices are asked for, and JAX has 8, of kind cpu\..*jax_num_cpu_devices"),
        (9, ValueError, r"^compile: 9 devices are asked for"),
        (2.0, TypeError, r"^compile: the number of devices is a whole number, not 2\.0"),
        ("cpu", TypeError, r"^compile: the number of devices is a whole number"),
        ([], TypeError, r"^compile: devices is a number, a list such as jax\.devices\(\), or a mesh"),
        ([1, 2], TypeError, r"^compile: devices is a number, a list"),
    ],
)
def test_devices_that_are_none(jax, devices, error, words):
    with pytest.raises(error, match=words):
        mg.compile(lambda x: x, backend="jax", devices=devices)


def test_what_can_not_be_split(jax):
    net = Net()
    for split, error, words in [
        ([net.X], TypeError, r"^compile: split is a dict from data to axes"),
        ({"Z": 1}, TypeError, r"^compile: split names data .*: 'Z', and there are 'X', 'Y'\."),
        ({net.velocity: 1}, TypeError, r"^compile: split names data .*: 'v' is \(7, 5\), and there are"),
        ({"X": "1"}, TypeError, r"^compile: an axis of split is a whole number"),
        ({"X": 2}, mg.ShapeError, r"^compile: 'X' is \(5, 48\) and has no axis 2 for split"),
        ({"X": 0}, mg.ShapeError, r"5 entries along axis 0 can't be shared equally by 8 devices\. Take 0 of them"),
    ]:
        with pytest.raises(error, match=words):
            mg.compile(net.J, updates=net.updates, backend="jax", split=split)
    with pytest.raises(TypeError, match=r"and there are none\."):
        mg.compile(mg.parameter([1.0]) * 2, backend="jax", split={"X": 0})


def test_an_operation_that_is_not_pure_is_refused(jax):
    class Noise(mg.Elementwise):
        pure = False

        def forward(self, x):
            return x + np.random.default_rng().random(x.shape)

    with pytest.raises(TypeError, match=r"^compile: noise is not pure, and JAX may compute it once, twice or never"):
        mg.compile(Noise()(mg.data([1.0], "x")), backend="jax")


def test_only_what_is_given_or_new_is_put_on_the_devices(monkeypatch):
    w, x, y = mg.parameter([1.0, 2.0], "w"), mg.data([3.0, 4.0], "x"), mg.data([0.5, 0.5], "y")
    program = mg.compile((w * x + y).sum(), inputs=[x], updates={w: 0.5 * w}, backend="jax")
    put, placed = program.machine.placement.put, []
    monkeypatch.setattr(program.machine.placement, "put", lambda array, leaf: placed.append(leaf.name) or put(array, leaf))
    assert program([1.0, 1.0]) == 4.0 and placed == ["w", "y", "x"]
    assert program([1.0, 2.0]) == 3.5 and placed[3:] == ["x"]
    y.value = [1.0, 1.0]
    assert program([1.0, 2.0]) == 3.25 and placed[4:] == ["y", "x"]
