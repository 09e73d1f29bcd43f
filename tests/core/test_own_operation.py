"""An operation written outside the package: differentiated to any order, checked and shown like the built-in ones."""

import functools
import re
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import pytest

import minigraph as mg
from minigraph.formulas import to_text


class Swish(mg.Elementwise):
    def forward(self, z: Any) -> Any:
        return z / (1 + np.exp(-z))

    def derivatives(self, y: mg.Node, z: mg.Node) -> Any:
        return [mg.Scale(y + mg.sigmoid(z) * (1 - y))]


@dataclass(frozen=True)
class Clip(mg.Elementwise):
    """z kept between two bounds; a helper operation of its own is its derivative."""

    low: float
    high: float

    def forward(self, z: Any) -> Any:
        return np.clip(z, self.low, self.high)

    def derivatives(self, y: mg.Node, z: mg.Node) -> Any:
        return [mg.Scale(Inside(self.low, self.high)(z))]


@dataclass(frozen=True)
class Inside(mg.Elementwise):
    low: float
    high: float

    def forward(self, z: Any) -> Any:
        return (z > self.low) & (z < self.high)

    def derivatives(self, y: mg.Node, z: mg.Node) -> Any:
        return [None]


class Outer(mg.Op):
    """The outer product of two vectors: an operation with a shape rule and maps that are not elementwise."""

    def shape(self, a: mg.Node, b: mg.Node) -> tuple[int, ...]:
        if a.ndim != 1 or b.ndim != 1:
            self.refuse([a, b], "outer takes two vectors.")
        return (a.size, b.size)

    def forward(self, a: Any, b: Any) -> Any:
        return np.multiply.outer(a, b)

    def derivatives(self, y: mg.Node, a: mg.Node, b: mg.Node) -> Any:
        return [OuterMap(b, left=True), OuterMap(a, left=False)]


@dataclass(frozen=True)
class OuterMap(mg.LinearMap):
    other: mg.Node
    left: bool

    def push(self, tangent: mg.Node) -> mg.Node:
        return Outer()(tangent, self.other) if self.left else Outer()(self.other, tangent)

    def pull(self, cotangent: mg.Node) -> mg.Node:
        return cotangent @ self.other if self.left else self.other @ cotangent


def test_to_third_order() -> None:
    z = mg.parameter(0.7, "z")
    y: mg.Node = Swish()(z)
    for order in range(4):
        with mpmath.workdps(40):
            exact = mpmath.diff(lambda x: x / (1 + mpmath.exp(-x)), mpmath.mpf(0.7), order)
        assert float(y) == pytest.approx(float(exact), rel=1e-13)
        y = mg.grad(y, z)


def test_it_broadcasts_stays_float32_and_runs_forward() -> None:
    z = mg.parameter(np.array([[1.0], [2.0]], np.float32), "z")
    y = Swish()(z)
    assert (y.dtype, mg.grad(y.sum(), z).dtype) == (np.float32, np.float32)
    assert mg.jvp(y, z, np.ones((2, 1))).value == pytest.approx(mg.grad(y.sum(), z).value, rel=1e-6)


def test_it_is_checked_and_written() -> None:
    z = mg.parameter([0.0, 1.0, -2.0], "z")
    assert mg.check_gradients(Swish()(z).sum()).ok
    assert to_text(Swish()(z).formula()) == "swish(z)"
    assert repr(Swish()) == "<operation swish>"
    assert Swish.name == "swish"


def test_options_are_attributes() -> None:
    z = mg.parameter([-3.0, 0.5, 3.0], "z")
    y = Clip(-1.0, 1.0)(z)
    assert y.value.tolist() == [-1, 0.5, 1]
    assert mg.grad(y.sum(), z).value.tolist() == [0, 1, 0]
    assert Clip(0.0, 1.0) == Clip(0.0, 1.0)


