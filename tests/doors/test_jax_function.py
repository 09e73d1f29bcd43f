"""`mg.to_jax`: the graph's values and derivatives, by JAX."""

import doctest
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import minigraph as mg
from minigraph.testing import graphs
from minigraph.testing.builder import RECIPES

few = settings(
    max_examples=settings.default.max_examples // 3,  # each is compiled, which takes a second
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def assert_near(found, expected, tolerance=1e-12):
    """Equal to rounding, measured by the largest entry."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape and found.dtype == expected.dtype
    scale = max(1.0, np.max(np.abs(expected), initial=0.0))
    assert np.all(np.abs(found - expected) <= tolerance * scale), f"{found} is not {expected}"


class Swish(mg.Elementwise):
    """An operation of a user's own, which JAX knows nothing of."""

    def forward(self, z):
        return z / (1 + np.exp(-z))

    def derivatives(self, y, z):
        return [mg.Scale(y + mg.sigmoid(z) * (1 - y))]


class Sorted(mg.Op):
    """Another, which is not entry by entry."""

    def shape(self, x):
        return x.shape

    def forward(self, x):
        return np.sort(x)

    def derivatives(self, result, x):
        raise NotImplementedError


def by_jax_itself(graph):
    """J as a function that JAX differentiates by its own rules, so that it is a witness and no echo."""
    from minigraph.program.jax.node_values import values_of

    return lambda *arrays: values_of([graph.root], dict(zip(graph.parameters, arrays, strict=True)), False)[0]


def assert_same_as_jax(jax, graph):
    """Values as the program has them, the gradient as the graph and as JAX has it; in one compiled function."""
    leaves, nodes = [*graph.parameters, *graph.data], [graph.root, *graph.nodes]
    arrays, positions = [leaf.value for leaf in leaves], tuple(range(len(graph.parameters)))
    f, J = mg.to_jax(nodes, inputs=leaves), mg.to_jax(graph.root, inputs=leaves)

    @jax.jit
    def all_of_it(*arrays):
        own = jax.grad(by_jax_itself(graph), positions)(*arrays[: len(positions)])
        return f(*arrays), jax.grad(J, positions)(*arrays), own

    values, gradients, witnesses = all_of_it(*arrays)
    program = mg.compile(nodes, inputs=leaves)
    for value, expected in zip(values, program(*arrays), strict=True):
        assert_near(value, expected)
    for value, witness, expected in zip(gradients, witnesses, mg.grad(graph.root, list(graph.parameters)), strict=True):
        assert_near(value, expected.value)
        assert_near(witness, expected.value, 1e-11)


@few
@given(graph=graphs())
def test_values_and_gradients_of_random_graphs(wide, graph):
    assert_same_as_jax(wide, graph)


@pytest.mark.parametrize("operation", sorted(RECIPES))
def test_values_and_gradients_of_every_operation(wide, operation):
    @settings(max_examples=5)
    @given(graphs(max_operations=3, operations=[operation]))
    def compared(graph):
        assert_same_as_jax(wide, graph)

    compared()


@few
@given(graph=graphs(max_operations=4), many=st.integers(1, 3))
def test_vmap_is_a_loop(wide, graph, many):
    leaves = [*graph.parameters, *graph.data]
    random = np.random.default_rng(many)
    stacked = [leaf.value * random.uniform(0.9, 1.0, (many, *[1] * leaf.ndim)) for leaf in leaves]
    found = wide.jit(wide.vmap(mg.to_jax(graph.root, inputs=leaves)))(*stacked)
    one_by_one = [
        mg.evaluate(graph.root, given=dict(zip(leaves, arrays, strict=True))) for arrays in zip(*stacked, strict=True)
    ]
    assert_near(found, np.array(one_by_one))


@few
@given(graph=graphs(max_operations=3))
def test_a_hessian_times_a_vector(wide, graph):
    w = graph.parameters[0]
    vector = np.linspace(-1, 1, w.size).reshape(w.shape)
    gradient = wide.grad(mg.to_jax(graph.root, inputs=[w]))
    _, found = wide.jit(lambda x: wide.jvp(gradient, (x,), (vector,)))(w.value)
    assert_near(found, mg.hvp(graph.root, w, vector, allow_unused=True).value, 1e-10)


@few
@given(graph=graphs(dtype=np.float32))
def test_single_precision_needs_no_setting(jax, graph):
    leaves = [*graph.parameters, *graph.data]
    found = jax.jit(mg.to_jax(graph.root, inputs=leaves))(*(leaf.value for leaf in leaves))
    assert_near(found, graph.root.value, 1e-4)


def test_kinks_have_the_derivatives_that_minigraph_gives_them(wide):
    """JAX by itself has ½ for max(z, 0) at 0, and the mean over ties elsewhere."""
    z, y = mg.parameter([0.0, 0.0, 1.0, 1.0], "z"), mg.data([1.0, 0.0, 1.0, 0.0], "y")
    for J in (
        mg.relu(z).sum(),
        mg.relu(z, at_zero=1.0).sum(),
        mg.leaky_relu(z, 0.2, at_zero=0.7).sum(),
        mg.bce_with_logits(z, y).sum(),
        mg.softplus(z).sum(),
        mg.max(z),
        mg.maximum(z, 1.0).sum(),
        abs(z).sum(),
        (z**0).sum() + z[0],
        mg.log_softmax(z)[2],
    ):
        np.testing.assert_array_almost_equal_nulp(
            np.asarray(wide.jit(wide.grad(mg.to_jax(J, inputs=[z])))(z.value)), mg.grad(J, z).value, 4
        )


def test_far_out_no_digit_is_lost(wide):
    z = mg.parameter(np.array([-800.0, -40.0, -1e-9, 1e-9, 40.0, 800.0]), "z")
    for node in (mg.sigmoid(z), mg.softplus(z), mg.tanh(z), mg.softmax(z), mg.log_softmax(z), mg.bce_with_logits(z, z * 0)):
        found = mg.to_jax([node, mg.grad(node.sum(), z)], inputs=[z])(z.value)
        for value, expected in zip(found, [node, mg.grad(node.sum(), z)], strict=True):
            np.testing.assert_allclose(value, expected.value, rtol=1e-14, atol=1e-300)


def test_not_a_number_stays_so(wide):
    z = mg.data([np.nan, 1.0], "z")
    for node in (mg.relu(z), mg.leaky_relu(z), mg.maximum(z, 0.0), mg.max(z), mg.grad(mg.relu(z).sum(), z)):
        np.testing.assert_array_equal(mg.to_jax(node, inputs=[z])(z.value), node.value)


def test_an_operation_of_ones_own(wide):
    z = mg.parameter([[-1.0, 0.0, 2.0]], "z")
    J = (Swish()(z) ** 2).sum()
    f = wide.jit(mg.to_jax(J, inputs=[z]))
    assert_near(f(z.value), J.value)
    gradient = mg.grad(J, z)
    assert_near(wide.grad(f)(z.value), gradient.value)
    assert_near(wide.hessian(f)(z.value).reshape(3, 3), mg.jacobian(gradient, z).value.reshape(3, 3))
    many = np.arange(12.0).reshape(4, 1, 3)
    assert_near(wide.vmap(wide.grad(f))(many), np.stack([mg.evaluate(gradient, given={z: one}) for one in many]))
    large = mg.parameter(np.linspace(-1, 1, 400_000), "large")
    assert_near(wide.jit(mg.to_jax(Swish()(large).sum(), inputs=[large]))(large.value), Swish()(large).sum().value)


def test_an_operation_without_derivatives_is_computed_all_the_same(wide):
    x = mg.data([3.0, 1.0, 2.0], "x")
    assert_near(wide.jit(mg.to_jax(Sorted()(x) * 2, inputs=[x]))(x.value), np.array([2.0, 4.0, 6.0]))


class Mixed(mg.Op):
    """An operation whose lowering asks for everything that a writer has."""

    def shape(self, x):
        return x.shape

    def forward(self, x):
        found = np.empty_like(x)
        found[:1] = np.cumsum(x, axis=1)[1:2] + np.clip(x, 0, 1).sum(0)
        found[1:] = x[[1]].max(1, keepdims=True) * 7
        return found @ x.T @ x

    def derivatives(self, result, x):
        raise NotImplementedError


def write_mixed(write, op, out, x):
    sums, kept, row, most = (write.scratch(shape, x.dtype) for shape in ((2, 3), (2, 3), (3,), (1, 1)))
    mixed, square = write.scratch((2, 3), x.dtype), write.scratch((2, 2), x.dtype)
    write.call("add.accumulate", x, 1, sums)
    write.clip(x, write.number(0.0, x.dtype), write.number(1.0, x.dtype), kept)
    write.call("add.reduce", kept, (0,), False, row)
    write.call("add", write.part(sums, slice(1, 2), (3,)), row, write.part(mixed, slice(0, 1), (3,)))
    second = write.scratch((1, 3), x.dtype)
    write.call("take", x, (1,), second)
    write.call("maximum.reduce", second, (1,), True, most)
    last = write.part(mixed, slice(1, 2), (1, 3))
    write.fill(last, 7.0)
    write.call("multiply", last, most, last)
    write.copy(x, write.reshaped(sums, (2, 3)))
    turned = write.scratch((3, 2), x.dtype)
    for i in range(2):
        for k in range(3):
            write.copy(
                write.part(write.part(x, slice(i, i + 1), (3,)), slice(k, k + 1), ()),
                write.part(write.part(turned, slice(k, k + 1), (2,)), slice(i, i + 1), ()),
            )
    write.dot(mixed, turned, square)
    write.dot(square, write.reshaped(sums, (2, 3)), out)


def test_a_lowering_of_ones_own_may_ask_for_all_that_a_writer_has(wide):
    from minigraph.program.lowering.table import Lowering, register

    register(Mixed, Lowering(write_mixed))
    x = mg.data([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]], "x")
    y = Mixed()(x)
    assert_near(mg.to_jax(y, inputs=[x])(x.value), y.value)
    assert_near(wide.jit(mg.to_jax(y, inputs=[x]))(x.value), y.value)


