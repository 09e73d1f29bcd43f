import numpy as np
import pytest

import minigraph as mg


def diagnoses(*arguments):
    found = mg.compare(*arguments)
    assert not found.ok
    return found.diagnoses


def right(net, node):
    return mg.grad(net.J, node).value


def test_the_right_gradient(net):
    found = mg.compare(net.J, net.W1, right(net, net.W1))
    assert found.ok and found.diagnoses == ()
    assert str(found) == "✓ The gradient of W1 is right: every entry agrees to 1e−6 of its size, but for rounding."
    assert mg.compare(net.J.backward(), net.b2, right(net, net.b2) * (1 + 1e-9)).ok


@pytest.mark.parametrize(
    "mistake, words",
    [
        (
            lambda g: 7 * g,
            "it is 7 times the right one: 7 is the number m of examples, so the factor 1/7 of the mean is missing.",
        ),
        (
            lambda g: g / 7,
            "it is 1/7 of the right one: 7 is the number m of examples, which it was divided by once too often.",
        ),
        (lambda g: -g, "the sign is wrong: it is −1 times the right one."),
        (lambda g: -7 * g, "the sign is wrong and it is 7 times too large: 7 is the number m of examples."),
        (lambda g: -g / 7, "the sign is wrong and it was divided by 7 once too often."),
        (lambda g: 2 * g, "it is 2 times the right one."),
        (lambda g: g / 2, "it is half of the right one."),
        (lambda g: g.T, "it is transposed: ∂J/∂W1 has the shape of W1."),
        (lambda g: g.ravel(), "it was flattened: the shape must be (4, 2)."),
        (lambda g: 0 * g, "it is 0 everywhere, as if nothing had been added to it."),
    ],
)
def test_mistakes_in_the_weights(net, mistake, words):
    assert diagnoses(net.J, net.W1, mistake(right(net, net.W1))) == (words,)


def test_transposed_and_off_by_m(net):
    (found,) = diagnoses(net.J, net.W1, 7 * right(net, net.W1).T)
    assert found.startswith("it is transposed: ∂J/∂W1 has the shape of W1, and it is 7 times the right one")


def test_mistakes_in_the_bias(net):
    dZ1 = right(net, net.Z1)
    assert diagnoses(net.J, net.b1, dZ1.sum(axis=1)) == (
        "axis 1 was lost: sum with keepdims=True, so that the shape stays (4, 1).",
    )
    missing = "b1 (4, 1) was broadcast to (4, 7), so its gradient is summed back."
    assert diagnoses(net.J, net.b1, dZ1) == (f"the sum is missing: {missing}",)
    assert f"the mean was taken where the sum belongs: {missing}" in diagnoses(net.J, net.b1, dZ1.mean(1, keepdims=True))


def test_a_forgotten_factor(net):
    dZ2 = right(net, net.Z2)
    dA1 = net.W2.value.T @ dZ2
    assert diagnoses(net.J, net.W1, dA1 @ net.X.value.T) == ("the factor ∂A1/∂Z1 = [Z1 > 0] was forgotten.",)
    (found,) = diagnoses(net.J, net.W1, 7 * dA1 @ net.X.value.T)
    assert found.startswith("the factor ∂A1/∂Z1 = [Z1 > 0] was forgotten, and it is 7 times the right one")


def test_the_gradient_of_another_node(net):
    W3 = mg.parameter(np.ones((4, 2)), "W3")
    J = (net.J + (W3 * W3).sum()).named("K")
    assert diagnoses(J, net.W1, mg.grad(J, W3).value) == ("it is the gradient of another node, W3.",)


def test_a_path_left_out_at_a_fork():
    a, b = mg.parameter(2.0, "a"), mg.parameter(1.0, "b")
    c, d = (a + b).named("c"), (b + 1).named("d")
    found = diagnoses((c * d).named("e"), b, 3.0)
    assert "the path from c to b is missing: contributions at a fork add up." in found


