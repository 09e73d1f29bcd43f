"""Logistic regression and deep nets, built on minigraph's public names. Examples are columns: X is (features, m)."""

from .deep_net import DeepNet
from .errors import DataError, DivergenceError, ModelFileError, NotFittedError, TrainingInterrupted
from .history import History
from .loading import load
from .logistic_regression import LogisticRegression
from .nets import Net
from .optimisers import GradientDescent, Optimiser
from .standardization import Standardization

__all__ = [
    "DataError",
    "DeepNet",
    "DivergenceError",
    "GradientDescent",
    "History",
    "LogisticRegression",
    "ModelFileError",
    "Net",
    "NotFittedError",
    "Optimiser",
    "Standardization",
    "TrainingInterrupted",
    "load",
]
