"""`python_bytes`: a recording as a Python file: a function over NumPy that can be read, and runs without minigraph."""

from __future__ import annotations

import base64
import textwrap
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from minigraph.exporting.any_number_of_examples import Call, Number, Recording, Size
from minigraph.exporting.recording import Gap
from minigraph.program.identifiers import Names, wish_for
from minigraph.program.numpy_text.source_text import in_one_line, source_text

LONGEST = 45
"""So many letters has a formula that is written within another one."""
MOST_ENTRIES = 100
"""An array of more entries stands at the end of the file, as its bytes."""
LINE = 120
INFIX = {
    **dict.fromkeys(("equal", "not_equal", "greater", "greater_equal", "less", "less_equal"), 0),
    **dict.fromkeys(("add", "subtract"), 1),
    **dict.fromkeys(("multiply", "divide", "matmul"), 2),
    "power": 4,
}
"""What is written between its operands, with how strongly it binds."""
SIGNS = {
    "equal": "==", "not_equal": "!=", "greater": ">", "greater_equal": ">=", "less": "<", "less_equal": "<=",
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "matmul": "@", "power": "**",
}  # fmt: skip
UNARY, ATOM = 3, 5
INDENT: Any = {"initial_indent": "    ", "subsequent_indent": "    "}
SAME_MEMORY = ("reshape", "transpose", "getitem", "broadcast_to")


def python_bytes(recording: Recording, name: str, notes: Mapping[str, str]) -> bytes:
    """The text of the file, in UTF-8."""
    return PythonWriter(recording, name).text(notes).encode("utf-8")


