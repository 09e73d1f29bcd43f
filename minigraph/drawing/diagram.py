"""`draw` and the `Diagram` that it gives."""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from minigraph.calculus.reverse_mode import look_back
from minigraph.core.errors import describe, warn
from minigraph.core.lazy_imports import Displayed
from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Node
from minigraph.drawing.alt_text import described
from minigraph.drawing.animation import animated, told_apart
from minigraph.drawing.blanks import blanked
from minigraph.drawing.dot import to_dot
from minigraph.drawing.folding import FOLDED, folds_for
from minigraph.drawing.light_and_dark import svg_for_any_page
from minigraph.drawing.rendering import FORMATS, RenderingError, TooDenseError, render, to_svg
from minigraph.drawing.scene import Scene
from minigraph.drawing.slides import SMALLEST, fitted
from minigraph.drawing.theme import THEME, THEMES, Theme
from minigraph.drawing.tikz import to_tikz
from minigraph.drawing.view import Direction, View
from minigraph.drawing.view_builders import circuit_view, folded_view, steps_view
from minigraph.files import replace_file
from minigraph.reading.derived_graphs import readable
from minigraph.reading.names import warn_of_twins
from minigraph.reading.pinned_notes import Pinned, pins_by_step
from minigraph.reading.steps import Step, latest, refuse_unrelated, root_and_seed, steps_of
from minigraph.values import real_number

MAX_BOXES = 40
"""By default a picture has no more boxes than this: a chain of so many is three pages high."""
MAX_ASKED = 100
"""Nor one of which more was asked than by default: every primitive, all that repeats, a circuit."""

SLIDE = 960.0
"""Points of the width of a slide."""

MOST_BACKWARD = 20_000
"""Through more boxes than this no backward pass is made for a picture of a few of them."""

_PASSES = {str(shown): shown for shown in (Direction.FORWARD, Direction.BACKWARD, Direction.BOTH)}
_LEVELS = ("steps", "groups")


Picture = TypeVar("Picture")


