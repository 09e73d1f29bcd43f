"""Lowering of products that add up; an einsum becomes transposes, products of matrices or of entries, and sums."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import numpy as np

from minigraph.core.node import Node
from minigraph.operations.einsum import Einsum, diagonal
from minigraph.operations.einsum_subscripts import once
from minigraph.operations.indexing import scatter
from minigraph.operations.products import MatMul, StackedMatMul
from minigraph.operations.repeating import broadcast_to
from minigraph.operations.shapes import transpose
from minigraph.program.lowering.table import Lowering, Table


def _einsum(op: Einsum, *operands: Node) -> Node:
    size_of = op.size_of(operands)
    terms, nodes = list(op.terms), list(operands)
    for chosen in _order(op, operands):
        picked = [(terms.pop(i), nodes.pop(i)) for i in sorted(chosen, reverse=True)][::-1]
        kept = {*op.summed, *"".join(terms)}
        term, node = _alone(*picked[0], {*kept, *"".join(other for other, _ in picked[1:])}, size_of)
        for i, (other, x) in enumerate(picked[1:], 2):
            later = {*kept, *"".join(waiting for waiting, _ in picked[i:])}
            term, node = _two(term, node, *_alone(other, x, {*later, *term}, size_of), later, size_of)
        terms.append(term)
        nodes.append(node)
    node = _along(nodes[0], terms[0], op.letters, size_of)
    shape = _sizes(op.letters, size_of)
    node = node if node.shape == shape else broadcast_to(node, shape)
    return node if op.letters == op.output else scatter(node, diagonal(op.output, size_of), _sizes(op.output, size_of))


def _order(op: Einsum, operands: tuple[Node, ...]) -> list[tuple[int, ...]]:
    """Which operands are multiplied together, one pair after the other; what is made of them comes last."""
    if len(operands) <= 2:
        return [tuple(range(len(operands)))]
    shapes = [np.broadcast_to(0.0, x.shape) for x in operands]
    return list(np.einsum_path(f"{','.join(op.terms)}->{op.summed}", *shapes, optimize="greedy")[0][1:])


def _alone(term: str, x: Node, kept: Collection[str], size_of: Mapping[str, int]) -> tuple[str, Node]:
    """An operand with each letter once, and without those that nobody else needs."""
    letters = once(term)
    if letters != term:
        x = x[diagonal(term, size_of)]
    axes = tuple(axis for axis, letter in enumerate(letters) if letter not in kept)
    return "".join(letter for letter in letters if letter in kept), x.sum(axes) if axes else x


def _two(first: str, a: Node, second: str, b: Node, kept: Collection[str], size_of: Mapping[str, int]) -> tuple[str, Node]:
    """The sum of the products of two operands over the letters that are not kept; both have these."""
    both = [letter for letter in first if letter in second]
    stack = "".join(letter for letter in both if letter in kept)
    inner = "".join(letter for letter in both if letter not in kept)
    left, right = ("".join(letter for letter in term if letter not in both) for term in (first, second))
    result = stack + left + right
    if not (inner and left + right):
        every = result + inner
        product = _along(a, first, every, size_of) * _along(b, second, every, size_of)
        return result, product.sum(tuple(range(len(result), len(every)))) if inner else product

    def folded(x: Node, term: str, *groups: str) -> Node:
        """The axes in the order of the groups, each group but the first one axis."""
        turned = _turned(x, term, stack + "".join(groups))
        return _shaped(turned, (*_sizes(stack, size_of), *(math.prod(_sizes(group, size_of)) for group in groups)))

    product = folded(a, first, left, inner) @ folded(b, second, inner, right)
    return result, _shaped(product, _sizes(result, size_of))


def _sizes(letters: str, size_of: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(size_of[letter] for letter in letters)


def _shaped(x: Node, shape: tuple[int, ...]) -> Node:
    return x if x.shape == shape else x.reshape(shape)


def _turned(x: Node, term: str, order: str) -> Node:
    """The axes in another order."""
    return x if term == order else transpose(x, tuple(term.index(letter) for letter in order))


def _along(x: Node, term: str, letters: str, size_of: Mapping[str, int]) -> Node:
    """The operand with its axes where these letters are, and size 1 where it has none, so that it broadcasts."""
    turned = _turned(x, term, "".join(letter for letter in letters if letter in term))
    return _shaped(turned, tuple(size_of[letter] if letter in term else 1 for letter in letters))


LOWERINGS: Table = {
    MatMul: Lowering(lambda write, op, out, a, b: write.dot(a, b, out)),
    StackedMatMul: Lowering(lambda write, op, out, a, b: write.call("matmul", a, b, out)),
    Einsum: Lowering(expansion=_einsum),
}
