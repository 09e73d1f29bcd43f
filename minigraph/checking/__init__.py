"""Checking derivatives: gradients by finite differences, and whole operations."""

from minigraph.checking.differences import Comparison
from minigraph.checking.gradients import GradientReport, check_gradients
from minigraph.checking.operations import OpReport, check_op

__all__ = ["Comparison", "GradientReport", "OpReport", "check_gradients", "check_op"]
