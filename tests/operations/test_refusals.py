"""What operations refuse, and the words they say."""
# ruff: noqa: E501  # messages stand in one piece, so that they can be searched for

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigraph as mg
from minigraph.operations.arithmetic import Accumulate

W, x = mg.parameter(np.ones((4, 3)), "W"), mg.data(np.ones((2, 5)), "x")
v, s = mg.data([1.0, 2.0, 3.0], "v"), mg.data(1.0, "s")
cube = mg.data(np.ones((2, 2, 2)), "cube")

SHAPES: list[tuple[Callable[[], Any], str]] = [
    (lambda: W + x, "add: 'W' is (4, 3) and 'x' is (2, 5): these shapes don't broadcast. Sizes must agree from the right, or be 1."),
    (lambda: mg.maximum(v, [1.0, 2.0]), "maximum: 'v' is (3,) and an array is (2,): these shapes don't broadcast."),
    (lambda: W @ x, "matmul: 'W' is (4, 3) and 'x' is (2, 5): inner sizes 3 and 2 differ. Examples are columns: is x transposed?"),
    (lambda: W @ np.ones(4), "matmul: 'W' is (4, 3) and an array is (4,): inner sizes 3 and 4 differ."),
    (lambda: W @ s, "matmul takes vectors, matrices and stacks of matrices. For a scalar use *."),
    (lambda: s @ W, "matmul: 's' is () and 'W' is (4, 3): matmul takes vectors, matrices and stacks of matrices."),
    (lambda: W @ cube, "matmul: 'W' is (4, 3) and 'cube' is (2, 2, 2): inner sizes 3 and 2 differ."),
    (lambda: cube @ W, "matmul: 'cube' is (2, 2, 2) and 'W' is (4, 3): inner sizes 2 and 4 differ."),
    (lambda: cube @ s, "matmul: 'cube' is (2, 2, 2) and 's' is (): matmul takes vectors, matrices and stacks of matrices."),
    (lambda: cube @ v, "matmul: 'cube' is (2, 2, 2) and 'v' is (3,): inner sizes 2 and 3 differ."),
    (lambda: mg.data(np.ones((5, 4, 3)), "stack") @ mg.data(np.ones((2, 4)), "M")[:], "inner sizes 3 and 2 differ. Did you mean b @ stack?"),
    (
        lambda: mg.data(np.ones((5, 4, 3)), "A") @ mg.data(np.ones((2, 3, 1)), "B"),
        "matmul: 'A' is (5, 4, 3) and 'B' is (2, 3, 1): the axes before the last two, (5,) and (2,), don't broadcast. They "
        "count matrices: sizes must agree from the right, or be 1.",
    ),
    (lambda: mg.einsum("ijk->i", W), "einsum: 'W' is (4, 3): 'ijk' has 3 letters, one for each axis, but there are 2 axes."),
    (lambda: mg.einsum("i->i", s), "einsum: 's' is (): 'i' has 1 letter, one for each axis, but there are 0 axes."),
    (lambda: mg.einsum("ij,jk->ik", W, x), "einsum: 'x' is (2, 5): j is 2 in 'jk', but 3 in 'ij', where 'W' is (4, 3). A letter has one size."),
    (lambda: mg.einsum("ii", W), "einsum: 'W' is (4, 3): i is 3 in 'ii', but 4 in 'ii', where 'W' is (4, 3)."),
    (lambda: mg.einsum("i,i", v, np.ones(1)), "einsum: an array is (1,): i is 1 in 'i', but 3 in 'i', where 'v' is (3,). A letter has one size. An axis of size 1 is not repeated: leave it out, as x[0] does."),
    (lambda: mg.dot(W, x), "matmul: 'W' is (4, 3) and 'x' is (2, 5): inner sizes 3 and 2 differ."),
    (lambda: mg.dot(W, cube), "dot: 'W' is (4, 3) and 'cube' is (2, 2, 2): the last axis of the first, 3, and the last but one of the second, 2, differ."),
    (lambda: W.sum(2), "sum: 'W' is (4, 3): axis 2 does not exist: it has 2 axes, 0 to 1, or from the end -1 to -2."),
    (lambda: W.sum((0, -2)), "sum: 'W' is (4, 3): (0, -2) names an axis twice."),
    (lambda: s.max(0), "max: 's' is (): axis 0 does not exist: a scalar has no axes."),
    (lambda: mg.mean(np.ones((0, 3))), "mean: an array is (0, 3): the mean of no entries is not defined."),
    (lambda: mg.mean(np.ones((2, 0)), axis=1), "the mean of no entries is not defined."),
    (lambda: mg.max([]), "max: an array is (0,): the largest of no entries is not defined."),
    (lambda: W.reshape(5, 2), "reshape: 'W' is (4, 3): its 12 entries don't fill the shape (5, 2)."),
    (lambda: W.reshape(5, -1), "its 12 entries don't fill the shape (5, -1)."),
    (lambda: W.reshape(-1, -1), "its 12 entries don't fill the shape (-1, -1)."),
    (lambda: W.reshape(-2, -2, 3), "its 12 entries don't fill the shape (-2, -2, 3)."),
    (lambda: W.reshape(-2, -6), "its 12 entries don't fill the shape (-2, -6)."),
    (lambda: mg.reshape(np.ones((0, 2)), (0, -1)), "its 0 entries don't fill the shape (0, -1)."),
    (lambda: mg.transpose(W, (0,)), "transpose: 'W' is (4, 3): the axes (0,) must name each of its 2 axes once."),
    (lambda: mg.transpose(W, (0, 2)), "transpose: 'W' is (4, 3): one of the axes (0, 2) does not exist: it has 2 axes, 0 to 1, or from the end -1 to -2."),
    (lambda: mg.broadcast_to(v, (3, 2)), "broadcast_to: 'v' is (3,): it can't be repeated to (3, 2)."),
    (lambda: mg.broadcast_to(W, (3,)), "broadcast_to: 'W' is (4, 3): it can't be repeated to (3,)."),
    (lambda: mg.broadcast_to(W, (1, 3)), "broadcast_to: 'W' is (4, 3): it can't be repeated to (1, 3)."),
    (lambda: mg.concatenate([v, W]), "concatenate: 'v' is (3,) and 'W' is (4, 3): all sizes but that of axis 0 must be equal."),
    (lambda: mg.concatenate([W, x], 1), "concatenate: 'W' is (4, 3) and 'x' is (2, 5): all sizes but that of axis 1 must be equal."),
    (lambda: mg.concatenate([cube, cube[:, :, :1]]), "all sizes but that of axis 0 must be equal."),
    (lambda: mg.concatenate([v, v], 1), "axis 1 does not exist: a vector has axis 0 (or -1) only; as a column, reshape(-1, 1), it is (3, 1) and has two."),
    (lambda: mg.concatenate([s, s]), "concatenate: 's' is () and 's' is (): scalars have no axis to join. Reshape them to (1,)."),
    (lambda: mg.concatenate([]), "concatenate: there is nothing to concatenate."),
    (lambda: v[5], "getitem: 'v' is (3,): the index [5] does not fit: index 5 is out of bounds"),
    (lambda: W[:, :, 0], "getitem: 'W' is (4, 3): the index [:, :, 0] does not fit: too many indices"),
    (lambda: v[[True, False]], "getitem: 'v' is (3,): the index [[True, False]] does not fit: boolean index did not match"),
    (lambda: mg.softmax(s), "softmax: 's' is (): a scalar has no axis to share 1 along."),
    (lambda: mg.log_softmax(v, 1), "log_softmax: 'v' is (3,): axis 1 does not exist: a vector has axis 0 (or -1) only; as a column, reshape(-1, 1), it is (3, 1) and has two."),
    (
        lambda: mg.squared_error(mg.data([[1.0, 2.0]], "A"), mg.data([1.0, 2.0], "y")),
        "squared_error: 'A' is (1, 2) and 'y' is (2,): a loss needs equal shapes, since broadcasting them would compare every "
        "prediction with every target. Reshape the target to the prediction's shape.",
    ),
    (lambda: mg.bce(s, v), "bce: 's' is () and 'v' is (3,): a loss needs equal shapes"),
    (lambda: mg.bce_with_logits(W, x), "bce_with_logits: 'W' is (4, 3) and 'x' is (2, 5): a loss needs equal shapes"),
    (lambda: mg.cross_entropy_with_logits(W, x), "cross_entropy_with_logits: 'W' is (4, 3) and 'x' is (2, 5): a loss needs equal"),
    (
        lambda: mg.cross_entropy_with_logits(v, v),
        "cross_entropy_with_logits: 'v' is (3,) and 'v' is (3,): examples are columns and classes are rows: both must be (classes, m).",
    ),
    (lambda: mg.cross_entropy_with_logits(np.ones((0, 2)), np.ones((0, 2))), "both must be (classes, m)."),
]  # fmt: skip