class PythonWriter:
    """Writes one file. What is used once and has no name is written where it is used."""

    def __init__(self, recording: Recording, name: str):
        self.recording = recording
        self.names = Names(dict.fromkeys(("np", "b64decode"), 1))
        self.function = self.names.new(name)
        self.m = self.names.new("m") if recording.example is not None else ""
        self.uses = Counter(x for call in recording.calls for x in call.operands)
        self.uses.update(call for _, call in recording.outputs)
        self.written: dict[Call, tuple[str, int]] = {}  # the expression of a value, and how strongly it binds
        self.small: list[str] = []
        self.large: list[str] = []
        self.body: list[str] = []
        self._title = ""

    def text(self, notes: Mapping[str, str]) -> str:
        """The whole."""
        recording = self.recording
        for name, call in recording.inputs:
            self.written[call] = (self.names.new(name), ATOM)
        for call in recording.calls:
            if call.function == "constant":
                self.written[call] = self._constant(call)
            elif call.function != "input":
                self._computed(call)
        results = [self._result(call) for _, call in recording.outputs]
        returned = results[0] if len(results) == 1 else f"({', '.join(results)})"
        inputs = [self.written[call][0] for _, call in recording.inputs]
        shapes = ", ".join(f"{x} {self.shape(call.shape)}" for x, (_, call) in zip(inputs, recording.inputs, strict=True))
        gives = ", ".join(f"{_harmless(name)} {self.shape(call.shape)}" for name, call in recording.outputs)
        imports = ["import numpy as np"] if not self.large else ["from base64 import b64decode", "", "import numpy as np"]
        lines = [
            f"# Written by minigraph {version('minigraph')}; it needs NumPy only.",
            *(f"# {in_one_line(f'{name}: {note}')}" for name, note in notes.items()),
            *imports,
            *(["", *self.small] if self.small else []),
            "",
            "",
            f"def {self.function}({', '.join(inputs)}):",
            *textwrap.wrap(f'"""Gives {gives}{f", for {shapes}" if inputs else ""}."""', LINE, **INDENT),
            *("    " + line for line in self._arguments(inputs)),
            '    with np.errstate(all="ignore"):',
            *("        " + line if line else "" for line in self.body),
            f"        return {returned}",
            *(["", "", *self.large] if self.large else []),
        ]
        return "\n".join(lines) + "\n"

    def _arguments(self, inputs: Sequence[str]) -> list[str]:
        """Lines that convert the arguments and look at their shapes."""
        lines = []
        for x, (_, call) in zip(inputs, self.recording.inputs, strict=True):
            lines.append(f"{x} = np.asarray({x}, np.{call.dtype})")
        if self.recording.example is not None:
            x, axis = self.written[self.recording.example[0]][0], self.recording.example[1]
            lines.append(f"{self.m} = {x}.shape[{axis}] if {x}.ndim == {len(self.recording.example[0].shape)} else 0")
        for x, (_, call) in zip(inputs, self.recording.inputs, strict=True):
            shape = self.shape(call.shape)
            none = f" or {self.m} == 0" if self.recording.example is not None and call is self.recording.example[0] else ""
            lines += [f"if {x}.shape != {shape}{none}:", f'    raise ValueError(f"{x} is {shape}, not {{{x}.shape}}")']
        return lines

    # Values

    def _constant(self, call: Call) -> tuple[str, int]:
        value = call.options["value"]
        if isinstance(value, Number):
            m = self.m if not value.plus else f"({self.m} {'+' if value.plus > 0 else '-'} {abs(value.plus)!r})"
            sign = "/" if value.divided else "*"
            text = m if value.times == 1 and not value.divided else f"{value.times!r} {sign} {m}"
            return (text, ATOM if text == self.m else 2) if call.dtype == np.float64 else (f"np.{call.dtype}({text})", ATOM)
        node = self.recording.named.get(call)
        if value.shape == () and node is None:
            return _number_text(value), UNARY if np.signbit(value) else ATOM
        name = self.names.new(wish_for(node) if node is not None else "constant")
        if value.size <= MOST_ENTRIES:
            dtype = "" if value.dtype == np.float64 else f", np.{value.dtype}"
            rows = _list_text(value).split("], [") if len(name) + value.size * 20 > LINE else [_list_text(value)]
            self.small += f"{name} = np.array({'],NEWLINE    ['.join(rows)}{dtype})".split("NEWLINE")
        else:
            kind = value.dtype.newbyteorder("<")
            data = base64.b64encode(np.ascontiguousarray(value, kind).tobytes()).decode("ascii")
            opening = f'{name} = np.frombuffer(b64decode("""'
            lines = [data[at : at + LINE] for at in range(0, len(data), LINE)]  # textwrap takes minutes for them
            self.large += [opening, *lines, f'"""), "{kind.str}").reshape({source_text(value.shape)})']
        return name, ATOM

    def _computed(self, call: Call) -> None:
        node = self.recording.named.get(call)
        title = "" if call.node is None or call.node.group is None else in_one_line(call.node.group.title)
        if call.function == "scatter":
            name = self.names.new(self._wish(call))
            self._say(title, f"{name} = np.zeros({self.shape(call.shape)}, np.{call.dtype})")
            self.body.append(f"np.add.at({name}, np.s_[{self.index(call)}], {self.written[call.operands[0]][0]})")
            self.written[call] = (name, ATOM)
            return
        text, binds = self._expression(call)
        if node is not None or self.uses[call] > 1 or len(text) > LONGEST:
            name = self.names.new(self._wish(call))
            self._say(title, f"{name} = {text}")
            text, binds = name, ATOM
        self.written[call] = (text, binds)

    def _wish(self, call: Call) -> str:
        """What a reader would call a value."""
        own, node = self.recording.named.get(call), call.node
        assert node is not None
        return wish_for(own) if own is not None else f"{call.function}_{wish_for(node)}" if node.name else wish_for(node)

    def _say(self, title: str, line: str) -> None:
        if title != self._title:
            self._title = title
            self.body += [*([""] if self.body else []), *([f"# {title}"] if title else [])]
        self.body.append(line)

    def _expression(self, call: Call) -> tuple[str, int]:
        """The value as an expression, and how strongly it binds."""
        if call.function in SPELLED:
            return SPELLED[call.function](self, call, *map(self.exact, call.operands)), ATOM
        operands = [self.written[x] for x in call.operands]
        if all(map(is_number, call.operands)):  # one of them decides that NumPy computes, and how
            operands[0] = f"np.{call.operands[0].dtype}({operands[0][0]})", ATOM
        if call.function == "negative":
            text, binds = operands[0]
            return (f"-{text}" if binds == ATOM else f"-({text})"), UNARY
        if call.function not in INFIX:
            return f"np.{call.function}({', '.join(text for text, _ in operands)})", ATOM
        binds = INFIX[call.function]
        least = ATOM if call.function == "power" else max(binds, 1)
        first, second = (
            text if binds >= at_least else f"({text})"
            for (text, binds), at_least in zip(operands, (least, max(binds, 1) + 1), strict=True)
        )
        return f"{first} {SIGNS[call.function]} {second}", binds

    def exact(self, call: Call) -> str:
        """The value in its dtype, so that an index or a dot can follow."""
        text, binds = self.written[call]
        if is_number(call) and call.dtype != np.float64:
            return f"np.{call.dtype}({text})"
        return text if binds == ATOM else f"({text})"

    def _result(self, call: Call) -> str:
        """What is returned: an array of its own, of the right dtype."""
        text, owner = self.written[call][0], call
        while owner.function in SAME_MEMORY:
            owner = owner.operands[0]
        own = owner.function not in ("input", "constant")
        return text if own and call.shape != () else f"np.array({text}, np.{call.dtype})[()]"

    # Sizes and indices

    def shape(self, shape: Sequence[int | Size]) -> str:
        """A shape as a tuple."""
        sizes = [self._size(size) for size in shape]
        return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"

    def _size(self, size: Any) -> str:
        return str(size).replace("m", self.m, 1) if isinstance(size, Size) else source_text(size)

    def index(self, call: Call) -> str:
        """The index of a call as it is typed between brackets."""
        return ", ".join(
            self.exact(call.operands[part.operand]) if isinstance(part, Gap) else self._part(part)
            for part in call.options["index"]
        )

    def _part(self, part: Any) -> str:
        if isinstance(part, slice):
            ends = ["" if end is None else self._size(end) for end in (part.start, part.stop, part.step)]
            return ":".join(ends[:2] if part.step is None else ends)
        if isinstance(part, np.ndarray):
            return f"np.array({part.tolist()}, np.{'bool_' if part.dtype == bool else part.dtype})"
        return self._size(part)


