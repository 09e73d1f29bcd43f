"""Checking derivatives: gradients by finite differences, and whole operations."""

from minigraph.checking.gradients import GradientReport, check_gradients
from minigraph.checking.judging import EntryCheck
from minigraph.checking.operations import OpReport, check_op

__all__ = ["EntryCheck", "GradientReport", "OpReport", "check_gradients", "check_op"]