def test_an_operation_with_maps_of_its_own() -> None:
    a, b = mg.parameter([1.0, 2.0], "a"), mg.parameter([3.0, 4.0, 5.0], "b")
    J = (Outer()(a, b) ** 2).sum().named("J")
    assert mg.check_gradients(J).ok
    assert mg.check_gradients((mg.grad(J, a) * mg.grad(J, a)).sum()).ok
    assert mg.jvp(Outer()(a, b), [a, b], [[1.0, 0.0], [0.0, 0.0, 1.0]]).value.tolist() == [[3, 4, 6], [0, 0, 2]]
    with pytest.raises(mg.ShapeError, match=r"^outer: 'J' is \(\) and 'b' is \(3,\): outer takes two vectors\.$"):
        Outer()(J, b)
    with pytest.raises(TypeError, match=r"^outer takes 2 operands, not 1$"):
        Outer()(a)


def test_the_number_of_operands_is_that_of_the_rule() -> None:
    class Pair(mg.Elementwise):
        def derivatives(self, y: mg.Node, a: mg.Node, b: mg.Node) -> Any:
            return [None, None]

    with pytest.raises(TypeError, match=r"^pair takes 2 operands, not 3$"):
        Pair()(1.0, 2.0, 3.0)


def test_the_number_of_operands_of_a_rule_that_is_wrapped_or_no_function() -> None:
    def rule(self: Any, y: mg.Node, a: mg.Node) -> Any:
        return [None]

    @functools.wraps(rule)
    def wrapped(*given: Any) -> Any:
        return rule(*given)

    class Wrapped(mg.Elementwise):
        derivatives = wrapped

    class Partial(mg.Elementwise):
        derivatives = functools.partialmethod(rule)  # type: ignore[assignment]

    for op in (Wrapped(), Partial()):
        with pytest.raises(TypeError, match=r"takes 1 operand, not 2$"):
            op(1.0, 2.0)


def test_names_come_from_the_class_unless_given() -> None:
    class MyOp(mg.Elementwise):
        pass

    class Named(mg.Elementwise):
        name = "f"

    class Heir(Named):
        pass

    assert (MyOp.name, Named.name, Heir.name) == ("myop", "f", "heir")


def test_any_number_of_operands() -> None:
    class Total(mg.Elementwise):
        def forward(self, *terms: Any) -> Any:
            return sum(terms)

        def derivatives(self, y: mg.Node, *terms: mg.Node) -> Any:
            return [mg.Identity()] * len(terms)

    leaves = [mg.parameter(np.ones(shape)) for shape in ((), (3,), (2, 1))]
    y = Total()(*leaves)
    assert y.shape == (2, 3)
    assert [g.value.tolist() for g in mg.grad(y.sum(), leaves)] == [6, [2, 2, 2], [[3], [3]]]


def test_a_forward_rule_that_writes_into_its_operand_is_stopped() -> None:
    class Writing(mg.Elementwise):
        def forward(self, x: Any) -> Any:
            x += 1
            return x

    x = mg.data([1.0, 2.0], "x")
    with pytest.raises(ValueError, match="read-only") as caught:
        Writing()(x).value  # noqa: B018
    assert "in writing of 'x' is (2,)" in caught.value.__notes__[0]
    assert x.value.tolist() == [1, 2]


