"""Graphs from plain NumPy code."""
