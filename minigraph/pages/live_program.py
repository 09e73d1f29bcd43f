"""`program_of`: what nodes compute from leaves, as instructions that `live_machine.js` does: the calls that files have too.

Shapes are fixed, so that whatever moves or repeats entries is a list of places, worked out here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from minigraph.core.errors import ShapeError
from minigraph.core.node import Node
from minigraph.exporting.any_number_of_examples import Call
from minigraph.exporting.export import recorded_as_it_is
from minigraph.exporting.recording import Gap
from minigraph.values import broadcast_shape

UFUNCS = frozenset(
    [
        "absolute", "add", "arccos", "arcsin", "arctan", "ceil", "copysign", "cos", "cosh", "divide", "equal", "exp",
        "expm1", "floor", "fmax", "fmin", "greater",
        "greater_equal", "isfinite", "isinf", "isnan", "less", "less_equal", "log", "log1p", "logaddexp", "logical_and",
        "logical_not", "logical_or", "maximum", "minimum", "multiply", "negative", "not_equal", "positive", "power",
        "reciprocal", "rint", "sign", "sin", "sinh", "sqrt", "square", "subtract", "tan", "tanh",
    ]
)  # fmt: skip
"""The functions of NumPy that the page has; whatever else a lowering calls is refused by its name."""

Instruction = list[Any]
"""Its function, the numbers of its operands, what else it needs, and whether the result is rounded to float32."""


class Lacking(TypeError):
    """A page can't do an operation: which one, and why."""


def program_of(outputs: Sequence[Node], leaves: Sequence[Node]) -> dict[str, Any]:
    """The program as JSON can hold it: instructions, and the numbers of the values that are the outputs.

    Value number i is what instruction i gives; the first ones are the leaves. Every value is a flat list of numbers.

    Raises:
        TypeError: for an operation that only Python knows, by its name.
        ShapeError: for an array without entries.
    """
    try:
        recording = recorded_as_it_is(outputs, leaves)
    except (TypeError, ShapeError) as error:
        refused = ShapeError if isinstance(error, ShapeError) else Lacking
        raise refused(str(error).replace("export: ", "live: ").replace("a file", "a page")) from None
    numbers = {call: place for place, (_, call) in enumerate(recording.inputs)}
    instructions: list[Instruction] = []
    tables: dict[bytes, int] = {}
    lists: list[list[int] | dict[str, Any]] = []

    def table(places: Any) -> int:
        """The number of a list of places; equal lists are one."""
        array = np.ascontiguousarray(places, np.int64)
        if array.tobytes() not in tables:
            tables[array.tobytes()] = len(lists)
            lists.append(_in_steps(array) or array.reshape(-1).tolist())
        return tables[array.tobytes()]

    for call in recording.calls:
        if call.function != "input":
            function, operands, more = _instruction(call, table)
            rounds = call.dtype == np.float32 and call.function not in MOVING
            instructions.append([function, [numbers[x] for x in operands], more, int(rounds)])
            numbers[call] = len(recording.inputs) + len(instructions) - 1
    return {
        "instructions": instructions,
        "tables": lists,
        "outputs": [numbers[call] for _, call in recording.outputs],
    }


def _instruction(call: Call, table: Callable[[Any], int]) -> tuple[str, Sequence[Call], Any]:
    """The function, the operands and what else it needs."""
    if call.function in UFUNCS:
        return call.function, call.operands, [_size(call), *(_spread(x, call, table) for x in call.operands)]
    if call.function not in SPELLED:
        what = "a node" if call.node is None else call.node.op.name if call.node.op is not None else str(call.node.name)
        raise Lacking(f"live: {what} needs NumPy's {call.function}, which pages do not have.")
    return SPELLED[call.function](call, table)


def _in_steps(places: Any) -> dict[str, Any] | None:
    """The places by the first one and the step along each axis, which is short; None if they are too few, or uneven."""
    if places.size <= 4:
        return None
    first, corner = int(places.flat[0]), (0,) * places.ndim
    steps = [
        int(places[(*corner[:axis], 1, *corner[axis + 1 :])]) - first if size > 1 else 0
        for axis, size in enumerate(places.shape)
    ]
    even = first + sum(step * numbers for step, numbers in zip(steps, np.indices(places.shape, sparse=True), strict=True))
    return {"first": first, "sizes": list(places.shape), "steps": steps} if np.array_equal(even, places) else None


def _size(call: Call) -> int:
    return math.prod(_shape(call))


def _shape(call: Call) -> tuple[int, ...]:
    return tuple(int(size) for size in call.shape)  # type: ignore[arg-type]  # sizes are numbers, since none is free


def _places(call: Call) -> Any:
    """Each entry's place in the flat list, in the shape of the value."""
    return np.arange(_size(call)).reshape(_shape(call))


def _spread(x: Call, out: Call, table: Callable[[Any], int]) -> int:
    """How an operand is broadcast: −1 as it stands, −2 if it is one number, else the number of a table."""
    if _size(x) == _size(out):
        return -1
    return -2 if _size(x) == 1 else table(np.broadcast_to(_places(x), _shape(out)))