def test_a_forward_rule_of_an_objects_own_is_called(wide):
    x = mg.data([1.0, 2.0], "x")
    op = type((x.sum()).op)(None, False)
    object.__setattr__(op, "forward", lambda x: np.float64(42.0))
    assert_near(mg.to_jax(op(x), inputs=[x])(x.value), np.float64(42.0))


def test_an_index_of_every_kind(wide):
    x = mg.parameter(np.arange(24.0).reshape(4, 6), "x")
    mask = np.arange(24).reshape(4, 6) % 5 == 0
    for index in (0, -1, (slice(None, None, -2), 1), ([0, 0, 3], slice(1, 3)), mask, (None, ..., [1, 1]), True, [], ()):
        J = (x[index] ** 2).sum()
        f = mg.to_jax(J, inputs=[x])
        assert_near(f(x.value), J.value)
        assert_near(wide.grad(f)(x.value), mg.grad(J, x).value)


# A step


def a_step():
    """Descent with a velocity on two examples, and the nodes of its state."""
    random = np.random.default_rng(0)
    X, Y = mg.data(random.standard_normal((3, 5)), "X"), mg.data((random.random((1, 5)) < 0.5).astype(float), "Y")
    W, b, v = mg.parameter(random.standard_normal((1, 3)), "W"), mg.parameter([[0.0]], "b"), mg.data(np.zeros((1, 3)), "v")
    J = mg.bce_with_logits(W @ X + b, Y).mean()
    dW, db = mg.grad(J, [W, b])
    velocity = 0.9 * v + dW
    return J, [X, Y], {W: W - 0.1 * velocity, b: b - 0.1 * db, v: velocity}


