"""`check_backward`: a backward pass written by hand, tried on random nets of many sizes, down to the smallest that fail."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from minigraph.calculus.reverse_mode import grad
from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors
from minigraph.testing.grades import Grade, Mark, sizes_text
from minigraph.testing.grading import Fault, Wanted, faults_of, mark_of, read_points
from minigraph.testing.handed_in import HandedIn, Refused, Stopped
from minigraph.testing.own_process import InOwnProcess
from minigraph.testing.random_nets import Nets
from minigraph.testing.where_it_fails import Sizes, common_words, factor_in_letters, in_letters, telling_sizes, tried_sizes
from minigraph.values import real_number, to_array, whole_number

DRAWS = 2
"""So many nets of each size are tried: one may be right by chance, with a dead ReLU."""
TIME_LIMIT = 10.0
"""Seconds for all nets; notebooks that are graded stop a cell after 30 as a rule."""


def check_backward(
    function: Callable[..., Any] | str | os.PathLike[str],
    nets: Any,
    points: Any = None,
    *,
    call: Callable[..., Any] | None = None,
    name: str = "backward",
    time_limit: float = TIME_LIMIT,
    seed: int = 0,
) -> Grade:
    """Grade a backward pass that was written by hand: it is tried on random nets of many sizes.

    Each gradient that it gives is compared with the right one by `minigraph.compare`. Where it is wrong, the grade says in
    which nets ("from m = 2 on"), why, with letters for sizes ("it is m times the right one"), and shows the smallest net
    that fails. What goes wrong in the function costs points and is reported, and never stops the grading: exceptions, a
    missing key, a wrong shape, NaN, a loop without an end. The grade also says if it changes its arguments, or gives
    something else the second time.

    Each argument of the function is filled in by its name: the values of the leaves and of all nodes with a name
    (X, W1, Z1, A1), each as an array of its own; ``parameters`` and ``cache`` are dicts. It gives a dict of gradients,
    ``{"dW1": dW1, …}``; a tuple in the order of the points, or with such a dict in it, is taken as well.

    Of a file that somebody handed in, give its path. It is then run in a process of its own, which sends back plain numbers:
    a file that ends Python, takes all memory, or puts something else in the place of minigraph's or NumPy's functions is
    graded as any other. That process has your rights: it is no sandbox.

    Args:
        function: the backward pass; or the path of a program (.py) or notebook (.ipynb) that has it.
        nets: `RandomNets`, or a net of `minigraph.models`, which stands for all of its form.
        points: how many each gradient gets: a dict such as ``{"dW1": 2, "dZ1": 1}``, which also says what is asked for; or
            one number, which all parameters share equally. By default 1 for each parameter.
        call: how the function is called, if it is not by the names of its arguments: a function of it and a dict of all
            arrays, such as ``lambda backward, v: backward(v["A2"], v["Y"], [(v["X"], v["W1"])])``.
        name: what the function is called in the file.
        time_limit: seconds for all calls together; then it is stopped, without points. Of a file also for what stands
            outside of functions.
        seed: decides the random nets.

    Returns:
        A `Grade`: ``.points`` and ``.of``, a `Mark` by the name of each gradient, ``.json()``, and as ``str()`` what a
        student reads.

    Raises:
        TypeError: if ``nets`` or an option is of the wrong kind, or if ``call`` is given for a file.
        ValueError: if points name no node of the nets.

    Example:
        >>> import minigraph as mg
        >>> from minigraph.testing import RandomNets, check_backward
        >>> def cost(X, Y, w, b):
        ...     A = mg.sigmoid(w.T @ X + b).named("A")
        ...     return mg.bce(A, Y).mean()
        >>> def backward(X, A, Y):
        ...     dZ = A - Y
        ...     return {"dw": X @ dZ.T / X.shape[1], "db": dZ.sum()}
        >>> print(check_backward(backward, RandomNets(cost, X="n m", Y="1 m: 0 or 1", w="n 1", b="")))
        ✗ backward: 1 of 2 points.
        ✓ dw: 1 of 1
        ✗ db: 0 of 1
            It fails from m = 2 on.
            Diagnosis: it is m times the right one: m is the number of examples, so the factor 1/m of the mean is missing.
            The smallest net that shows it: n = 1, m = 2. It is 0.5659, and 0.2829 is right.
    """
    if hasattr(nets, "random_nets"):
        nets = nets.random_nets()
    if not hasattr(nets, "least"):
        raise TypeError(f"check_backward: give RandomNets or a net of minigraph.models, not {type(nets).__name__}.")
    time_limit = real_number(time_limit, "check_backward: the time limit")
    check = _Check(nets, points, whole_number(seed, "check_backward: the seed"))
    if not isinstance(function, str | os.PathLike):
        return check.grade(HandedIn(function, call, check.wanted, time_limit))
    if call is not None:
        raise TypeError("check_backward: a file is run in another process, where call can't be: leave it out.")
    with InOwnProcess(Path(function), name, check.wanted, time_limit) as handed_in:
        return check.grade(handed_in)


class _Check:
    """The trials of one function.

    Attributes:
        wanted: what the gradients that are asked for are called.
    """

    _handed_in: HandedIn | InOwnProcess

    def __init__(self, nets: Nets, points: Any, seed: int):
        self._nets, self._seed = nets, seed
        self._telling = telling_sizes(nets.least)
        named = _named(self._draw(self._telling[0], 0))
        parameters = [name for name, node in named.items() if node.role is Role.PARAMETER]
        self._wanted = read_points(points, parameters, named, "these nets")
        self.wanted = [wanted.name for wanted in self._wanted]
        self._faults: dict[tuple[int, ...], dict[str, Fault]] = {}

    def _draw(self, sizes: Sizes, draw: int) -> Node:
        return self._nets.draw(sizes, np.random.default_rng([self._seed, draw, *sizes.values()]))

    def grade(self, handed_in: HandedIn | InOwnProcess) -> Grade:
        """The points, with the reasons."""
        self._handed_in = handed_in
        tried = []
        try:
            for sizes in tried_sizes(self._nets.least, self._seed):
                if sizes not in tried:
                    tried.append(sizes)
                    self._faults[tuple(sizes.values())] = self._try(sizes)
            self._try_again()
        except Stopped as error:
            fault = Fault((_ended(str(error)),))
            marks = tuple(mark_of(wanted, fault) for wanted in self._wanted)
        else:
            marks = tuple(self._mark(wanted, tried) for wanted in self._wanted)
        remarks = list(self._handed_in.remarks)
        if not all(marks) and (outside := self._handed_in.outside()):
            remarks.append(
                f"What it reads from outside of itself ({', '.join(outside)}) is of another net: take it from the arguments."
            )
        if engine := self._handed_in.engine():
            remarks.append(f"It calls minigraph itself ({', '.join(engine)}): was this backward pass written by hand?")
        return Grade(self._handed_in.name, marks, tuple(remarks))

    def _try(self, sizes: Sizes) -> dict[str, Fault]:
        """What is wrong at these sizes, by gradient."""
        found: dict[str, Fault] = {}
        for draw in range(DRAWS):
            J = self._draw(sizes, draw)
            named = _named(J)
            try:
                handed_in = self._gradients(named)
            except Stopped:
                raise
            except Refused as error:
                faults = dict.fromkeys((wanted.name for wanted in self._wanted), Fault((_ended(str(error)),)))
            else:
                asked = {wanted.name: named[wanted.node] for wanted in self._wanted}
                gradients = grad(J, list(asked.values()), allow_unused=True)
                right = {name: np.asarray(node.value) for name, node in zip(asked, gradients, strict=True)}
                faults = faults_of(J, asked, handed_in, right)
            found = faults | found
        return found

    def _gradients(self, named: Mapping[str, Node]) -> Mapping[str, Any]:
        arrays = {name: np.asarray(node.value) for name, node in named.items()}
        parameters = [name for name, node in named.items() if node.role is Role.PARAMETER]
        return self._handed_in.gradients(arrays, parameters)

    def _try_again(self) -> None:
        """Whether the function gives the same when it is called again."""
        named = _named(self._draw(self._telling[0], 0))
        try:
            first, second = self._gradients(named), self._gradients(named)
        except Stopped:
            raise
        except Refused:
            return
        changed = [name for name in first if not _alike(first[name], second.get(name))]
        if changed:
            what = ", ".join(changed)
            self._handed_in.remarks[
                f"Called again with the same arguments, it gives another {what}: is there chance in it?"
            ] = None

    def _mark(self, wanted: Wanted, tried: Sequence[Sizes]) -> Mark:
        def fault(sizes: Sizes) -> Fault | None:
            return self._faults[tuple(sizes.values())].get(wanted.name)

        failed = [sizes for sizes in tried if fault(sizes)]
        if not failed:
            return mark_of(wanted, None)
        smallest = min(failed, key=lambda sizes: (sum(sizes.values()), tuple(sizes.values())))
        where = common_words(self._nets.least, failed, [sizes for sizes in tried if not fault(sizes)])
        shown, *telling = (fault(sizes) for sizes in (smallest, *self._telling))
        assert shown is not None
        diagnoses = self._diagnoses(*filter(None, telling)) if all(telling) else shown.diagnoses
        told = Fault(diagnoses, shown.evidence)
        return mark_of(wanted, told, where=where, smallest=dict(smallest)) if smallest else mark_of(wanted, told)

    def _diagnoses(self, first: Fault, second: Fault) -> tuple[str, ...]:
        """What is wrong in both of the nets whose sizes tell, with letters for sizes."""
        both = [in_letters(a, b, self._telling) for a in first.diagnoses for b in second.diagnoses]
        if any(both):
            return tuple(dict.fromkeys(filter(None, both)))
        factor = None
        if first.ratio is not None and second.ratio is not None:
            factor = factor_in_letters(first.ratio, second.ratio, self._telling)
        if factor is not None:
            return (f"every entry is {factor} times the right one.",)
        return tuple(f"{words[:-1]}, in the net {sizes_text(self._telling[0])}." for words in first.diagnoses)


def _named(J: Node) -> dict[str, Node]:
    """The nodes by name, in the order in which they were made."""
    return {node.name: node for node in ancestors([J]) if node.name is not None}


def _ended(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."


def _alike(first: Any, second: Any) -> bool:
    try:
        return np.array_equal(to_array(first, None, "first"), to_array(second, None, "second"), equal_nan=True)
    except Exception:  # what is not an array is graded elsewhere
        return True
