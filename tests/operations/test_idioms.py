"""Formulas with a name are recognised in every spelling, and their neighbours are not."""

import numpy as np
import pytest

import minigraph as mg
from minigraph.formulas import to_text
from minigraph.operations.idioms import idiom_of, recognised

Z = np.array([[0.5, -1.5, 2.0], [0.25, -0.75, 3.0]])
P = 1 / (1 + np.exp(-Z[:1]))
T = np.array([[1.0, 0.0, 1.0]])

SIGMOIDS = {
    "1/(1+np.exp(-z))": "σ(z)",
    "1/(np.exp(-z)+1)": "σ(z)",
    "1/(1+np.exp(-1*z))": "σ(z)",
    "1/(1+np.exp(z*-1.0))": "σ(z)",
    "np.exp(z)/(1+np.exp(z))": "σ(z)",
    "(1+np.exp(-z))**-1": "σ(z)",
    "np.ones_like(z)/(1+np.exp(-z))": "σ(z)",
    "2/(1+np.exp(-z))": None,
    "1/(1-np.exp(-z))": None,
    "1/(2+np.exp(-z))": None,
    "1/(1+np.exp(z))": None,
    "np.exp(z)/(1+np.exp(2*z))": None,
    "(1+z)**-1": None,
    "z/(1+z)": None,
}
KINKS = {
    "np.maximum(0, z)": "ReLU(z)",
    "np.maximum(z, 0.0)": "ReLU(z)",
    "np.maximum(np.zeros_like(z), z)": "ReLU(z)",
    "z*(z>0)": "ReLU(z)",
    "(z>=0)*z": "ReLU(z)",
    "np.where(z>0, z, 0)": "ReLU(z)",
    "np.where(z>=0, z, 0.2*z)": "leaky ReLU(z; slope 0.2)",
    "np.maximum(0.01*z, z)": "leaky ReLU(z)",
    "np.maximum(z, z/10)": "leaky ReLU(z; slope 0.1)",
    "np.maximum(1, z)": None,
    "np.maximum(2*z, z)": None,
    "np.maximum(-0.1*z, z)": None,
    "z*(z>1)": None,
    "z*(z<0)": None,
    "np.where(z>0, 0, z)": None,
    "np.where(z>0, z, z)": None,
    "np.where(z>0, z, 1)": None,
}
OTHERS = {
    "(np.exp(z)-np.exp(-z))/(np.exp(z)+np.exp(-z))": "tanh(z)",
    "(np.exp(z)-np.exp(-z))/(np.exp(-z)+np.exp(z))": "tanh(z)",
    "(np.exp(z)-np.exp(-z))/(np.exp(z)+np.exp(z))": None,
    "(np.exp(z)-np.exp(z))/(np.exp(z)+np.exp(-z))": None,
    "(z-np.exp(-z))/(np.exp(z)+np.exp(-z))": None,
    "np.exp(z)/np.sum(np.exp(z), axis=0)": "softmax(z)",
    "np.exp(z)/np.sum(np.exp(z), axis=0, keepdims=True)": "softmax(z)",
    "np.exp(z)/np.sum(np.exp(z), axis=1, keepdims=True)": "softmax(z; axis 1)",
    "np.exp(z[0])/np.sum(np.exp(z[0]))": "softmax(z[0])",
    "np.exp(z[:, :1])/np.sum(np.exp(z[:, :1]))": "softmax(z[:, :1])",
    "np.exp(z-np.max(z, axis=0, keepdims=True))/np.sum(np.exp(z-np.max(z, axis=0, keepdims=True)), axis=0)": "softmax(z)",
    "np.exp(z)/np.sum(np.exp(z))": None,
    "np.exp(z[:, :2])/np.sum(np.exp(z[:, :2]), axis=1)": None,
    "np.exp(z)/np.sum(np.exp(2*z), axis=0)": None,
    "np.exp(z)/np.sum(z, axis=0)": None,
    "np.mean((z-t)**2)": "mean squared error(z, t)",
    "np.mean(np.square(t-z))": "mean squared error(t, z)",
    "np.sum((z-t)**2)/6": "mean squared error(z, t)",
    "1/12*np.sum((z-t)**2)": "half the mean squared error(z, t)",
    "np.mean((z-t)*(z-t))": "mean squared error(z, t)",
    "np.mean((z-t)*(t-z))": None,
    "np.mean((z-t)**3)": None,
    "np.mean((z+t)**2)": None,
    "np.mean(z)": None,
    "np.sum((z-t)**2)": None,
    "np.sum((z-t)**2, axis=0)": None,
    "z+1": None,
}
BCES = {
    "-(t*np.log(p)+(1-t)*np.log(1-p))": "BCE(p, t)",
    "-((1-t)*np.log(1-p)+np.log(p)*t)": "BCE(p, t)",
    "-t*np.log(p)-(1-t)*np.log(1-p)": "BCE(p, t)",
    "t*np.log(p)+(1-t)*np.log(1-p)": "−BCE(p, t)",
    "-1*(np.multiply(np.log(p), t)+np.multiply(1-t, np.log(1-p)))": "BCE(p, t)",
    "-(t*np.log(p+1e-8)+(1-t)*np.log(1-p+1e-8))": "BCE(p, t)",
    "np.mean(-(t*np.log(p)+(1-t)*np.log(1-p)))": "mean BCE(p, t)",
    "-np.sum(t*np.log(p)+(1-t)*np.log(1-p))/3": "mean BCE(p, t)",
    "(-1/3)*np.sum(t*np.log(p)+(1-t)*np.log(1-p))": "mean BCE(p, t)",
    "-np.sum(t*np.log(p)+(1-t)*np.log(1-p))": "Σ BCE(p, t)",
    "-(np.dot(t, np.log(p).T)+np.dot(1-t, np.log(1-p).T))": "Σ BCE(p, t)",
    "-1/3*(np.dot(np.log(p), t.T)+np.dot(np.log(1-p), (1-t).T))": "mean BCE(p, t)",
    "(-np.dot(t[0], np.log(p[0]))-np.dot(1-t[0], np.log(1-p[0])))/3": "mean BCE(p[0], t[0])",
    "-(t*np.log(p)-(1-t)*np.log(1-p))": None,
    "-(t*np.log(p)+(1-t)*np.log(p))": None,
    "-(t*np.log(p)+t*np.log(1-p))": None,
    "-(t*np.log(p)+(2-t)*np.log(1-p))": None,
    "-2*(t*np.log(p)+(1-t)*np.log(1-p))": None,
    "-(2*t*np.log(p)+(1-t)*np.log(1-p))": None,
    "-(t*np.log(p+0.5)+(1-t)*np.log(1-p))": None,
    "-(t*p+(1-t)*np.log(1-p))": None,
    "-np.sum(t*np.log(p)+(1-t)*np.log(1-p))/4": None,
    "np.sum(t*np.log(p)+(1-t)*np.log(1-p))": None,
    "-np.sum(t*np.log(p)+(1-t)*np.log(1-p), axis=1)": "Σ BCE(p, t)",
    "np.mean(p)": None,
}


