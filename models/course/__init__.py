"""Three classes of 90 minutes, ready to give: what docs/teaching shows, and what ``minigraph class`` writes into a folder.

A class is one file here, with its graphs, its texts, its slides, its exercise and its assignment; everything else arranges
them.
"""

from .taught_class import CLASSES, TaughtClass, taught

__all__ = ["CLASSES", "TaughtClass", "taught"]