class Diagram(Displayed):
    """A picture of a pass, made by `draw`. Notebooks show it; `save` writes it.

    The numbers in it are those of the moment when it was drawn.

    Attributes:
        view: what it shows: boxes, edges and their texts.
        rankdir: the drawing direction asked for, LR or TB, or None.
        theme: how it looks.
        refold: from a number of boxes to a view with no more of them, if there can be one.
    """

    def __init__(
        self, view: View, rankdir: str | None = None, theme: Theme = THEME, refold: Callable[[int], View] | None = None
    ):
        self.view = view
        self.refold = refold
        self.rankdir = rankdir
        self.theme = theme

    @cached_property
    def source(self) -> str:
        """The diagram in DOT, the language of Graphviz; the same from run to run."""
        return to_dot(self.view, self.rankdir, self.theme)

    @cached_property
    def svg(self) -> str:
        """The diagram as SVG that scales to its column.

        Raises:
            RenderingError: if there is no Graphviz, or the graph is too dense for it.
        """
        return self._or_folded(
            lambda shown: to_svg(shown.source, shown.view.title, shown._prefix, shown.description, shown.theme)
        )

    @cached_property
    def description(self) -> str:
        """The picture in words, for an alternative text; an SVG holds it."""
        return described(self.view)

    @cached_property
    def svg_for_pages(self) -> str:
        """The diagram as SVG whose colours the page around it decides, by the style of `light_and_dark.style`.

        With a theme that was asked for, other than "light", it has the colours of the theme.

        Raises:
            RenderingError: as `svg`, which is known then too.
        """
        if self.theme is not THEME:
            return self.svg
        for_pages, light = self._or_folded(lambda shown: svg_for_any_page(shown.view, shown.rankdir, shown._prefix))
        self.__dict__.setdefault("svg", light)
        return for_pages

    @property
    def _prefix(self) -> str:
        """What ids in the picture start with, so that several stand on one page."""
        return "mg" + hashlib.sha256(self.source.encode()).hexdigest()[:8] + "-"

    def _or_folded(self, draw: Callable[[Diagram], Picture]) -> Picture:
        """What is drawn of this diagram, or of a folded one where Graphviz takes too long."""
        try:
            return draw(self)
        except TooDenseError as error:
            folded = self.view if self.refold is None else self.refold(FOLDED)
            if len(folded.edges) >= len(self.view.edges):
                raise
            warn(f"{error} The picture is folded instead.", UserWarning)
            return draw(Diagram(folded, self.rankdir, self.theme))

    def _fitted(self, aspect: float, width: float, theme: Theme) -> tuple[View, str]:
        """The picture for a page, and its DOT."""
        wide, shape = real_number(width, "save: the width"), real_number(aspect, "save: the aspect")
        if min(wide, shape) <= 0:
            raise ValueError(f"save: aspect and width are positive numbers, not {aspect} and {width}")
        view, source, letters, _ = fitted(self.view, self.refold, self.rankdir, theme, wide, wide / shape)
        if letters < SMALLEST:
            warnings.warn(
                f"save: at {width:g} points the smallest letters have {letters:.1f}, and not {SMALLEST}. "
                'Draw a part of the graph, one box per group with level="groups", or give a larger width.',
                stacklevel=3,
            )
        return view, source

    def _to_animate(self, seconds: float, ending: str) -> Theme:
        """The theme in which a picture is drawn that is to move."""
        if real_number(seconds, "save: seconds") <= 0:
            raise ValueError(f"save: seconds, for each step, is a positive number, not {seconds}")
        if ending != "svg":
            raise ValueError(f"save: seconds= makes a picture that moves, which .svg can be and .{ending} can't")
        if self.view.direction.shows_gradients and any(box.cells for box in self.view.boxes):
            raise ValueError('save: seconds= goes with arrays="text": coloured cells would show gradients before they come')
        return told_apart(self.theme)

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        aspect: float | None = None,
        width: float = SLIDE,
        seconds: float | None = None,
    ) -> Path:
        """Write the diagram, replacing the file as a whole.

        Without Graphviz, or for a graph that is too dense for it, the DOT source is written beside
        it (``x.dot`` for ``x.svg``) and a warning says why: a missing renderer never stops a training run.

        Args:
            path: a file that ends in .svg, .png, .pdf, .tex (TikZ, to be read by LaTeX) or .dot; its folder must exist.
            aspect: width over height of a page, such as 16/9 of a slide, that the picture is to fill: a long chain is
                wrapped into rows, and no letter is smaller than 12 points, for which the picture is folded further
                if need be; its title says so.
            width: of that page, in points; a slide has 960.
            seconds: of an .svg that moves: after so many seconds the next step of the pass appears; at the end it begins
                again. It needs no script, and stands still for readers who ask for less motion.

        Returns:
            The path that was written.

        Raises:
            ValueError: for another ending, if ``aspect``, ``width`` or ``seconds`` are not positive, or for ``seconds`` with
                another ending than .svg, or with cells for gradients.
            OSError: if the file can't be written.

        Example:
            >>> import minigraph as mg, tempfile
            >>> v = mg.parameter(11.0, "v")
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     mg.draw((3 * v).named("J"), "backward").save(folder + "/chain.dot").name
            'chain.dot'
        """
        path = Path(path)
        ending = path.suffix.lower().removeprefix(".")
        if ending not in (*FORMATS, "tex", "dot"):
            raise ValueError(f"save: {path.name!r} should end in .svg, .png, .pdf, .tex or .dot")
        theme = self.theme if seconds is None else self._to_animate(seconds, ending)
        view, source, svg = self.view, self.source, ""
        try:
            if aspect is not None:
                view, source = self._fitted(aspect, width, theme)
            elif seconds is not None:
                source = to_dot(view, self.rankdir, theme)
            if ending == "svg" and source != self.source:
                svg = to_svg(source, view.title, self._prefix, described(view), self.theme)
            if seconds is not None:
                svg = animated(svg, view, self.theme, self._prefix, seconds)
            if ending == "dot":
                content = source.encode()
            elif ending == "tex":
                content = to_tikz(view, source).encode()
            elif ending == "svg":
                content = f'<?xml version="1.0" encoding="UTF-8"?>\n{svg or self.svg}'.encode()
            elif source == self.source:
                content = self._or_folded(lambda shown: render(shown.source, ending))
            else:
                content = render(source, ending)
        except RenderingError as error:
            path, content = path.with_suffix(".dot"), self.source.encode()
            warnings.warn(f"{path} was written instead of a picture: {error}", stacklevel=2)
        return replace_file(path, lambda file: file.write(content))

    def __repr__(self) -> str:
        return f"<diagram {self.view.title!r}: {len(self.view.boxes)} boxes, {len(self.view.edges)} edges>"