@pytest.mark.parametrize(("act", "message"), SHAPES, ids=[row[1][:40] for row in SHAPES])
def test_shapes_that_do_not_fit(act: Callable[[], Any], message: str) -> None:
    with pytest.raises(mg.ShapeError, match=re.escape(message)):
        act()


def test_a_shape_error_names_the_group_and_the_operands() -> None:
    with mg.group("Layer 2 · ReLU"):
        A = mg.data(np.ones((2, 5)), "A1")
    with pytest.raises(mg.ShapeError, match=r"^matmul: 'W' is \(4, 3\) and 'A1' is \(2, 5\): ") as caught:
        W @ A
    assert caught.value.op is not None
    assert caught.value.op.name == "matmul"
    assert caught.value.operands == (W, A)
    with pytest.raises(mg.ShapeError, match=r"^matmul in group 'Layer 2 · ReLU': 'A1' is \(2, 5\) and 'W'"):
        A @ W


@pytest.mark.parametrize("name", ["W", "b"])
def test_the_hint_on_transposed_data_is_for_matrices_of_data_only(name: str) -> None:
    other = mg.parameter(np.ones((2, 5)), name) if name == "W" else mg.data(np.ones(2), name)
    with pytest.raises(mg.ShapeError, match=r"differ\.$"):
        W @ other


