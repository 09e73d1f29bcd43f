"""A gradient of one's own against the right one, with a diagnosis that is checked: each is tried, none is guessed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from minigraph.calculus.reverse_mode import look_back
from minigraph.core.errors import called, describe, nearest
from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors
from minigraph.explanation.comparison import Comparison, Comparisons
from minigraph.explanation.mistakes.axes import as_meant
from minigraph.explanation.mistakes.constants import RATES
from minigraph.explanation.mistakes.search import MULTIPLE, Mistake, Mistakes, worked_over
from minigraph.explanation.notes_form import factor_of, factors_meant, right_in_this_form
from minigraph.reading.names import Names
from minigraph.reading.numbers import index_text, rounded, terms_of, told_apart
from minigraph.reading.steps import is_switch, refuse_unrelated, root_and_seed
from minigraph.values import Array, error_reason, shown, to_array

TOLERANCE = 1e-6
TOLERANCE_FLOAT32 = 1e-4
"""Entries are called equal below this difference, relative to the entry itself."""
OF_TERMS = 0.1
"""And below this part of it, relative to the terms that the entry is the sum of: cancelling leaves their rounding."""
OF_LARGEST = 1e-6
"""The terms of what a mistake gives are not known; they are taken to be at least this part of its largest entry."""
PREFIXES = ("d", "grad_", "∂J/∂")
"""What stands before the name of a node in that of its gradient."""
MOST_WRONG = 3
"""Up to so many wrong entries are named one by one."""
MOST_TOLD = 6
"""Of mistakes that give the same array so many are told."""
NEAR = 0.01
"""An entry that is off by more is not looked at more closely."""
STRICT = 1e-10
"""Entries that alone tell what went wrong agree to this part of their size; in float32 to a hundredfold of the rest."""
SEEN = 1e-6
"""A part of a sum that is smaller than this is not seen in it."""
LARGEST_MULTIPLE = 1e6
"""No learning rate and no λ is larger."""
FEW = 2
"""So few entries may be round numbers by chance."""


@overload
def compare(J: Node | BackwardPass, node: Node, mine: npt.ArrayLike | Node) -> Comparison: ...
@overload
def compare(J: Node | BackwardPass, node: Mapping[Any, Any]) -> Comparisons: ...
def compare(
    J: Node | BackwardPass, node: Node | Mapping[Any, Any], mine: npt.ArrayLike | Node | None = None
) -> Comparison | Comparisons:
    """Compare a gradient that somebody computed with the right one, and say what is wrong with it.

    The usual mistakes are tried. Of the right gradient: a factor m or 1/m, the sign, a transpose, a lost keepdims, rounding,
    single wrong entries, the values of before the last step. At each step of the chain: a factor that is forgotten or put in
    twice, a cached array, another g′ or another gradient in the place of the right one, a sum over another axis, a path or
    a part of J that is left out; and two of these at once in nets that are not large. What gives the array exactly is named,
    and all that give it; otherwise the answer is that it can't be named.

    Each entry is judged by its own size: it may be off by 1e-6 of it (1e-4 if either is float32), and by a tenth of that
    part of the terms that it is the sum of, since where they cancel their rounding is left. A wrong entry is found beside
    ones of any size.

    Args:
        J: the scalar that is differentiated, or a backward pass from it.
        node: the node whose gradient it should be; or a dict of gradients, such as ``{"dW1": …, "db1": …}``, which are those
            of the nodes called W1 and b1.
        mine: the gradient to check: an array, or a node with its value, as a traced function returns it.

    Returns:
        A `Comparison`; ``print`` it, ``assert`` it, or read ``.ok`` and ``.diagnoses``. For a dict, a dict of them, which is
        printed and asserted likewise.

    Raises:
        TypeError: if ``mine`` is not an array of real numbers, or ``node`` no node.
        ValueError: if J does not depend on the node, or on none of those that a dict names.

    Example:
        >>> import numpy as np
        >>> import minigraph as mg
        >>> w = mg.parameter([1.0, 2.0, 3.0], "w")
        >>> J = (w * w).mean()
        >>> print(mg.compare(J, w, 2 * w.value))
        ✗ The gradient of w is not right: the largest difference is at entry [2]: 6, and 2 is right.
        Diagnosis, checked: it is 3 times the right one: 3 is the number of entries averaged,
          so the factor 1/3 of the mean is missing.
        >>> print(mg.compare(J, {"dw": 2 * w.value / 3}))
        ✓ The gradient of w is right: every entry agrees to 1e−6 of its size, but for rounding.
    """
    if isinstance(node, Mapping):
        if mine is not None:
            raise TypeError("compare: a dict of gradients is all that is compared; leave the third argument out.")
        return _compare_each(J, node)
    if mine is None:
        raise TypeError("compare: give the node and the gradient to check, mg.compare(J, W1, dW1), or a dict of gradients.")
    mine = _array(mine)
    return compare_one(J, node, mine, {node: mine})


def _compare_each(J: Node | BackwardPass, gradients: Mapping[Any, Any]) -> Comparisons:
    """A comparison for each key that names a node: dW1, or W1 itself, or the node."""
    root, _ = root_and_seed(J, "compare")
    pairs = pairs_of(gradients, "compare")
    nodes = [key for key, _ in pairs if isinstance(key, Node)]
    for node in nodes:
        refuse_unrelated(root, node, "compare")
    written = Names(root, nodes) if nodes else {}
    named = {node.name: node for node in ancestors([root]) if node.name is not None}
    left_out: dict[str, str] = {}
    compared: dict[str, tuple[Node, Array]] = {}
    for key, gradient in pairs:
        names = names_meant(key)
        text = written.get(key, names[-1])
        found = key if isinstance(key, Node) else next((named[name] for name in names if name in named), None)
        if found is not None and gradient is not None:
            compared[text] = found, _array(gradient, f"compare: {text}")
        else:
            why = "it is None" if gradient is None else f"{describe(root)} and depends on no node called {names[0]!r}"
            parts = [name for name in named if name.startswith(f"{names[0]}_") and gradient is not None]
            others = f", but on {', '.join(parts)}" if parts else ""
            hint = "" if parts or gradient is None else nearest(names[0], named)
            left_out[text] = f"{shown(key)} is not compared: {why}{others}.{hint}"
    if not compared:
        there = f"There are {', '.join(named)}." if named else "No node has a name: give names, or nodes as keys."
        keys = ", ".join(shown(key) for key, _ in pairs)
        which = f"none of the keys {keys} names" if pairs else "the dict is empty, and names no node; each key names"
        hint = nearest(names_meant(pairs[0][0])[0], named) if pairs else ""
        raise ValueError(
            f"compare: {which} a node that {called(root)} depends on. A gradient of W1 is called dW1. {there}{hint}"
        )
    together = dict(compared.values())
    factors = factors_meant(J, together)
    each = {key: compare_one(J, node, mine, together, factors.get(node, 1)) for key, (node, mine) in compared.items()}
    if any(one.ok for one in each.values() if one.node.role is Role.PARAMETER):
        each = {key: one if one.ok else in_notes_form(J, one) or one for key, one in each.items()}
    return Comparisons(each, left_out)


def pairs_of(gradients: Mapping[Any, Any], what: str) -> list[tuple[Any, Any]]:
    """The keys and gradients of a dict, whoever wrote its class."""
    try:
        return list(gradients.items())
    except Exception as error:
        raise TypeError(
            f"{what}: the {type(gradients).__name__} of gradients can't be read: {error_reason(error)}"
        ) from None


def names_meant(key: Any) -> list[str]:
    """The names of nodes that a key may mean: that of W1 first if it is dW1, itself last."""
    try:
        text = str(key.name) if isinstance(key, Node) else str(key).strip()
    except Exception:  # whatever is a key
        text = type(key).__name__
    return [text.removeprefix(start) for start in (*PREFIXES, "") if text.startswith(start)]


def in_notes_form(J: Node | BackwardPass, one: Comparison) -> Comparison | None:
    """The comparison of what is right as lecture notes write it, with 1/m in parameters only; None of another."""
    m = factor_of(J, one.node, one.ratio)
    return replace(one, ok=True, diagnoses=(), evidence=right_in_this_form(m), where=()) if m else None


def _array(mine: npt.ArrayLike | Node, what: str = "compare") -> Array:
    """The gradient to check, in float32 if it was computed so; a traced function returns gradients as nodes."""
    array = to_array(mine.value if isinstance(mine, Node) else mine, None, what)
    return array if array.dtype == np.float32 else array.astype(np.float64)


@np.errstate(all="ignore")
def compare_one(J: Node | BackwardPass, node: Node, given: Array, together: Mapping[Node, Array], m: int = 1) -> Comparison:
    """A gradient of one node, beside the others that were given together with it; it is meant as m times the derivative."""
    root, seed = root_and_seed(J, "compare")
    refuse_unrelated(root, node, "compare")
    backward_pass = look_back(root, seed, "compare", {node})
    gradient = backward_pass.gradients.get(node)
    right = np.zeros(node.shape) if gradient is None else np.asarray(gradient.value, np.float64)
    terms = np.zeros(node.shape) if gradient is None else terms_of([gradient], is_switch)[0]
    is_coarse = np.float32 in (node.dtype, given.dtype)
    tolerance, given = _Tolerance(TOLERANCE_FLOAT32 if is_coarse else TOLERANCE, terms), given.astype(np.float64)
    names = Names(root, [node])
    m = 1 if tolerance.holds(given, right) else m
    meant, as_written = given / m, (given, right * m, tolerance.times(m))
    name, ok = names.of(node), tolerance.holds(meant, right)
    evidence = f"every entry agrees to {rounded(tolerance.relative)} of its size, but for rounding"
    evidence, ratio = (evidence, None) if ok else (_evidence(*as_written), _ratio(meant, right, tolerance))
    if m > 1:
        evidence = right_in_this_form(m) if ok else f"{evidence}, without 1/m, as lecture notes write it"
    found: list[str] = []
    if not ok and gradient is not None:
        others = {x: array.astype(np.float64) for x, array in together.items()}
        mistakes = Mistakes(backward_pass, node, right, names, others)
        found = _diagnoses(mistakes, meant, tolerance, as_written)
    where = tuple(names.where("\n".join([name, *found])))
    return Comparison(node, given, right, ok, tuple(found), evidence, ratio, name, where)


@dataclass(frozen=True)
class _Tolerance:
    """How far two gradients may be apart, entry by entry: relative to the entry, and to the terms of the right one."""

    relative: float
    terms: Array

    def close(self, mine: Array, right: Array) -> Array:
        """Entry by entry, whether mine is right but for rounding."""
        allowed = self.relative * (np.abs(right) + OF_TERMS * self.terms) + np.finfo(np.float64).tiny
        close: Array = (mine == right) | (np.isfinite(right) & (np.abs(mine - right) <= allowed))
        return close

    def holds(self, mine: Array, right: Array) -> bool:
        """Whether the two are equal in shape and, but for rounding, in all entries."""
        return mine.shape == right.shape and bool(np.all(self.close(mine, right)))

    def times(self, m: int) -> _Tolerance:
        """For the same gradient m times as large."""
        return _Tolerance(self.relative, self.terms * m)

    def strict(self) -> _Tolerance:
        """For where few entries tell: but for rounding, nothing is alike."""
        return _Tolerance(STRICT * self.relative / TOLERANCE, self.terms)

    def of_mistake(self, array: Array) -> _Tolerance:
        """The tolerance for what a mistake gives: in another shape, or made of other terms."""
        terms = self.terms if array.shape == self.terms.shape else np.max(self.terms, initial=0.0)
        largest = OF_LARGEST * np.max(np.abs(array), initial=0.0, where=np.isfinite(array))
        return _Tolerance(self.relative, np.maximum(terms, largest))


def _ratio(mine: Array, right: Array, tolerance: _Tolerance) -> float | None:
    """The factor by which every entry is off, if there is one."""
    if mine.shape != right.shape or right.size < 2 or not right.any() or not mine.any() or not np.all(np.isfinite(mine)):
        return None
    scaled = right / np.max(np.abs(right))
    ratio = float(np.vdot(mine, scaled) / np.vdot(right, scaled))
    return ratio if tolerance.of_mistake(right * ratio).holds(mine, right * ratio) else None


def _diagnoses(mistakes: Mistakes, mine: Array, tolerance: _Tolerance, as_written: tuple[Any, ...]) -> list[str]:
    """What was checked to give the array: of all that does, what needs the fewest things to go wrong."""
    node, right = mistakes.node, mistakes.right
    entries = _wrong_entries(*as_written)
    others = [f"{told}." for told in (worked_over(*as_written[:2]),) if told]
    views = list(as_meant(mine, node, mistakes.names)) if np.all(np.isfinite(mine)) else []
    for wrong_steps, degree in enumerate(mistakes.degrees() if views else ()):
        if (wrong_steps == 1 and others and mine.size > FEW) or (wrong_steps == 2 and (entries or others)):
            break
        found = [match for view, words in views for match in _matches(degree, view, words, right, tolerance)]
        if found:
            fewest = min(wrong for wrong, _ in found)
            others = [*dict.fromkeys(words for wrong, words in found if wrong == fewest)][:MOST_TOLD] + others
            return others + [entries] * bool(entries and wrong_steps)
    return others or [entries] * bool(entries)


def _matches(
    mistakes: Iterable[Mistake], mine: Array, view: str, right: Array, tolerance: _Tolerance
) -> Iterator[tuple[int, str]]:
    """The mistakes that give the array, each with how many things went wrong."""
    place = np.unravel_index(int(np.argmax(np.abs(mine))), mine.shape) if mine.size else ()
    largest = float(mine[place]) if mine.size else 0.0
    close = tolerance if _told_by(mine, right, tolerance) > 1 else tolerance.strict()
    for mistake in mistakes:
        if mistake.array.shape != mine.shape:
            continue
        if mistake.direction is not None:
            yield from _along(mistake, mistake.direction, mine, view, tolerance)
            continue
        there = float(mistake.array[place]) if mine.size else 0.0
        ratio = largest / there if there else 1.0 if largest == there else np.nan
        for factor, words in ((1.0, ""), *mistake.factors):
            if not abs(ratio - factor) <= NEAR * abs(factor) or not (view or words or mistake.words):
                continue
            array = mistake.array * factor
            if close.of_mistake(array).holds(mine, array):
                wrong = (mistake.wrong or bool(mistake.words)) + bool(words) + bool(view)
                yield wrong, ", and ".join(filter(None, (view, mistake.words, words))) + "."


def _along(mistake: Mistake, direction: Array, mine: Array, view: str, tolerance: _Tolerance) -> Iterator[tuple[int, str]]:
    """The mistake with the one multiple of the direction that would give the array."""
    if direction.shape != mine.shape or not direction.any() or not np.all(np.isfinite(direction)):
        return
    unit = direction / np.max(np.abs(direction))
    multiple = float(np.vdot(mine - mistake.array, unit) / np.vdot(direction, unit))
    array = mistake.array + multiple * direction
    if not 0 < multiple < LARGEST_MULTIPLE or not tolerance.strict().of_mistake(array).holds(mine, array):
        return
    seen = np.max(np.abs(multiple * direction)) > SEEN * np.max(np.abs(mine))
    usual = any(abs(multiple - rate) < tolerance.relative * rate for rate in RATES)
    if seen and (usual or np.count_nonzero(direction) > 1):
        yield (
            max(mistake.wrong, 1) + bool(view),
            ", and ".join(filter(None, (view, mistake.words.replace(MULTIPLE, rounded(multiple))))) + ".",
        )


def _told_by(mine: Array, right: Array, tolerance: _Tolerance) -> int:
    """How many entries tell the array from the right one, and from nothing: by one alone much is alike by chance."""
    differs = ~tolerance.close(mine, right) if mine.shape == right.shape else np.ones(mine.shape, bool)
    return int(np.count_nonzero(differs & (mine != 0)))


def _wrong_entries(mine: Array, right: Array, tolerance: _Tolerance) -> str:
    """All entries but a few are right."""
    if mine.shape != right.shape or right.size < 2:
        return ""
    wrong = np.argwhere(~tolerance.close(mine, right))
    if not 0 < len(wrong) <= min(MOST_WRONG, right.size // 2):
        return ""
    places = [tuple(map(int, place)) for place in wrong]
    told = [f"{index_text(place)} is {' instead of '.join(told_apart(mine[place], right[place]))}" for place in places]
    return f"only {len(places)} of {right.size} entries {'is' if len(places) == 1 else 'are'} wrong: {', '.join(told)}."


def _evidence(mine: Array, right: Array, tolerance: _Tolerance) -> str:
    if mine.shape != right.shape:
        return f"its shape is {mine.shape}, and {right.shape} is right, that of the node itself"
    if not np.all(np.isfinite(mine)):
        place = tuple(map(int, np.argwhere(~np.isfinite(mine))[0]))
        return f"{_at(place)}its value is {rounded(mine[place])}, which is not finite"
    if right.shape == ():
        return f"it is {', and '.join(told_apart(mine, right))} is right"
    difference = np.where(tolerance.close(mine, right), 0.0, np.abs(mine - right))
    place = tuple(int(i) for i in np.unravel_index(int(np.argmax(difference)), right.shape))
    return f"the largest difference is {_at(place)}{', and '.join(told_apart(mine[place], right[place]))} is right"


def _at(place: tuple[int, ...]) -> str:
    return f"at entry {index_text(place)}: " if place else ""
