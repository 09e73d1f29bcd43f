"""Cases of sums of products: matmul, dot, einsum; and of softmax."""

from collections.abc import Iterator

from oracles import (
    columns,
    dot_product,
    log_softmax,
    many_class_cross_entropy,
    matrix_product,
    outer_product,
    softmax,
    stacked_product,
    sum_of_products,
)

import minigraph as mg
from minigraph.core.operators import OPERATIONS
from tests.operations.cases.case import Case, case


def sums_of_products() -> Iterator[Case]:
    for pair in (
        ((2, 3), (3, 4)), ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((1, 1), (1, 1)), ((2, 0), (0, 3)), ((0,), (0,)),
        ((0, 2), (2, 3)), ((2,), (2, 0)),
    ):  # fmt: skip
        yield case("matmul", matrix_product, *pair)
        yield case("dot", matrix_product, *pair)
    for pair in (
        ((2, 2, 3), (2, 3, 2)), ((2, 3), (2, 3, 1)), ((2, 1, 3), (3, 2)), ((2, 1, 2, 3), (2, 3, 1)), ((3,), (2, 3, 2)),
        ((2, 2, 3), (3,)), ((1, 2, 2), (3, 2, 1)), ((0, 2, 3), (3, 2)), ((2, 2, 0), (2, 0, 1)), ((1, 1, 1), (1,)),
    ):  # fmt: skip
        yield case("matmul", stacked_product, *pair)
    for pair in (((), (2, 3)), ((3,), ()), ((2, 1, 3), (3,)), ((3,), (2, 3, 2)), ((2, 3), (2, 3, 1)), ((2, 1, 3), (3, 2)),
        ((0, 3), (1, 3, 2)), ((0,), (2, 0, 1))):  # fmt: skip
        yield case("dot", dot_product, *pair)
    for pair in (((2,), (3,)), ((), (2,)), ((2, 2), (1, 3)), ((0,), (2,)), ((), ())):
        yield case("outer", outer_product, *pair)
    for shape, axis in (
        ((3,), 0), ((3, 2), 0), ((2, 3), 1), ((2, 3), -1), ((2, 3, 2), 1), ((1, 2), 0), ((0, 2), 0), ((2, 0), 0),
    ):  # fmt: skip
        for name, lines in (("softmax", softmax), ("log_softmax", log_softmax)):
            call = lambda z, name=name, axis=axis: OPERATIONS[name](z, axis)  # noqa: E731
            yield case(name, columns(axis, lines), shape, call=call, label=axis)
    for shape in ((3, 2), (1, 2), (5, 1), (3, 0)):
        yield case("cross_entropy_with_logits", many_class_cross_entropy, shape, shape, domains=("real", "unit"))


LETTERS = {"a": 2, "b": 2, "i": 2, "j": 3, "k": 2, "l": 1, "z": 0}


def einsums() -> Iterator[Case]:
    for subscripts in (
        "ij,jk->ik", "ij,jk", "ji", "ij->ji", "ij->", "ij->j", "ii->", "ii", "ii->i", "iij->j", "jii->ij", "i,i->", "i,i->i",
        "i,j->ji",
        ",i->i", "->", ",->", "ij,ij->", "ij,ij->ji", "ai,aij->aj", "aij,ajk->aik", "bik,abjk->abij", "ij,jk,kl->il",
        "ii,ij->j",
        "i,i,i->", "ij,ik,il->jkl", "i,j,k->", "aab,bi,i->a", "lj,lj->l", "iz,zj->ij", "zi->i", "zi,z->zi", "ij,kl->",
        " i j , j -> i ",
    ):  # fmt: skip
        terms = "".join(subscripts.split()).partition("->")[0].split(",")
        shapes = [tuple(LETTERS[letter] for letter in term) for term in terms]
        call = lambda *x, subscripts=subscripts: mg.einsum(subscripts, *x)  # noqa: E731
        yield case("einsum", sum_of_products(subscripts), *shapes, call=call, label=subscripts)
