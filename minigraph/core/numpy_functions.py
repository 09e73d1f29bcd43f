"""What a function of NumPy means on nodes: the operation that is entered for it, and its arguments in that one's order."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

from minigraph.core.lazy_imports import later
from minigraph.core.other_frameworks import INSTEAD, LEAVE_GRAPH

NUMPY: dict[Any, Callable[..., Any]] = {}
"""The operation that a function of NumPy means on nodes, or what it gives there. Those that are several operations put
together are entered when one of them is asked for first, so that ``import minigraph`` stays quick."""
NO_MEANINGS: Mapping[Any, Callable[..., Any]] = MappingProxyType({})
IN_A_TRACE: ContextVar[Mapping[Any, Callable[..., Any]]] = ContextVar("minigraph meanings in a trace", default=NO_MEANINGS)
"""What functions of NumPy and Python mean on nodes while `minigraph.trace` runs somebody's code, where it differs."""
NOT_OF_THE_VALUE = {"optimize"}
"""Options of NumPy that say how it computes, not what."""


def operation_of(function: Any) -> Callable[..., Any]:
    """The operation that a NumPy function means on nodes."""
    if function in (meanings := IN_A_TRACE.get()):
        return meanings[function]
    if function not in NUMPY:
        _enter_the_others()
    if function not in NUMPY:
        advice = INSTEAD.get(function.__name__, "build it from those in mg")
        raise TypeError(f"{_numpy_name(function)} has no operation in minigraph: {advice}. {LEAVE_GRAPH}")
    return NUMPY[function]


def numpy_words() -> dict[str, str]:
    """How each function of NumPy is written that has a meaning on nodes, by its name."""
    _enter_the_others()
    return {function.__name__: f"{_numpy_name(function)}(node)" for function in NUMPY}


def arguments_of(function: Any, operation: Callable[..., Any], operands: Sequence[Any], options: Any) -> list[Any]:
    """What was given to a function of NumPy, in the order of the operation's own parameters.

    NumPy's parameters are bound as NumPy has them. Those without a default come first in both; others are the same if they
    are called the same. What the operation has no parameter for, such as ``out``, may only be what it is by default.
    """
    own = list(inspect.signature(operation).parameters.values())
    first = [parameter for parameter in own if parameter.default is parameter.empty]
    try:
        theirs = inspect.signature(function)
    except ValueError:  # a function of C, before NumPy 2.4; its parameters are those of the operation, and others by name
        theirs = inspect.Signature([*own, inspect.Parameter("others", inspect.Parameter.VAR_KEYWORD)])
    by_name = theirs.bind_partial(*operands, **options).arguments  # what is missing is said below
    kinds = {parameter.kind: name for name, parameter in theirs.parameters.items()}
    by_name |= by_name.pop(kinds.get(inspect.Parameter.VAR_KEYWORD, ""), {})
    many = kinds.get(inspect.Parameter.VAR_POSITIONAL)
    given = list(by_name.pop(many)) if many else [by_name.pop(name) for name in list(by_name)[: len(first)]]
    if len(given) < len(needed := [parameter.name for parameter in first if parameter.kind is not parameter.VAR_POSITIONAL]):
        raise TypeError(f"{_numpy_name(function)} of a node needs {', '.join(needed)}. {LEAVE_GRAPH}")
    by_name = {
        name: value
        for name, value in by_name.items()
        if name not in NOT_OF_THE_VALUE and not _is_default(value, theirs.parameters.get(name))
    }
    if unknown := [name for name in by_name if name not in {parameter.name for parameter in own}]:
        names = ", ".join(parameter.name for parameter in own[1:] if parameter.kind is not parameter.VAR_POSITIONAL)
        taken = f"takes {names}, but not {unknown[0]}" if names else f"does not take {unknown[0]}"
        raise TypeError(f"{_numpy_name(function)} of a node {taken}. {LEAVE_GRAPH}")
    return [*given, *(by_name.get(parameter.name, parameter.default) for parameter in own if parameter not in first)]


def _enter_the_others() -> None:
    """Those that are several operations put together."""
    NUMPY.update(later("numpy_names")())


def _is_default(value: Any, parameter: inspect.Parameter | None) -> bool:
    default = None if parameter is None else parameter.default
    return value is default or value is None or (isinstance(value, str) and value == default)


def _numpy_name(function: Any) -> str:
    """The function as users write it: ``np.linalg.norm``."""
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"
