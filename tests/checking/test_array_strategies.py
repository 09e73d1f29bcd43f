"""Arrays and shapes are what their strategies promise: entries apart, away from kinks, inside the domain."""

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

import minigraph as mg
from minigraph.testing import arrays, broadcastable_shapes, distance_to_kink, operands

SHAPES = st.lists(st.integers(0, 4), max_size=3).map(tuple)
DTYPES = st.sampled_from([np.float32, np.float64])
DOMAINS = st.sampled_from([(-np.inf, np.inf), (0.0, np.inf), (-np.inf, 2.0), (0.0, 1.0), (-3.0, 5.0)])


def nearest(array, kinks, low, high):
    """The least distance between two entries, and the least from an entry to a kink or an end of the domain."""
    entries = np.sort(np.asarray(array, float).ravel())
    places = np.array([*kinks, low, high])
    return np.diff(entries).min(initial=np.inf), np.abs(entries[:, None] - places).min(initial=np.inf)


def check_promise(array, shape, domain, kinks, dtype):
    low, high = {
        (-np.inf, np.inf): (-4.0, 4.0), (0.0, np.inf): (0.0, 4.0), (-np.inf, 2.0): (-2.0, 2.0),
    }.get(domain, domain)  # fmt: skip
    assert array.shape == shape and array.dtype == dtype
    assert (low < array).all() and (array < high).all()
    spacing = (high - low) / (64 if array.size <= 32 else 4 * array.size)
    rounding = 1 - 1e-6 * max(1, abs(low), abs(high)) / spacing * (dtype == np.float32) - 1e-8
    apart, away = nearest(array, kinks, low, high)
    assert apart >= spacing * rounding and away >= spacing / 2 * rounding


@given(st.data(), SHAPES, DOMAINS, st.sampled_from([(), (0.0,), (0.0, 0.5), (0.3, -1.01)]), DTYPES)
def test_arrays_keep_to_shape_dtype_domain_and_away_from_kinks(data, shape, domain, kinks, dtype):
    check_promise(data.draw(arrays(shape, domain, kinks, dtype)), shape, domain, kinks, dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kinks", [(0.0, 0.5), (0.0079, 0.3), np.linspace(-3, 3, 7)])
@pytest.mark.parametrize("domain", [(0.0, 1.0), (-3.0, 5.0), (-np.inf, np.inf), (0.1, 0.3)])
@pytest.mark.parametrize("size", [1, 31, 32, 33, 63, 64, 65, 129, 200])
def test_as_many_entries_as_there_are_keep_their_distance(size, domain, kinks, dtype):
    @settings(max_examples=3)
    @given(arrays((size,), domain, kinks, dtype))
    def check(array):
        check_promise(array, (size,), domain, kinks, dtype)

    check()


@pytest.mark.parametrize(
    ("shape", "domain", "kinks", "dtype"),
    [
        ((3,), (1e9, 1e9 + 1), (), np.float32),
        ((3,), (1.0, 1.0 + 1e-15), (), np.float64),
        ((3,), (-1e308, 1e308), (), np.float32),
        ((40,), (0.0, 1.0), np.linspace(0, 1, 400), np.float64),
        ((), (0.0, 1.0), np.linspace(0, 1, 400), np.float64),
    ],
)
def test_entries_that_do_not_fit_are_refused(shape, domain, kinks, dtype):
    with pytest.raises(ValueError, match=rf"^\d+ entries of {np.dtype(dtype)} don't fit between .* Take a wider domain"):
        arrays(shape, domain, kinks, dtype)


def test_a_domain_as_wide_as_numbers_are():
    array = find(arrays((2,), (-1.7e308, 1.7e308)), lambda found: found[0] > 0 > found[1])
    assert np.isfinite(array).all()


@given(arrays(SHAPES))
def test_a_strategy_of_shapes_does_for_a_shape(array):
    assert array.ndim <= 3


@given(arrays((10, 20)))
def test_large_arrays_have_no_equal_entries_either(array):
    assert len(set(array.ravel().tolist())) == 200 and (np.abs(array) < 4).all()


def test_float32_arrays_hold_the_same_numbers():
    assert find(arrays((2,), dtype=np.float32), lambda z: z[0] > z[1] > 0).tolist() == pytest.approx(
        find(arrays((2,)), lambda z: z[0] > z[1] > 0).tolist(), rel=0
    )


def test_examples_shrink_to_small_positive_numbers():
    assert find(arrays(()), lambda z: True) == 0.0625


@given(operands([(2, 3), (3,), ()]))
def test_operands_share_no_entry(found):
    assert [array.shape for array in found] == [(2, 3), (3,), ()]
    assert len({float(entry) for array in found for entry in array.ravel()}) == 10


@given(operands([(3,), (3,)], [(0.0, 1.0), (-np.inf, np.inf)]))
def test_operands_have_domains_of_their_own(found):
    assert (found[0] > 0).all() and (found[0] < 1).all()


def test_no_operands_are_an_empty_tuple():
    assert find(operands([]), lambda found: True) == ()


@pytest.mark.parametrize("domains", [[(0.0, 1.0)], [(0.0, 1.0), (1.0, 1.0)], [(0.0, 1.0), (2.0, 1.0)]])
def test_domains_that_do_not_fit_are_refused(domains):
    with pytest.raises(ValueError, match=r"a domain \(low, high\) is needed for each of 2 shapes"):
        operands([(), (3,)], domains)


@given(st.integers(1, 4).flatmap(broadcastable_shapes))
def test_broadcastable_shapes_broadcast(shapes):
    assert max(np.broadcast_shapes(*shapes), default=0) <= 3


@pytest.mark.parametrize(
    "wanted",
    [
        lambda one, other: one == () != other,
        lambda one, other: one == (0,) != other,
        lambda one, other: one == (3,) and len(other) == 2,
        lambda one, other: len(one) == 3 and one[1] == 1 and len(other) == 1,
    ],
)
def test_broadcastable_shapes_reach_scalars_empty_and_ranks(wanted):
    assert find(broadcastable_shapes(2), lambda shapes: wanted(*shapes), settings=settings(max_examples=10_000))


@given(broadcastable_shapes(2, min_side=1))
def test_broadcastable_shapes_without_empty_ones(shapes):
    assert not any(0 in shape for shape in shapes)


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda x: mg.relu(x), 0.25),
        (lambda x: mg.abs(x - 1) + mg.exp(x), 0.5),
        (lambda x: mg.maximum(x, 0.3), 0.05),
        (lambda x: mg.max(x), 0.25),
        (lambda x: mg.max(mg.concatenate([x, x])), 0.0),
        (lambda x: mg.max(x.reshape(1, 3), axis=0), np.inf),
        (lambda x: mg.exp(x), np.inf),
        (lambda x: x**-1, 0.25),
    ],
)
def test_distance_to_kink(build, expected):
    x = mg.parameter([0.25, 0.5, -1.0])
    assert distance_to_kink(build(x)) == pytest.approx(expected)


@pytest.mark.parametrize(
    "strategy, shown", [(arrays((1, 2)), "x=array([[ 0.0625, -0.0625]])"), (operands([(1,), ()]), "array(-0.0625))")]
)
def test_a_failing_example_is_printed_as_its_numbers(strategy, shown):
    @settings(derandomize=True, max_examples=5, database=None)
    @given(strategy)
    def fails(x):
        raise AssertionError

    with pytest.raises(AssertionError) as failure:
        fails()
    note = "\n".join(failure.value.__notes__)
    assert shown in note and "fill(" not in note and "[0]," not in note
