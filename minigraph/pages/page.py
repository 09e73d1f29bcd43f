"""`one_file`: the parts of a page put together as one HTML file that loads nothing and runs nothing but its own script.

An `UnwrittenPage` is what a notebook displays.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

from minigraph.drawing.light_and_dark import DARK_PAGES, LIGHT_PAGES
from minigraph.drawing.theme import DARK, THEME, Theme
from minigraph.drawing.view import Look
from minigraph.files import replace_file
from minigraph.pages.packed import WITHOUT_SCRIPT, is_large, packed
from minigraph.reading.names import cleaned

FRAMED = "mg-framed"
"""The class of the element around a frame."""
HIGH, HIGH_IN_THE_DARK = 736, 744
"""How high a frame is, in pixels. It can't see what is around it, but how high it is: `frame.css` knows the dark by that."""
LIGHT_ONLY = {"panel": "#ffffff", "good": "#1a7f37", "bad": "#b42318"}
DARK_ONLY = {"panel": DARK.boxes[Look.OPERATION].fill, "good": "#56d364", "bad": "#ff8f85"}
"""The colours that pages have and pictures have not. Where it is dark, the others are those of `DARK`."""


class UnwrittenPage:
    """A page that is not written yet: a notebook displays it, `save` writes it.

    Attributes:
        kind: what it is called.
        allowed: what the page may do there.
        text: the HTML.
        title: as it is, with no escapes.
    """

    kind: ClassVar[str]
    allowed: ClassVar[str] = "allow-scripts"

    def __init__(self, text: str, title: str):
        self.text = text
        self.title = title

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page; an older one there is replaced as a whole.

        Raises:
            OSError: if it can't be written; the old file is then as it was.
        """
        return replace_file(path, lambda file: file.write(self.text.encode("utf-8")))

    def _repr_html_(self) -> str:
        """The page in a frame: it can't reach the notebook, nor the notebook's style the page."""
        text = self.text.replace("<html ", '<html class="framed" ', 1)
        return (
            f'<div class="{FRAMED}"><style>{_height_of_frames()}</style>'
            f'<iframe srcdoc="{html.escape(text, quote=True)}" title="{html.escape(cleaned(self.title), quote=True)}" '
            f'sandbox="{self.allowed}" allow="fullscreen" width="100%" height="{HIGH}" frameborder="0"></iframe></div>'
        )

    def __repr__(self) -> str:
        return f"<{self.kind} {self.title!r}: save(path) writes it, a notebook displays it>"


def one_file(
    title: str,
    body: str,
    *,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    data: Mapping[str, Any],
    packs: bool = False,
) -> str:
    """A page with the styles and scripts that all pages share, and its own.

    Its content security policy names its one style sheet and its one script by their hashes: whatever else is in it
    neither runs nor loads. So ``body`` may have no ``style=`` and no ``onclick=``.

    Args:
        title: what the window is called; as it is, with no escapes.
        body: HTML, in which what users wrote is escaped already.
        styles: file names in ``minigraph/pages``, read after ``page.css``.
        scripts: file names in ``minigraph/pages``, read after ``page.js``; they share one scope.
        data: what scripts find in ``data``; no NaN and no ∞, which JSON has not.
        packs: pack what is large; for pages that are nothing without their script.
    """
    content, first = embedded(data), ["page.js"]
    if packs and is_large(body, content):
        body, content, first = WITHOUT_SCRIPT, packed(body, content), ["packed.js", "page.js"]
    style = "\n".join([colors(THEME), part("frame.css"), part("page.css"), *map(part, styles)])
    script = "\n".join(['"use strict";', *map(part, [*first, "frame.js", *scripts])])
    policy = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{html.escape(cleaned(title))}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n"
        f'<script type="application/json" id="data">{content}</script>\n<script>{script}</script>\n</body>\n</html>\n'
    )


def part(name: str) -> str:
    """The text of a file that lies beside this one."""
    return files("minigraph.pages").joinpath(name).read_text("utf-8")


def embedded(data: Mapping[str, Any]) -> str:
    r"""The data as JSON that no name can end: ``</script>`` comes out as itself.

    Example:
        >>> embedded({"name": "</script>"})
        '{"name":"\\u003c/script>"}'
    """
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def colors(theme: Theme) -> str:
    """Each colour as a variable such as ``--ink``, and the colours of a picture, light and dark.

    `frame.css` says when it is dark. Browsers that do not know light-dark() show all light.
    """
    light, dark = _of_pictures(theme) | LIGHT_ONLY, _of_pictures(DARK) | DARK_ONLY
    return "\n".join(
        [
            f":root {{ color-scheme: light dark; font-family: {theme.font}; {_variables(light)} }}",
            "@supports (color: light-dark(red, red)) {",
            f":root {{ {_variables({name: _pair(color, dark[name]) for name, color in light.items()})} }}",
            *_picture_in_the_dark(theme),
            "}",
        ]
    )


def _of_pictures(theme: Theme) -> dict[str, str]:
    return {
        "ink": theme.ink,
        "background": theme.background,
        "secondary": theme.secondary,
        "value": theme.value,
        "gradient": theme.gradient,
        "quiet": theme.quiet_line,
    }


def _picture_in_the_dark(theme: Theme) -> list[str]:
    """What Graphviz wrote with the theme's colours, in dark ones; later rules win."""
    fills = {style.fill: DARK.boxes[look].fill for look, style in theme.boxes.items() if style.width}
    lines = {style.line: DARK.boxes[look].line for look, style in theme.boxes.items() if style.width}
    texts = {style.color for style in theme.rows.values()} | {theme.ink, theme.secondary}
    known = {theme.ink: "ink", theme.secondary: "secondary", theme.value: "value", theme.gradient: "gradient"}
    return [
        *(f'svg [fill="{light}"] {{ fill: {_pair(light, dark)} }}' for light, dark in fills.items()),
        f'svg [fill="{theme.frame_fill}"] {{ fill: {_pair(theme.frame_fill, DARK.frame_fill)} }}',
        *(f'svg [stroke="{light}"] {{ stroke: {_pair(light, dark)} }}' for light, dark in lines.items()),
        f'svg [stroke="{theme.gradient}"] {{ stroke: var(--gradient) }}',
        f'svg [stroke="{theme.quiet_line}"] {{ stroke: var(--quiet) }}',
        *(_text_in_the_dark(light, known.get(light, "ink")) for light in sorted(texts)),
        ":is(svg > g, svg > g > g > a) > polygon:first-of-type { fill: var(--background) }",  # of the whole picture
    ]


def _text_in_the_dark(light: str, name: str) -> str:
    return f'svg [fill="{light}"] {{ fill: {_pair(light, _of_pictures(DARK)[name])} }}'


def _pair(light: str, dark: str) -> str:
    return f"light-dark({light}, {dark})"


def _height_of_frames() -> str:
    light, dark = (f".{FRAMED} iframe{{height:{high}px}}" for high in (HIGH, HIGH_IN_THE_DARK))
    return f"{light}@media (prefers-color-scheme:dark){{{dark}}}:is({LIGHT_PAGES}) {light}:is({DARK_PAGES}) {dark}"


def _variables(values: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {color};" for name, color in values.items())


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
