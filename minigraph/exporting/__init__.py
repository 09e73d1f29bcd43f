"""Graphs as files that run without minigraph: an ONNX model, a Python file over NumPy.

Nothing here knows an operation or a derivative. A graph is computed once on arrays that only note what is done with them
(`recording`), at several sizes where the number of examples is left open (`sizes`); the files spell these few functions.
"""