def draw(
    J: Node | BackwardPass,
    direction: str = "forward",
    *,
    wrt: Node | Sequence[Node] | None = None,
    findings: Pinned | None = None,
    fold: bool = True,
    repeats: bool = False,
    level: str = "steps",
    style: str = "expressions",
    values: bool = True,
    arrays: str = "text",
    blank: bool = False,
    theme: str | Theme = "light",
    rankdir: str | None = None,
    title: str | None = None,
    max_boxes: int | None = None,
) -> Diagram:
    """Draw a graph: its forward pass, the chain rule of its backward pass, or both.

    Any node can be drawn, gradients too: ``mg.draw(mg.grad(J, w))`` is the expression that computes ∂J/∂w. It is drawn
    as one writes it, without ∂J/∂J = 1, and gradients in it have short names, which the line "Symbols" explains.

    Args:
        J: the node to draw with everything it depends on, or a backward pass. Given a node, a pass of its
            own is made; ``.grad`` stays as it is.
        direction: "forward", "backward" or "both".
        wrt: a node, or several: only the paths from J to them are dark, all else is faint, and the title is the chain
            rule along these paths. Data too; for "backward" and "both".
        findings: what `health` found, pinned on the boxes: ``findings=mg.health(J)``.
        fold: write unnamed nodes inside the step that uses them; False makes every primitive a box.
        repeats: draw all of what repeats. By default, of more than 8 equal groups in a row, or terms of a sum, those in the
            middle are one box, and a parameter that three boxes or more read stands once, with a tag at each use.
            ``fold=False`` draws it all too.
        level: "steps", or "groups" for one box per group, such as a layer; the lines of its backward pass are the wider the
            larger the gradient is.
        style: "expressions", or "circuit": circles, with value and gradient on the wires.
        values: show numbers; False shows formulas and shapes only.
        arrays: "text", or "heatmap" for arrays as coloured cells too: values in a blue frame, gradients in an orange one.
            Each array has its own scale, up to its largest size; one of more than 16 × 16 entries is averaged.
        blank: leave empty places for the numbers that the pass works out, to be filled in by hand; without it the same
            picture is the key.
        theme: "light", "dark", "paper" for print in greys, or a `Theme` of your own.
        rankdir: "LR", "TB", "RL" or "BT"; by default what suits the graph.
        title: the heading; by default the pass and the formula.
        max_boxes: with more boxes than this, or four times as many arrows, groups are drawn; if there are none, or too
            many, stretches of steps are folded into about 20 boxes. The title says so, and what shows more. (A circuit
            shows the steps nearest to J.) By default 40, and 100 with ``fold=False``, ``repeats=True`` or a circuit.

    Returns:
        A `Diagram`: shown by notebooks, written by ``.save("x.svg")``, ``.source`` is DOT.

    Raises:
        ShapeError: for a backward pass from a node that is not a scalar; give ``node.backward(seed)`` instead.
        ValueError: for an option that does not exist, a backward pass without parameters or through more than 20,000
            boxes, or a node of ``wrt`` that J does not depend on, or that is J.
        TypeError: if J or ``wrt`` is not a node.

    Example:
        >>> import minigraph as mg
        >>> b, c = mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
        >>> mg.draw((b * c).named("u"), "backward")
        <diagram 'Backward pass   u = b·c': 3 boxes, 2 edges>
    """
    _refuse_unknown("direction", direction, _PASSES, "draw")
    _refuse_unknown("level", level, _LEVELS, "draw")
    _refuse_unknown("style", style, ("expressions", "circuit"), "draw")
    _refuse_unknown("arrays", arrays, ("text", "heatmap"), "draw")
    look = theme if isinstance(theme, Theme) else THEMES[_refuse_unknown("theme", theme, THEMES, "draw")]
    refuse_unknown_rankdir(rankdir, "draw")
    if arrays == "heatmap" and (style == "circuit" or level != "steps"):
        raise ValueError(
            'draw: arrays="heatmap" goes with level="steps" and style="expressions", whose boxes have room for them'
        )
    if style == "circuit" and level != "steps":
        raise ValueError('draw: style="circuit" shows every step: it goes with level="steps"')
    if blank and (style == "circuit" or findings is not None or arrays == "heatmap"):
        raise ValueError(
            'draw: blank=True leaves places for numbers: it goes with style="expressions" and arrays="text", and without '
            "findings="
        )
    if style == "circuit" and findings is not None:
        raise ValueError('draw: findings= are pinned on boxes: it goes with style="expressions", not with circles')
    ends = _ends(J, wrt, _PASSES[direction])
    root = root_of(J, "draw")
    J = readable(J, ends or (), "draw")
    steps = steps_of(root_of(J, "draw"), fold and style != "circuit", ends or ())
    total = len(steps)
    if total > MOST_BACKWARD and _PASSES[direction].shows_gradients:
        raise ValueError(
            f"draw: a backward pass through {total:,} boxes is too much for a picture. Draw an inner node, the forward "
            'pass, or make the steps inside mg.group and draw level="groups".'
        )
    if style == "circuit":
        steps = latest(steps, MAX_ASKED if max_boxes is None else max_boxes)
        scene = make_scene(J, steps, _PASSES[direction], "draw", values=values, title=title, wrt=ends)
        if len(steps) < total:
            scene.title = f"{scene.heading()}   (the last {len(steps):,} of {total:,} boxes; max_boxes={total} shows all)"
        return Diagram(circuit_view(scene), rankdir, look)
    is_short, heat = fold and not repeats, arrays == "heatmap"
    most_asked = MAX_ASKED if max_boxes is None else max_boxes
    most_shown = MAX_BOXES if max_boxes is None and is_short else most_asked
    pins = {} if findings is None else pins_by_step(findings, root, steps)

    def shown(most: int) -> View:
        folds, how = folds_for(
            steps, most, most_asked if most >= most_shown else None, ends or (), grouped=level == "groups", is_short=is_short
        )
        scene = make_scene(
            J, steps, _PASSES[direction], "draw", values=values, title=title, wrt=ends, sees_arrays=heat, pins=pins
        )
        if how:
            scene.title = f"{scene.heading()}   ({how})"
        view = folded_view(scene, folds, tags=is_short) if folds else steps_view(scene, tags=is_short)
        return blanked(view) if blank else view

    return Diagram(shown(most_shown), rankdir, look, shown)


