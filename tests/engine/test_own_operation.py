"""An operation written outside the package: differentiated to any order, checked and shown like the built-in ones."""

from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import pytest

import minigraph as mg
from minigraph.notation import to_text


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
