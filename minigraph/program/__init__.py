"""Compiling: a graph becomes a Python function over NumPy, by small passes over its nodes."""

from minigraph.program.compiling import BuiltProgram, compile
from minigraph.program.program import Program

__all__ = ["BuiltProgram", "Program", "compile"]
