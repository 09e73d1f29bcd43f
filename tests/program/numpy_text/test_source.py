"""The text of a program: it runs by itself, is the same each time, and reads like NumPy."""

import re

import numpy as np
import pytest

import minigraph as mg
from minigraph.program.identifiers import Names, wish_for_number
from minigraph.program.lowering.table import Lowering, register
from minigraph.program.numpy_text.printer import LARGEST_BY_DOT


def small_net():
    random = np.random.default_rng(0)
    X, Y = mg.data(random.standard_normal((2, 5)), "X"), mg.data([[0.0, 1.0, 1.0, 0.0, 1.0]], "Y")
    A, leaves = X, []
    for layer, (before, after) in enumerate([(2, 3), (3, 1)], 1):
        with mg.group(f"Layer {layer}"):
            W, b = (
                mg.parameter(random.standard_normal((after, before)), f"W{layer}"),
                mg.parameter(np.zeros((after, 1)), f"b{layer}"),
            )
            Z = (W @ A + b).named(f"Z{layer}")
            A = mg.relu(Z).named(f"A{layer}")
            leaves += [W, b]
    J = mg.bce_with_logits(Z, Y).mean().named("J")
    return X, Y, J, {w: w - 0.1 * g for w, g in zip(leaves, mg.grad(J, leaves), strict=True)}


def test_it_names_things_as_the_graph_does():
    X, Y, J, updates = small_net()
    source = mg.compile(J, inputs=[X, Y], updates=updates).source
    for name in ("Z1", "Z2", "dZ2", "dW2_b2", "dA1", "dZ1", "dW1_b1", "J"):
        assert re.search(rf"\b{name}\b", source), name
    for title in ("# forward · Layer 1", "# forward · Layer 2", "# backward · Layer 2", "# backward · Layer 1", "# update"):
        assert title in source
    assert source.index("# backward · Layer 2") < source.index("# backward · Layer 1")


def test_the_update_is_one_product_and_one_subtraction_for_all_leaves():
    X, Y, J, updates = small_net()
    source = mg.compile(J, inputs=[X, Y], updates=updates).source
    assert titles_and_lines(source, "# update")[1] == ["multiply(number_0_1, gradients, multiply_gradients)"]
    assert "subtract(theta, multiply_gradients, theta)" in source


def titles_and_lines(source, title):
    """The comments of a step in order, and the lines under one of them."""
    step = [line.strip() for line in source[source.index("for step in") :].splitlines()]
    titles = [line for line in step if line.startswith(("# forward", "# backward", "# update"))]
    begin = step.index(title) + 1
    return titles, step[begin : next((i for i in range(begin, len(step)) if step[i] in ("", *titles)), None)]


def test_a_layer_is_one_product_each_way():
    X, Y, J, updates = small_net()
    source = mg.compile(J, inputs=[X, Y], updates=updates).source
    assert titles_and_lines(source, "# forward · Layer 2")[1] == ["W2_b2.dot(withones_A1, Z2)"]
    assert titles_and_lines(source, "# backward · Layer 2")[1] == [
        "multiply(filled_1x5, subtract_Y_2, dZ2)",
        "dZ2.dot(withones_A1_T, dW2_b2)",
    ]
    backward = titles_and_lines(source, "# backward · Layer 1")[1]
    assert backward[0] == "W2_b2_T.dot(dZ2, matmul_dZ2)" and backward[-1] == "dZ1.dot(withones_X_T, dW1_b1)"


def test_the_report_counts_the_instructions_of_a_step():
    X, Y, J, updates = small_net()
    program = mg.compile(J, inputs=[X, Y], updates=updates)
    step = program.source[program.source.index("for step in") :].splitlines()[1:]
    calls = [line for line in step if line.endswith(")") and " = " not in line and "#" not in line]
    assert f"a step is {len(calls)} instructions" in program.report() and len(calls) == 26


