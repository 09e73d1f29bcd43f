"""One picture for light and dark pages: its colours are variables of CSS, which the page that it stands in decides.

A picture is drawn once, with a stand-in for each colour of the theme; then each stand-in is replaced by its variable. So
two roles that share a colour on light ground may have different ones on dark ground.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any

from minigraph.drawing.alt_text import described
from minigraph.drawing.dot import to_dot
from minigraph.drawing.rendering import to_svg
from minigraph.drawing.theme import DARK, THEME, Theme
from minigraph.drawing.view import View

LIGHT_PAGES = '[data-jp-theme-light="true"],.vscode-light,[data-theme="light"],.light,html[theme="light"]'
DARK_PAGES = '[data-jp-theme-light="false"],.vscode-dark,[data-theme="dark"],.dark,html[theme="dark"]'
"""How JupyterLab, VS Code, marimo and Sphinx, and Colab mark their pages; without a mark the system's setting decides."""
CLASS = "mg-shown"
"""The class of the element around a picture."""

_COLOUR = re.compile("#[0-9a-f]{6}")
_PAINT = re.compile(f'\\b(fill|stroke)="({_COLOUR.pattern})"')


def _colours(part: Any, place: str = "") -> dict[str, str]:
    """The colours in a theme, by where they are."""
    if isinstance(part, str):
        return {place: part} if _COLOUR.fullmatch(part) else {}
    inside = part if isinstance(part, dict) else _fields(part)
    return {at: colour for key, value in inside.items() for at, colour in _colours(value, f"{place}/{key}").items()}


def _with_colours(part: Any, colours: dict[str, str], place: str = "") -> Any:
    """The theme with other colours, by where they are."""
    if isinstance(part, str):
        return colours.get(place, part)
    if isinstance(part, dict):
        return {key: _with_colours(value, colours, f"{place}/{key}") for key, value in part.items()}
    changed = {key: _with_colours(value, colours, f"{place}/{key}") for key, value in _fields(part).items()}
    return replace(part, **changed) if changed else part


def _fields(part: Any) -> dict[str, Any]:
    return {f.name: getattr(part, f.name) for f in fields(part) if f.init} if is_dataclass(part) else {}


LIGHT_COLOURS, DARK_COLOURS = _colours(THEME), _colours(DARK)
_STAND_INS = {place: f"#{0xA10000 + 257 * number:06x}" for number, place in enumerate(LIGHT_COLOURS)}
_PLACES = {stand_in: (number, place) for number, (place, stand_in) in enumerate(_STAND_INS.items())}
STAND_IN: Theme = _with_colours(THEME, _STAND_INS)


def style() -> str:
    """The style that pages need for such pictures; browsers that don't know light-dark() show them light."""
    pairs = (f"light-dark({light},{DARK_COLOURS[place]})" for place, light in LIGHT_COLOURS.items())
    variables = "".join(f"--mg{number}:{pair};" for number, pair in enumerate(pairs))
    return (
        f".{CLASS}{{color-scheme:light dark}}"
        f":is({LIGHT_PAGES}) .{CLASS}{{color-scheme:light}}:is({DARK_PAGES}) .{CLASS}{{color-scheme:dark}}"
        f"@supports (color:light-dark(red,red)){{.{CLASS}{{{variables}}}}}"
    )


def svg_for_any_page(view: View, rankdir: str | None, prefix: str) -> tuple[str, str]:
    """The picture with colours that the page decides, and the same for light pages as it stands.

    Raises:
        RenderingError: as `to_svg`.
    """
    svg = to_svg(to_dot(view, rankdir, STAND_IN), view.title, prefix, described(view))

    def variable(paint: re.Match[str]) -> str:
        number, place = _PLACES.get(paint[2], (-1, ""))
        return paint[0] if number < 0 else f'{paint[1]}="var(--mg{number},{LIGHT_COLOURS[place]})"'

    def light(paint: re.Match[str]) -> str:
        return f'{paint[1]}="{LIGHT_COLOURS[_PLACES[paint[2]][1]] if paint[2] in _PLACES else paint[2]}"'

    return _PAINT.sub(variable, svg), _PAINT.sub(light, svg)