def value_of(formula):
    """The node of a formula, of traced code."""
    return mg.trace(eval(f"lambda z, p, t: {formula}", {"np": np}), Z, P, T, data="t")[0]


@pytest.mark.parametrize(("formula", "name"), {**SIGMOIDS, **KINKS, **OTHERS, **BCES}.items())
def test_formulas_with_a_name_are_recognised(formula, name) -> None:
    node = value_of(formula)
    idiom = recognised(node)
    assert (None if idiom is None else to_text(idiom.written)) == name
    assert (idiom_of(node) is None) == (idiom is None)


@pytest.mark.parametrize("formula", [formula for formula, name in {**SIGMOIDS, **KINKS, **OTHERS, **BCES}.items() if name])
def test_the_stable_operation_has_the_value_and_the_gradient(formula) -> None:
    function = eval(f"lambda z, p, t: {formula}", {"np": np})
    plain, n = mg.trace(function, Z, P, T, data="t")
    stable, m = mg.trace(function, Z, P, T, data="t", stable=True)
    tolerance = 1e-6 if "1e-8" in formula else 1e-12
    assert stable.shape == plain.shape
    np.testing.assert_allclose(stable.value, plain.value, rtol=tolerance)
    idiom = recognised(plain)
    assert idiom is not None
    assert ("stable: " in str(m)) == (idiom.stable is not None)
    for name in "zp":
        expected = mg.grad(plain.sum(), n[name], allow_unused=True)
        found = mg.grad(stable.sum(), m[name], allow_unused=True)
        np.testing.assert_allclose(found.value, expected.value, rtol=tolerance, atol=tolerance)


