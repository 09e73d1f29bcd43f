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
    assert str(found) == "✓ The gradient of W1 is right: all entries agree to 1e−6 of the largest."
    assert mg.compare(net.J.backward(), net.b2, right(net, net.b2) * (1 + 1e-9)).ok


@pytest.mark.parametrize(
    "mistake, words",
    [
        (
            lambda g: 7 * g,
            "it is 7 times the right one: 7 is the number m of examples, so 1/7 of the mean is missing.",
        ),
        (
            lambda g: g / 7,
            "it is 1/7 of the right one: 7 is the number m of examples, and was divided by once too often.",
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
    found = mg.compare(net.J, net.W1, 3.5 * right(net, net.W1))
    assert str(found).endswith("I can't name what is wrong. Every entry is 3.5 times the right one.")
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
