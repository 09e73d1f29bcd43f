"""minigraph's nets as scikit-learn estimators, an example in each row; needs the extra ``sklearn``.

Example:
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import cross_val_score
    >>> X, y = load_iris(return_X_y=True)
    >>> bool(cross_val_score(MinigraphClassifier(layers=(8,), optimiser="adam"), X, y).mean() > 0.9)
    True
"""

try:
    import sklearn  # noqa: F401
except ImportError as error:
    raise ImportError("minigraph.models.sklearn needs scikit-learn: pip install 'minigraph[sklearn]'") from error

from .estimators import MinigraphClassifier, MinigraphRegressor

__all__ = ["MinigraphClassifier", "MinigraphRegressor"]
