"""`export`: nodes, or a function that builds them, as a file that runs without minigraph."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from minigraph.calculus.simplification import standing_for
from minigraph.core.calling_lines import many_nodes
from minigraph.core.errors import ShapeError, describe, describe_operation
from minigraph.core.evaluation import placeholder, tracing
from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors
from minigraph.exporting.any_number_of_examples import SIZES, Recording, Unequal, described, needed, united
from minigraph.exporting.numpy_file import python_bytes
from minigraph.exporting.onnx.onnx_model import onnx_bytes
from minigraph.exporting.recording import Recorder, Value
from minigraph.files import replace_file
from minigraph.program.arguments import input_leaves, leaf_axes, output_nodes, refuse_unfit, returned
from minigraph.program.by_value import ByValue, values_of

FORMATS = {".onnx": onnx_bytes, ".py": python_bytes}
"""What writes files of a suffix: a function from a `Recording`, a name and notes to bytes."""
Build = Callable[..., Any]


def export(
    outputs: Node | Sequence[Node] | Build,
    path: str | PathLike[str],
    inputs: Sequence[Node] | None = None,
    batch: Mapping[Any, int] | None = None,
    *,
    notes: Mapping[str, str] | None = None,
) -> Path:
    """Write what computes some nodes into a file that runs without minigraph.

    ``model.onnx`` is a model for onnxruntime and other tools that read ONNX (extra ``onnx``); ``model.py`` is a Python
    function over NumPy, to be read. Gradients are nodes: ``mg.export([J, *mg.grad(J, [W, b])], "backward.onnx")`` writes the
    forward and the backward pass. So is the next value of a parameter, which makes a step of training of it.

    The file has the values that leaves have now, but for the inputs. It refuses no targets and probabilities outside [0, 1].
    A file that is there already is replaced at once, or not at all.

    Args:
        outputs: a node, or a sequence of nodes; or a function that takes nodes for the inputs and returns these.
        path: the file, which ends in ``.onnx`` or ``.py``.
        inputs: the leaves that the file is given arrays for, in order; parameters too. By default all data.
        batch: inputs, or their names, that may have any number of examples, each with the axis of these: ``{X: 1, Y: 1}``.
            Give a function as outputs, if numbers or shapes follow from that number, as those of gradients do.
        notes: further notes that the file keeps about itself, by name.

    Returns:
        The path.

    Raises:
        ImportError: if onnx is not there.
        OSError: if the file can't be written; the old one is then as it was.
        ShapeError: if the graph is not the same for any number of examples.
        TypeError: if anything but nodes is given, an input is not a leaf, or an operation can't be written into the
            file: it has no lowering, or is not pure.
        ValueError: for another kind of file, or no nodes at all.

    Example:
        >>> import os, tempfile
        >>> import minigraph as mg
        >>> X, W = mg.data([[1.0, 2.0, 3.0]], "X"), mg.parameter([[2.0]], "W")
        >>> path = mg.export(mg.relu(W @ X).named("A"), os.path.join(tempfile.mkdtemp(), "model.py"), batch={X: 1})
        >>> print(path.read_text())
        # Written by minigraph ...; it needs NumPy only.
        import numpy as np
        <BLANKLINE>
        W = np.array([[2.0]])
        <BLANKLINE>
        <BLANKLINE>
        def model(X):
            ...
            X = np.asarray(X, np.float64)
            m = X.shape[1] if X.ndim == 2 else 0
            if X.shape != (1, m) or m == 0:
                raise ValueError(f"X is (1, m), not {X.shape}")
            with np.errstate(all="ignore"):
                A = np.maximum(W @ X, 0.0)
                return A
        <BLANKLINE>
    """
    path = Path(path)
    if path.suffix not in FORMATS:
        raise ValueError(f"export: {path.name} ends in none of {', '.join(FORMATS)}, which say what kind of file it is.")
    write = FORMATS[path.suffix]
    builds = callable(outputs) and not isinstance(outputs, Node)
    if builds and inputs is None:
        raise TypeError("export: with a function, inputs are nodes of the shapes that it takes, such as inputs=[X].")
    roots = [] if builds else output_nodes(outputs, "export")
    if not (builds or roots):
        raise ValueError("export: there is no node to compute. Give one, such as J, or several: [J, *mg.grad(J, [W, b])].")
    leaves = _data_of(roots) if inputs is None else input_leaves(inputs, "export")
    axes = _batch_axes(batch, leaves)
    build: Any = outputs if builds else _rebuilding(roots, leaves, axes)
    with many_nodes():
        recording = _recording(build, leaves, axes)
    raw: bytes = write(recording, path.stem, {} if notes is None else notes)
    return replace_file(path, lambda file: file.write(raw))


def _data_of(roots: Sequence[Node]) -> tuple[Node, ...]:
    return tuple(node for node in ancestors(roots) if node.role is Role.DATA)


def _batch_axes(batch: Any, leaves: Sequence[Node]) -> dict[Node, int]:
    """For each input that may have any number of examples the axis of these."""
    if batch is None:
        return {}
    found = leaf_axes(batch, leaves, "export", "batch", "inputs")
    counts = {leaf.shape[axis] for leaf, axis in found.items()}
    if len(counts) > 1:
        raise ShapeError(
            f"export: {' and '.join(map(describe, found))}: along the axes of batch their sizes differ.",
            operands=tuple(found),
        )
    return found


# For any number of examples


def _rebuilding(roots: Sequence[Node], leaves: Sequence[Node], axes: Mapping[Node, int]) -> Build:
    """A function that builds the nodes again, on other leaves; for sizes of their own these nodes themselves."""
    if not axes:
        return lambda *_: list(roots)
    count = next(leaf.shape[axis] for leaf, axis in axes.items())

    def build(*others: Node) -> list[Node]:
        became = dict(zip(leaves, others, strict=True))
        for node in ancestors(roots, stop=became.__contains__):
            if node in became:
                continue
            operands = [became[x] for x in node.inputs]
            if all(x is before for x, before in zip(operands, node.inputs, strict=True)):
                became[node] = _without_examples(node, count)
                continue
            became[node] = _applied(node, operands)
            if count in node.shape and became[node].shape == node.shape:
                raise _for_one_size(node)
        return [became[node] for node in roots]

    return build


def _applied(node: Node, operands: Sequence[Node]) -> Node:
    assert node.op is not None
    try:
        return standing_for(node.op(*operands), node)
    except ShapeError:
        raise _for_one_size(node) from None


def _without_examples(node: Node, count: int) -> Node:
    """The node, if nothing of it looks as if it followed from the number of examples."""
    if node.role is Role.LITERAL and node.shape == ():
        factors = np.array([0.5, 1.0, 2.0])
        suspect = bool(np.isclose(abs(node.value), [*factors * count, *factors / count], rtol=1e-12, atol=0).any())
    else:
        suspect = node.role is not Role.PARAMETER and count in node.shape
    if suspect:
        raise _for_one_size(node)
    return node


def _for_one_size(node: Node) -> ShapeError:
    what = describe(node) if node.op is None else describe_operation(node)
    return ShapeError(
        f"export: {what}: that may depend on the number of examples, and the file must take any. Give a function that "
        "builds the graph, such as lambda X, Y: [J, *mg.grad(J, [W])] with J made in it; or leave batch out.",
        operands=(node,),
    )


def _recording(build: Build, leaves: Sequence[Node], axes: Mapping[Node, int]) -> Recording:
    if not axes:
        return _united([_recorded(build, leaves, leaves)], [0], leaves, axes)
    for sizes in SIZES:
        try:
            found = [_recorded(build, leaves, [_with_examples(leaf, axes, m) for leaf in leaves]) for m in sizes]
            return _united(found, sizes, leaves, axes)
        except Unequal as error:
            why = error
    raise ShapeError(
        f"export: {described(why.node)}, so the file would fit one number of examples only: {why.why}. Leave batch out."
    )


def recorded_as_it_is(roots: Sequence[Node], leaves: Sequence[Node]) -> Recording:
    """What nodes compute from leaves, of the sizes that they have.

    Raises:
        TypeError: for an operation of which only the forward rule is known, or that is not pure.
    """
    with many_nodes():
        return _recording(lambda *_: list(roots), leaves, {})


def _with_examples(leaf: Node, axes: Mapping[Node, int], count: int) -> Node:
    shape = tuple(count if axes.get(leaf) == axis else size for axis, size in enumerate(leaf.shape))
    return placeholder(shape, leaf.dtype, leaf.name or "an input")


class _Recorded:
    """A graph on a `Recorder`: the values of inputs and outputs, and the named nodes of values."""

    def __init__(self, leaves: Sequence[Node], roots: Sequence[Node]):
        self.roots = roots
        self.recorder = Recorder()
        machine = _ByRecording(self.recorder)
        self.inputs = [self.recorder.input(leaf) for leaf in leaves]
        given = dict(zip(leaves, self.inputs, strict=True))
        self.outputs: list[Value] = values_of(roots, given, machine.constant, machine.value)
        self.named = machine.named


class _ByRecording(ByValue):
    def __init__(self, recorder: Recorder):
        super().__init__(recorder)
        self.named: dict[int, Node] = {}

    def constant(self, node: Node) -> Value:
        """A leaf that is no input."""
        self.numpy.node = node
        return self._called(self.leaf(node), node)

    def value(self, node: Node, operands: Sequence[Value]) -> Value:
        """What a node is."""
        if node.op is not None and not node.op.pure:
            raise TypeError(f"export: {describe_operation(node)} is not pure. Make its value a data node, and an input.")
        self.numpy.node = node
        return self._called(self.computed(node, operands), node)

    def _called(self, value: Value, node: Node) -> Value:
        if node.name is not None:
            self.named.setdefault(value.position, node)
        return value

    def otherwise(self, node: Node, operands: Sequence[Any]) -> Value:
        """It can't be said what it does."""
        assert node.op is not None
        raise TypeError(
            f"export: {describe_operation(node)} has no lowering, so a file can't say what it does: its forward rule is "
            f"Python's. Register one for {type(node.op).__name__}, or make its value a data node, and an input."
        )


