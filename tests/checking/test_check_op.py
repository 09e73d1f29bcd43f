"""check_op passes every operation, and says what is wrong with a wrong one."""

import re
import sys

import numpy as np
import pytest
from rules import Cosine, Sine

import minigraph as mg
from minigraph.operations.activations import Share
from minigraph.operations.choices import Equal, Larger, Step
from minigraph.operations.powers import PowerOfNodes
from minigraph.program.lowering.table import Lowering, register

NAMES = [
    "add", "subtract", "multiply", "divide", "negative", "exp", "log", "sqrt", "square", "abs", "sign", "maximum",
    "identity", "sigmoid", "tanh", "relu", "leaky_relu", "softplus", "softmax", "log_softmax", "sum", "mean", "max",
    "minimum", "where", "power", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "log1p", "expm1",
    "logaddexp", "log_sigmoid", "transpose", "matmul", "bce", "bce_with_logits", "squared_error",
    "cross_entropy_with_logits",
]  # fmt: skip
WITH_OPTIONS = {
    "x ** 3": lambda x: x**3,
    "x ** 0": lambda x: x**0,
    "x ** 1": lambda x: x**1,
    "x ** -1": lambda x: x**-1,
    "x ** 0.5": lambda x: x**0.5,
    "x ** -2.5": lambda x: x**-2.5,
    "2 ** x": lambda x: 2**x,
    "clip": lambda x: mg.clip(x, -1.1, max=0.9),
    "where x > 0": lambda x: mg.where(mg.relu(x), mg.sin(x), x**2),
    "slope 2": lambda z: mg.leaky_relu(z, slope=2.0),
    "sum of rows": lambda x: mg.sum(x, axis=-1, keepdims=True),
    "mean of columns": lambda x: mg.mean(x, axis=0),
    "max over an axis": lambda x: mg.max(x, axis=-1),
    "softmax over rows": lambda x: mg.softmax(x, axis=-1),
    "log_softmax over rows": lambda x: mg.log_softmax(x, axis=-1),
    "concatenate": lambda a, b: mg.concatenate([a, b], axis=-1),
    "x[..., 0]": lambda x: x[..., 0],
    "x[[0, 0, 1]]": lambda x: x[[0, 0, 1]],
    "a column": lambda x: mg.reshape(x, (-1, 1)),
    "composite": lambda x: mg.log(mg.sqrt(x)),
    "x with itself": lambda x: x * x / (1 + mg.abs(x)),
}
OPS = {
    "share": Share(),
    "d(aᵇ)/da": PowerOfNodes(1, 0),
    "d²(aᵇ)/da db": PowerOfNodes(1, 1),
    "step": Step(-1.0, 0.0, 2.0),
    "equal": Equal(),
    "larger": Larger(),
    "transpose": mg.transpose(np.eye(2)).op,
}


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_is_right(name):
    assert mg.check_op(getattr(mg, name), examples=12)


@pytest.mark.parametrize("name", WITH_OPTIONS)
def test_options_and_compositions_are_right(name):
    assert mg.check_op(WITH_OPTIONS[name], examples=12)


@pytest.mark.parametrize("name", OPS)
def test_instances_of_operations_are_right(name):
    assert mg.check_op(OPS[name], examples=12)


def test_shapes_can_be_given():
    assert mg.check_op(lambda x: mg.broadcast_to(x, (4, 2)), shapes=[(4, 1)])
    assert mg.check_op(lambda a, b: mg.concatenate([a, b]), shapes=[(3, 2), (1, 2)])
    assert mg.check_op(mg.transpose(np.ones((2, 3, 1)), (1, 0, 2)).op, shapes=[(2, 3, 1)])


class Mine(mg.Elementwise):
    """sin, with each rule replaceable."""

    def __init__(self, forward=np.sin, slope=lambda x: mg.data(np.zeros(())), linear_map=None):
        self.forward = forward
        self.slope = slope
        self.linear_map = linear_map

    def derivatives(self, result, x):
        return [self.linear_map or mg.Scale(self.slope(x))]


