"""Diagrams of passes."""

from minigraph.drawing.diagram import Diagram, draw
from minigraph.drawing.rendering import RenderingError

__all__ = ["Diagram", "RenderingError", "draw"]