def test_the_report_counts_operations_and_sharing_can_be_left_out():
    x = mg.parameter([1.0, 2.0], "x")
    y = mg.exp(x) * mg.exp(x) + 0 * mg.sqrt(x)
    program, apart = mg.compile(y), mg.compile(y, without=["share"])
    assert "share       6 →    5 operations" in program.report() and "share    left out" in apart.report()
    assert program.source.count(" exp(x, ") == 1 and apart.source.count(" exp(x, ") == 2
    np.testing.assert_array_equal(program(), apart())


def test_momentum_is_part_of_the_update():
    X, Y, J, updates = small_net()
    moving = {w: mg.data(np.zeros(w.shape), f"v_{w.name}") for w in updates}
    following = {w: 0.9 * v + mg.grad(J, w) for w, v in moving.items()}
    updates = {moving[w]: following[w] for w in moving} | {w: w - 0.1 * following[w] for w in moving}
    titles, lines = titles_and_lines(mg.compile(J, inputs=[X, Y], updates=updates).source, "# update")
    assert titles[-2:] == ["# backward · Layer 1", "# update"] and titles.count("# update") == 1
    assert lines[:4] == [
        "multiply(number_0_9, state, multiply_state)",
        "add(multiply_state, gradients, state_next)",
        "multiply(number_0_1, state_next, multiply_gradients)",
        "subtract(theta, multiply_gradients, theta_next)",
    ]


def test_products_and_what_outputs_need_are_no_part_of_the_update():
    X, w = mg.data(np.ones((3, 5)), "X"), mg.parameter(np.ones((1, 3)), "w")
    D, rate = mg.tanh(w @ X), mg.parameter(1.0, "rate")
    length = mg.square(D).sum()
    updates = {w: w - rate / length * (D @ X.T), rate: 0.5 * rate}
    source = mg.compile(length, updates=updates, gram=False).source
    assert [line.partition("(")[0] for line in titles_and_lines(source, "# backward")[1]] == ["tanh_w.dot"], source
    assert [line.partition("(")[0] for line in titles_and_lines(source, "# forward")[1]][:2] == ["w.dot", "tanh"], source


def test_only_an_update_of_one_call_is_written_over_its_leaf():
    """An interrupt would come before or after it."""
    w, M = mg.parameter(np.ones((2, 2)), "w"), mg.data(np.eye(2), "M")
    assert "subtract(w, M, w)" in mg.compile(w.sum(), updates={w: w - M}).source
    assert "tanh(w, w_next)" in mg.compile(w.sum(), updates={w: mg.tanh(w)}).source  # not known to be finite before
    assert "M.dot(w, w_next)" in mg.compile(w.sum(), updates={w: M @ w}).source
    assert "copyto(w_next, w_T)" in mg.compile(w.sum(), updates={w: w.T}).source


def test_the_gradient_of_the_input_is_not_computed():
    X, Y, J, updates = small_net()
    # forward, backward, mean, guard
    assert mg.compile(J, inputs=[X, Y], updates=updates).source.count(".dot(") == 2 + 3 + 1 + 1


MANY = LARGEST_BY_DOT // 2


@pytest.mark.parametrize(("inner", "columns", "matmul"), [(3, MANY, False), (3, MANY + 1, True), (1, MANY + 1, False)])
def test_a_large_product_is_not_filled_with_zeros_first(inner, columns, matmul):
    random = np.random.default_rng(0)
    W, X = mg.parameter(random.standard_normal((2, inner)), "W"), mg.data(random.standard_normal((inner, columns)), "X")
    program = mg.compile(W @ X)
    assert ("matmul(W, X, " in program.source) is matmul and ("W.dot(X, " in program.source) is not matmul
    np.testing.assert_allclose(program(), W.value @ X.value, rtol=1e-14)


def test_what_is_written_by_parts_keeps_its_name_and_its_group():
    with mg.group("Output"):
        p = mg.sigmoid(mg.parameter([0.5, -1.0], "z")).named("p")
    source = mg.compile(mg.square(p)).source
    assert titles_and_lines(source, "# forward · Output")[1][-1].endswith(", p)")
    assert mg.data(1.0).group is None  # what the user builds next is not in the group


