"""What pytest and Hypothesis load in every run where minigraph is installed: nothing of minigraph until it is used.

The wheel has this folder as a package of its own, ``_minigraph_plugins``: a module of the package minigraph could not be
imported without minigraph, and NumPy with it. The entry points in pyproject.toml name it.
"""