def test_wrong_entries(net):
    mine = right(net, net.W1).copy()
    mine[1, 1] = 5
    (found,) = diagnoses(net.J, net.W1, mine)
    assert found.startswith("only 1 of 8 entries is wrong: [1, 1] is 5 instead of ")
    mine[0, 0] = np.nan
    (found,) = diagnoses(net.J, net.W1, mine)
    assert found.startswith("only 2 of 8 entries are wrong: [0, 0] is NaN instead of ")


def test_what_it_can_not_name_it_says(net):
    found = mg.compare(net.J, net.W1, np.arange(8.0).reshape(4, 2))
    assert found.diagnoses == ()
    assert "None of the usual mistakes gives it, so I can't name what is wrong." in str(found)
    found = mg.compare(net.J, net.W1, 3.7 * right(net, net.W1))
    assert str(found).endswith("I can't name what is wrong. Every entry is 3.7 times the right one.")
    x = mg.parameter([3.0], "x")
    assert "Every entry" not in str(mg.compare((x * x).sum(), x, [5.0]))
    assert "its shape is (3,), and (4, 2) is right" in str(mg.compare(net.J, net.W1, np.ones(3)))
    assert "is not finite" in str(mg.compare(net.J, net.W1, np.full((4, 2), np.inf)))


def test_gradients_that_are_zero(net):
    net.b1.value = np.full((4, 1), -100.0)
    found = mg.compare(net.J, net.W1, np.ones((4, 2)))
    assert found.diagnoses == () and "and 0 is right" in str(found)
    assert mg.compare(net.J, net.W1, np.zeros((4, 2))).ok
    x = mg.parameter(2.0, "x")
    assert not mg.compare((mg.sign(x) * x * 0 + mg.sign(x)).named("J"), x, 1.0).ok
    assert mg.compare(mg.sign(x), x, 0.0).ok
    assert mg.compare(mg.sign(x), x, 1.0).diagnoses == ()


def test_several_diagnoses_are_listed(net):
    text = str(mg.compare(net.J, net.b1, right(net, net.Z1).mean(1, keepdims=True)))
    assert "Each of these would give exactly this array:" in text
    assert text.count("  - ") == 2


def test_long_passes_are_searched_less_deeply():
    node = x = mg.parameter(0.5, "x")
    for _ in range(300):
        node = mg.tanh(node)
    assert mg.compare(node, x, 1.0).diagnoses == ()


def test_float32_is_compared_as_closely_as_it_can_be():
    x = mg.parameter(np.array([1.0, 3.0], np.float32), "x")
    assert mg.compare((x * x).mean(), x, np.array([1.00001, 3.0])).ok


def test_what_is_refused(net):
    with pytest.raises(ValueError, match=r"compare: .* does not depend on"):
        mg.compare(net.J, mg.parameter(1.0), 1.0)
    with pytest.raises(TypeError, match="compare: values of dtype"):
        mg.compare(net.J, net.W1, "abc")


def test_one_diagnosis_stands_on_one_line(net):
    found = mg.compare(net.J, net.W1, -right(net, net.W1))
    assert str(found).splitlines()[1] == "Diagnosis, checked: the sign is wrong: it is −1 times the right one."
    assert repr(found) == str(found)


def test_a_factor_forgotten_where_a_number_was_broadcast():
    w, x = mg.parameter(2.0, "w"), mg.data([1.0, 2.0, 5.0], "x")
    y = (w * x).named("y")
    assert diagnoses((y * y).sum().named("J"), w, 2 * y.value.sum()) == ("the factor ∂y/∂w = x was forgotten.",)


def test_a_square_matrix_that_is_transposed():
    V = mg.parameter([[1.0, 2.0], [3.0, 5.0]], "V")
    J = (V @ [[1.0], [2.0]]).sum().named("J")
    assert diagnoses(J, V, mg.grad(J, V).value.T) == ("it is transposed: V is square, so its shape does not tell.",)