VALUES: list[tuple[Callable[[], mg.Node], int, str]] = [
    (
        lambda: mg.bce(mg.data([0.5, 1.2], "p"), [0.0, 1.0]).named("L"),
        0,
        "bce for 'L': 'p' is (2,), but it has the entry 1.2: a probability lies in [0, 1]. For logits use mg.bce_with_logits.",
    ),
    (lambda: mg.bce(mg.data(-0.1, "p"), 1.0), 0, "bce: 'p' is (), but it has the entry -0.1: a probability lies in [0, 1]."),
    (
        lambda: mg.bce([0.5], mg.data([2.0], "y")),
        1,
        "bce: 'y' is (1,), but it has the entry 2.0: a target of bce lies in [0, 1].",
    ),
    (
        lambda: mg.bce_with_logits([3.0], mg.data([-1.0], "y")),
        1,
        "bce_with_logits: 'y' is (1,), but it has the entry -1.0: a target of bce_with_logits lies in [0, 1].",
    ),
    (
        lambda: mg.cross_entropy_with_logits(mg.data([[1.0]], "z"), mg.data([[2.0]], "y")),
        1,
        "cross_entropy_with_logits: 'y' is (1, 1), but it has the entry 2.0: one-hot columns are made of 0 "
        "and 1. Labels 0, 1, 2 … have the shape (m,) or (1, m).",
    ),
]


@pytest.mark.parametrize(("build", "operand", "message"), VALUES, ids=[row[2][:40] for row in VALUES])
def test_values_outside_the_domain(build: Callable[[], mg.Node], operand: int, message: str) -> None:
    node = build()  # nothing is read yet
    with pytest.raises(mg.DomainError, match=re.escape(message)) as caught:
        node.value  # noqa: B018
    assert caught.value.operand == operand
    with pytest.raises(mg.DomainError, match=re.escape(message)):
        mg.evaluate(node)


def test_the_ends_of_the_domain_belong_to_it() -> None:
    assert mg.bce([0.0, 1.0], [0.0, 1.0]).value.tolist() == [0, 0]


@pytest.mark.parametrize("exponent", ["2", 1j, None, np.nan])
def test_an_exponent_that_is_no_number(exponent: Any) -> None:
    with pytest.raises(
        TypeError, match=r"^power: the exponent is a finite real number, not .+\. An array or a node may be one, too\.$"
    ):
        mg.power(v, exponent)


def test_an_exponent_that_does_not_broadcast() -> None:
    with pytest.raises(mg.ShapeError, match=r"^power: 'v' is \(3,\) and an array is \(2,\): these shapes don't broadcast"):
        v ** [1.0, 2.0]


def test_clip_without_a_bound() -> None:
    with pytest.raises(TypeError, match=r"^clip needs a bound: mg\.clip\(x, 0\.0, 1\.0\)"):
        mg.clip(v)


def test_a_mask_that_is_none() -> None:
    with pytest.raises(TypeError, match=r"^where: the mask: values of dtype <U1 are refused"):
        mg.where(["a"], v, v)
    with pytest.raises(
        mg.ShapeError, match=r"^where: an array is \(2,\) and 'v' is \(3,\) and 's' is \(\): these shapes don't"
    ):
        mg.where([True, False], v, s)