class Giving(mg.Elementwise):
    """An operation that gives what it is told to."""

    def __init__(self, value: Any):
        self.kept = value

    def forward(self, x: Any) -> Any:
        return self.kept

    def derivatives(self, y: mg.Node, x: mg.Node) -> Any:
        return [None]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.array([1j, 2]), "gave an array of dtype complex128"),
        (np.array([1.0, 2.0], object), "gave an array of dtype object"),
        (np.array(["a", "b"]), "gave an array of dtype <U1"),
        (["1", "2"], "gave an array of dtype <U1"),
        (None, "gave NoneType. It must return an array of real numbers, of the shape that the shape rule says."),
        ("abc", "gave str."),
        (1j, "gave complex."),
        ([[1.0], [1.0, 2.0]], "gave what is not a regular array of numbers ("),
        (np.ma.array([1.0, 2.0]), "a masked array is refused, since its mask would be lost."),
        (np.ones((1, 2)).view(np.matrix), "a matrix of np.matrix is refused"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_forward_rule_that_gives_no_array_of_real_numbers(value: Any, message: str) -> None:
    y = Giving(value)(mg.parameter([1.0, 2.0], "x")).named("y")
    for read in (lambda: y.value, lambda: mg.evaluate(y), mg.compile(y)):
        with pytest.raises(TypeError, match=r"giving for 'y': Giving\.forward:? " + re.escape(message)):
            read()


@pytest.mark.parametrize(
    "value", [[1, 2], (1.0, 2.0), np.array([True, False]), np.array([1, 2], np.int8), np.ones(2, np.float32)]
)
def test_what_a_forward_rule_may_give(value: Any) -> None:
    y = Giving(value)(mg.parameter([1.0, 2.0], "x"))
    assert y.value.dtype == mg.compile(y)().dtype == np.float64
    assert y.value.tolist() == mg.compile(y)().tolist() == [float(entry) for entry in value]


def test_what_an_operation_keeps_is_its_own() -> None:
    class Buffered(mg.Elementwise):
        """It writes into one array, again and again."""

        buffer = np.empty(2)

        def forward(self, x: Any) -> Any:
            return np.multiply(x, 2, out=self.buffer)

        def derivatives(self, y: mg.Node, x: mg.Node) -> Any:
            return [mg.Scale(mg.data(2.0))]

    x, double = mg.parameter([1.0, 2.0], "x"), Buffered()
    first, second = double(x), double(x + 10)
    assert (first.value.tolist(), second.value.tolist()) == ([2, 4], [22, 24])
    assert first.value.tolist() == [2, 4], "the second did not write over it"
    assert double.buffer.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        first.value[0] = 0
    kept = np.array([5.0, 6.0])
    y = Giving(kept)(x)
    assert y.value.tolist() == [5, 6]
    kept[:] = 0
    assert y.value.tolist() == [5, 6]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (mg.Identity(), "Identity"),
        (None, "None"),
        (iter([mg.Identity()]), "list_iterator"),
        ([], "[]"),
        ([3.0], "[float]"),
        (3.0, "float"),
    ],
)
def test_derivatives_that_are_no_list_of_maps(given: Any, told: str) -> None:
    class Own(mg.Elementwise):
        def forward(self, x: Any) -> Any:
            return x

        def derivatives(self, y: mg.Node, x: mg.Node) -> Any:
            return given

    x = mg.parameter([1.0, 2.0], "x")
    message = (
        "Own.derivatives must return a list: a linear map or None for each of the 1 operand, such as [mg.Scale(factor)]; "
        f"it returned {told}."
    )
    for ask in (lambda: mg.grad(Own()(x).sum(), x), lambda: mg.jvp(Own()(x), x, [1.0, 1.0])):
        with pytest.raises(TypeError, match="^" + re.escape(message) + "$"):
            ask()


def test_a_shape_rule_gives_whole_numbers() -> None:
    class Sized(mg.Op):
        def __init__(self, size: Any):
            self.size = size

        def shape(self, x: mg.Node) -> Any:
            return self.size

        def forward(self, x: Any) -> Any:
            return np.ones(2)

        def derivatives(self, y: mg.Node, x: mg.Node) -> Any:
            return [None]

    for size in ([2], (np.int64(2),), 2, np.array([2])):
        node = Sized(size)(1.0)
        assert (node.shape, type(node.shape[0]), node.value.tolist()) == ((2,), int, [1, 1])
    with pytest.raises(TypeError, match=r"^Sized\.shape: a size is a whole number, not 2\.0\."):
        Sized((2.0,))(1.0)
