"""`OnnxWriter`: makes operators and constants of an ONNX graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from minigraph.exporting.any_number_of_examples import Number, Size
from minigraph.values import Array

INDICES = np.dtype(np.int64)


def onnx_module() -> Any:
    """The module ``onnx``.

    Raises:
        ImportError: if it is not there; the message names the extra.
    """
    try:
        import onnx
    except ImportError as error:
        raise ImportError("mg.export into a .onnx file needs onnx: pip install 'minigraph[onnx]'") from error
    return onnx


class OnnxWriter:
    """Makes operators, each of which gives one value, which has a name; and constants, each once.

    Attributes:
        operators: what was made, in order.
        initializers: the constants.
        place: the beginning of the names of operators: the group of nodes that they serve.
        example: the name of an input that has m entries along an axis, with that axis; None if all sizes are fixed.
    """

    def __init__(self, taken: Iterable[str], example: tuple[str, int] | None):
        self.onnx = onnx_module()
        self.operators: list[Any] = []
        self.initializers: list[Any] = []
        self.place = ""
        self.example = example
        self._taken = set(taken)
        self._known: dict[Any, str] = {}

    def add(self, operator: str, operands: Sequence[str], name: str | None = None, **attributes: Any) -> str:
        """One operator; the name of its result."""
        result = name or self.new(operator.lower())
        node = self.onnx.helper.make_node(operator, operands, [result], f"{self.place}{result}", **attributes)
        self.operators.append(node)
        return result

    def constant(self, value: Any, dtype: Any, name: str | None = None) -> str:
        """An initializer."""
        array: Array = np.ascontiguousarray(value, dtype).reshape(np.shape(value))
        key = (array.shape, array.dtype, array.tobytes(), name)
        if key not in self._known:
            self._known[key] = self.new(name or (f"{array[()]}" if array.shape == () else "constant"))
            self.initializers.append(self.onnx.numpy_helper.from_array(array, self._known[key]))
        return self._known[key]

    def sizes(self, sizes: Sequence[Any]) -> str:
        """A vector of sizes, such as a shape."""
        if all(isinstance(size, int) for size in sizes):
            return self.constant(sizes, INDICES)
        parts = [self._size(size) if isinstance(size, Size) else self.constant([size], INDICES) for size in sizes]
        return self.add("Concat", parts, axis=0)

    def _size(self, size: Size) -> str:
        """A vector of one size."""
        key = ("size", size)
        if key not in self._known:
            found = self._examples()
            for operator, number, neutral in (("Mul", size.times, 1), ("Add", size.plus, 0)):
                if number != neutral:
                    found = self.add(operator, [found, self.constant([number], INDICES)])
            self._known[key] = found
        return self._known[key]

    def _examples(self) -> str:
        """The number of examples, m, as a vector."""
        if "m" not in self._known:
            assert self.example is not None
            x, axis = self.example
            self._known["m"] = self.add("Shape", [x], self.new("m"), start=axis, end=axis + 1)
        return self._known["m"]

    def number(self, number: Number, dtype: Any) -> str:
        """A number that follows from m, of shape ()."""
        found = self.cast(self.add("Squeeze", [self._examples()]), np.float64)
        if number.plus:
            found = self.add("Add", [found, self.constant(number.plus, np.float64)])
        times = self.constant(number.times, np.float64)
        if number.divided:
            found = self.add("Div", [times, found])
        elif number.times != 1:
            found = self.add("Mul", [times, found])
        return found if dtype == np.float64 else self.cast(found, dtype)

    def cast(self, x: str, dtype: Any) -> str:
        """Converted."""
        return self.add("Cast", [x], to=self.onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def new(self, wish: str) -> str:
        """A name that nothing else has."""
        name, count = wish, 1
        while name in self._taken:
            count += 1
            name = f"{wish}_{count}"
        self._taken.add(name)
        return name
