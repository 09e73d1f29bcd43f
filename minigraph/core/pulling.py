"""Pulling: values are brought up to date when somebody reads them, never before."""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from minigraph.core.errors import DomainError, ShapeError, describe, describe_operation
from minigraph.values import locked, taken

if TYPE_CHECKING:
    from minigraph.core.node import Node

NEVER = -1  # `computed` of a node without a value
ALWAYS = sys.maxsize  # `checked` of a leaf: its value is up to date by definition


class Clock:
    """Time, which advances when a leaf is assigned."""

    time = 0
    watched = 0  # open contexts in which somebody is told of every read: of `check_finite`, and of tracing
    _lock = threading.Lock()

    @classmethod
    def tick(cls) -> int:
        """Advance time; the new time."""
        with cls._lock:
            cls.time += 1
            return cls.time

    @classmethod
    def watch(cls, change: int) -> None:
        """One more, or one fewer, who is told of every read."""
        with cls._lock:
            cls.watched += change


_checking: ContextVar[int] = ContextVar("minigraph check_finite", default=0)


def check(change: int) -> None:
    """One more, or one fewer, `check_finite` that is open, in this thread or task."""
    _checking.set(_checking.get() + change)
    Clock.watch(change)


def checking() -> bool:
    """Whether a `check_finite` is open in this thread or task."""
    return Clock.watched > 0 and _checking.get() > 0


WATCHERS: list[Callable[[Sequence[Node]], None]] = []
"""Who is told which nodes were read, while `Clock.watched`: tracing, and `check_finite`. Each enters itself."""

trace: ContextVar[Any] = ContextVar("minigraph tracing", default=None)
"""What notes the reads of the function that builds a graph in this thread or task, if one does."""


def refuse_while_tracing(what: str, instead: str) -> None:
    """Raise if a graph is being built for a program."""
    if trace.get() is not None:
        raise RuntimeError(
            f"{what} while mg.compile builds a graph: the function runs only once, so that this would not be part of the "
            f"program. {instead}"
        )


_tickets = itertools.count()
_by_number = attrgetter("number")


def ancestors(nodes: Iterable[Node], stop: Callable[[Node], bool] | None = None) -> list[Node]:
    """The nodes and everything that they depend on, in topological order; not beyond where ``stop`` is true."""
    seen: set[Node] = set()
    found: list[Node] = []
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        found.append(node)
        if stop is None or not stop(node):
            waiting.extend(node.inputs)
    found.sort(key=_by_number)
    return found


def pull(nodes: Sequence[Node]) -> None:
    """Bring the values of nodes up to date, evaluating each stale node once.

    A node is stale if one of its inputs was computed after it. The walk back stops at nodes that were
    checked since the last assignment. A node is marked as checked when its value is stored, so that
    an exception on the way leaves a sound graph.
    """
    now, ticket = Clock.time, next(_tickets)
    waiting, unchecked = list(nodes), []
    while waiting:
        node = waiting.pop()
        if node._checked < now and node._seen != ticket:
            node._seen = ticket
            unchecked.append(node)
            waiting.extend(node.inputs)
    unchecked.sort(key=_by_number)
    with np.errstate(all="ignore"):
        for node in unchecked:
            if node._lender is not None:
                node._take_back()
            computed = node._computed
            for operand in node.inputs:
                if operand._computed > computed:
                    node._value = run(node, [operand._value for operand in node.inputs])
                    node._computed = now
                    break
            node._checked = now
    if Clock.watched:
        for watch in WATCHERS:
            watch(nodes)


def run(node: Node, arrays: Sequence[Any]) -> Any:
    """The node's forward rule on these values: of the node's shape and dtype, read-only."""
    assert node.op is not None
    try:
        value = node.op.forward(*arrays)
    except DomainError as error:
        raise outside_domain(node, error) from None
    except Exception as error:
        operands = ", ".join(map(describe, node.inputs))
        error.add_note(f"in {describe_operation(node)} of {operands}, made at {node.made_at}")
        raise
    rules = node.op.rules
    if not rules.ours:
        value = taken(value, node.dtype, f"{describe_operation(node)}: {type(rules).__name__}.forward")
    if value.shape != node._shape:
        raise ShapeError(
            f"{describe(node)}, but {node.op.name}.forward gave a value of shape {value.shape}. "
            f"Its shape rule ({type(rules).__name__}.shape) and its forward rule disagree.",
            node.op,
            node.inputs,
        )
    if value.dtype != node._dtype:
        value = value.astype(node._dtype)
    return locked(value) if type(value) is np.ndarray else value


def outside_domain(node: Node, error: DomainError) -> DomainError:
    """What an operation found wrong with the value of an operand, with the names of both."""
    culprit = node.inputs[error.operand]
    return DomainError(f"{describe_operation(node)}: {describe(culprit)}, but {error}", error.operand)
