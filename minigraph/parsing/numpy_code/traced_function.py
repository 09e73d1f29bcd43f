"""`trace`: a function written for NumPy arrays becomes a graph whose steps have the function's own variable names."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from types import FrameType, TracebackType
from typing import Any

import numpy as np

from minigraph.core.calling_lines import calling_line
from minigraph.core.errors import describe, nearest, warn
from minigraph.core.node import Node, data, parameter
from minigraph.core.numpy_functions import IN_A_TRACE
from minigraph.core.pulling import ancestors
from minigraph.operations.idioms import SHOWN, recognised
from minigraph.parsing.numpy_code.meanings import MEANINGS
from minigraph.parsing.numpy_code.named_nodes import NamedNodes, whole_number
from minigraph.parsing.numpy_code.outside_arrays import Outside
from minigraph.parsing.numpy_code.stable_formulas import Replacement
from minigraph.parsing.numpy_code.taken_out import Readings, place_of
from minigraph.parsing.numpy_code.variables import Variables


def trace(
    function: Callable[..., Any],
    /,
    *arguments: Any,
    data: str | Sequence[str] = "",
    fixed: str | Sequence[str] = "",
    outside: str | Sequence[str] = "",
    stable: bool = False,
    **named: Any,
) -> tuple[Any, NamedNodes]:
    """Run a function written for NumPy arrays once, on nodes: what it computes is a graph with the function's own names.

    Arrays and floats that it is given become parameters, or data where ``data`` says so; those in dicts and lists as well:
    ``parameters["W1"]`` becomes W1, and arrays that are defaults. Everything else, such as whole numbers, texts and other
    defaults, is handed over as it is. Arrays that the function finds elsewhere, in ``self``, in a closure or a global, are
    numbers in the graph, with a warning, unless ``outside``, ``data`` or ``fixed`` names them.

    A step has the name of the local variable that holds it. If several hold it, that of the outermost function counts, and
    there the first; if a variable holds several steps, one after the other, they are numbered: Z1, Z2, …

    Formulas that are known by name are shown as "recognised as" in pictures and explanations: σ, ReLU, leaky ReLU, tanh,
    softmax, BCE, cross-entropy, mean squared error. Values and gradients are those of the formula as it is written.

    Args:
        function: it is not changed. It may call others, loop, and return several things.
        arguments: what it is called with.
        data: the names of arguments, or of keys in them, that are data, such as ``"X,Y"``. An argument of the function that
            has this name, or one of the next three, is given by its position.
        fixed: the names of arguments that are handed over as they are, such as labels that serve as an index.
        outside: the names of numbers and arrays that the function finds in ``self``, in a closure or a global, and that are
            parameters, such as ``"W1,b1"``; ``data`` and ``fixed`` name such arrays too. A name of a list, a dict or an
            object means all in it. While the function runs, nodes are in their places.
        stable: put minigraph's own operation in the place of each formula that is recognised and has one; it is right where
            the formula overflows. ``print(n)`` says which.
        named: what it is called with, by name.

    Returns:
        What the function returns, with nodes for arrays, and the named nodes: a dict, ``n["W1"]``, which is also read as
        ``n.W1``. Printed, it lists the steps.

    Raises:
        TypeError: if the function does what can't be part of a graph, such as writing into a node, or returns no node; a
            note names the line.
        ValueError: if ``data`` or ``fixed`` names something that is not there.

    Example:
        >>> import numpy as np
        >>> import minigraph as mg
        >>> def sigmoid(z):
        ...     return 1 / (1 + np.exp(-z))
        >>> def cost(w, b, X, Y):
        ...     A = sigmoid(np.dot(w.T, X) + b)
        ...     J = -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
        ...     return J
        >>> X, Y = np.array([[1.0, 2.0, -1.0]]), np.array([[1.0, 1.0, 0.0]])
        >>> J, n = mg.trace(cost, w=np.array([[0.5]]), b=0.0, X=X, Y=Y, data="X,Y")
        >>> print(n)
        w  (1, 1)  parameter
        b  ()      parameter
        X  (1, 3)  data
        Y  (1, 3)  data
        z  (1, 3)  wᵀ X + b
        A  (1, 3)  1/(1 + exp(−z)), recognised as σ(z)
        J  ()      −(mean (Y ⊙ log(A) + (1 − Y) ⊙ log(1 − A))), recognised as mean BCE(A, Y)
        >>> mg.grad(J, n["w"]).value.round(4)
        array([[-0.431]])
    """
    calling_line()  # a trace around this one reads its variables before they are seen here
    bound = inspect.signature(function).bind(*arguments, **named)
    for one in bound.signature.parameters.values():
        if isinstance(one.default, np.ndarray):
            bound.arguments.setdefault(one.name, one.default)
    leaves = Leaves(_words(data, "data"), _words(fixed, "fixed"), _words(outside, "outside"))
    found = Outside(function, bound.arguments.items())
    for name, kind in [(one.name, one.kind) for one in bound.signature.parameters.values()]:
        if name in bound.arguments:
            several = kind is inspect.Parameter.VAR_KEYWORD or kind is inspect.Parameter.VAR_POSITIONAL
            given = bound.arguments[name]
            bound.arguments[name] = leaves.entries(name, given) if several else leaves.leaf(name, given)
    run = Run(function, sys._getframe())
    try:
        leaves.lend(found)
        result = run.result(bound.args, bound.kwargs)
    finally:
        found.give_back()
    return run.finished(result, leaves, found, stable)


def _words(names: str | Sequence[str], what: str) -> list[str]:
    if not isinstance(names, str | Sequence) or not all(isinstance(name, str) for name in names):
        raise TypeError(
            f"trace: {what} is a text with names, such as {what}='X,Y', not {names!r:.60}. If the function has an argument "
            f"of this name, give that by its position."
        )
    return [word for name in ([names] if isinstance(names, str) else names) for word in name.replace(",", " ").split()]


class Leaves:
    """Makes leaves of arguments.

    Attributes:
        named: the leaves by their names.
        whole: the whole numbers that were handed over as they are, by their names.
    """

    def __init__(self, data: list[str], fixed: list[str], outside: list[str]):
        self.named: dict[str, Node] = {}
        self.whole: dict[str, int] = {}
        self._wanted = {
            name: use for use, names in (("data", data), ("fixed", fixed), ("outside", outside)) for name in names
        }
        self._met: set[str] = set()

    def leaf(self, name: str, value: Any, above: str = "") -> Any:
        """What the function is given in the place of a value."""
        self._met.add(name)
        use = self._wanted.get(name) or self._wanted.get(above)
        if isinstance(value, Node):
            if value.name is None and not IN_A_TRACE.get():
                value.named(name)
            variable = IN_A_TRACE.get() and value.op is not None  # so that its name may be another variable's, for a while
            self.named[name if variable else value.name or name] = value
            return value
        if use == "fixed":
            return value
        if isinstance(value, dict | list | tuple) and not (use == "data" and _is_array(value)):
            return self.entries(name, value)
        if _is_number(value) and (use in ("data", "outside") or _is_real(value)):
            free = name if name not in self.named else f"{above}.{name}"
            make = data if use == "data" else parameter
            try:
                self.named[free] = make(value, free)
            except TypeError as error:
                error.add_note(f"mg.trace: fixed={name!r} hands it over as it is.")
                raise
            return self.named[free]
        if isinstance(value, int | np.integer):
            self.whole[name] = int(value)
        return value

    def entries(self, name: str, values: Any) -> Any:
        """The same dict, list or tuple, with leaves for the arrays in it."""
        self._met.add(name)
        if isinstance(values, dict):
            keys = {key: key if isinstance(key, str) else f"{name}{key}" for key in values}
            return {key: self.leaf(keys[key], value, name) for key, value in values.items()}
        nested = (dict, list, tuple, Node)
        found = [
            self.leaf(f"{name}{place}", value, name) if isinstance(value, nested) or np.ndim(value) else value
            for place, value in enumerate(values)
        ]
        return type(values)(found) if type(values) in (list, tuple) else type(values)(*found)

    def lend(self, outside: Outside) -> None:
        """Make leaves of what is named and no argument, and put them where the function finds it.

        Raises:
            ValueError: if data, fixed or outside names what is not there; with the nearest name.
        """
        for name in [name for name in self._wanted if name not in self._met]:
            places = outside.named(name)
            if not places:
                known = [*self._met, *(place.name for place in outside.places)]
                raise ValueError(
                    f"trace: {self._wanted[name]} names {name!r}, but the function is given no such argument."
                    f"{nearest(name, known)}"
                )
            for place in places:
                if place not in outside.lent:
                    one_of_many = sum(other.name == place.name for other in places) > 1
                    outside.lend(place, self.leaf(".".join(place.path) if one_of_many else place.name, place.value, name))


def _is_array(values: Any) -> bool:
    """Whether a list or tuple is an array of numbers."""
    try:
        return not isinstance(values, dict) and np.asarray(values).dtype.kind in "biuf"
    except (TypeError, ValueError):
        return False


def _is_number(value: Any) -> bool:
    """Whether it is a number or an array of numbers."""
    if isinstance(value, dict) or value is None:
        return False
    return isinstance(value, int | float | np.generic | np.ndarray | list | tuple) or hasattr(type(value), "__array__")


def _is_real(value: Any) -> bool:
    """Whether it is a float or an array of numbers, and so may be trained."""
    if isinstance(value, int | np.integer | np.bool_):
        return False
    return isinstance(value, float) or np.asarray(value).dtype.kind in "biufcO"


class Run:
    """One run of a function on nodes."""

    def __init__(self, function: Callable[..., Any], caller: FrameType):
        self._function = function
        self._variables = Variables(caller)
        self._readings = Readings()

    def result(self, arguments: Sequence[Any], named: dict[str, Any]) -> Any:
        """What the function gives; an error has a note that names the line of the user's code."""
        readings = {"float": self._note_reading, "item": self._note_reading, "array": self._note_array}
        token = IN_A_TRACE.set({**MEANINGS, **readings})
        try:
            with self._variables.reading():
                return self._function(*arguments, **named)
        except Exception as error:
            refused = self._readings.refused or error  # of which NumPy may have made another
            _note_line(refused, error.__traceback__)
            if refused is error:
                raise
            raise refused from None
        finally:
            IN_A_TRACE.reset(token)

    def _note_reading(self, node: Node) -> None:
        self._readings.note(node, self._users_frame())

    def _note_array(self, node: Node) -> None:
        self._readings.refuse_array(node, self._users_frame())

    def _users_frame(self) -> FrameType:
        frame: FrameType | None = sys._getframe(2)
        while frame is not None and _is_ours(frame.f_code.co_filename):
            frame = frame.f_back
        assert frame is not None  # the user's function is running
        self._variables.look(frame)
        return frame

    def finished(self, result: Any, leaves: Leaves, outside: Outside, stable: bool) -> tuple[Any, NamedNodes]:
        """The result with nodes for the numbers that were read from them, and all that has a name."""
        self._variables.look_last()
        self._warn_of_numbers(outside)
        result = _replaced(result, lambda value: self._readings.node_of(value) or value)
        if not any(True for _ in _nodes_in(result)):
            self._refuse(result, leaves)
        order = self._order(result)
        for node, place in self._readings.lost(ancestors(list(_nodes_in(result)))):
            warn(
                f"trace: {describe(node)} and is read as a number at {place}. What is computed from that number is "
                "constant, and has no gradient. Leave float() or .item() out; an argument that is meant to be a number is "
                "handed over with fixed='name'."
            )
        replacement = Replacement(order) if stable else None
        if replacement is not None:
            new = replacement.new
            result = _replaced(result, lambda value: new.get(value, value) if isinstance(value, Node) else value)
            self._variables.replace(new)
            order = self._order(result)
        self._variables.give_names(order)
        operations = [node for node in order if node.op is not None]
        named = {**leaves.named, **{str(node.name): node for node in operations if node.name is not None}}
        unnamed = {node for node in _nodes_in(result) if node.name is None and node.shape == ()}
        if len(unnamed) == 1 and "J" not in named:
            named["J"] = unnamed.pop()
            if not IN_A_TRACE.get():  # else the function around it may have a name for it
                named["J"].named("J")
        SHOWN.update(node for node in operations if recognised(node) is not None)
        told = replacement.told(set(order)) if replacement else ()
        return result, NamedNodes(named, self._variables.last(), told, leaves.whole)

    def _order(self, result: Any) -> list[Node]:
        """What the function computed: what it returns, and what its variables held."""
        return ancestors([*_nodes_in(result), *self._variables.held])

    def _warn_of_numbers(self, outside: Outside) -> None:
        if arrays := outside.used(self._variables.codes):
            names = ",".join(dict.fromkeys(path.rpartition(".")[2] for path in arrays))
            warn(
                f"trace: {_called(self._function)} finds {', '.join(arrays)} outside its arguments. In the graph they are "
                f"plain numbers, without name and gradient. Say outside={names!r} for parameters, data=… for data, or "
                "fixed=… if it is to stay as it is."
            )

    def _refuse(self, result: Any, leaves: Leaves) -> None:
        places = "".join(f"\n  {describe(node)}, read as a number at {place}" for node, place in self._readings.read)
        why = " Does it use its arguments?"
        if places:
            why = f" What it computed was taken out of the graph:{places}"
        elif inspect.isgenerator(result) or inspect.iscoroutine(result):
            result.close()
            why = " Its code has not run yet: trace a function that runs it to its end, lambda *given: list(f(*given))."
        elif leaves.whole:
            why = " " + whole_number(*next(iter(leaves.whole.items())))
        raise TypeError(f"trace: {_called(self._function)} returns {result!r:.80}, in which there is no node.{why}")


def _called(function: Any) -> str:
    return getattr(function, "__qualname__", repr(function))


def _replaced(value: Any, new: Callable[[Any], Any]) -> Any:
    """The same tuples, lists and dicts, with other things in them."""
    if isinstance(value, dict):
        return {key: _replaced(entry, new) for key, entry in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_replaced(entry, new) for entry in value)
    return new(value)


def _nodes_in(value: Any) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, dict | list | tuple):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from _nodes_in(entry)


_PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(__file__))) + os.sep
_NUMPY = os.path.dirname(np.__file__) + os.sep


def _is_ours(file: str) -> bool:
    return file.startswith((_PACKAGE, _NUMPY))


def _note_line(error: Exception, found: TracebackType | None) -> None:
    """Add to an error the line of the user's code at which it arose."""
    at = None
    while found is not None:
        if not _is_ours(found.tb_frame.f_code.co_filename):
            at = place_of(found.tb_frame.f_code.co_filename, found.tb_lineno)
        found = found.tb_next
    if at is not None:
        error.add_note(f"mg.trace: at {at}")
        if isinstance(error, AssertionError) and "isinstance" in at:
            error.add_note(
                "While a function is traced its arrays are nodes, neither np.ndarray nor float: leave this check out."
            )
