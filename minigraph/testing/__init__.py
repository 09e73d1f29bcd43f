"""Hypothesis strategies for computation graphs."""
