"""Cases of indexing, with constants and with nodes, and of what is written as such."""

from collections.abc import Iterator

import numpy as np
from oracles import by_entry, many_class_cross_entropy, moved, scattered

import minigraph as mg
from minigraph.core.operators import OPERATIONS
from tests.operations.cases.case import MASK, Case, case


def indices() -> Iterator[Case]:
    for shape, index, new, where in (
        ((3,), 1, (), lambda i: (1,)),
        ((3,), -1, (), lambda i: (2,)),
        ((3,), np.int64(2), (), lambda i: (2,)),
        ((2, 3), 1, (3,), lambda i: (1, i[0])),
        ((2, 3), (slice(None), 1), (2,), lambda i: (i[0], 1)),
        ((2, 3), (slice(None), slice(1, 3)), (2, 2), lambda i: (i[0], i[1] + 1)),
        ((4,), slice(None, None, -1), (4,), lambda i: (3 - i[0],)),
        ((4,), slice(1, None, 2), (2,), lambda i: (2 * i[0] + 1,)),
        ((3,), slice(2, 2), (0,), lambda i: i),
        ((2, 3), (Ellipsis, 0), (2,), lambda i: (i[0], 0)),
        ((2, 3), Ellipsis, (2, 3), lambda i: i),
        ((), (), (), lambda i: ()),
        ((), None, (1,), lambda i: ()),
        ((3,), (None, slice(None)), (1, 3), lambda i: (i[1],)),
        ((2, 3), (slice(None), None, [2, 0]), (2, 1, 2), lambda i: (i[0], [2, 0][i[2]])),
        ((3,), [0, 0, 2, 0], (4,), lambda i: ([0, 0, 2, 0][i[0]],)),
        ((3,), np.array([[0, 1], [1, 2]]), (2, 2), lambda i: (int(sum(i)),)),
        ((3, 2), ([0, 2], [1, 1]), (2,), lambda i: ([0, 2][i[0]], 1)),
        ((2, 3), MASK, (3,), lambda i: [(0, 0), (0, 2), (1, 2)][i[0]]),
        ((3,), np.array([True, False, True]), (2,), lambda i: ([0, 2][i[0]],)),
        ((3,), np.zeros(3, bool), (0,), lambda i: i),
    ):  # fmt: skip
        yield case("getitem", moved(where, new), shape, call=lambda x, index=index: x[index], label=index)
    for index, target, places in (
        ((1,), (3,), [(1,)]),
        ((), (), [()]),
        ((slice(1, 3),), (4,), [(1,), (2,)]),
        ((np.array([0, 0, 2]),), (3,), [(0,), (0,), (2,)]),
        ((slice(None), 1), (2, 2), [(0, 1), (1, 1)]),
        ((None, slice(None)), (2,), [(0,), (1,)]),
        ((MASK,), (2, 3), [(0, 0), (0, 2), (1, 2)]),
        ((Ellipsis, 0), (2, 2), [(0, 0), (1, 0)]),
    ):
        call = lambda x, index=index, target=target: OPERATIONS["scatter"](x, index, target)  # noqa: E731
        yield case("scatter", scattered(places, target), np.zeros(target)[index].shape, call=call, label=index)


def index_arguments() -> Iterator[Case]:
    words, labels, columns_of = [2, 0, 2, -1], [1, 0, 2], [0, 2, 1]
    node = lambda numbers: mg.data(np.array(numbers))  # noqa: E731
    for shape, call, new, where in (
        ((3, 2), lambda x: mg.take(x, node(words), 0), (4, 2), lambda i: (words[i[0]] % 3, i[1])),
        ((3, 2), lambda x: mg.take(x, words, axis=0), (4, 2), lambda i: (words[i[0]] % 3, i[1])),
        ((2, 3), lambda x: mg.take(x, node(words), -1), (2, 4), lambda i: (i[0], words[i[1]] % 3)),
        ((3, 2), lambda x: mg.take(x, node(5)), (), lambda i: (2, 1)),
        ((2, 2), lambda x: mg.take(x, [[3, 0]]), (1, 2), lambda i: divmod((3, 0)[i[1]], 2)),
        ((2, 0), lambda x: mg.take(x, [], 1), (2, 0), lambda i: i),
    ):  # fmt: skip
        yield case("take", moved(where, new), shape, call=call, label=new)
    for shape, call, new, where in (
        ((3, 2), lambda x: x[node(words)], (4, 2), lambda i: (words[i[0]] % 3, i[1])),
        ((3, 2), lambda x: x[node([words])], (1, 4, 2), lambda i: (words[i[1]] % 3, i[2])),
        ((3, 3), lambda x: x[node(labels), node(columns_of)], (3,), lambda i: (labels[i[0]], columns_of[i[0]])),
        ((3, 3), lambda x: x[node(labels), np.arange(3)], (3,), lambda i: (labels[i[0]], i[0])),
        ((2, 2, 3), lambda x: x[..., None, node(labels)], (2, 2, 1, 3), lambda i: (i[0], i[1], labels[i[3]])),
        ((2, 3, 2), lambda x: x[MASK, node(1)], (3,), lambda i: (*[(0, 0), (0, 2), (1, 2)][i[0]], 1)),
        ((3,), lambda x: x[node(-1)], (), lambda i: (2,)),
    ):  # fmt: skip
        yield case("getitem", moved(where, new), shape, call=call, label=f"{new} by a node")
    call = lambda x: OPERATIONS["scatter"](x, (slice(None), node(words)), (2, 3))  # noqa: E731
    places = [(row, word % 3) for row in range(2) for word in words]
    yield case("scatter", scattered(places, (2, 3)), (2, 4), call=call, label="by a node")
    for given in (labels, [labels]):
        chosen = lambda x: by_entry(lambda a: a)(x) * np.eye(3, dtype=int)[:, labels]  # noqa: E731
        yield case(
            "one_hot", chosen, (3, 3), call=lambda x, y=given: x * mg.one_hot(mg.data(y, dtype=x.dtype), 3), label=given
        )
        one_by_one = lambda z: many_class_cross_entropy(z, np.eye(3)[:, labels])  # noqa: E731
        call = lambda z, y=given: mg.cross_entropy_with_logits(z, node(y))  # noqa: E731
        yield case("cross_entropy_with_logits", one_by_one, (3, 3), call=call, label=given)
    call = lambda z: mg.cross_entropy_with_logits(z, labels)  # noqa: E731
    yield case("cross_entropy_with_logits", one_by_one, (3, 3), call=call, label="constant labels")
