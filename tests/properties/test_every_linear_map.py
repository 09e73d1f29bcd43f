"""Every linear map: push and pull are adjoint, linear, and each the transpose of the other as a matrix."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import minigraph as mg
from minigraph.checking.finite_differences import rounding_of
from minigraph.core.linear_maps import Composition, FamilyMap, LinearMap
from minigraph.core.shape_maps import Broadcast, Casting, Placing, Reshaping, Selection, Summation, Transposition
from minigraph.operations.choices import Choice
from minigraph.operations.einsum import Contraction, Einsum
from minigraph.operations.indexing import index_text
from minigraph.operations.running_sums import RunningSum
from minigraph.operations.softmax import Centering, LogCentering
from minigraph.testing import arrays, broadcastable_shapes

SHAPES = st.lists(st.integers(0, 3), max_size=3).map(tuple)
NOT_EMPTY = st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple)
SIZES = st.integers(0, 3)
INDICES = [0, -1, ..., None, slice(None, None, -1), slice(0, 2), [0, 0, -1], (..., 0), (slice(1), None)]


def identity(draw):
    shape = draw(SHAPES)
    return mg.Identity(), shape, shape


def negation(draw):
    shape = draw(SHAPES)
    return mg.Negation(), shape, shape


def scale(draw):
    factor, full = draw(broadcastable_shapes(2))
    assume(np.broadcast_shapes(factor, full) == full)
    return mg.Scale(mg.data(draw(arrays(factor)))), full, full


@st.composite
def stacks(draw):
    """The axes that count matrices, of the matrix and of the product, to which it is broadcast. Often there are none."""
    all_of_them = draw(st.sampled_from([(), (), (2,), (1, 2)]))
    few = tuple(draw(st.sampled_from(sorted({1, size}))) for size in all_of_them)
    return few[draw(st.integers(0, len(few))) :], all_of_them


def choice(draw):
    mask, full = draw(broadcastable_shapes(2))
    assume(np.broadcast_shapes(mask, full) == full)
    size = int(np.prod(mask))
    return Choice(mg.data(np.resize([1.0, 0.0, -2.0], size).reshape(mask)), draw(st.booleans())), full, full


def matmul_left(draw):
    n, k, m = (draw(SIZES) for _ in range(3))
    few, all_of_them = draw(stacks())
    return mg.MatMulLeft(mg.data(draw(arrays((*few, n, k))))), (*all_of_them, k, m), (*all_of_them, n, m)


def matmul_right(draw):
    n, k, m = (draw(SIZES) for _ in range(3))
    few, all_of_them = draw(stacks())
    return mg.MatMulRight(mg.data(draw(arrays((*few, k, m))))), (*all_of_them, n, k), (*all_of_them, n, m)


def contraction(draw):
    """Of an einsum as users write it, or of the derivative of one, which may repeat and fill diagonals."""
    letters = st.text("ijk", max_size=3)
    terms = draw(st.lists(letters, min_size=1, max_size=3))
    output, sizes = draw(letters), {letter: draw(SIZES) for letter in "ijk"}
    free = tuple((letter, sizes[letter]) for letter in sorted(set(output) - set("".join(terms))))
    nodes = [mg.data(draw(arrays(tuple(sizes[letter] for letter in term)))) for term in terms]
    position = draw(st.integers(0, len(terms) - 1))
    made = Einsum(tuple(terms), output, free)
    return Contraction(made, nodes, position), nodes[position].shape, made.shape(*nodes)


def broadcast(draw):
    small, other = draw(broadcastable_shapes(2))
    large = np.broadcast_shapes(small, other)
    return Broadcast(small, large), small, large


def summation(draw):
    shape, keepdims = draw(SHAPES), draw(st.booleans())
    axes = tuple(axis for axis in range(len(shape)) if draw(st.booleans()))
    return Summation(shape, axes, keepdims), shape, np.zeros(shape).sum(axes, keepdims=keepdims).shape


def reshaping(draw):
    shape = draw(SHAPES)
    other = draw(st.sampled_from([(int(np.prod(shape)),), (1, *shape), shape[::-1]]))
    return Reshaping(shape, other), shape, other


def transposition(draw):
    shape = draw(SHAPES)
    axes = tuple(draw(st.permutations(range(len(shape)))))
    return Transposition(axes), shape, tuple(shape[axis] for axis in axes)


def selection(draw):
    shape = draw(NOT_EMPTY)
    mask = np.arange(np.prod(shape)).reshape(shape) % 2 == 0
    index = draw(st.sampled_from([*INDICES, mask]))
    parts = index if isinstance(index, tuple) else (np.array(index) if isinstance(index, list) else index,)
    if isinstance(index, list) and draw(st.booleans()):
        return Selection((mg.data(index, "i"),), shape, "i"), shape, np.zeros(shape)[parts].shape
    return Selection(parts, shape, index_text(parts)), shape, np.zeros(shape)[parts].shape


def placing(draw):
    chosen, shape, taken = selection(draw)
    return Placing(chosen), taken, shape


def casting(draw):
    shape = draw(SHAPES)
    return Casting(np.dtype(np.float64), np.dtype(np.float32)), shape, shape


def centering(draw, kind=Centering):
    shape = draw(NOT_EMPTY)
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    return kind(mg.softmax(mg.data(draw(arrays(shape))), axis), axis), shape, shape


def running_sum(draw):
    shape = draw(NOT_EMPTY)
    return RunningSum(draw(st.integers(0, len(shape) - 1))), shape, shape


def log_centering(draw):
    return centering(draw, LogCentering)


def composition(draw):
    matrix, shape_in, shape_out = matmul_left(draw)
    axes = tuple(reversed(range(len(shape_out))))
    return Composition(Composition(Transposition(axes), mg.Negation()), matrix), shape_in, shape_out[::-1]


MAPS = {
    mg.Identity: identity,
    mg.Negation: negation,
    mg.Scale: scale,
    Choice: choice,
    mg.MatMulLeft: matmul_left,
    mg.MatMulRight: matmul_right,
    Contraction: contraction,
    Broadcast: broadcast,
    Summation: summation,
    Reshaping: reshaping,
    Transposition: transposition,
    Selection: selection,
    Placing: placing,
    Casting: casting,
    Centering: centering,
    LogCentering: log_centering,
    RunningSum: running_sum,
    Composition: composition,
}
each_map = pytest.mark.parametrize("kind", MAPS, ids=lambda kind: kind.__name__)


def subclasses(kind):
    return {below for child in kind.__subclasses__() for below in (child, *subclasses(child))}


def test_the_table_covers_every_map():
    ours = {kind for kind in subclasses(LinearMap) if kind.__module__.startswith("minigraph.")}
    forgotten = [kind.__name__ for kind in ours - {FamilyMap} - set(MAPS)]
    assert not forgotten, f"say in MAPS how to draw {forgotten}"


@pytest.mark.parametrize("form", ["notation", "entry"])
def test_every_map_is_written_in_a_way_of_its_own(form):
    by_default = [kind.__name__ for kind in MAPS if getattr(kind, form) is getattr(LinearMap, form)]
    assert not by_default, f"{by_default} has no {form}: it would be called by the name of its class"


@each_map
@given(data=st.data())
def test_push_and_pull_are_adjoint(kind, data):
    local, shape_in, shape_out = MAPS[kind](data.draw)
    assert isinstance(local, kind)
    u, v = data.draw(arrays(shape_in)), data.draw(arrays(shape_out))
    pushed, pulled = local.push(mg.data(u)), local.pull(mg.data(v))
    assert pushed.shape == shape_out and pulled.shape == shape_in
    forward, reverse = (v * pushed).sum(), (u * pulled).sum()
    allowed = 4 * (rounding_of(forward) + rounding_of(reverse))  # a few eps, of the terms before they cancel
    assert abs(forward.value - reverse.value) <= allowed


@each_map
@given(data=st.data())
def test_as_matrices_push_and_pull_are_transposes(kind, data):
    local, shape_in, shape_out = MAPS[kind](data.draw)

    sizes = int(np.prod(shape_in)), int(np.prod(shape_out))

    def images(form, shape, size, other):
        units = np.eye(size).reshape((size, *shape))
        return np.array([np.ravel(form(mg.data(unit)).value) for unit in units]).reshape(size, other)

    pushes, pulls = images(local.push, shape_in, *sizes), images(local.pull, shape_out, *sizes[::-1])
    np.testing.assert_allclose(pushes, pulls.T, rtol=1e-14)


@each_map
@given(data=st.data())
def test_push_and_pull_are_linear(kind, data):
    local, shape_in, shape_out = MAPS[kind](data.draw)
    for form, shape in ((local.push, shape_in), (local.pull, shape_out)):
        a, b = mg.data(data.draw(arrays(shape))), mg.data(data.draw(arrays(shape)))
        left, right = form(2 * a - b).value, 2 * form(a).value - form(b).value
        np.testing.assert_allclose(left, right, rtol=1e-12, atol=1e-12)


@given(broadcastable_shapes(2), st.data())
def test_unbroadcast_is_the_adjoint_of_broadcast(shapes, data):
    large = np.broadcast_shapes(*shapes)
    for small in shapes:
        x, v = data.draw(arrays(small)), data.draw(arrays(large))
        expected = np.zeros(small)
        places = np.broadcast_to(np.arange(x.size).reshape(small), large)
        np.add.at(expected.reshape(-1), places.reshape(-1), v.reshape(-1))
        leaf = mg.data(x)
        np.testing.assert_allclose(mg.grad(mg.broadcast_to(leaf, large), leaf, seed=v).value, expected, atol=1e-13)
        np.testing.assert_allclose(mg.grad(leaf + np.zeros(large), leaf, seed=v).value, expected, atol=1e-13)


@given(broadcastable_shapes(2), st.data())
def test_a_gradient_has_its_nodes_shape_and_dtype_for_any_broadcasting(shapes, data):
    a = mg.parameter(data.draw(arrays(shapes[0])), "a")
    b = mg.parameter(data.draw(arrays(shapes[1], dtype=np.float32)), "b")
    da, db = mg.grad(mg.sum(a * b), [a, b])
    assert (da.shape, da.dtype, db.shape, db.dtype) == (a.shape, a.dtype, b.shape, b.dtype)
    assert (da.value.dtype, db.value.dtype) == (np.float64, np.float32)


def test_a_map_of_the_users_own_says_which_form_is_missing():
    class Nothing(LinearMap):
        pass

    x = mg.data(1.0)
    with pytest.raises(NotImplementedError, match="Nothing has no push"):
        Nothing().push(x)
    with pytest.raises(NotImplementedError, match="Nothing has no pull"):
        Nothing().pull(x)