def test_a_shift_by_the_largest_is_seen_where_it_is_one_step() -> None:
    def softmax(z, axis, keepdims=True):
        e = np.exp(z - np.max(z, axis=axis, keepdims=keepdims))
        return e / np.sum(e, axis=0, keepdims=True)

    for axis in (0, None):
        A, _ = mg.trace(softmax, Z, axis)
        assert to_text(recognised(A).written) == "softmax(z)"
        stable, _ = mg.trace(softmax, Z, axis, stable=True)
        np.testing.assert_allclose(stable.value, A.value, rtol=1e-15)
    A, _ = mg.trace(
        softmax, Z[:, :2], 1
    )  # not the largest of the column: another formula, and still a softmax, of the difference
    assert to_text(recognised(A).written) == "softmax(z − max(z; axis 1))"


def test_a_step_with_a_name_of_its_own_is_recognised_by_itself() -> None:
    def f(p, t):
        losses = -(t * np.log(p) + (1 - t) * np.log(1 - p))
        return np.mean(losses)

    J, n = mg.trace(f, P, T, data="t")
    assert recognised(J) is None
    assert recognised(n["losses"]).name == "BCE"


def test_only_traced_formulas_are_shown() -> None:
    z = mg.parameter(Z, "z")
    node = 1 / (1 + mg.exp(-z))
    assert recognised(node).name == "σ" and idiom_of(node) is None


def test_values_and_gradients_stay_those_of_the_formula_with_nan() -> None:
    with np.errstate(all="ignore"):
        A, n = mg.trace(lambda z: 1 / (1 + np.exp(-z)), np.array([-800.0, 0.0]))
        assert A.value.tolist() == [0.0, 0.5]
        assert np.isnan(mg.grad(A.sum(), n["z"]).value).tolist() == [True, False]
    A, n = mg.trace(lambda z: 1 / (1 + np.exp(-z)), np.array([-800.0, 0.0]), stable=True)
    assert mg.grad(A.sum(), n["z"]).value.tolist() == [0.0, 0.25]


def test_stable_code_keeps_names_groups_lines_and_says_what_it_did() -> None:
    def f(z, t):
        with mg.group("Output"):
            a = 1 / (1 + np.exp(-z))
        losses = -(t * np.log(a) + (1 - t) * np.log(1 - a))
        J = np.mean(losses)
        return J

    J, n = mg.trace(f, Z[:1] * 1000, T, data="t", stable=True)
    assert list(n) == ["z", "t", "a", "losses", "J"]
    assert [n[name].op.name for name in ("a", "losses")] == ["sigmoid", "bcewithlogits"] or n["losses"].op.is_loss
    assert n["a"].group.title == "Output" and n["J"] is J
    assert n["a"].made_at.endswith(f"test_idioms.py:{f.__code__.co_firstlineno + 2}")
    assert np.isfinite(J.value) and np.all(np.isfinite(mg.grad(J, n["z"]).value))
    first, second = str(n).split("\n")[-2:]
    assert first.startswith("stable: σ(z) in the place of 1/(1 + exp(−z)); ")
    assert second.startswith("stable: BCE(σ(z), t) in the place of −(t ⊙ log(a) + (1 − t) ⊙ log(1 − a)); ")


