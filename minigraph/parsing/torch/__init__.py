"""Graphs from PyTorch: a module becomes nodes, with its own names. Loaded when it is asked for."""
