"""The machine of accelerators and of many machines: a graph as a pure function of JAX, and a program that JAX runs.

What computes here is the graph itself, operation by operation: JAX has a compiler of its own, and needs no places, no
order and no memory planned for it. `loading` alone loads JAX, when it is first needed.
"""