def test_numbers_are_compared_as_numbers():
    x = mg.parameter(3.0, "x")
    assert "The gradient of x is not right: it is 5, and 6 is right." in str(mg.compare((x * x).named("J"), x, 5.0))
    assert "its value is NaN, which is not finite" in str(mg.compare((x * x).named("J"), x, np.nan))


def test_a_2_of_a_square_is_no_number_of_entries():
    x = mg.parameter([1.0, 2.0, 3.0], "x")
    assert diagnoses(mg.square(x).sum().named("J"), x, x.value) == ("it is half of the right one.",)
    assert diagnoses((5 * x).sum().named("K"), x, np.ones(3)) == ("the factor ∂(5·x)/∂x = 5 was forgotten.",)
    for mean in (mg.square(x).mean(), mg.square(x).sum() / 3, (1 / 3) * mg.square(x).sum(), (x**2).mean()):
        assert "3 is the number of entries averaged, so the factor 1/3 of the mean is missing" in str(
            mg.compare(mean, x, 2 * x.value)
        )


# An autograder's questions


def test_an_assert_fails_on_a_wrong_gradient_and_passes_on_the_right_one(net):
    assert mg.compare(net.J, net.W1, right(net, net.W1))
    assert not mg.compare(net.J, net.W1, 2 * right(net, net.W1))
    assert not mg.compare(net.J, net.W1, right(net, net.W1).T)


def two_features(large, small, dtype=np.float64):
    """Logistic regression on features of two sizes: w, J, and its gradient as a student writes it."""
    random = np.random.default_rng(3)
    X = (random.normal(size=(2, 50)) * [[large], [small]]).astype(dtype)
    Y = (random.random((1, 50)) < 0.5).astype(dtype)
    w = mg.parameter(np.zeros((2, 1)), "w", dtype)
    J = mg.bce_with_logits(w.T @ X, Y).mean().named("J")
    return w, J, X @ (0.5 - Y).T / 50


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("small", [1e-4, 1e-12, 1e-20])
def test_a_wrong_weight_is_found_beside_a_large_one(small, dtype):
    w, J, mine = two_features(1000.0, small, dtype)
    assert mg.compare(J, w, mine)
    for wrong in (-1.0, 0.0, 2.0, 1.001):
        found = mg.compare(J, w, mine * [[1.0], [wrong]])
        assert not found.ok
        assert "only 1 of 2 entries is wrong: [1, 0] is " in str(found)
        assert "the largest difference is at entry [1, 0]: " in str(found)


def test_the_rounding_of_terms_that_cancel_is_not_wrong():
    random = np.random.default_rng(0)
    half = random.normal(size=(3, 20))
    X, Y = np.hstack([half, -half]), np.ones((1, 40))
    w = mg.parameter(np.zeros((3, 1)), "w")
    J = mg.bce_with_logits(w.T @ X, Y).mean().named("J")
    exact = mg.grad(J, w).value
    for mine in (X @ (0.5 - Y).T / 40, (X * (0.5 - Y) / 40).sum(1, keepdims=True)[::1], exact * -30, np.zeros((3, 1))):
        assert np.max(np.abs(mine)) < 1e-14 and mg.compare(J, w, mine)
    assert not mg.compare(J, w, exact + 1e-6)


def test_rounding_at_a_perfect_fit_is_not_wrong():
    x = mg.parameter([0.1, 0.3, -0.7], "x")
    target = x.value * 3 / 3 * (1 + 2e-16)
    J = mg.squared_error(x * 3 / 3, target).sum().named("J")
    assert mg.compare(J, x, [-2.3e-17, 6.9e-17, 0.0])
    assert not mg.compare(J, x, [1e-3, 0.0, 0.0])