@pytest.mark.parametrize("exponent", [2, 2.0, np.float32(2), np.int64(2), np.array(2.0)])
def test_every_kind_of_number_is_an_exponent(exponent: Any) -> None:
    assert (v**exponent).value.tolist() == [1, 4, 9]


def test_an_index_made_of_nodes() -> None:
    for index in (W, (slice(None), W)):
        with pytest.raises(TypeError, match=r"'W' is \(4, 3\), a parameter, but no index is learned: make it data"):
            v[index]


@pytest.mark.parametrize("operand", [1j, "1", None, object(), [[1.0], [1.0, 2.0]], np.array(["a"]), 10**400])
def test_operands_that_are_no_real_numbers(operand: Any) -> None:
    kind = r"values of (d?type) .* are refused|a number of type int is no float|the value is not a regular array of numbers"
    with pytest.raises(TypeError, match=f"^add: ({kind})"):
        mg.add(v, operand)


def test_a_wrong_number_of_operands() -> None:
    with pytest.raises(TypeError, match=r"^add takes 2 operands, not 3$"):
        type((v + v).op)()(v, v, v)
    with pytest.raises(TypeError, match=r"^accumulate needs an operand\. For a constant write mg\.data\(value\)\.$"):
        Accumulate()()


X22, V3 = mg.data([[1.0, -2.0], [3.0, 0.5]], "X22"), mg.data([1.0, 2.0, 3.0], "V3")


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: mg.hstack([X22, V3]), "hstack: 'X22' is (2, 2) and 'V3' is (3,): all sizes but"),
        (lambda: np.vstack([X22, V3]), "vstack: 'X22' is (2, 2) and 'V3' is (3,): all sizes but"),
        (lambda: mg.clip(X22, V3, 9.0), "clip: 'X22' is (2, 2) and 'V3' is (3,) and the literal 9 is ()"),
        (lambda: X22.clip(max=V3), "clip: 'X22' is (2, 2) and 'V3' is (3,): these shapes don't broadcast"),
        (lambda: mg.take(X22, [7]), "take: 'X22' is (2, 2): the index [[7]] does not fit"),
        (lambda: mg.take(X22, [7], axis=1), "take: 'X22' is (2, 2): the index [:, [7]] does not fit"),
    ],
)
def test_what_is_made_of_others_refuses_by_its_own_name_what_it_was_given(act: Callable[[], Any], message: str) -> None:
    with pytest.raises(mg.ShapeError, match="^" + re.escape(message)):
        act()


@pytest.mark.parametrize(
    "act", [lambda x: x % 2, lambda x: 2 % x, lambda x: x // 2, lambda x: 2 // x, lambda x: divmod(x, 2)]
)
def test_remainders_say_what_to_write(act: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=r"'X22' is \(2, 2\): %, // and divmod jump at whole numbers.*x - 2 \* np.floor"):
        act(X22)
    x = mg.parameter([5.5, -1.0], "x")
    assert (x - 2 * np.floor(x.value / 2)).value.tolist() == (x.value % 2).tolist()


@pytest.mark.parametrize("shape", [(3, 4), (12,), 12, (2, -1), (2, 2, 3)])
def test_entries_are_read_by_columns_where_that_is_asked_for(shape: Any) -> None:
    array = np.arange(12.0).reshape(2, 3, 2)
    x = mg.parameter(array, "x")
    for found in (mg.reshape(x, shape, "F"), x.reshape(shape, order="F"), np.reshape(x, shape, order="F")):
        assert found.value.tolist() == array.reshape(shape, order="F").tolist()
    for flat in (x.ravel("F"), x.flatten("F"), np.ravel(x, "F"), mg.ravel(x, order="F")):
        assert flat.value.tolist() == array.ravel("F").tolist()
    assert x.reshape(shape, order="C").value.tolist() == array.reshape(shape).tolist()
    for wrong in ("A", None, 1):
        with pytest.raises(TypeError, match='the order is "C", row by row'):
            x.reshape(shape, order=wrong)


def test_norms_by_their_order() -> None:
    assert mg.norm(V3, ord=1).value == 6 and mg.norm(V3, ord=np.inf).value == 3 and mg.norm(V3, ord=2).value == 14**0.5
    with pytest.raises(TypeError, match=r"not ord=3\."):
        mg.norm(V3, ord=3)
