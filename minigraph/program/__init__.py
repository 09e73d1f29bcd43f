"""Compiling: a graph becomes a Python function over NumPy, by small passes over its nodes.

What `compile` is given goes this way:

    arguments     is it what can be compiled?
    graph         the nodes of a step: outputs, updates, inputs
    passes/       graph → graph that computes the same with less work; one list says which, and in what order
    schedule      the order of the nodes, and which of them share memory
    numpy_text/   each node becomes lines of Python
    machine       runs the text: arrays in, outputs and new state out
    program       a step, or many: loops/ has what `repeat` does instead of single steps
"""

from minigraph.program.compiling import BuiltProgram, compile
from minigraph.program.program import Program

__all__ = ["BuiltProgram", "Program", "compile"]