def test_what_is_0_without_any_terms_must_be_0():
    x = mg.parameter([-1.0, 2.0], "x")
    J = mg.relu(x).sum().named("J")
    assert mg.compare(J, x, [0.0, 1.0])
    assert not mg.compare(J, x, [1e-30, 1.0])


def test_infinite_entries_agree_with_themselves_only():
    x = mg.parameter([0.0, 4.0], "x")
    J = mg.sqrt(x).sum().named("J")
    assert mg.compare(J, x, [np.inf, 0.25])
    assert not mg.compare(J, x, [1e300, 0.25]) and not mg.compare(J, x, [-np.inf, 0.25])
    assert not mg.compare(J, x, [np.inf, 0.26])


@pytest.mark.parametrize("size", [1e-200, 1e-20, 1.0, 1e150, 1e250])
def test_gradients_of_any_size_are_compared(size):
    x = mg.parameter([1.0, 2.0, 3.0], "x")
    J = (mg.square(x) * size).sum().named("J")
    assert mg.compare(J, x, 2 * x.value * size)
    assert "it is half of the right one" in str(mg.compare(J, x, x.value * size))
    assert "Every entry is 3.5 times the right one." in str(mg.compare(J, x, 7 * x.value * size))


def test_numpy_that_raises_on_everything_breaks_nothing(net):
    w, J, mine = two_features(1e200, 1e-200)
    tiny = mine * 1e-100
    with np.errstate(all="raise"):
        assert mg.compare(J, w, mine)
        assert not mg.compare(J, w, tiny)
        assert not mg.compare(net.J, net.W1, np.full((4, 2), np.nan))


def test_numbers_that_are_nearly_right_are_shown_with_the_digits_that_differ():
    w = mg.parameter([1.0, 2.0, 3.0], "w")
    J = (w * w).sum()
    text = str(mg.compare(J, w, 2 * w.value * (1 + 1e-5)))
    assert "6.0001, and 6 is right" in text and "Every entry is 1.00001 times the right one." in text
    text = str(mg.compare(J, w, 2 * w.value + [0, 1e-5, 0]))
    assert "only 1 of 3 entries is wrong: [1] is 4.00001 instead of 4." in text
    a = mg.parameter(1.0, "a")
    assert "it is 2.00002, and 2 is right" in str(mg.compare(a * a, a, 2.00002))
    assert "it is 1, and NaN is right" in str(mg.compare(mg.log(a - 1) * 0, a, 1.0))
    assert "it is 1.000002, and 1 is right" in str(mg.compare(a * 1, a, 1.000002))


# A dict of gradients


def two_parameters():
    W, b = mg.parameter([[1.0, 2.0]], "W"), mg.parameter(0.5, "b")
    z = (W @ np.array([[1.0, 2.0], [3.0, 4.0]]) + b).named("z")
    return W, b, (z * z).mean().named("J")


def test_each_gradient_of_a_dict_is_compared() -> None:
    W, b, J = two_parameters()
    right = [gradient.value for gradient in mg.grad(J, [W, b])]
    report = mg.compare(J, {"dW": right[0], "grad_b": right[1], "dz": 2 * J.inputs[0].inputs[0].value / 2})
    assert report.ok and report and list(report) == ["dW", "grad_b", "dz"] and len(report) == 3
    report = mg.compare(J, {W: right[0], "b": 2 * right[1]})
    assert not report.ok and not report
    assert (report["W"].ok, report["b"].ok) == (True, False)
    assert str(report) == repr(report) == f"{report['W']}\n{report['b']}"
    assert "2 times the right one" in str(report)


