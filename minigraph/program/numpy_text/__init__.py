"""A program as text: from nodes in their order to a Python function over NumPy."""
