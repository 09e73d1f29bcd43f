"""Cases of operations that move entries: reshape, transpose, repeat, join."""

import math
from collections.abc import Callable, Iterator

import numpy as np
from oracles import joined, joined_as, moved, refilled, repeated, stacked

import minigraph as mg
from tests.operations.cases.case import ONE, Case, Shape, case


def shapes() -> Iterator[Case]:
    for old, target, new in (
        ((), (1,), (1,)), ((6,), (2, 3), (2, 3)), ((2, 3), (-1,), (6,)), ((2, 3), (3, -1), (3, 2)), ((2, 3), -1, (6,)),
        ((1, 1), (), ()), ((0, 3), (0,), (0,)), ((2, 2, 2), (4, 2), (4, 2)), ((0,), (2, 0), (2, 0)),
        ((4, 0), (-1, 2), (0, 2)), ((4,), np.int64(4), (4,)),
    ):  # fmt: skip
        yield case("reshape", refilled(new), old, call=lambda x, t=target: mg.reshape(x, t), label=target)
    for shape, axes in (
        ((), None), ((3,), None), ((2, 3), None), ((2, 3, 4), (1, 2, 0)), ((2, 3, 4), (-1, 0, 1)), ((0, 3), (0, 1)),
    ):  # fmt: skip
        order = tuple(reversed(range(len(shape)))) if axes is None else tuple(axis % len(shape) for axis in axes)
        where = lambda i, order=order: tuple(i[order.index(axis)] for axis in range(len(order)))  # noqa: E731
        oracle = moved(where, tuple(shape[axis] for axis in order))
        yield case("transpose", oracle, shape, call=lambda x, axes=axes: mg.transpose(x, axes), label=axes)
    for old, axis, new in (
        ((2, 3), None, (2, 3)),
        ((1, 3, 1), None, (3,)),
        ((1, 3, 1), -1, (1, 3)),
        ((1, 1), (0, -1), ()),
        ((), None, ()),
    ):
        yield case("squeeze", refilled(new), old, call=lambda x, axis=axis: mg.squeeze(x, axis), label=axis)
    for old, axis, new in (
        ((3,), 0, (1, 3)),
        ((3,), -1, (3, 1)),
        ((2, 3), (0, 2), (1, 2, 1, 3)),
        ((), 0, (1,)),
        ((2,), [1, -1], (2, 1, 1)),
    ):
        yield case("expand_dims", refilled(new), old, call=lambda x, axis=axis: mg.expand_dims(x, axis), label=axis)
    for shape in ONE:
        yield case("ravel", refilled((math.prod(shape),)), shape)
    for shape, axes, order in (
        ((2, 3), (0, 1), (1, 0)),
        ((2, 3, 4), (0, -1), (2, 1, 0)),
        ((2, 3, 4), (1, 1), (0, 1, 2)),
        ((3,), (0, 0), (0,)),
    ):
        where = lambda i, order=order: tuple(i[order.index(axis)] for axis in range(len(order)))  # noqa: E731
        oracle = moved(where, tuple(shape[axis] for axis in order))
        yield case("swapaxes", oracle, shape, call=lambda x, axes=axes: mg.swapaxes(x, *axes), label=axes)
    for shape, times, axis, new, where in (
        ((3,), 2, None, (6,), lambda i: (i[0] // 2,)),
        ((2, 2), 3, None, (12,), lambda i: (i[0] // 6, i[0] // 3 % 2)),
        ((2, 3), 2, 1, (2, 6), lambda i: (i[0], i[1] // 2)),
        ((2, 3), 2, -2, (4, 3), lambda i: (i[0] // 2, i[1])),
        ((2, 2), [1, 3], 0, (4, 2), lambda i: (min(i[0], 1), i[1])),
        ((3,), [2, 0, 1], None, (3,), lambda i: ([0, 0, 2][i[0]],)),
        ((), 3, None, (3,), lambda i: ()),
        ((2,), 0, 0, (0,), lambda i: i),
    ):  # fmt: skip
        call = lambda x, times=times, axis=axis: mg.repeat(x, times, axis)  # noqa: E731
        yield case("repeat", moved(where, new), shape, call=call, label=f"{times} {axis}")
    for shape, times, new in (
        ((3,), 2, (6,)), ((2, 3), (2, 1), (4, 3)), ((3,), (2, 2), (2, 6)), ((2, 3), 2, (2, 6)), ((), (2,), (2,)),
        ((2,), 0, (0,)), ((2, 3), (), (2, 3)),
    ):  # fmt: skip
        yield case(
            "tile", moved(in_a_copy_of(shape), new), shape, call=lambda x, times=times: mg.tile(x, times), label=times
        )
    for axis, shape, count in (
        (0, (3,), 2),
        (1, (3,), 2),
        (-1, (2, 3), 3),
        (-3, (2, 3), 2),
        (1, (2, 3), 1),
        (0, (), 3),
        (0, (0,), 2),
    ):
        yield case("stack", stacked(axis), *[shape] * count, call=lambda *x, axis=axis: mg.stack(x, axis), label=axis)
    for parts, rows in (
        (((3,), (3,)), 0),
        (((3,), (2, 3)), 0),
        (((), ()), 0),
        (((2, 3), (1, 3)), 0),
        (((1, 2, 2), (3, 2, 2)), 0),
    ):
        yield case("vstack", joined_as(2, rows), *parts, call=lambda *x: mg.vstack(x))
    for parts, axis in (
        (((3,), (2,)), 0),
        (((), ()), 0),
        (((), (2,)), 0),
        (((2, 3), (2, 1)), 1),
        (((2, 1, 2), (2, 2, 2)), 1),
    ):
        yield case("hstack", joined_as(1, axis), *parts, call=lambda *x: mg.hstack(x))
    for old, new in (
        ((), (2, 3)), ((3,), (2, 3)), ((2, 1), (2, 3)), ((2, 3), (2, 3)), ((1,), (0,)), ((1, 3), (2, 2, 3)), ((), ()),
        ((1,), 3),
    ):  # fmt: skip
        oracle = repeated(old, new if isinstance(new, tuple) else (new,))
        yield case("broadcast_to", oracle, old, call=lambda x, new=new: mg.broadcast_to(x, new), label=new)
    for axis, parts in (
        (0, ((2,), (3,))), (0, ((2, 3), (1, 3), (0, 3))), (1, ((2, 1), (2, 3))), (-1, ((2, 1), (2, 2))), (0, ((4,),)),
        (-2, ((1, 2), (2, 2))), (0, ((0,), (0,))),
    ):  # fmt: skip
        yield case("concatenate", joined(axis), *parts, call=lambda *x, axis=axis: mg.concatenate(x, axis), label=axis)


def in_a_copy_of(shape: Shape) -> Callable[[tuple[int, ...]], tuple[int, ...]]:
    return lambda index: tuple(i % size for i, size in zip(index[len(index) - len(shape) :], shape, strict=True))
