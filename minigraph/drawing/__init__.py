"""Diagrams of passes."""

from minigraph.drawing.diagram import Diagram, draw
from minigraph.drawing.rendering import RenderingError, register_renderer
from minigraph.drawing.theme import Theme

__all__ = ["Diagram", "RenderingError", "Theme", "draw", "register_renderer"]
