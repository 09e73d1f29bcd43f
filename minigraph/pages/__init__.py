"""Pages that answer back: one HTML file each, without network."""

from minigraph.pages.page import step_through

__all__ = ["step_through"]