class Doubling(mg.LinearMap):
    """Twice the tangent; the pull is given."""

    def __init__(self, back):
        self.back = back

    def push(self, tangent):
        return 2 * tangent

    def pull(self, cotangent):
        return self.back * cotangent


def in_place(x):
    x *= 2
    return x


def noisy():
    """x with something added that changes from call to call."""
    random = np.random.default_rng(0)
    return lambda x: x + random.standard_normal(np.shape(x))


def remembering():
    """x minus the x before it."""
    seen = [0.0]

    def forward(x):
        seen.append(np.mean(x))
        return x - seen[-2]

    return forward


def with_one_buffer():
    buffers = {}

    def forward(x):
        buffer = buffers.setdefault(np.shape(x), np.empty(np.shape(x)))
        np.sin(x, buffer)
        return buffer

    return forward


class OtherwiseInPrograms(mg.Elementwise):
    """x², and x³ in programs."""

    forward = staticmethod(np.square)

    def derivatives(self, result, x):
        return [mg.Scale(2 * x)]


class WrongShape(mg.Op):
    def shape(self, x):
        return (x.size,)

    def forward(self, x):
        return np.array(x)

    def derivatives(self, result, x):
        return [mg.Identity()]


def test_an_operation_of_the_users_own_is_right():
    report = mg.check_op(Sine())
    assert report and report.failed is None and report.operands == () and report.name == "sine"
    assert str(report).startswith("sine: right (forward rule, purity, first derivatives, push against pull, ")
    assert repr(report) == str(report)


