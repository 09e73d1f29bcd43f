"""The chain rule backward: grad, backward and jacobian, their shapes, names and refusals."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gradients import has_no_gradient

import minigraph as mg

Leaves = tuple[mg.Node, mg.Node, mg.Node, mg.Node]


@pytest.fixture
def circuit() -> Leaves:
    """J = 3(a + bc)."""
    a, b, c = mg.parameter(5.0, "a"), mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
    return a, b, c, (3 * (a + (b * c).named("u")).named("v")).named("J")


def test_the_readme_example(circuit: Leaves) -> None:
    a, b, c, J = circuit
    J.backward()
    assert (a.grad, b.grad, c.grad) == (3.0, 6.0, 9.0)
    assert J.grad == 1.0
    assert J.inputs[1].grad == 3.0
    assert has_no_gradient(J.inputs[0]), "a literal has no gradient"


def test_every_pass_starts_afresh(circuit: Leaves) -> None:
    a, b, _, J = circuit
    J.backward()
    J.backward()
    assert (a.grad, b.grad) == (3.0, 6.0)
    (a * 7).backward()
    assert (a.grad, b.grad) == (7.0, 6.0), "b keeps the gradient of the last pass that reached it"


def test_the_array_of_a_pass_does_not_follow_the_parameters(circuit: Leaves) -> None:
    _, b, c, J = circuit
    backward_pass = J.backward()
    c.value = 4.0
    assert b.grad == 6.0
    assert backward_pass.gradient(b).value == 12.0


def test_gradients_are_read_only_arrays() -> None:
    w = mg.parameter([1.0, 2.0], "w")
    (w * w).sum().backward()
    assert w.grad is not None
    with pytest.raises(ValueError, match="read-only"):
        w.grad[0] = 3
    w.value = w.value - 0.5 * w.grad
    assert w.value.tolist() == [0, 0]


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (1, 1), (0,), (3, 0)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_gradient_has_its_nodes_shape_and_dtype(shape: tuple[int, ...], dtype: Any) -> None:
    w = mg.parameter(np.ones(shape, dtype), "w")
    wide = mg.data(np.ones((2, *shape)), "X")
    for J in ((w * 2).sum(), (w * wide).sum(), (w + wide).sum(), w.sum()):
        gradient = mg.grad(J, w)
        assert (gradient.shape, gradient.dtype) == (gradient.value.shape, gradient.value.dtype) == (shape, np.dtype(dtype))
        J.backward()
        assert w.grad is not None
        assert (w.grad.shape, w.grad.dtype) == (shape, np.dtype(dtype))


def test_a_node_by_itself() -> None:
    w = mg.parameter(2.0, "w")
    assert mg.grad(w, w).value == 1
    w.backward()
    assert w.grad == 1


def test_scalars_may_have_axes() -> None:
    w = mg.parameter([[2.0]], "w")
    J = w * w
    J.backward()
    assert w.grad is not None
    assert w.grad.tolist() == [[4]]


def test_seeds() -> None:
    w = mg.parameter([1.0, 2.0], "w")
    y = w * w
    assert mg.grad(y, w, seed=[1.0, 10.0]).value.tolist() == [2, 40]
    seed = mg.data([2.0, 2.0], "seed")
    gradient = mg.grad(y, w, seed=seed)
    assert gradient.value.tolist() == [4, 8]
    seed.value = [0.0, 1.0]
    assert gradient.value.tolist() == [0, 4]
    y.backward(seed=[1, 1])
    assert w.grad is not None
    assert w.grad.tolist() == [2, 4]
    assert mg.grad((y.sum()), w, seed=3).value.tolist() == [6, 12]
    single = mg.parameter(np.ones(2, np.float32), "s")
    assert mg.grad(single * 2, single, seed=np.ones(2)).dtype == np.float32


def test_wrt_may_be_any_node_or_several(circuit: Leaves) -> None:
    a, b, _, J = circuit
    u, v = J.inputs[1].inputs[1], J.inputs[1]
    assert [g.value for g in mg.grad(J, [u, b, v, J, b])] == [3, 6, 3, 1, 6]
    assert mg.grad(J, []) == []
    assert isinstance(mg.grad(J, (a,)), list)
    x = mg.data(2.0, "x")
    assert mg.grad(x * a, x).value == 5
    assert mg.grad(x * a, [x])[0].value == 5


def test_data_has_no_gradient_unless_asked_for() -> None:
    w, x = mg.parameter(2.0, "w"), mg.data(3.0, "x")
    J = (w * x).named("J")
    backward_pass = J.backward()
    assert list(backward_pass.gradients) == [J, w]
    assert has_no_gradient(x)
    assert mg.grad(J, x).value == 2


def test_nothing_is_computed_for_what_leads_to_no_parameter() -> None:
    w, x = mg.parameter(2.0, "w"), mg.data(3.0, "x")
    constant = mg.exp(x * 2)
    assert not any(step.input in (constant, x) for step in (w * constant).backward())


def test_unused_nodes() -> None:
    a, b = mg.parameter([1.0, 2.0], "a"), mg.parameter(np.ones((2, 1), np.float32), "b")
    J = (a * a).sum().named("J")
    message = (
        "grad: 'J' does not depend on 'b'. Was 'b' used in building J, or another "
        "node with its value? allow_unused=True gives zeros."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        mg.grad(J, [a, b])
    zeros = mg.grad(J, b, allow_unused=True)
    assert (zeros.shape, zeros.dtype, zeros.value.tolist()) == ((2, 1), np.float32, [[0], [0]])


def test_a_dependence_without_a_derivative_gives_zeros() -> None:
    a = mg.parameter([1.0, -2.0], "a")
    assert mg.grad(mg.sign(a).sum(), a).value.tolist() == [0, 0]
    (a * a).sum().backward()
    mg.sign(a).sum().backward()
    assert a.grad.tolist() == [0, 0], "nothing is left of the pass before"


@pytest.mark.parametrize(
    ("differentiate", "seeded"),
    [
        (mg.backward, True),
        (lambda J: mg.grad(J, J), True),
        (lambda J: J.backward(), True),
        (lambda J: mg.hvp(J, J, J), False),
        (mg.health, False),
    ],
)
def test_backward_from_what_is_no_scalar(differentiate: Callable[[mg.Node], Any], seeded: bool) -> None:
    J = (mg.parameter([1.0, 2.0], "w") * 2).named("J")
    advice = f": 'J' is (2,), not a scalar. Take its mean or sum{', or give a seed of its shape' if seeded else ''}."
    with pytest.raises(mg.ShapeError, match=re.escape(advice) + "$") as caught:
        differentiate(J)
    assert caught.value.operands == (J,)


def test_other_refusals() -> None:
    w = mg.parameter([1.0, 2.0], "w")
    J = (w * w).sum().named("J")
    with pytest.raises(mg.ShapeError, match=r"^grad: 'J' is \(\), but the seed is \(2,\)\. It must have the same shape\.$"):
        mg.grad(J, w, seed=[1.0, 1.0])
    with pytest.raises(mg.ShapeError, match=r"^backward: 'w' is \(2,\), but the seed is \(\)\."):
        mg.backward(w, seed=mg.data(1.0))
    with pytest.raises(TypeError, match=r"^backward: values of dtype complex128 are refused"):
        mg.backward(J, seed=1j)
    advice = r" and depends on no parameter\. Make leaves with mg\.parameter, or use mg\.grad\(J, node\)\.$"
    with pytest.raises(ValueError, match=r"^backward: an unnamed multiply made at .* is \(\)" + advice):
        (mg.data(2.0) * 3).backward()
    for name, given in (("backward", ()), ("grad", (w,)), ("jacobian", (w,)), ("jvp", (w, [1.0, 1.0]))):
        with pytest.raises(TypeError, match=f"^{name}: the first argument is the node to differentiate, not float64"):
            getattr(mg, name)(J.value, *given)
    for wrt, given in ((w.value, "float64"), ("w", "str"), (3.0, "float"), ([w, 1.0], "float"), (None, "NoneType")):
        with pytest.raises(TypeError, match=rf"^grad: wrt holds nodes, not {given}\. Name the node, not its value\.$"):
            mg.grad(J, wrt)  # type: ignore[call-overload]  # what is refused is not a node


def test_a_refused_pass_leaves_no_gradient() -> None:
    w = mg.parameter([0.5, 2.0], "p")
    J = mg.bce(w, [1.0, 1.0]).sum()
    with pytest.raises(mg.DomainError):
        mg.grad(J, w).value * J.value
    w.value = [0.5, 0.5]
    J.backward()
    assert w.grad is not None


def test_jacobian() -> None:
    x, w = mg.parameter([1.0, 2.0, 3.0], "x"), mg.parameter([[1.0, 2.0], [3.0, 4.0]], "w")
    A = np.arange(6.0).reshape(2, 3)
    J = mg.jacobian(A @ x, x)
    assert isinstance(J, mg.Node)
    np.testing.assert_array_equal(J.value, A)
    np.testing.assert_array_equal(mg.jacobian(w.T, w).value, np.einsum("il,jk->ijkl", np.eye(2), np.eye(2)))
    by_x, by_w = mg.jacobian(w @ x[:2], [x, w])
    assert (by_x.shape, by_w.shape) == ((2, 3), (2, 2, 2))
    np.testing.assert_array_equal(by_x.value, [[1, 2, 0], [3, 4, 0]])
    np.testing.assert_array_equal(by_w.value, [[[1, 2], [0, 0]], [[0, 0], [1, 2]]])
    assert mg.jacobian(x.sum(), x).value.tolist() == [1, 1, 1]
    assert mg.jacobian(x[:0], x).value.shape == (0, 3)
    single = mg.parameter(np.ones(2, np.float32), "s")
    assert mg.jacobian(single * 2, single).dtype == mg.jacobian(single[:0], single).dtype == np.float32
    with pytest.raises(ValueError, match="does not depend on 'w'"):
        mg.jacobian(x, w)


def test_the_jacobian_of_a_gradient_is_the_hessian() -> None:
    x = mg.parameter([1.0, 2.0], "x")
    J = x[0] ** 3 * x[1] ** 2
    hessian = mg.jacobian(mg.grad(J, x), x)
    np.testing.assert_array_equal(hessian.value, [[24, 12], [12, 2]])
    x.value = [1.0, 1.0]
    np.testing.assert_array_equal(hessian.value, [[6, 6], [6, 2]])


def test_names_of_gradients(circuit: Leaves) -> None:
    a, b, _, J = circuit
    u = J.inputs[1].inputs[1]
    backward_pass = J.backward()
    names = {node.name: backward_pass.gradient(node).name for node in backward_pass.gradients}
    assert names == {"J": "∂J/∂J", "v": "∂J/∂v", "u": "∂J/∂u", "a": "∂J/∂a", "b": "∂J/∂b", "c": "∂J/∂c"}
    # ∂J/∂v, ∂J/∂a and ∂J/∂u are one number; each has a node that says so.
    assert len({backward_pass.gradient(node) for node in (a, u, J.inputs[1])}) == 3
    assert mg.grad(J, b).name == "∂J/∂b"
    assert mg.grad(mg.grad(J, b).named("∂J/∂b"), b, allow_unused=True).name is None


def test_names_of_gradients_of_gradients() -> None:
    w = mg.parameter(2.0, "w")
    J = (w**3).named("J")
    first = mg.grad(J, w)
    second = mg.grad(first, w)
    third = mg.grad(second, w)
    assert (first.name, second.name, third.name) == ("∂J/∂w", "∂(∂J/∂w)/∂w", "∂(∂(∂J/∂w)/∂w)/∂w")
    assert (float(first), float(second), float(third)) == (12, 12, 6)


def test_an_unnamed_root_is_called_output() -> None:
    w = mg.parameter(2.0, "w")
    backward_pass = (w * w + w).backward()
    assert backward_pass.seed.name == "∂output/∂output"
    assert backward_pass.gradient(w).name == "∂output/∂w"
    inner = backward_pass.root.inputs[0]
    assert backward_pass.gradient(inner).name == "∂output/∂output", "one number, and the unnamed node asks for no other name"


def test_the_users_own_node_keeps_its_name_as_a_gradient() -> None:
    w, slope = mg.parameter(2.0, "w"), mg.parameter(3.0, "slope")
    gradient = mg.grad((w * 1).named("J"), w, seed=slope)
    assert slope.name == "slope"
    assert gradient.name == "∂J/∂w"
    unnamed = mg.data(5.0)
    mg.grad((w + 1).named("J"), w, seed=unnamed)
    assert unnamed.name is None


def test_the_same_name_is_not_repeated() -> None:
    w = mg.parameter(2.0, "w")
    seed = mg.data(1.0, "∂w/∂w")
    assert mg.grad(w, w, seed=seed) is seed


class Pair(mg.Op):
    """(a, b) ↦ a + b, whose rule the tests set."""

    def __init__(self, *maps: Any) -> None:
        self.maps = list(maps)

    def forward(self, a: Any, b: Any) -> Any:
        return a + b

    def shape(self, a: mg.Node, b: mg.Node) -> tuple[int, ...]:
        return a.shape

    def derivatives(self, result: mg.Node, a: mg.Node, b: mg.Node) -> Any:
        return self.maps


@pytest.mark.parametrize("differentiate", [lambda y, a: mg.grad(y, a), lambda y, a: mg.jvp(y, a, 1.0)])
def test_a_rule_of_the_wrong_form(differentiate: Callable[..., Any]) -> None:
    a, b = mg.parameter(1.0, "a"), mg.data(2.0, "b")
    message = (
        "Pair.derivatives must return a list: a linear map or None for each of the 2 operands, "
        "such as [mg.Scale(factor)]; it returned ["
    )
    for maps, given in (((mg.Identity(),), "Identity"), ((a, None), "Node, None"), ((None, 1.0), "None, float"), ((), "")):
        with pytest.raises(TypeError, match=re.escape(message + given + "].")):
            differentiate(Pair(*maps)(a, b), a)


def test_a_map_of_the_wrong_shape() -> None:
    a, b = mg.parameter([1.0, 2.0], "a"), mg.data([3.0, 4.0], "b")
    y = Pair(mg.Scale(mg.data([[1.0], [2.0]])), None)(a, b)
    message = (
        "pair: the derivative by 'a' is (2,) pulls back to (2, 2). "
        "The map that Pair.derivatives returns for it does not fit."
    )
    with pytest.raises(mg.ShapeError, match=re.escape(message)) as caught:
        mg.grad(y.sum(), a)
    assert caught.value.op is y.op
    assert caught.value.operands == (a, b)


def test_an_operation_without_derivatives_or_shape() -> None:
    class Bare(mg.Op):
        def forward(self, x: Any) -> Any:
            return x

    class Shapely(Bare):
        def shape(self, x: mg.Node) -> tuple[int, ...]:
            return x.shape

    a = mg.parameter(1.0, "a")
    with pytest.raises(NotImplementedError, match=r"^Bare has no shape rule: define it, or subclass mg\.Elementwise$"):
        Bare()(a)
    with pytest.raises(NotImplementedError, match=r"^Shapely has no derivatives: return one linear map for each operand$"):
        mg.grad(Shapely()(a), a)
    with pytest.raises(NotImplementedError, match="Elementwise has no forward rule"):
        float(mg.Elementwise()(a))