@pytest.mark.parametrize("kind", [list, tuple])
def test_a_step_is_what_scan_takes(wide, kind):
    J, data, updates = a_step()
    step = mg.to_jax(J, inputs=data, updates=updates)
    before = kind(leaf.value for leaf in updates)
    batches = tuple(np.stack([leaf.value] * 4) for leaf in data)
    after, costs = wide.lax.scan(lambda state, batch: step(state, *batch), before, batches)
    assert type(after) is kind
    for leaf, value in zip(updates, before, strict=True):
        assert leaf.value is value  # nothing is assigned
    program = mg.compile(J, inputs=data, updates=updates)
    assert_near(costs, np.array([program(*(leaf.value for leaf in data)) for _ in range(4)]))
    for leaf, value in zip(updates, after, strict=True):
        assert_near(value, leaf.value)


def test_what_is_no_input_is_a_constant(wide):
    w, x = mg.parameter(3.0, "w"), mg.data(2.0, "x")
    f = mg.to_jax([w * x, w], inputs=[w])
    x.value = 100.0
    assert_near(np.array(f(5.0)), np.array([10.0, 5.0]))
    g = mg.to_jax(x * w)
    assert_near(g(), np.float64(300.0))


# What is refused


def test_fewer_bits_are_refused_in_a_process_that_is_left_as_it_is(jax):
    w = mg.parameter([1.0], "w")
    f = mg.to_jax(w * 2, inputs=[w])
    with pytest.raises(RuntimeError, match=r"'w' is \(1,\) of float64, and JAX is set to 32 bits.*jax_enable_x64"):
        f(w.value)
    assert not jax.config.jax_enable_x64
    with jax.enable_x64(True):
        assert_near(jax.jit(f)(w.value), np.array([2.0]))


