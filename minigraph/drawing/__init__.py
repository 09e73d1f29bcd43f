"""Diagrams of passes, and a page that steps through them."""

from minigraph.drawing.diagram import Diagram, draw
from minigraph.drawing.page import step_through
from minigraph.drawing.rendering import RenderingError

__all__ = ["Diagram", "RenderingError", "draw", "step_through"]