def root_of(J: Node | BackwardPass, what: str) -> Node:
    """The node that is drawn."""
    if not isinstance(J, Node | BackwardPass):
        raise TypeError(f"{what}: give a node or a backward pass, not {type(J).__name__}")
    return J if isinstance(J, Node) else J.root


def _ends(J: Node | BackwardPass, wrt: Node | Sequence[Node] | None, direction: Direction) -> list[Node] | None:
    """The nodes to which paths are drawn; None for all."""
    if wrt is None:
        return None
    if not direction.shows_gradients:
        raise ValueError('draw: wrt= shows paths of a backward pass: it goes with "backward" or "both"')
    ends = list(dict.fromkeys([wrt] if isinstance(wrt, Node) or not isinstance(wrt, Iterable) else wrt))
    if not ends:
        raise ValueError("draw: wrt= names no node. Give one, several, or leave it out for all parameters")
    for node in ends:
        refuse_unrelated(root_of(J, "draw"), node, "draw")
        if node is root_of(J, "draw"):
            raise ValueError(f"draw: wrt= is {describe(node)}, which is drawn itself: name what it depends on")
    return ends


def make_scene(
    J: Node | BackwardPass,
    steps: list[Step],
    direction: Direction,
    what: str,
    *,
    values: bool = True,
    title: str | None,
    wrt: Sequence[Node] | None = None,
    sees_arrays: bool = False,
    pins: Mapping[Node, Sequence[str]] = MappingProxyType({}),
) -> Scene:
    """The scene of a node, with a pass of its own if the direction needs one, or of a pass; or of the paths to ``wrt``."""
    backward_pass = None
    if direction.shows_gradients:
        if wrt is not None:
            backward_pass = look_back(*root_and_seed(J, what), what, set(wrt))
        else:
            backward_pass = look_back(J, None, what) if isinstance(J, Node) else J
    scene = Scene(root_of(J, what), steps, direction, backward_pass, values, title, wrt, sees_arrays, pins)
    warn_of_twins(scene.names, what)
    return scene


def refuse_unknown_rankdir(rankdir: str | None, what: str) -> None:
    """Refuse a drawing direction that Graphviz doesn't have: it would draw as if none were given."""
    if rankdir is not None:
        _refuse_unknown("rankdir", rankdir, ("LR", "TB", "RL", "BT"), what)


def _refuse_unknown(option: str, given: Any, known: Any, what: str) -> Any:
    """What was given, if it is known."""
    if given not in tuple(known):
        raise ValueError(f"{what}: {option} is {' or '.join(map(repr, map(str, known)))}, not {given!r}")
    return given
