"""Calls that are refused, and calls that are left to NumPy: nothing that is not right gets to the interpreter."""

import numpy as np
import pytest

from minigraph.program.native.rows import OPERANDS, Call, Lacking, Rows
from minigraph.program.native.running import Steps

x, y, out = np.ones(3), np.ones(3), np.ones(3)
matrix = np.ones((3, 4))
FUNCTIONS = dict.fromkeys(OPERANDS, 0)


def read_only(array):
    array.flags.writeable = False
    return array


def beyond():
    return np.lib.stride_tricks.as_strided(np.ones(3), (4,), (8,))


def one_for_all():
    return np.lib.stride_tricks.as_strided(np.ones(1), (3,), (0,))


def unaligned():
    return np.frombuffer(bytearray(33), np.uint8)[1:].view(np.float64)


def between():
    """Doubles that begin every 12 bytes."""
    return np.zeros(4, np.dtype([("x", np.float64), ("y", np.float32)]))["x"]


MALFORMED = {
    "too few operands": (Call("add", (x,), out), TypeError, "add takes 2 operands, not 1"),
    "too many operands": (Call("exp", (x, y), out), TypeError, "exp takes 1 operands, not 2"),
    "a number": (Call("add", (x, 1.0), out), TypeError, "not on a value of type float"),
    "no array to fill": (Call("exp", (x,)), TypeError, "exp needs an array that it fills"),
    "an array that nothing fills": (Call("finite", (x,), out), TypeError, "finite fills no array"),
    "shapes that don't broadcast": (Call("add", (x, np.ones(4)), out), ValueError, "broadcast"),
    "another shape": (Call("add", (x, y), np.ones(4)), ValueError, r"shape \(3,\), but is to fill one of \(4,\)"),
    "fewer axes": (Call("add", (matrix, matrix), np.ones(matrix.shape[1:])), ValueError, "but is to fill one of"),
    "a copy of more axes": (Call("copyto", (matrix,), out), ValueError, "broadcast|fill"),
    "read only": (Call("exp", (x,), read_only(np.ones(3))), ValueError, "can't be written"),
    "the same memory for all": (Call("exp", (x,), one_for_all()), ValueError, "lie in each"),
    "memory that overlaps": (
        Call("exp", (np.ones((2, 2)),), np.lib.stride_tricks.as_strided(np.ones(3), (2, 2), (8, 8))),
        ValueError,
        "lie in each other's memory",
    ),
    "beyond the end": (Call("exp", (beyond(),), np.ones(4)), ValueError, "beyond the memory"),
    "beyond the end, filled": (Call("exp", (np.ones(4),), beyond()), ValueError, "beyond the memory"),
    "numbers into truth": (Call("add", (x, y), np.ones(3, bool)), TypeError, "can't hold"),
    "a reduction's shape": (Call("add.reduce", (matrix,), np.ones(3), (0,)), ValueError, r"shape \(4,\), but is to"),
    "an axis that is not": (Call("add.reduce", (matrix,), np.ones(3), (2,)), ValueError, "no axis 2 among 2"),
    "sums so far without an axis": (Call("add.accumulate", (matrix,), np.ones((3, 4))), TypeError, "along one axis"),
    "sums so far along two": (Call("add.accumulate", (matrix,), np.ones((3, 4)), (0, 1)), TypeError, "along one axis"),
    "sums so far in another shape": (Call("add.accumulate", (matrix,), np.ones(3), (0,)), ValueError, "is to fill one of"),
    "the largest of none": (Call("maximum.reduce", (np.ones((0, 2)),), np.ones(2), (0,)), ValueError, "no largest entry"),
    "a product's shapes": (Call("dot", (matrix, matrix), np.ones((3, 4))), ValueError, "not those of a product"),
    "a product's result": (Call("dot", (matrix, np.ones(4)), np.ones(4)), ValueError, "not those of a product"),
    "taken by floats": (Call("take", (matrix, x), np.ones((3, 4)), (0,)), TypeError, "by whole numbers"),
    "taken into another shape": (Call("take", (matrix, np.array([0])), np.ones((3, 4)), (0,)), ValueError, "have the shape"),
}