def test_it_is_the_same_each_time():
    first, second = (mg.compile(J, inputs=[X, Y], updates=updates).source for X, Y, J, updates in (small_net(), small_net()))
    assert first == second


def test_what_does_not_change_is_done_once_a_call():
    X, w = mg.data(np.ones((3, 2)), "X"), mg.parameter(np.ones((1, 3)), "w")
    fixed = mg.exp(X).named("E")
    J = (w @ fixed).sum()
    source = mg.compile(J, inputs=[X], updates={w: w - 0.1 * mg.grad(J, w)}).source
    assert source.index("exp(X, E)") < source.index("for step in range(count)")


def test_constants_of_all_kinds():
    x = mg.parameter([1.0, 2.0], "x")
    node = x * [3.0, 4.0] + np.inf * x - mg.broadcast_to(2.5, (2,)) + np.zeros(2) * x - 1e-20 + x * [np.nan, 1.0]
    assert np.array_equal(mg.compile(node)(), node.value, equal_nan=True)


def test_odd_names_become_identifiers():
    names = Names()
    assert [names.new(x) for x in ("W₁", "W1", "lambda", "sum", "2x", "∂J/∂W", "", "a b")] == [
        "W1", "W1_2", "lambda_", "sum_", "t2x_", "J_W", "t", "a_b",
    ]  # fmt: skip
    assert names.new(f"x{chr(0x9F4)}").isidentifier()  # a Bengali fraction counts as a letter, but not in Python's names
    assert wish_for_number(-0.25) == "number_minus_0_25"
    x = mg.parameter([1.0], "∂odd/∂näme ☃")
    y = (x * 2).named("for")
    assert mg.compile(y, updates={x: y + 1})() == [2.0]


@pytest.mark.parametrize("size", [5, 10_000])
@pytest.mark.parametrize(
    "build",
    [
        lambda x: x.sum(axis=0), lambda x: x.sum(axis=1, keepdims=True), lambda x: x.mean(), lambda x: x.mean(axis=0),
        lambda x: x.max(axis=1), lambda x: x.T.sum(), lambda x: x.T.mean(axis=0, keepdims=True), lambda x: (x.T * x.T).sum(),
        lambda x: (x * x.T.T).sum(), lambda x: mg.square(x).sum(), lambda x: x.reshape(-1)[1:5].sum(),
        lambda x: (x.T.reshape(-1) * x.reshape(-1)).sum(), lambda x: mg.softmax(x), lambda x: mg.log_softmax(x, axis=1),
        lambda x: mg.bce(mg.sigmoid(x), mg.sigmoid(x)), lambda x: x**3 + x**2 + x**0.0, lambda x: mg.maximum(x, -x),
        lambda x: mg.cross_entropy_with_logits(x, mg.softmax(-x)), lambda x: mg.leaky_relu(x, 0.2, at_zero=0.5),
        lambda x: mg.abs(x) * mg.sign(x), lambda x: x[:, ::2] * x[0, 1], lambda x: x[[0, 1]].sum(),
        lambda x: x[..., None].sum(),
    ],
)  # fmt: skip
def test_operations_and_their_gradients_equal_the_graphs(build, size):
    random = np.random.default_rng(1)
    x = mg.parameter(random.standard_normal((2, size)), "x")
    node = build(x)
    slope = mg.grad(node, x, seed=random.standard_normal(node.shape))
    for found, expected in zip(mg.compile([node, slope])(), (node.value, slope.value), strict=True):
        assert np.allclose(found, expected, rtol=1e-9, atol=1e-11)