def test_in_the_form_of_lecture_notes_1_m_is_in_the_gradients_of_parameters_only() -> None:
    X, Y = mg.data(np.arange(12.0).reshape(2, 6) / 5, "X"), mg.data([[0.0, 1, 1, 0, 1, 0]], "Y")
    W, b = mg.parameter([[0.3, -0.2]], "W"), mg.parameter([[0.1]], "b")
    Z = (W @ X + b).named("Z")
    J = mg.bce(mg.sigmoid(Z).named("A"), Y).mean().named("J")
    dZ, dW, db = (gradient.value for gradient in mg.grad(J, [Z, W, b]))
    report = mg.compare(J, {"dZ": 6 * dZ, "dW": dW, "db": db})
    assert report.ok
    assert str(report["dZ"]) == (
        "✓ The gradient of Z is right: m = 6 times the derivative, as lecture notes write it, with 1/m in the gradients "
        "of parameters only."
    )
    wrong = {"dZ": 6 * dZ, "dW": 6 * dW, "db": 6 * db}
    assert [one.ok for one in mg.compare(J, wrong).values()] == [False, False, False], "1/m is missing altogether"
    assert [one.ok for one in mg.compare(J, {"dZ": dZ, "dW": dW, "db": 6 * db}).values()] == [True, True, False]
    assert not mg.compare(J, {"dZ": 5 * dZ, "dW": dW})["dZ"].ok
    total = mg.sum(mg.bce(mg.sigmoid(Z), Y)).named("J")  # where there is no mean, m has no place
    assert not mg.compare(total, {"dZ": 36 * dZ, "dW": 6 * dW})["dZ"].ok
    assert not mg.compare(J, Z, 6 * dZ).ok, "alone it is ∂J/∂Z that is asked for"


def test_a_regulariser_that_was_forgotten_is_not_told_in_other_ways() -> None:
    """A factor of zeros is the same as a path left out, and only weights are updated."""
    generator = np.random.default_rng(2)
    X, Y = mg.data(generator.normal(size=(2, 6)), "X"), mg.data([[0.0, 1, 1, 0, 1, 0]], "Y")
    W1, b1 = mg.parameter(generator.normal(size=(5, 2)), "W1"), mg.parameter(np.zeros((5, 1)), "b1")
    W2, b2 = mg.parameter(-np.abs(generator.normal(size=(1, 5))), "W2"), mg.parameter([[0.0]], "b2")
    A1 = mg.relu((W1 @ X + b1).named("Z1")).named("A1")
    losses = mg.bce(mg.sigmoid((W2 @ A1 + b2).named("Z2")).named("A2"), Y).mean()
    J = losses + (0.35 / 6 * (mg.sum(W1**2) + mg.sum(W2**2))).named("penalty")
    for W in (W1, W2):
        assert mg.compare(J, W, mg.grad(losses, W).value).diagnoses == ("the regulariser penalty was forgotten.",)


def test_what_a_dict_names_that_is_not_there_is_said() -> None:
    W, _, J = two_parameters()
    report = mg.compare(J, {"dW": mg.grad(J, W).value, "dA0": 1.0, "db": None})
    assert report.ok and list(report) == ["dW"]
    assert str(report).split("\n")[1:] == [
        "- 'dA0' is not compared: 'J' is () and depends on no node called 'A0'.",
        "- 'db' is not compared: it is None.",
    ]
    A_1 = mg.relu(W).named("A_1")
    report = mg.compare(mg.sum(A_1 * A_1.named("A_1")) * 1.0, {"dW": 2 * A_1.value, "dA": 1.0})
    assert str(report).endswith("depends on no node called 'A', but on A_1.")
    with pytest.raises(ValueError, match=r"none of the keys 'x', 'dy' names a node.*called dW1. There are W, b, z, J"):
        mg.compare(J, {"x": 1.0, "dy": 2.0})


def test_a_dict_and_nothing_else() -> None:
    W, _, J = two_parameters()
    with pytest.raises(TypeError, match="leave the third argument out"):
        mg.compare(J, {"dW": 1.0}, 2.0)
    with pytest.raises(TypeError, match=r"mg.compare\(J, W1, dW1\), or a dict"):
        mg.compare(J, W)