WRONG = {
    "in place": (Mine(in_place, lambda x: mg.data(2.0)), "forward rule", "changed an input in place"),
    "shape": (WrongShape(), "forward rule", r"wrongshape.forward gave shape \(\), but its shape rule says \(1,\)"),
    "python number": (Mine(lambda x: float(np.sum(x)), lambda x: 1 + 0 * x), "forward rule", r"gave shape \(\), but its"),
    "domain": (Mine(np.log, lambda x: 1 / x), "forward rule", "set its domain to the open interval"),
    "random": (Mine(noisy(), lambda x: mg.data(1.0)), "purity", "set pure = False"),
    "memory": (Mine(remembering(), lambda x: mg.data(1.0)), "purity", "for the same operands"),
    "one buffer": (Mine(with_one_buffer(), mg.exp), "purity", "writes later into an array that it gave"),
    "0.1 %": (Mine(np.exp, lambda x: 1.001 * mg.exp(x)), "first derivatives", "WRONG"),
    "sign": (Mine(np.exp, lambda x: -mg.exp(x)), "first derivatives", "WRONG"),
    "none": (Mine(np.sin), "first derivatives", "WRONG"),
    "push": (Mine(lambda x: 2 * x, linear_map=Doubling(2 * (1 + 1e-9))), "push against pull", "⟨push u, v⟩ = "),
    "second": (
        Mine(np.sin, lambda x: Mine(np.cos, lambda x: Sine()(x))(x)), "second derivatives", "WRONG"
    ),
    "snapshot": (
        Mine(np.sin, lambda x: mg.data(np.cos(x.value))), "derivatives after an assignment", "build derivatives from nodes",
    ),
    "float64": (
        Mine(lambda x: x * np.float64(0.1), lambda x: mg.data(0.1)), "float32", "is there an np.float64 constant in it?"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found_and_shown(name):
    op, failed, problem = WRONG[name]
    report = mg.check_op(op)
    assert not report and not report.ok and report.failed == failed
    assert len(report.operands) == 1 and "operand 0 = " in str(report)
    assert f"{report.name}: {failed} WRONG" in str(report)
    with pytest.raises(AssertionError, match=problem):
        raise AssertionError(str(report))


def test_a_forward_rule_that_loses_digits_fails_in_float32():
    op = Mine(lambda x: (x + x.dtype.type(1000)) - x.dtype.type(1000), lambda x: mg.data(1.0))
    report = mg.check_op(lambda x: op(x / 3))
    assert not report and report.failed == "float32" and "they may differ by" in report.problem


def test_both_values_are_told_each_by_its_precision():
    op = Mine(lambda x: x * x.dtype.type(1 if x.dtype == np.float64 else 1.5), lambda x: mg.data(1.0))
    single, double = re.fullmatch(
        r"the weighted value is (\S+) in float32 but (\S+) in float64; they may differ by .*",
        mg.check_op(lambda x: op(x)).problem,
    ).groups()
    assert float(single) == pytest.approx(1.5 * float(double))


def test_a_result_of_another_precision_fails():
    report = mg.check_op(lambda x: x * mg.data(2.0))
    assert report.failed == "float32" and report.problem == "float32 operands gave float64"


def test_what_programs_make_of_it_otherwise_fails():
    register(OtherwiseInPrograms, Lowering(lambda write, op, out, x: write.call("power", x, 3.0, out)))
    report = mg.check_op(OtherwiseInPrograms())
    assert not report and report.failed == "program"
    assert "the weighted value is" in report.problem and "in a program but" in report.problem


def test_an_operation_that_is_not_pure_is_not_checked():
    class Mask(mg.Elementwise):
        pure = False
        forward = staticmethod(np.ones_like)

        def derivatives(self, result, x):
            return [None]

    with pytest.raises(ValueError, match=r"^check_op: mask is not pure \(Mask\.pure is False\).* lambda x, mask: x \* mask"):
        mg.check_op(Mask())
    with pytest.raises(ValueError, match=r"^check_op: <lambda> is not pure \(Mask\.pure is False\)"):
        mg.check_op(lambda x: x * Mask()(x))


class Unbroadcast(mg.Op):
    """a + b for a row b, without undoing the broadcasting of b."""

    def shape(self, a, b):
        if a.ndim != 2 or b.shape != (1, a.shape[1]):
            self.refuse([a, b], "no.")
        return a.shape

    def forward(self, a, b):
        return a + b

    def derivatives(self, result, a, b):
        return [mg.Identity(), mg.Identity()]


def test_what_raises_says_for_which_operands():
    with pytest.raises(mg.ShapeError, match="pulls back to") as caught:
        mg.check_op(Unbroadcast())
    notes = "\n".join(caught.value.__notes__)
    assert "raised while unbroadcast was checked (first derivatives) on" in notes and "operand 1 = " in notes


def test_only_operations_of_nodes_are_checked():
    with pytest.raises(TypeError, match="takes no operands"):
        mg.check_op(lambda: 3)
    with pytest.raises(TypeError, match="must give a node, not int"):
        mg.check_op(lambda x: 3)
    with pytest.raises(TypeError, match=r"can't see how many operands type takes\. Wrap it"):
        mg.check_op(type)
    with pytest.raises(ValueError, match=r"refuses every shape that was tried. Name some"):
        mg.check_op(lambda x: mg.reshape(x, (7,)))
    with pytest.raises(TypeError, match="a size is a whole number") as caught:
        mg.check_op(mg.broadcast_to)
    assert "give options by a lambda" in caught.value.__notes__[-1]


def test_operands_near_a_kink_inside_are_left_out():
    assert mg.check_op(lambda x: mg.relu(x - 0.0625))
    assert mg.check_op(lambda x: mg.maximum(x, 0.0625) * mg.abs(x))


def test_an_error_of_the_forward_rule_is_the_users_to_see():
    def refuse(x):
        raise ValueError("not today")

    with pytest.raises(ValueError, match="not today") as caught:
        mg.check_op(Mine(refuse))
    assert "raised while mine was checked (forward rule) on" in "\n".join(caught.value.__notes__)


def test_any_number_of_operands_means_two():
    assert mg.check_op(lambda *parts: mg.concatenate(parts), shapes=None, examples=5)
    assert mg.check_op(mg.grad(mg.square(x := mg.parameter(1.0)) + x, x).op, examples=5)  # the sum at a fork


def test_without_hypothesis_the_extra_is_named(monkeypatch):
    monkeypatch.delitem(sys.modules, "minigraph.checking.array_strategies", raising=False)
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(ImportError, match=r'need Hypothesis: pip install "minigraph\[test\]"'):
        mg.check_op(mg.sigmoid)


# What is right in float32, and on empty operands


class Fixed(mg.Elementwise):
    """An operation of the operand's sign alone: its derivative is 0."""

    def __init__(self, forward):
        self.forward = forward

    def derivatives(self, result, x):
        return [None]


class Listed(mg.Elementwise):
    def forward(self, x):
        return (np.asarray(x) * 2).tolist()

    def derivatives(self, result, x):
        return [mg.Scale(2)]


FIXED = {
    "truth values": lambda x: x > 0,
    "whole numbers": lambda x: np.sign(x).astype(int),
    "np.where": lambda x: np.where(x > 0, 1.0, 0.0),
    "1/keep": lambda x: (x > 0) / 0.5,
    "1/keep, not exact": lambda x: (x > 0) / 0.7,
}


@pytest.mark.parametrize("name", FIXED)
def test_what_has_no_precision_to_lose_is_right_in_float32(name):
    assert mg.check_op(Fixed(FIXED[name]), examples=12)


def test_lists_are_right_as_results():
    assert mg.check_op(Listed(), examples=40)


def test_float64_that_is_exact_in_float32_is_right():
    assert mg.check_op(Mine(lambda x: x * np.float64(2), lambda x: mg.data(2.0, dtype=x.dtype)), examples=12)


def test_float16_loses_digits():
    report = mg.check_op(Fixed(lambda x: np.where(x > 0, 1.0, 0.0).astype(np.float16)))
    assert report.failed == "float32" and "forward gave float16 for float32 operands" in report.problem


WITHOUT_VALUE_ON_EMPTY = {
    "norm": lambda x: mg.sqrt(mg.square(x).sum()),
    "log-sum-exp": lambda x: mg.log(mg.exp(x).sum()),
    "cosine": lambda x, y: (x * y).sum() / mg.sqrt(mg.square(x).sum() * mg.square(y).sum()),
}


@pytest.mark.parametrize("name", WITHOUT_VALUE_ON_EMPTY)
def test_an_operation_without_value_on_empty_operands_is_right_elsewhere(name):
    assert mg.check_op(WITHOUT_VALUE_ON_EMPTY[name], examples=40)


def test_an_operation_that_raises_on_empty_operands_is_right_elsewhere():
    def forward(x):
        np.max(x)
        return np.sin(x)

    assert mg.check_op(Mine(forward, lambda x: Cosine()(x)), examples=40)


def test_empty_operands_that_are_asked_for_are_checked():
    assert not mg.check_op(WITHOUT_VALUE_ON_EMPTY["log-sum-exp"], shapes=[(0, 3)])


def test_a_wrong_shape_on_empty_operands_alone_is_found():
    report = mg.check_op(Mine(lambda x: np.sin(x) if np.size(x) else np.zeros(5), lambda x: Cosine()(x)))
    assert report.failed == "forward rule" and "gave shape (5,), but its shape rule says (0, 3)" in report.problem


@pytest.mark.parametrize("shapes", [(3,), [3], 3, "33", ["3"]])
def test_shapes_that_are_no_list_of_shapes_are_refused(shapes):
    with pytest.raises(
        TypeError, match=r"^check_op: shapes is a list with a shape for each operand, such as \[\(2, 3\)\], not"
    ):
        mg.check_op(mg.sigmoid, shapes=shapes)


@pytest.mark.parametrize(("op", "shapes"), [(mg.sigmoid, [(3,), (3,)]), (mg.sigmoid, []), (Sine(), [(3,), (3,)])])
def test_shapes_are_one_for_each_operand(op, shapes):
    with pytest.raises(ValueError, match=rf"^check_op: .* can't take {len(shapes)} operands. Name one shape for each"):
        mg.check_op(op, shapes=shapes)


def test_examples_are_at_least_one():
    with pytest.raises(ValueError, match=r"^check_op: examples=0 would check nothing"):
        mg.check_op(mg.sigmoid, examples=0)
    with pytest.raises(TypeError, match=r"^check_op: the number of examples is a whole number, not 2\.5"):
        mg.check_op(mg.sigmoid, examples=2.5)