@pytest.mark.parametrize("call, error, words", MALFORMED.values(), ids=MALFORMED)
def test_malformed_calls_are_refused(call, error, words):
    rows = Rows(FUNCTIONS, [])
    with pytest.raises(error, match=words):
        rows.add(call)
    assert rows.rows == []


six = np.ones((2, 2, 2, 2, 2, 2, 4))[..., ::2]
LEFT = {
    "an unknown function": (Call("arctan", (x,), out), "no function arctan"),
    "complex numbers": (Call("exp", (np.ones(3, complex),), np.ones(3, complex)), "arrays of complex128"),
    "half precision": (Call("exp", (np.ones(3, np.float16),), out), "arrays of float16"),
    "bytes the other way": (Call("exp", (x,), np.ones(3, np.dtype(float).newbyteorder())), "arrays of"),
    "unaligned entries": (Call("exp", (unaligned(),), np.ones(4)), "multiples of their size"),
    "entries between": (Call("exp", (between(),), np.ones(4)), "multiples of their size"),
    "whole numbers": (Call("add", (np.ones(3, int), y), out), "add of int64 and float64 into float64"),
    "into whole numbers": (Call("copyto", (x,), np.ones(3, int)), "copyto of float64 into int64"),
    "truth values": (Call("add", (np.ones(3, bool), np.ones(3, bool)), out), "add of bool and bool into float64"),
    "a sum of truth values": (Call("add.reduce", (np.ones(3, bool),), np.ones(())), "add.reduce of bool into float64"),
    "a sum in another precision": (Call("add.reduce", (x,), np.ones((), np.float32)), "float64 into float32"),
    "a part of an operand": (Call("exp", (matrix[0],), matrix.reshape(-1)[1:5]), "part of an operand"),
    "an operand turned around": (Call("negative", (x,), x[::-1]), "part of an operand"),
    "one operand over another": (Call("add", (matrix, matrix[:1]), matrix), "part of an operand"),
    "another type in its memory": (Call("copyto", (x,), x.view(np.float32)[:3]), "part of an operand"),
    "a bound": (Call("clip", (x, y, out), out), "upper bound"),
    "a sum in its operand": (Call("add.reduce", (matrix,), matrix[0], (0,)), "part of an operand"),
    "sums so far in their operand": (Call("add.accumulate", (x,), x, (0,)), "part of an operand"),
    "sums so far of truth": (Call("add.accumulate", (x > 0,), np.ones(3), (0,)), "of bool"),
    "a product in a factor": (Call("dot", (np.ones((3, 3)), x), x), "part of an operand"),
    "a product of two precisions": (Call("dot", (x, np.ones(3, np.float32)), np.ones(())), "dot of float64 and float32"),
    "a product of three axes": (Call("dot", (np.ones((2, 3, 4)), np.ones(4)), np.ones((2, 3))), "of 3 and 1 axes"),
    "a product of numbers": (Call("dot", (np.ones(()), x), out), "of 0 and 1 axes"),
    "taken along another axis": (Call("take", (matrix, np.array([0])), np.ones((3, 1)), (1,)), "first axis only"),
    "taken from a number": (Call("take", (np.ones(()), np.array([0])), np.ones(1), (0,)), "first axis only"),
    "taken by small numbers": (Call("take", (matrix, np.array([0], np.int8)), np.ones((1, 4)), (0,)), "arrays of int8"),
    "taken over itself": (Call("take", (matrix, np.array([0])), matrix[:1], (0,)), "part of an operand"),
    "taken from scattered rows": (
        Call("take", (np.ones((3, 4, 4))[:, ::2, ::2], np.array([0])), np.ones((1, 2, 2)), (0,)),
        "more than one step",
    ),
    "too many axes": (Call("exp", (np.ones((3,) * 5).T[::-1, :, ::-1],), np.ones((3,) * 5)), "along 5 axes"),
}


@pytest.mark.parametrize("call, words", LEFT.values(), ids=LEFT)
def test_what_numpy_does_better_is_left_to_it(call, words):
    rows = Rows(FUNCTIONS, [])
    with pytest.raises(Lacking, match=words):
        rows.add(call)
    assert rows.rows == []