def test_a_long_sum_is_gone_through_at_once() -> None:
    def f(z):
        total = z
        for _ in range(3000):
            total = total + z
        return np.sum(total)

    assert mg.trace(f, Z)[0].value == pytest.approx(3001 * Z.sum())


CROSS_ENTROPIES = {
    "-np.sum(t*np.log(A), axis=axis)": "cross-entropy(A, t)",
    "-np.sum(t*np.log(A), axis=axis, keepdims=True)": "cross-entropy(A, t)",
    "-np.sum(np.log(A+1e-9)*t)": "Σ cross-entropy(A, t)",
    "-np.sum(t*np.log(A))/m": "mean cross-entropy(A, t)",
    "-1/m*np.sum(np.multiply(t, np.log(A)))": "mean cross-entropy(A, t)",
    "np.mean(-np.sum(t*np.log(A), axis=axis))": "mean cross-entropy(A, t)",
    "-np.mean(np.sum(t*np.log(A), axis=axis))": "mean cross-entropy(A, t)",
    "-np.mean(t*np.log(A))": None,
    "np.sum(t*np.log(A))": None,
    "-np.sum(t*np.log(A), axis=1-axis)": None,
    "-np.sum(t*np.log(t), axis=axis)": None,
    "-np.sum(t[:1]*np.log(A))": None,
    "-np.mean(np.sum(t*np.log(A)))": None,
    "-np.sum(A)": None,
    "-np.sum(A*np.log(A))": None,
    "-np.sum(t*np.log(1 + A*A))": None,
}


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize(("formula", "name"), CROSS_ENTROPIES.items())
def test_cross_entropy_of_a_softmax_that_is_written_out(formula, name, axis) -> None:
    t = np.array([[1.0, 0.0, 0.25, 0.0], [0.0, 1.0, 0.5, 0.0], [0.0, 0.0, 0.25, 1.0]])
    z = np.random.default_rng(4).normal(size=(3, 4))
    z, t = (z.T, t.T) if axis else (z, t)
    scope = {"np": np, "m": 4, "axis": axis}
    exec(f"def f(z, t):\n    A = np.exp(z)/np.sum(np.exp(z), axis=axis, keepdims=True)\n    return {formula}", scope)
    for function in (scope["f"], lambda z, t: eval(formula, scope | {"A": mg.softmax(z, axis), "t": t})):
        J, n = mg.trace(function, z, t, data="t")
        idiom = recognised(J)
        if name is None:
            assert idiom is None or "cross-entropy" not in idiom.name
        else:
            assert idiom is not None and idiom.name == name.partition("(")[0]
            stable, s = mg.trace(function, z, t, data="t", stable=True)
            assert stable.shape == J.shape
            np.testing.assert_allclose(stable.value, J.value, rtol=1e-7)
            np.testing.assert_allclose(mg.grad(stable.sum(), s["z"]).value, mg.grad(J.sum(), n["z"]).value, atol=1e-8)


def test_a_loss_that_is_named_by_itself_is_the_cross_entropy_and_its_mean_is_a_mean() -> None:
    def f(z, t):
        e = np.exp(z - z.max(0))
        A = e / e.sum(0)
        losses = -np.sum(t * np.log(A), axis=0)
        return np.mean(losses)

    J, n = mg.trace(f, np.array([[1000.0, 2.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [0.0, 1.0]]), data="t", stable=True)
    assert J.value == np.log1p(np.exp(1.0)) / 2
    J, n = mg.trace(f, np.array([[3.0, 2.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [0.0, 1.0]]), data="t")
    assert recognised(J) is None and to_text(recognised(n["A"]).written) == "softmax(z)"
    assert to_text(recognised(n["losses"]).written) == "cross-entropy(A, t)"
