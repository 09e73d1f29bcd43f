"""`OPERATORS`: what each function of a recording is in ONNX.

Most have an operator. Where ONNX has none, or onnxruntime none for float64, there is a formula of others that loses no
digits: log1p and expm1 by Kahan's, tan by sine and cosine, arcsin and the like by what single precision gives, corrected.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.exporting.any_number_of_examples import Call
from minigraph.exporting.onnx.onnx_writer import OnnxWriter
from minigraph.exporting.recording import Gap, is_basic, spread_index, with_axes, without_none_and_masks

Operator = str | Callable[..., str]
SINGLE = np.dtype(np.float32)
WHOLE = np.dtype(np.int64)
FARTHEST = 2**62
"""Beyond the end of any array: where a slice without an end goes."""


class _Numbers:
    """Formulas of one dtype: ``n("Add", x, 1)``."""

    def __init__(self, write: OnnxWriter, dtype: np.dtype[Any]):
        self.write, self.dtype = write, dtype

    def __call__(self, operator: str, *operands: str | float) -> str:
        values = [x if isinstance(x, str) else self.write.constant(x, self.dtype) for x in operands]
        return self.write.add(operator, values)


def _formula(formula: Callable[..., str]) -> Operator:
    def operator(write: OnnxWriter, call: Call, *operands: str) -> str:
        return formula(_Numbers(write, call.operands[0].dtype), *operands)

    return operator


def _log1p(n: _Numbers, x: str) -> str:
    u = n("Add", x, 1)
    exact = n("Mul", n("Log", u), n("Div", x, n("Sub", u, 1)))
    return n("Where", n("Equal", u, 1), x, n("Where", n("Equal", u, math.inf), u, exact))


def _expm1(n: _Numbers, x: str) -> str:
    u = n("Exp", x)
    less = n("Sub", u, 1)
    exact = n("Mul", less, n("Div", x, n("Log", u)))
    far = n("Or", n("Equal", less, -1), n("Equal", u, math.inf))
    return n("Where", n("Equal", u, 1), x, n("Where", far, less, exact))


def _logaddexp(n: _Numbers, a: str, b: str) -> str:
    size = n("Neg", n("Abs", n("Sub", a, b)))
    exact = n("Add", n("Max", a, b), _log1p(n, n("Exp", size)))
    return n("Where", n("Equal", a, b), n("Add", a, math.log(2)), exact)


def _fmax(n: _Numbers, a: str, b: str) -> str:
    return n("Where", n("IsNaN", a), b, n("Where", n("IsNaN", b), a, n("Max", a, b)))


def _half_exp(n: _Numbers, x: str) -> str:
    """Half of exp |x|, which overflows no sooner than sinh and cosh do."""
    root = n("Exp", n("Mul", n("Abs", x), 0.5))
    return n("Mul", n("Mul", root, 0.5), root)


def _sinh(n: _Numbers, x: str) -> str:
    less = _expm1(n, n("Abs", x))
    near = n("Mul", n("Add", less, n("Div", less, n("Add", less, 1))), 0.5)
    return n("Mul", n("Sign", x), n("Where", n("Less", n("Abs", x), 20), near, _half_exp(n, x)))


def _cosh(n: _Numbers, x: str) -> str:
    half = _half_exp(n, x)
    return n("Add", half, n("Div", 0.25, half))


def _rough(n: _Numbers, operator: str, x: str) -> tuple[str, str, str]:
    """The function in single precision, and sine and cosine of what it gives."""
    found = n.write.cast(n.write.add(operator, [n.write.cast(x, SINGLE)]), n.dtype)
    return found, n("Sin", found), n("Cos", found)


def _corrected(n: _Numbers, rough: str, d: str) -> str:
    """Rough + arcsin d, for a small d."""
    return n("Add", rough, n("Add", d, n("Div", n("Mul", d, n("Mul", d, d)), 6)))


def _arctan(n: _Numbers, x: str) -> str:
    rough, sine, cosine = _rough(n, "Atan", x)
    far = n("Greater", n("Abs", x), 1e15)
    d = n("Div", n("Sub", n("Mul", x, cosine), sine), n("Add", cosine, n("Mul", x, sine)))
    exact = n("Sub", n("Add", rough, d), n("Div", n("Mul", d, n("Mul", d, d)), 3))
    return n("Where", far, n("Mul", n("Sign", x), math.pi / 2), exact)


def _arcsin(n: _Numbers, x: str) -> str:
    rough, sine, cosine = _rough(n, "Asin", x)
    other = n("Sqrt", n("Mul", n("Sub", 1, x), n("Add", 1, x)))
    return _corrected(n, rough, n("Sub", n("Mul", x, cosine), n("Mul", other, sine)))


def _arccos(n: _Numbers, x: str) -> str:
    rough, sine, cosine = _rough(n, "Acos", x)
    other = n("Sqrt", n("Mul", n("Sub", 1, x), n("Add", 1, x)))
    return _corrected(n, rough, n("Sub", n("Mul", other, cosine), n("Mul", x, sine)))


def _reduced(operator: str) -> Operator:
    def reduced(write: OnnxWriter, call: Call, x: str) -> str:
        axes = write.constant(call.options["axes"], WHOLE)
        return write.add(operator, [x, axes], keepdims=int(call.options["keepdims"]))

    return reduced


# Parts of arrays


def _getitem(write: OnnxWriter, call: Call, x: str, *given: str) -> str:
    operand = call.operands[0]
    index = spread_index(call.options["index"], len(operand.shape))
    if all(map(is_basic, index)):
        return _basic(write, index, x)
    parts, new = without_none_and_masks(index)
    x = write.add("Unsqueeze", [x, write.constant(new, WHOLE)]) if new else x
    chosen = _chosen(write, call, parts, given)
    cuts = [part if isinstance(part, slice) else slice(None) for part in parts]
    x = _turned(write, _basic(write, cuts, x), chosen.first)
    return _turned(write, write.add("GatherND", [x, chosen.places]), np.argsort(chosen.moved).tolist())


@dataclass(frozen=True)
class _Chosen:
    """Arrays along some axes, as GatherND and ScatterND take them.

    Attributes:
        places: for each entry its places along these axes.
        first: all axes of the array, these first.
        moved: all axes of what is chosen, those of the places first.
    """

    places: str
    first: list[int]
    moved: list[int]


def _chosen(write: OnnxWriter, call: Call, index: Sequence[Any], given: Sequence[str]) -> _Chosen:
    """The arrays of an index that has whole numbers, arrays of them, operands and slices."""
    axes = [axis for axis, part in enumerate(index) if not isinstance(part, slice)]
    arrays = [index[axis] for axis in axes]
    shapes = [call.operands[part.operand].shape if isinstance(part, Gap) else np.shape(part) for part in arrays]
    ndim = max(map(len, shapes))
    columns = zip(*((1,) * (ndim - len(shape)) + tuple(shape) for shape in shapes), strict=True)
    shape = [next((size for size in column if size != 1), 1) for column in columns]
    names = [given[part.operand - 1] if isinstance(part, Gap) else write.constant(part, WHOLE) for part in arrays]
    last, whole = write.constant([-1], WHOLE), write.sizes(shape)
    places = write.add("Concat", [write.add("Unsqueeze", [write.add("Expand", [x, whole]), last]) for x in names], axis=-1)
    others = [axis for axis in range(len(index)) if axis not in axes]
    start = axes[0] if axes == [*range(axes[0], axes[0] + len(axes))] else 0  # NumPy's rule
    moved = [*range(start, start + ndim)]
    return _Chosen(places, axes + others, moved + [axis for axis in range(ndim + len(others)) if axis not in moved])


def _basic(write: OnnxWriter, index: Sequence[Any], x: str) -> str:
    parts = [part for part in index if part is not None]
    cuts = [(axis, part) for axis, part in enumerate(parts) if isinstance(part, slice) and part != slice(None)]
    if cuts:
        steps = [1 if part.step is None else part.step for _, part in cuts]
        starts = [_end(part.start, -step) for (_, part), step in zip(cuts, steps, strict=True)]
        stops = [_end(part.stop, step) for (_, part), step in zip(cuts, steps, strict=True)]
        axes = [axis for axis, _ in cuts]
        x = write.add("Slice", [x, *map(write.sizes, (starts, stops, axes, steps))])
    for axis, part in reversed([*enumerate(parts)]):
        if not isinstance(part, slice):
            x = write.add("Gather", [x, write.constant(part, WHOLE)], axis=axis)
    left = [part for part in index if part is None or isinstance(part, slice)]
    new = [axis for axis, part in enumerate(left) if part is None]
    return write.add("Unsqueeze", [x, write.constant(new, WHOLE)]) if new else x


def _end(bound: Any, direction: int) -> Any:
    return bound if bound is not None else FARTHEST if direction > 0 else -FARTHEST


def _turned(write: OnnxWriter, x: str, order: list[int]) -> str:
    return x if order == [*range(len(order))] else write.add("Transpose", [x], perm=order)


def _flat(write: OnnxWriter, x: str) -> str:
    return write.add("Reshape", [x, write.constant([-1], WHOLE)])


def _scatter(write: OnnxWriter, call: Call, x: str, *given: str) -> str:
    index, pads = call.options["index"], call.options["pads"]
    if pads is not None:
        left = spread_index(index, len(call.shape))
        kept = [part for part in left if part is None or isinstance(part, slice)]
        gone = [axis for axis, part in enumerate(kept) if part is None]
        new = [axis for axis, part in enumerate(p for p in left if p is not None) if not isinstance(part, slice)]
        x = write.add("Squeeze", [x, write.constant(gone, WHOLE)]) if gone else x
        x = write.add("Unsqueeze", [x, write.constant(new, WHOLE)]) if new else x
        around = [*(before for before, _ in pads), *(after for _, after in pads)]
        return write.add("Pad", [x, write.sizes(around)]) if any(around) else x
    index = spread_index(index, len(call.shape))
    if all(map(is_basic, index)):
        return _with_steps(write, call, x)
    parts, new = without_none_and_masks(index)
    sizes = with_axes(call.shape, new)
    chosen = _chosen(write, call, parts, given)
    zeros = write.add("Expand", [write.constant(0, call.dtype), write.sizes([sizes[i] for i in chosen.first])])
    added = write.add("ScatterND", [zeros, chosen.places, _turned(write, x, chosen.moved)], reduction="add")
    added = _turned(write, added, np.argsort(chosen.first).tolist())
    return write.add("Squeeze", [added, write.constant(new, WHOLE)]) if new else added


def _with_steps(write: OnnxWriter, call: Call, x: str) -> str:
    """Added to zeros by slices with steps."""
    sizes: Any = call.shape
    if not all(isinstance(size, int) for size in sizes):
        raise TypeError("export: the derivative of an index with steps needs all sizes, and one is left open.")
    places = np.arange(math.prod(sizes)).reshape(sizes)[call.options["index"]]
    zeros = write.constant(np.zeros(math.prod(sizes)), call.dtype)
    added = write.add("ScatterElements", [zeros, write.constant(np.ravel(places), WHOLE), _flat(write, x)], reduction="add")
    return write.add("Reshape", [added, write.sizes(sizes)])


OPERATORS: Mapping[str, Operator] = {
    "negative": "Neg",
    "absolute": "Abs",
    "sign": "Sign",
    "square": lambda write, call, x: write.add("Mul", [x, x]),
    "reciprocal": "Reciprocal",
    "sqrt": "Sqrt",
    "exp": "Exp",
    "expm1": _formula(_expm1),
    "log": "Log",
    "log1p": _formula(_log1p),
    "tanh": "Tanh",
    "sin": "Sin",
    "cos": "Cos",
    "tan": _formula(lambda n, x: n("Div", n("Sin", x), n("Cos", x))),
    "arcsin": _formula(_arcsin),
    "arccos": _formula(_arccos),
    "arctan": _formula(_arctan),
    "sinh": _formula(_sinh),
    "cosh": _formula(_cosh),
    "ceil": "Ceil",
    "floor": "Floor",
    "isnan": "IsNaN",
    "add": "Add",
    "subtract": "Sub",
    "multiply": "Mul",
    "divide": "Div",
    "power": "Pow",
    "maximum": "Max",
    "minimum": "Min",
    "fmax": _formula(_fmax),
    "fmin": _formula(lambda n, a, b: n("Neg", _fmax(n, n("Neg", a), n("Neg", b)))),
    "equal": "Equal",
    "not_equal": lambda write, call, a, b: write.add("Not", [write.add("Equal", [a, b])]),
    "logaddexp": _formula(_logaddexp),
    "greater": "Greater",
    "greater_equal": "GreaterOrEqual",
    "less": "Less",
    "less_equal": "LessOrEqual",
    "logical_or": "Or",
    "logical_and": "And",
    "logical_not": "Not",
    "where": "Where",
    "matmul": "MatMul",
    "sum": _reduced("ReduceSum"),
    "max": _reduced("ReduceMax"),
    "cumsum": lambda write, call, x: write.add("CumSum", [x, write.constant(call.options["axis"], WHOLE)]),
    "take": lambda write, call, x, entries: write.add("Gather", [x, entries], axis=0),
    "astype": lambda write, call, x: write.cast(x, call.dtype),
    "reshape": lambda write, call, x: write.add("Reshape", [x, write.sizes(call.shape)]),
    "transpose": lambda write, call, x: write.add("Transpose", [x], perm=call.options["axes"]),
    "broadcast_to": lambda write, call, x: write.add("Expand", [x, write.sizes(call.shape)]),
    "concatenate": lambda write, call, *parts: write.add("Concat", parts, axis=call.options["axis"]),
    "getitem": _getitem,
    "scatter": _scatter,
}
"""Operators by function; where several are needed, what writes them."""
