"""Checking derivatives: gradients by finite differences, and whole operations."""

from minigraph.checking.differences import Comparison
from minigraph.checking.gradients import GradientReport, check_gradients

__all__ = ["Comparison", "GradientReport", "check_gradients"]