def _recorded(build: Build, leaves: Sequence[Node], others: Sequence[Node]) -> _Recorded:
    with tracing(set()):
        outputs, updates, _ = returned(build(*others))
    if updates:
        raise TypeError("export: the function returns nodes. A file has no state: make the next values outputs.")
    for leaf, other in zip(leaves, others, strict=True):
        if other.name is None and leaf.name is not None:
            other.named(leaf.name)
    refuse_unfit(outputs, others, {}, "export")
    return _Recorded(others, outputs)


def _united(found: Sequence[_Recorded], sizes: Sequence[int], leaves: Sequence[Node], axes: Mapping[Node, int]) -> Recording:
    first = found[0]
    united_calls = united([each.recorder.values for each in found], sizes)
    calls, became = needed(united_calls, [united_calls[value.position] for value in first.outputs])
    inputs = [became[united_calls[value.position]] for value in first.inputs]
    outputs = [became[united_calls[value.position]] for value in first.outputs]
    named = {became[united_calls[at]]: node for at, node in reversed(first.named.items()) if united_calls[at] in became}
    example = next(((x, axes[leaf]) for x, leaf in zip(inputs, leaves, strict=True) if leaf in axes), None)
    names = _Once()
    return Recording(
        [(names.new(leaf.name or "input"), x) for leaf, x in zip(leaves, inputs, strict=True)],
        [(names.new(node.name or "output"), x) for node, x in zip(first.roots, outputs, strict=True)],
        calls,
        named,
        example,
    )


class _Once:
    """Names that are given once."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def new(self, wish: str) -> str:
        """The wish, with a number behind it if it was given."""
        count = self._given[wish] = self._given.get(wish, 0) + 1
        return wish if count == 1 else self.new(f"{wish}_{count}")
