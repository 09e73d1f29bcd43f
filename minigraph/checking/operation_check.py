"""`check_op`: a whole operation, checked on operands that Hypothesis draws."""

from __future__ import annotations

import inspect
import itertools
import math
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.calculus.forward_mode import jvp
from minigraph.checking.operation_laws import CHECKS, Case, weighted_gradient
from minigraph.core.errors import DomainError, ShapeError
from minigraph.core.node import Node, parameter
from minigraph.core.op import Op
from minigraph.core.pulling import ancestors
from minigraph.reading.report_parts import Part, Told
from minigraph.values import Array, Shape, shape_option, shown, whole_number

SHAPES_OFFERED: tuple[Shape, ...] = ((), (3,), (2, 3), (1, 3), (2, 1), (3, 2), (2, 2), (2, 1, 3), (1,), (0, 3))
"""Shapes that are offered to an operation; those it refuses are left out."""
MOST_TRIALS = 1000
"""So many combinations of shapes are offered to an operation of several operands."""
NEAREST_KINK = 1e-3
"""Operands at which a kink is nearer are left out: finite differences reach over it."""


@dataclass(frozen=True, repr=False)
class OpReport(Told):
    """What `check_op` found. It is true in an ``if`` or ``assert`` if every check passed.

    Attributes:
        name: the operation.
        checks: the names of the checks.
        failed: the check that failed, or None.
        operands: the simplest operands found for which it fails, or ().
        problem: what is wrong there, or "".
    """

    name: str
    checks: tuple[str, ...]
    failed: str | None = None
    operands: tuple[Array, ...] = ()
    problem: str = ""

    @property
    def ok(self) -> bool:
        """Whether every check passed."""
        return self.failed is None

    def __bool__(self) -> bool:
        return self.ok

    def _parts(self) -> list[Part]:
        if self.ok:
            return [f"{self.name}: right ({', '.join(self.checks)})"]
        return [f"{self.name}: {self.failed} WRONG", *_lines(self.operands), *self.problem.splitlines()]


def _lines(operands: Sequence[Array]) -> list[str]:
    return [f"  operand {i} = {np.array2string(array, separator=', ', prefix=' ' * 14)}" for i, array in enumerate(operands)]


class _Wrong(AssertionError):
    """Tells Hypothesis that a check failed, and carries what it found."""

    def __init__(self, report: OpReport):
        super().__init__(str(report))
        self.report = report


def check_op(op: Op | Callable[..., Node], shapes: Sequence[Shape] | None = None, examples: int = 40) -> OpReport:
    """Check an operation: its forward rule, its derivatives of first and second order, and both modes of them.

    Operands are drawn by Hypothesis (extra ``test``) inside `Op.domain` and away from `Op.kinks`, in shapes that the
    operation accepts. On each of them: the forward rule keeps to the shape rule, changes no input and gives the same for
    the same operands; the gradient is that of finite differences, and so is the gradient's gradient; forward and reverse
    mode are adjoint; derivatives follow an assignment; a program gives what the graph gives; float32 stays float32 and
    is as exact as it can be. A failing example is made as simple as possible.

    Args:
        op: an `Op`, or a function of nodes that gives a node, such as ``mg.sigmoid``. Give options by a lambda:
            ``lambda z: mg.leaky_relu(z, slope=0.2)``.
        shapes: the operands' shapes, ``[(2, 3)]`` for one operand; by default a range of those that the operation accepts,
            without entries too if it has finite values and derivatives there.
        examples: how many times operands are drawn, at least 1.

    Returns:
        An `OpReport`: ``.ok``, and what failed and where as ``str()``. It is true if all is right.

    Raises:
        ImportError: if Hypothesis is not installed.
        TypeError: if ``shapes`` is no list of shapes, or ``examples`` no whole number.
        ValueError: if no shapes are found that the operation accepts, there is not one for each operand, ``examples`` is
            below 1, or the operation is not pure.

    Example:
        >>> import numpy as np
        >>> import minigraph as mg
        >>> mg.check_op(mg.sigmoid).ok
        True
        >>> class Cube(mg.Elementwise):
        ...     def forward(self, x):
        ...         return x**3
        ...     def derivatives(self, result, x):
        ...         return [mg.Scale(2 * x**2)]
        >>> print(mg.check_op(Cube()))
        cube: first derivatives WRONG
        ...
    """
    from minigraph.checking.array_strategies import distance_to_kink, operands  # they need Hypothesis

    from hypothesis import HealthCheck, Phase, assume, given, settings  # isort: skip
    from hypothesis import strategies as st
    from hypothesis.errors import UnsatisfiedAssumption

    name = op.name if isinstance(op, Op) else getattr(op, "__name__", type(op).__name__)
    if (examples := whole_number(examples, "check_op: the number of examples")) < 1:
        raise ValueError(f"check_op: examples={examples} would check nothing. Give at least 1.")
    accepted = [_asked(shapes, op, name)] if shapes is not None else _accepted_shapes(op, name)
    domains = _domains(op, name, accepted[0])

    def drawn(chosen: Sequence[Shape]) -> st.SearchStrategy[Case]:
        arrays = operands(chosen, domains)
        return st.builds(Case, st.just(op), arrays, arrays)

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(accepted).flatmap(drawn))
    def search(case: Case) -> None:
        for title, check in CHECKS.items():
            try:
                problem = check(case)
                assume(problem or distance_to_kink(case.result) >= NEAREST_KINK)
            except UnsatisfiedAssumption:
                raise
            except Exception as error:
                error.add_note("\n".join((f"raised while {name} was checked ({title}) on", *_lines(case.operands))))
                raise
            if problem is not None:
                raise _Wrong(OpReport(name, tuple(CHECKS), title, tuple(case.operands), problem))

    try:
        search()
    except _Wrong as wrong:
        return wrong.report
    return OpReport(name, tuple(CHECKS))


