"""x[index] is what NumPy has, or refused where NumPy refuses: value, gradient and program, for indexes of every kind."""

from typing import Any

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given

import minigraph as mg

NUMBERS = st.integers(-5, 5)
ENDS = st.none() | NUMBERS
PARTS = st.one_of(
    NUMBERS,
    NUMBERS.map(np.int64),
    st.builds(slice, ENDS, ENDS, ENDS),
    st.just(Ellipsis),
    st.none(),
    st.booleans(),
    st.lists(NUMBERS, max_size=4),
    st.lists(st.booleans(), max_size=4),
    st.tuples(NUMBERS, NUMBERS),
    hnp.arrays(np.intp, hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3), elements=NUMBERS),
    hnp.arrays(bool, hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3)),
    st.sampled_from([[], [[]], np.array([]), 1.0, "a", np.float64(0), range(2), range(0), 2**70, [0.5], [[0], [0, 1]]]),
)
INDEXES = PARTS | st.lists(PARTS, max_size=4).map(tuple)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)


@given(SHAPES, INDEXES)
@example((3,), [])
@example((2, 3), (slice(None), []))
@example((2, 3), ([], slice(1)))
@example((0, 3), ([], []))
@example((3,), np.array([]))  # refused: an empty array of floats is no list of numbers
@example((3,), [[]])
@example((3,), range(0))
@example((3,), ((0, 2),))
@example((3,), (None, ..., np.int64(-1)))
@example((2, 3), (True, 1))
@example((2, 3), (False, ..., [0, 0, 2]))
@example((), np.array(True))
@example((), ())
@example((3,), np.array(1))
@example((4,), slice(np.int64(3), None, np.int64(-2)))
@example((3,), slice(1.0, None))
@example((3,), slice("1", None))
@example((3,), slice(None, None, 0))
@example((3,), [[0], [0, 1]])
@example((2, 3, 4), ([1], slice(None), [3]))  # two arrays apart: their axis comes first
def test_an_index_takes_what_numpy_takes(shape: tuple[int, ...], index: Any) -> None:
    array = np.arange(float(np.prod(shape))).reshape(shape) + 0.5
    x = mg.parameter(array, "x")
    try:
        expected = array[index]
    except (IndexError, TypeError, ValueError):
        with pytest.raises((mg.ShapeError, TypeError), match=r"^getitem: "):
            x[index]
        return
    node = x[index]
    assert (node.shape, node.value.tolist()) == (np.shape(expected), expected.tolist())
    weights = np.arange(1.0, 1.0 + node.size).reshape(node.shape)
    J = (node * weights).sum()
    gradient = np.zeros(shape)
    np.add.at(gradient, index, weights)
    assert mg.grad(J, x).value.tolist() == gradient.tolist()
    if node.size == 0:
        return  # a program has nothing to compute
    first, second = mg.compile([J, mg.grad(J, x)])()
    assert (float(first), second.tolist()) == (float(J), gradient.tolist())


def test_an_index_is_a_constant_of_plain_numbers() -> None:
    class Sly:
        def __index__(self) -> int:
            return 1

        def __repr__(self) -> str:
            return "print('RAN')"

    x = mg.data([1.0, 2.0, 3.0], "x")
    for index in (Sly(), slice(Sly(), None), (slice(None, Sly()),)):
        node = x[index]
        assert node.value.tolist() == np.array([1.0, 2.0, 3.0])[index].tolist()
        assert "RAN" not in mg.compile(node).source + repr(node)


def test_an_index_does_not_follow_what_it_was_made_of() -> None:
    class Column:
        entries = np.array([0, 2])

        def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
            return self.entries.copy() if copy else self.entries

    x, column = mg.data([1.0, 2.0, 3.0], "x"), Column()
    node = x[column]
    column.entries[:] = 1
    assert node.value.tolist() == [1, 3]


@pytest.mark.parametrize("index", [slice(mg.data(1.0), None), slice(True, None)])
def test_the_ends_of_a_slice_are_whole_numbers(index: Any) -> None:
    with pytest.raises(
        TypeError, match=r"^getitem: an end of a slice is a whole number, not (a node of shape \(\)|True)\.$"
    ):
        mg.data([1.0, 2.0])[index]
