"""Pages that answer back: one HTML file each, without network."""

from minigraph.pages.step_page import step_through

__all__ = ["step_through"]