def test_arrays_that_do_not_fit(wide):
    J, data, updates = a_step()
    X, Y = (leaf.value for leaf in data)
    f, step = mg.to_jax(J, inputs=data), mg.to_jax(J, inputs=data, updates=updates)
    state = [leaf.value for leaf in updates]
    with pytest.raises(TypeError, match=r"^to_jax: the function takes 2 arrays, not 1: 'X' is \(3, 5\), 'Y' is \(1, 5\)"):
        f(X)
    with pytest.raises(TypeError, match=r"^to_jax: the state has 3 arrays, not 1: 'W' is \(1, 3\)"):
        step(state[:1], X, Y)
    with pytest.raises(TypeError, match=r"^to_jax: the state is a list or a tuple"):
        step({"W": 1}, X, Y)
    with pytest.raises(mg.ShapeError, match=r"^to_jax: 'X' is \(3, 5\), but the array given for it is \(3, 4\)"):
        f(X[:, :4], Y)


def test_nodes_that_do_not_fit(jax):
    w = mg.parameter([1.0], "w")
    with pytest.raises(TypeError, match=r"^to_jax: outputs are a node or a list of nodes"):
        mg.to_jax(3)
    with pytest.raises(TypeError, match=r"^to_jax: an input is a leaf"):
        mg.to_jax(w, inputs=[w * 2])
    with pytest.raises(mg.ShapeError, match=r"^to_jax: 'w' is \(1,\), but its next value is \(\)"):
        mg.to_jax(w, updates={w: w.sum()})


def test_an_operation_that_is_not_pure_is_refused(jax):
    class Noise(mg.Elementwise):
        pure = False

        def forward(self, x):
            return x + np.random.default_rng().random(x.shape)

    x = mg.data([1.0], "x")
    with pytest.raises(TypeError, match=r"^to_jax: noise for 'y' is not pure, and JAX may compute it once, twice or never"):
        mg.to_jax(Noise()(x).named("y").sum(), inputs=[x])


def test_the_example_of_the_docstring(wide):
    text = mg.to_jax.__doc__.replace("# doctest: +SKIP", "")
    names = {"jax": wide, "many": np.ones((3, 2))}
    example = doctest.DocTestParser().get_doctest(text, names, "to_jax", None, 0)
    assert len(example.examples) == 5
    with warnings.catch_warnings(action="error"):
        assert doctest.DocTestRunner().run(example).failed == 0


def test_a_function_of_jax_refuses_what_is_no_index_while_it_has_values(jax, wide) -> None:
    E = mg.parameter(np.arange(8.0).reshape(4, 2), "E")
    words, labels, z = mg.data([0, 1], "words"), mg.data([0, 1], "labels"), mg.parameter(np.zeros((3, 2)), "z")
    rows = mg.to_jax(mg.take(E, words, axis=0).sum(), inputs=[E, words])
    loss = mg.to_jax(mg.cross_entropy_with_logits(z, labels).mean(), inputs=[z, labels])
    assert rows(E.value, [3, -1]) == 26
    assert jax.grad(rows)(E.value, [3.0, 3.0]).tolist() == [[0, 0]] * 3 + [[2, 2]]
    for wrong, says in (
        ([4, 0], "'words' is .*, but it has the entry 4: there are 4 places"),
        ([0.5, 0], "whole numbers"),
    ):
        for function in (rows, jax.grad(rows)):
            with pytest.raises(mg.DomainError, match=says):
                function(E.value, wrong)
    with pytest.raises(mg.DomainError, match=r"labels.*it has the entry 3"):
        loss(z.value, [3, 0])
    assert jax.jit(rows)(E.value, np.array([3.0, 3.0])) == 26