def test_kinks_are_met_as_the_graph_meets_them():
    x = mg.parameter([-1.0, 0.0, 2.0], "x")
    for node in (
        mg.relu(x),
        mg.relu(x, at_zero=1.0),
        mg.leaky_relu(x, 0.1),
        mg.leaky_relu(x, 0.1, 0.7),
        mg.leaky_relu(x, 0.1, 1.0),
    ):
        slope = mg.grad(node.sum(), x)
        for found, expected in zip(mg.compile([node, slope])(), (node.value, slope.value), strict=True):
            assert np.allclose(found, expected, rtol=1e-15, atol=0)


def test_report_says_what_was_done():
    X, Y, J, updates = small_net()
    report = mg.compile(J, inputs=[X, Y], updates=updates, without=["stack"]).report()
    assert "stack    left out" in report
    assert re.search(r"share +\d+ → +\d+ operations", report)
    assert re.search(r"a step is \d+ instructions", report)
    assert re.search(r"\d+ buffers of [\d,]+ bytes; memory used again: [\d,]+ bytes", report)


def test_reusing_memory_saves_some():
    x = node = mg.parameter(np.ones(1000), "x")
    for _ in range(20):
        node = mg.tanh(node) + x
    kept, all_of_it = mg.compile(node), mg.compile(node, without=["reuse"])
    assert kept.machine.instructions.bytes < all_of_it.machine.instructions.bytes / 5
    assert np.array_equal(kept(), all_of_it())


def test_deep_graphs_compile_in_linear_time():
    x = node = mg.parameter(0.5, "x")
    for _ in range(2000):
        node = mg.tanh(node + x)
    program = mg.compile(node, updates={x: x - 0.1 * mg.grad(node, x)})
    assert program() == pytest.approx(float(mg.evaluate(node, given={x: 0.5})), rel=1e-13)


def test_two_losses_share_what_they_prepare():
    z, y = mg.parameter([[0.3, -2.0]], "z"), mg.data([[1.0, 0.0]], "y")
    J = mg.bce_with_logits(z, y) + mg.bce_with_logits(2 * z, y)
    program = mg.compile(J, updates={z: z - mg.grad(J.sum(), z)})
    assert np.allclose(program(), (mg.evaluate(J, given={z: [[0.3, -2.0]]})), rtol=1e-14)
    assert program.source.count("subtract(one, y") == 1


def test_an_expansion_without_end_is_given_up():
    class Endless(mg.Elementwise):
        def forward(self, x):
            return x * 1.0

        def derivatives(self, y, x):
            return [mg.Identity()]

    register(Endless, Lowering(expansion=lambda op, x: Endless()(x)))
    x = mg.parameter([1.0, 2.0], "x")
    assert mg.compile(Endless()(x))().tolist() == [1.0, 2.0]


def test_memory_that_what_is_fixed_has_borrowed_is_not_used_again():
    x, w = mg.data([-1.0, 0.0, 2.0], "x"), mg.parameter([1.0, 2.0, 3.0], "w")
    fixed = mg.grad(mg.relu(x, at_zero=0.5).sum(), x)  # 0, ½, 1: a step that needs scratch memory
    J = (mg.grad(mg.relu(w, at_zero=0.5).sum(), w) * fixed * w).sum()
    step = mg.compile(J, updates={w: w - 1})
    assert step.repeat(4).tolist() == [4, 2.5, 1, 0]


def test_what_has_no_names_is_called_by_its_operations():
    W, b, X = mg.parameter(np.eye(2)), mg.parameter(np.ones((2, 1))), mg.data(np.ones((2, 3)))
    J = mg.tanh(W @ X + b).sum()
    gW, gb = mg.grad(J, [W, b])
    step = mg.compile(J, updates={W: W - gW, b: b - gb})
    expected, following = J.value, [(W - gW).value, (b - gb).value]
    assert "subtract(W_b, matmul_W_b_2, W_b)" in step.source
    assert step() == pytest.approx(float(expected), rel=1e-14)
    assert all(np.allclose(leaf.value, value, rtol=1e-14) for leaf, value in zip((W, b), following, strict=True))