def _moved(move: Callable[..., Any]) -> Callable[[Call, Callable[[Any], int]], tuple[str, Sequence[Call], Any]]:
    """An instruction that takes entries from other places."""

    def instruction(call: Call, table: Callable[[Any], int]) -> tuple[str, Sequence[Call], Any]:
        return "gather", call.operands[:1], table(move(call, _places(call.operands[0])))

    return instruction


def _index(call: Call) -> tuple[Any, ...]:
    """The index of a call; entries of it that are values must be constants."""
    parts = []
    for part in call.options["index"]:
        if isinstance(part, Gap):
            part = _fixed(call.operands[part.operand])
        parts.append(part)
    return tuple(parts)


def _fixed(index: Call) -> Any:
    """An index, which must not move: the places that it names follow from it."""
    shape = _shape(index)
    while index.function in ("astype", "reshape", "broadcast_to"):
        (index,) = index.operands
    if index.function != "constant":
        raise Lacking("live: an index that is computed can't be followed. Make it a constant array.")
    values = np.asarray(index.options["value"]).astype(int)
    return values.reshape(shape) if values.size == math.prod(shape) else np.broadcast_to(values, shape)


def _along(call: Call, table: Callable[[Any], int]) -> tuple[str, Sequence[Call], Any]:
    """A reduction: for each entry of the operand the place of the entry that it goes to."""
    (x,), axes = call.operands, call.options["axes"]
    shape = tuple(1 if axis in axes else size for axis, size in enumerate(_shape(x)))
    kept = np.arange(math.prod(shape)).reshape(shape)
    return call.function, [x], [_size(call), table(np.broadcast_to(kept, _shape(x)))]


def _scattered(call: Call, table: Callable[[Any], int]) -> tuple[str, Sequence[Call], Any]:
    return (
        "sum",
        call.operands[:1],
        [_size(call), table(np.broadcast_to(_places(call)[_index(call)], _shape(call.operands[0])))],
    )


def _matmul(call: Call, table: Callable[[Any], int]) -> tuple[str, Sequence[Call], Any]:
    """Rows, inner size, columns; and where in each operand each matrix of the result begins."""
    a, b = call.operands
    left, right = _shape(a), _shape(b)
    left = left if len(left) > 1 else (1, *left)
    right = right if len(right) > 1 else (*right, 1)
    rows, inner, columns = left[-2], left[-1], right[-1]
    batch = broadcast_shape(left[:-2], right[:-2])
    starts = [
        table(np.broadcast_to(np.arange(math.prod(shape[:-2])).reshape(shape[:-2]) * shape[-2] * shape[-1], batch))
        for shape in (left, right)
    ]
    return "matmul", [a, b], [rows, inner, columns, *starts]


def _concatenated(call: Call, table: Callable[[Any], int]) -> tuple[str, Sequence[Call], Any]:
    starts = np.cumsum([0, *map(_size, call.operands)])
    parts = [_places(x) + start for x, start in zip(call.operands, starts, strict=False)]
    return "join", call.operands, table(np.concatenate(parts, call.options["axis"]))


def _cumsum(call: Call, table: Callable[[Any], int]) -> tuple[str, Sequence[Call], Any]:
    shape, axis = _shape(call), call.options["axis"]
    return "cumsum", call.operands, [shape[axis], math.prod(shape[axis + 1 :])]


def _constant(call: Call, table: Callable[[Any], int]) -> tuple[str, Sequence[Call], Any]:
    return "constant", [], written(call.options["value"])


SPELLED: Mapping[str, Callable[[Call, Callable[[Any], int]], tuple[str, Sequence[Call], Any]]] = {
    "constant": _constant,
    "astype": lambda call, table: ("truth" if call.dtype == bool else "same", call.operands, None),
    "reshape": lambda call, table: ("same", call.operands, None),
    "transpose": _moved(lambda call, places: places.transpose(call.options["axes"])),
    "broadcast_to": _moved(lambda call, places: np.broadcast_to(places, _shape(call))),
    "getitem": _moved(lambda call, places: places[_index(call)]),
    "concatenate": _concatenated,
    "scatter": _scattered,
    "sum": _along,
    "max": _along,
    "cumsum": _cumsum,
    "matmul": _matmul,
    "where": lambda call, table: (
        "where",
        call.operands,
        [_size(call), *(_spread(x, call, table) for x in call.operands)],
    ),
}
"""What is not a ufunc."""
MOVING = frozenset(["constant", "reshape", "transpose", "broadcast_to", "getitem", "concatenate"])
"""What only moves entries: float32 stays float32."""


def written(values: Any) -> list[float | str]:
    """Numbers as JSON can hold them: NaN and ∞ by their names in JavaScript, every other to the last bit."""
    flat = np.asarray(values, np.float64).reshape(-1).tolist()
    return [x if math.isfinite(x) else "NaN" if math.isnan(x) else "Infinity" if x > 0 else "-Infinity" for x in flat]
