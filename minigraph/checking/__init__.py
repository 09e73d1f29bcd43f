"""Checking: gradients against finite differences, whole operations, and programs against graphs."""

from minigraph.checking.gradient_check import GradientReport, check_gradients
from minigraph.checking.operation_check import OpReport, check_op
from minigraph.checking.verdicts import EntryCheck

__all__ = ["EntryCheck", "GradientReport", "OpReport", "check_gradients", "check_op"]