def _accepted_shapes(op: Op | Callable[..., Node], name: str) -> list[Sequence[Shape]]:
    """Shapes of operands that the operation does not refuse."""
    arity = _arity(op, name)
    offered = SHAPES_OFFERED[: max(2, math.floor(MOST_TRIALS ** (1 / arity)))]
    accepted: list[Sequence[Shape]] = []
    for shapes in itertools.product(offered, repeat=arity):
        try:
            result = op(*_halves(shapes))
        except ShapeError:
            continue
        except Exception as error:
            error.add_note(f"raised while {name} was called with {arity} nodes; give options by a lambda")
            raise
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy's, of means of nothing
            if _takes_fractions(result) if all(map(math.prod, shapes)) else _has_values(op, shapes):
                accepted.append(shapes)
    if not accepted:
        raise ValueError(f"check_op: {name} refuses every shape that was tried. Name some: shapes=[(4, 2)].")
    return accepted


@np.errstate(all="ignore")
def _takes_fractions(result: Any) -> bool:
    """Whether numbers between whole ones are not refused, as indices of entries are."""
    try:
        np.asarray(result.value)
    except DomainError:
        return False
    except Exception:
        return True  # for the checks to tell
    return True


@np.errstate(all="ignore")
def _has_values(op: Op | Callable[..., Node], shapes: Sequence[Shape]) -> bool:
    """Whether all is finite where operands have no entries: the norm has no derivative there, and a mean no value."""
    operands = [np.full(shape, 0.5) for shape in shapes]
    case = Case(op, operands, operands)
    try:
        for node in ancestors([case.result]):
            if node.op and isinstance(node.op.forward(*(x.value for x in node.inputs)), list):
                return False  # [] says nothing of its shape
        changes = [jvp(case.result, leaf, operand) for leaf, operand in zip(case.inputs, operands, strict=True)]
        gradients = weighted_gradient(case.result, case.inputs)
        return all(np.isfinite(node.value).all() for node in ancestors([*changes, gradients]))
    except ShapeError:
        return True  # for the checks to tell
    except Exception:
        return False


def _asked(shapes: Any, op: Op | Callable[..., Node], name: str) -> list[Shape]:
    """The shapes that were asked for, one for each operand."""
    listed = isinstance(shapes, Sequence) and not isinstance(shapes, str)
    if not listed or not all(isinstance(one, Sequence) and not isinstance(one, str) for one in shapes):
        raise TypeError(f"check_op: shapes is a list with a shape for each operand, such as [(2, 3)], not {shown(shapes)}.")
    asked = [shape_option(one, "check_op") for one in shapes]
    fits = not isinstance(op, Op) or op._operands in (None, len(asked))
    if not isinstance(op, Op):
        with suppress(TypeError, ValueError):  # some functions have no signature to be seen
            signature = inspect.signature(op)
            fits = _binds(signature, len(asked))
    if not (fits and asked):
        raise ValueError(f"check_op: {name} can't take {len(asked)} operands. Name one shape for each: shapes=[(2, 3)].")
    return asked


def _binds(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True


def _arity(op: Op | Callable[..., Node], name: str) -> int:
    """How many operands the operation takes; two if it takes any number."""
    if isinstance(op, Op):
        return 2 if op._operands is None else op._operands
    try:
        given = inspect.signature(op).parameters.values()
    except (TypeError, ValueError):
        raise TypeError(f"check_op: can't see how many operands {name} takes. Wrap it: lambda x: {name}(x).") from None
    required = sum(p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in given)
    many = any(p.kind is p.VAR_POSITIONAL for p in given)
    if not required and not many:
        raise TypeError(f"check_op: {name} takes no operands. Give an operation, or a function of nodes.")
    return max(required, 2) if many else required


def _domains(op: Op | Callable[..., Node], name: str, shapes: Sequence[Shape]) -> list[tuple[float, float]]:
    """The domain of each operand, by the operations that read it.

    Finite differences compare values of one function: an operation that says pure = False is refused, as it is not one.
    """
    leaves = _halves(shapes)
    result = op(*leaves)
    if not isinstance(result, Node):
        raise TypeError(f"check_op: the operation must give a node, not {type(result).__name__}.")
    intervals = {leaf: [(-math.inf, math.inf)] for leaf in leaves}
    for node in ancestors([result]):
        if node.op is not None and not node.op.pure:
            raise ValueError(
                f"check_op: {name} is not pure ({type(node.op).__name__}.pure is False): its value changes from one "
                "evaluation to the next, so that no difference shows a derivative. Check it with what it draws as an "
                "operand, such as lambda x, mask: x * mask, or with a generator that begins afresh in each call."
            )
        for position, x in enumerate(node.inputs):
            if node.op is not None and x in intervals:
                intervals[x].append(node.op.domain_of(position))
    return [(max(low for low, _ in found), min(high for _, high in found)) for found in intervals.values()]


def _halves(shapes: Sequence[Shape]) -> list[Node]:
    return [parameter(np.full(shape, 0.5)) for shape in shapes]
