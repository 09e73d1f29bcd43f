"""Logistic regression and deep nets, built on minigraph's public names. Examples are columns: X is (features, m)."""

from .epoch import Epoch
from .errors import DataError, DivergenceError, ModelFileError, NotFittedError, TrainingInterrupted
from .net import Net
from .nets import DeepNet, LogisticRegression, load
from .optimisers import Adam, GradientDescent, Momentum, Nesterov, Optimiser, RMSprop
from .standardization import Standardization
from .tables.encoding import Encoding
from .training_state import History

__all__ = [
    "Adam",
    "DataError",
    "DeepNet",
    "DivergenceError",
    "Encoding",
    "Epoch",
    "GradientDescent",
    "History",
    "LogisticRegression",
    "ModelFileError",
    "Momentum",
    "Nesterov",
    "Net",
    "NotFittedError",
    "Optimiser",
    "RMSprop",
    "Standardization",
    "TrainingInterrupted",
    "load",
]