def test_parts_that_lie_between_one_another_are_apart():
    rows = Rows(FUNCTIONS, [])
    both = np.ones(8)
    rows.add(Call("exp", (both[::2],), both[1::2]))
    assert len(rows.rows) == 1


def test_what_is_too_hard_to_tell_is_left_to_numpy(monkeypatch):
    def hard(*arrays, max_work):
        raise np.exceptions.TooHardError

    monkeypatch.setattr(np, "shares_memory", hard)
    with pytest.raises(Lacking, match="part of an operand"):
        Rows(FUNCTIONS, []).add(Call("exp", (matrix[:, ::2],), matrix[:, 1::2]))


def test_without_blas_large_products_are_left_to_numpy():
    big = np.ones((50, 50))
    Rows(FUNCTIONS, [], 50**3 + 1).add(Call("dot", (big, big), np.ones((50, 50))))
    with pytest.raises(Lacking, match="for BLAS"):
        Rows(FUNCTIONS, [], 50**3).add(Call("dot", (big, big), np.ones((50, 50))))


def test_an_array_in_two_arrays_that_move_is_refused():
    whole = np.ones(6)
    with pytest.raises(ValueError, match="each other's memory"):
        Rows(FUNCTIONS, [whole[:4], whole[3:]])
    with pytest.raises(ValueError, match="moves and beside"):
        Rows(FUNCTIONS, [whole[:3]]).add(Call("exp", (whole[2:4],), np.ones(2)))
    with pytest.raises(Lacking, match="complex"):
        Rows(FUNCTIONS, [np.ones(3, complex)])


def test_a_run_is_refused_where_arrays_are_others_than_looked_at(interpreter):
    w, after, row = np.ones((2, 3)), np.ones((2, 3)), np.ones((2, 3))
    calls = [Call("negative", (w,), after), Call("copyto", (w,), row)]

    def run(count, *arrays):
        return Steps(interpreter, calls, [w, after, row], pairs=[(0, 1)], results=[2]).run(count, arrays)

    rows = np.ones((4, 2, 3))
    assert run(4, w, after, rows) == 4
    whole = np.ones(24)
    for arrays, words in (
        ((w, after), "3 arrays move, and 2 are given"),
        ((w.T.copy(), after, rows), "laid out in another way"),
        ((np.asfortranarray(w), after, rows), "laid out in another way"),
        ((w.astype(np.float32), after, rows), "laid out in another way"),
        ((w, after, rows[:3]), "an array with 4 rows"),
        ((w, after, np.ones(())), "one after the other"),
        ((w, after, np.ones((8, 2, 3))[::2]), "one after the other"),
        ((w, after, np.ones((4, 3, 2))), "rows of an array are laid out"),
        ((w, w, rows), "lies in the memory of another"),
        ((whole[:6].reshape(2, 3), whole[5:11].reshape(2, 3), rows), "lies in the memory of another"),
        ((rows[1], after, rows), "lies in the memory of another"),
        ((w, read_only(np.ones((2, 3))), rows), "can't be written"),
        ((w, after, read_only(np.ones((4, 2, 3)))), "can't be written"),
    ):
        with pytest.raises(ValueError, match=words):
            run(4, *arrays)
    fixed = np.ones((2, 3))
    steps = Steps(interpreter, [Call("negative", (fixed,), after)], [after])
    with pytest.raises(ValueError, match="lies in the memory of another"):
        steps.run(1, [fixed])
    assert steps.run(0, [np.ones((2, 3))]) == 0


def test_positions_that_are_none_are_refused(interpreter):
    arrays = [np.ones(2), np.ones(2), np.ones(3)]
    for pairs, results, words in (
        ([(0, 0)], [], "named twice"),
        ([(0, 1)], [1], "named twice"),
        ([(0, 3)], [], "or there is none"),
        ([], [-1], "or there is none"),
        ([(0, 2)], [], "not laid out alike"),
    ):
        with pytest.raises(ValueError, match=words):
            Steps(interpreter, [], arrays, pairs=pairs, results=results)
