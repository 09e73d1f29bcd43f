"""What `compile` is given, and what a function that builds a graph returns, checked before anything is made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

import numpy as np

from minigraph.core.errors import ShapeError, describe
from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors
from minigraph.program import passes
from minigraph.values import shown, truth_value, whole_number

EXPECTED = (
    "The function returns a node, a list of nodes, or outputs and a dict of updates, "
    "such as J, {w: w - rate * mg.grad(J, w)}."
)
LEAVES = (Role.DATA, Role.PARAMETER)


def returned(built: Any) -> tuple[list[Node], Mapping[Node, Node], bool]:
    """Outputs and updates that a function has returned, and whether the outputs are one node."""
    outputs, updates = built, None
    if isinstance(built, tuple) and len(built) == 2 and isinstance(built[1], Mapping):
        outputs, updates = built
    try:
        return output_nodes(outputs), update_nodes(updates), isinstance(outputs, Node)
    except TypeError as error:
        missing = " Is its return missing?" if built is None else ""
        raise TypeError(f"{error}{missing} {EXPECTED}") from None


def output_nodes(outputs: Any, what: str = "compile") -> list[Node]:
    """The outputs as a list."""
    if isinstance(outputs, Node):
        return [outputs]
    return _nodes(outputs, what, "outputs are a node or a list of nodes", "outputs are nodes")


def input_leaves(inputs: Any, what: str = "compile") -> tuple[Node, ...]:
    """The inputs, each a leaf, none twice."""
    if isinstance(inputs, Node):
        raise TypeError(f"{what}: inputs is a list of data nodes. {describe(inputs)}: write inputs=[{inputs.name or 'X'}].")
    found = tuple(_nodes(inputs, what, "inputs is a list of data nodes, such as inputs=[X, Y]", "inputs are nodes"))
    for leaf in found:
        _refuse_no_leaf(leaf, what, "an input")
    if len(set(found)) < len(found):
        raise TypeError(f"{what}: an input is given twice.")
    return found


def update_nodes(updates: Any, what: str = "compile") -> dict[Node, Node]:
    """The updates, each of a leaf, by a node of its shape."""
    if updates is None:
        return {}
    if not isinstance(updates, Mapping):
        form = "updates is a dict from leaves to the nodes of their next values, {w: w - rate * mg.grad(J, w)}"
        raise TypeError(f"{what}: {form}, not {shown(updates)}.")
    for leaf, new in updates.items():
        if not isinstance(leaf, Node):
            raise TypeError(f"{what}: updates are nodes, not {shown(leaf)}: a dict has the leaf before each colon.")
        _refuse_no_leaf(leaf, what, "an updated node")
        if not isinstance(new, Node):
            raise TypeError(
                f"{what}: updates are nodes, not {shown(new)}. {describe(leaf)}: its next value is written with nodes, "
                "since a number or array would be the same in every step."
            )
        if new.shape != leaf.shape:
            raise ShapeError(f"{what}: {describe(leaf)}, but its next value is {new.shape}.", operands=(leaf, new))
    return dict(updates)


def leaf_axes(given: Any, leaves: Iterable[Node], what: str, option: str, who: str, which: str = "") -> dict[Node, int]:
    """For each leaf that an option names, itself or by its name, the axis that it gives, counted from 0.

    Args:
        given: what the option is given.
        leaves: those that it may name.
        what: whose option it is, for errors.
        option: what it is called there.
        who: what these leaves are there.
        which: which of them are meant.

    Raises:
        TypeError: if it is not a dict, or a key is none of the leaves, or an axis no whole number.
        ShapeError: if an axis is not there.
    """
    if not isinstance(given, Mapping):
        example = f"{option}={{X: 1, Y: 1}}"
        raise TypeError(f"{what}: {option} is a dict from {who} to axes, such as {example}; not {shown(given)}.")
    readable = list(leaves)
    found: dict[Node, int] = {}
    for key, value in given.items():
        axis = whole_number(value, f"{what}: an axis of {option}")
        meant = [leaf for leaf in readable if leaf is key or (isinstance(key, str) and leaf.name == key)]
        if len(meant) != 1:
            there = ", ".join(repr(leaf.name) for leaf in readable if leaf.name is not None)
            asked = describe(key) if isinstance(key, Node) else shown(key)
            raise TypeError(f"{what}: {option} names {who}{which}: {asked}, and there are {there or 'none'}.")
        (leaf,) = meant
        if not -leaf.ndim <= axis < leaf.ndim:
            raise ShapeError(f"{what}: {describe(leaf)} and has no axis {axis} for {option}.", operands=(leaf,))
        found[leaf] = axis % leaf.ndim
    return found


def refuse_unfit(
    outputs: Iterable[Node], inputs: Iterable[Node], updates: Mapping[Node, Node], what: str = "compile"
) -> None:
    """Raise for what does not fit together, or can't be computed."""
    for leaf in inputs:
        if leaf in updates:
            raise TypeError(f"{what}: {describe(leaf)} and is both an input and updated. It can be one of them.")
    for node in ancestors([*outputs, *updates.values()]):
        if node.op is None and node.size == 0:
            raise ShapeError(f"{what}: {describe(node)}: there are no entries, so nothing to compute.", operands=(node,))


def left_out(without: Any, memory: Any, gram: Any, backend: str) -> list[str]:
    """The names of passes to leave out, those besides ``without`` that options of their own speak of."""
    there = passes.names()
    if isinstance(without, str) or not isinstance(without, Iterable):
        example = without if without in there else "stack"
        raise TypeError(f'compile: without is a list of names of passes, not {shown(without)}: write without=["{example}"].')
    names = list(without)
    unknown = [name if isinstance(name, str) else shown(name) for name in names if name not in there]
    if unknown:
        raise ValueError(f"compile: no pass is called {', '.join(sorted(unknown))}. There are {', '.join(there)}.")
    if not isinstance(memory, str) or memory not in ("more", "less"):
        raise ValueError(f"compile: memory is 'more' or 'less', not {shown(memory)}.")
    if memory == "less" and backend == "jax":
        raise ValueError("compile: memory='less' is not for backend='jax', whose own compiler says what is kept.")
    names += ["recompute"] if memory == "more" else []
    return names if truth_value(gram, "compile: gram") else [*names, "gram"]


def _nodes(given: Any, what: str, form: str, each: str) -> list[Node]:
    """What is given as a list of nodes, in its order."""
    if not isinstance(given, Iterable) or isinstance(given, str | bytes | Mapping | Set | np.ndarray):
        raise TypeError(f"{what}: {form}, not {shown(given)}.")
    found = list(given)
    for node in found:
        if not isinstance(node, Node):
            raise TypeError(f"{what}: {each}, not {shown(node)}.")
    return found


def _refuse_no_leaf(node: Node, what: str, who: str) -> None:
    if node.role not in LEAVES:
        raise TypeError(f"{what}: {who} is a leaf made by mg.data or mg.parameter. {describe(node)}.")