def is_number(call: Call) -> bool:
    """Whether the value is a plain number in the text, which takes the dtype of what it meets."""
    return call.function == "constant" and call.shape == ()


def _reduced(write: PythonWriter, call: Call, x: str) -> str:
    axes = call.options["axes"]
    axis = "" if len(axes) == len(call.operands[0].shape) else f", axis={axes[0] if len(axes) == 1 else source_text(axes)}"
    return f"np.{call.function}({x}{axis}{', keepdims=True' if call.options['keepdims'] else ''})"


def _getitem(write: PythonWriter, call: Call, x: str, *given: str) -> str:
    array = f"np.asarray({x})" if is_number(call.operands[0]) else x
    return f"{array}[{write.index(call)}]"


def _transposed(write: PythonWriter, call: Call, x: str) -> str:
    return f"{x}.T" if call.options["axes"] == (1, 0) else f"{x}.transpose({source_text(call.options['axes'])})"


SPELLED: Mapping[str, Callable[..., str]] = {
    **dict.fromkeys(("sum", "max"), _reduced),
    "transpose": _transposed,
    "reshape": lambda write, call, x: f"np.reshape({x}, {write.shape(call.shape)})",
    "broadcast_to": lambda write, call, x: f"np.broadcast_to({x}, {write.shape(call.shape)})",
    "astype": lambda write, call, x: f"np.asarray({x}, np.{'bool_' if call.dtype == bool else call.dtype})",
    "concatenate": lambda write, call, *parts: f"np.concatenate([{', '.join(parts)}], axis={call.options['axis']})",
    "cumsum": lambda write, call, x: f"np.cumsum({x}, axis={call.options['axis']})",
    "take": lambda write, call, x, entries: f"np.take({x}, {entries}, axis=0)",
    "where": lambda write, call, condition, a, b: f"np.where({condition}, {a}, {b})",
    "getitem": _getitem,
}
"""What is not a ufunc, as an expression that an index may follow."""


def _harmless(name: str) -> str:
    """A name as it can stand in a docstring: it is the user's, and must not become code."""
    return in_one_line(name).replace("\\", "/").replace('"', "'")


def _number_text(value: Any) -> str:
    number = float(value)
    return repr(number) if np.isfinite(number) else "np.nan" if np.isnan(number) else "np.inf" if number > 0 else "-np.inf"


def _list_text(value: Any) -> str:
    """An array as nested lists."""
    if value.shape == ():
        return _number_text(value)
    return f"[{', '.join(map(_list_text, value))}]" if value.ndim else _number_text(value)
