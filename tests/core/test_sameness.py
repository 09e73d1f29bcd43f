"""Operations are merged only if they compute the same: whatever they hold is compared, bit for bit."""

import enum
import itertools
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pytest

import minigraph as mg
from minigraph.calculus.simplification import simplify
from minigraph.core.op import bits, signature
from minigraph.operations.activations import LeakyReLU
from minigraph.operations.powers import Power


class Shifting(mg.Elementwise):
    """x + what `by` says."""

    def forward(self, x):
        return x + self.by

    def derivatives(self, y, x):
        return [mg.Identity()]


@dataclass(frozen=True, slots=True)
class InSlots(Shifting):
    by: float


class Slotted(Shifting):
    __slots__ = ("by", "never_set")

    def __init__(self, by):
        self.by = by


class BelowSlots(Slotted):
    pass


class HidingASlot(Slotted):
    __slots__ = ("by",)

    def __init__(self, by):
        super().__init__(by)
        Slotted.by.__set__(self, by)
        HidingASlot.by.__set__(self, 1.0)

    def forward(self, x):
        return x + Slotted.by.__get__(self)


@dataclass(frozen=True)
class Overlooking(Shifting):
    by: float = field(compare=False)


class SaysEqual(Shifting):
    def __init__(self, by):
        self.by = by

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


class Amount:
    """Equal to everything."""

    def __init__(self, by):
        self.amount = by

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


class InAnObject(Shifting):
    def __init__(self, by):
        self._amount = Amount(by)

    @property
    def by(self):
        return self._amount.amount


class InATuple(InAnObject):
    def __init__(self, by):
        self.parts = ("amount", (Amount(by),))

    @property
    def by(self):
        return self.parts[1][0].amount


class InAClosure(Shifting):
    def __init__(self, by):
        self.forward = lambda x: x + by


class InADictionary(Shifting, dict):
    def __init__(self, by):
        super().__init__(by=by)

    def forward(self, x):
        return x + self["by"]


def of_a_class(by_):
    class OfAClass(Shifting):
        by = by_

    return OfAClass()


KINDS = [
    InSlots, Slotted, BelowSlots, HidingASlot, Overlooking, SaysEqual, InAnObject, InATuple, InAClosure, InADictionary,
    of_a_class,
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_holds_the_difference_the_program_is_the_graph(kind):
    x = mg.parameter(2.0, "x")
    J = kind(1.0)(x) * kind(5.0)(x)
    assert J.value == 21
    assert mg.compile(J)() == 21
    assert mg.compile(mg.grad(J, x))() == 10
    op = kind(3.0)
    assert mg.compile(op(x) * op(x)).machine.instructions.calls == 2  # one object is the same as itself


@pytest.mark.parametrize("kind", [InSlots, Slotted, BelowSlots, HidingASlot, Overlooking, SaysEqual])
def test_equal_ones_are_done_once(kind):
    x = mg.parameter(2.0, "x")
    assert signature(kind(1.0)) == signature(kind(1.0)) != signature(kind(2.0))
    assert mg.compile(kind(1.0)(x) * kind(1.0)(x)).machine.instructions.calls == 2


@dataclass(frozen=True)
class Over(mg.Elementwise):
    """A number over its x, with the sign of `zero` at 0."""

    zero: float

    def forward(self, x):
        return 1 / (np.abs(x) * self.zero)

    def derivatives(self, y, x):
        return [None]


def test_zeros_of_both_signs_are_two_options():
    x, y = mg.parameter([1.0, 2.0], "x"), mg.parameter([3.0, 4.0], "y")
    for nodes in ([Over(0.0)(x), Over(-0.0)(x)], [x / 0.0, x / -0.0], [x / 0.0, y / -0.0, x / -0.0, y / 0.0]):
        expected = [node.value.tolist() for node in nodes]
        assert len({str(value) for value in expected}) == 2
        tanh = [mg.tanh(node) for node in nodes]  # so that the quotients can lie side by side
        assert [value.tolist() for value in mg.compile(nodes)()] == expected
        assert [value.tolist() for value in mg.compile(tanh)()] == [np.tanh(value).tolist() for value in expected]


def test_a_number_has_its_sign_in_programs_too():
    x, y = mg.parameter([1.0, 2.0], "x"), mg.parameter([3.0, 4.0], "y")
    nodes = [mg.exp(x) / 0.0, mg.exp(y) / -0.0]
    assert [value.tolist() for value in mg.compile(nodes)()] == [[np.inf] * 2, [-np.inf] * 2]


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Pair(NamedTuple):
    a: int
    b: int


class Whole(int):
    pass


DIFFERENT = [
    0.0, -0.0, 1, 1.0, True, np.float64(1), np.float32(1), np.bool_(True), np.int64(1), Whole(1), 1 + 0j, complex(0.0, -0.0),
    complex(0.0, 0.0), "1", b"1", np.str_("1"), (1,), (1.0,), (True,), [1], Pair(1, 2), (1, 2), slice(1, 2), slice(1, 2, 1),
    slice(1.0, 2), (slice(1, 2),), None, ..., Colour.RED, Colour.BLUE, float, np.add, float("nan"), float("inf"),
    np.array([1.0]), np.array([1]), np.array([[1.0]]), np.array([1.0], np.float32), np.array([1.0], ">f8"), np.array([-0.0]),
    np.array([0.0]), np.array([1], object), np.datetime64(1, "s"), np.datetime64(1, "ns"), lambda: 1, lambda: 1,
    np.ma.masked_array([1.0], [True]), np.ma.masked_array([1.0], [False]),
]  # fmt: skip


def test_the_bits_of_different_options_differ():
    for a, b in itertools.combinations(DIFFERENT, 2):
        assert bits(a) != bits(b), (a, b)
    for a in DIFFERENT:
        assert bits(a) == bits(a)
        assert hash(bits(a)) == hash(bits(a))


def test_only_plain_values_are_equal_in_another_object():
    pairs = [(float("nan"), float("nan")), (np.array([np.nan]), np.array([np.nan])), ((1, (2.5, "a")), (1, (2.5, "a")))]
    pairs += [(np.float32(2), np.float32(2)), (1 + 2j, 1 + 2j), ("ab" * 1000, "ab" * 1000)]
    for a, b in pairs:
        assert bits(a) == bits(b)
    alike = [([1], [1]), ({1: 2}, {1: 2}), (Pair(1, 2), Pair(1, 2)), (Whole(1), Whole(1)), (Amount(1), Amount(1))]
    for a, b in [*alike, (np.array([1], object), np.array([1], object))]:  # equal, as they say; nobody asks them
        assert bits(a) != bits(b)


def test_operations_of_one_state_but_of_two_types_differ():
    class Child(Power):
        pass

    assert signature(Power(2.0)) == signature(Power(2.0))
    assert signature(Power(2.0)) != signature(Child(2.0))
    assert signature(LeakyReLU(0.1, 0.1)) != signature(LeakyReLU(0.1, 0.2))


def test_attributes_given_later_count():
    a, b = Power(2.0), Power(2.0)
    object.__setattr__(b, "note", 1)
    assert signature(a) != signature(b)


def test_what_is_not_pure_is_not_the_same_as_itself():
    class Noise(mg.Elementwise):
        pure = False

        def derivatives(self, y: Any, x: Any) -> Any:
            return [None]

    op = Noise()
    assert signature(op) != signature(op)
    x = mg.parameter(1.0)
    a, b = op(x), op(x)
    became = simplify([a, b])
    assert became[a] is a
    assert became[b] is b
