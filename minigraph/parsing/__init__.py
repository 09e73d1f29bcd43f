"""Graphs from text."""

from minigraph.parsing.expression import parse, parse_value
from minigraph.parsing.tokens import ParseError

__all__ = ["ParseError", "parse", "parse_value"]
