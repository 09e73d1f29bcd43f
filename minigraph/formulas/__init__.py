"""Formulas: expressions and their printers."""
