"""Logistic regression and deep nets, built on minigraph's public names. Examples are columns: X is (features, m)."""

from .deep_net import DeepNet
from .errors import DataError, DivergenceError, NotFittedError, TrainingInterrupted
from .history import History
from .logistic_regression import LogisticRegression
from .nets import Net
from .standardization import Standardization

__all__ = [
    "DataError",
    "DeepNet",
    "DivergenceError",
    "History",
    "LogisticRegression",
    "Net",
    "NotFittedError",
    "Standardization",
    "TrainingInterrupted",
]
