"""Names that are asked for: what is loaded when it is first used, and what to write where a name is not there.

The arrows between modules point down: none imports what stands above it. Where somebody below has to call what stands
above, as a shape error that explains itself or a backward pass that prints itself, it asks `later` by name. Who answers is
written in one place, `minigraph/__init__`, so that neither side knows the other. The same table lets ``import minigraph``
load no more than the engine: ``mg.draw`` is found through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

LATER: dict[str, str] = {}
"""Where a thing is, as ``"module:its name there"``, by the name that it is asked for."""


def later(name: str) -> Any:
    """What is asked for by this name; its module is imported now.

    Raises:
        KeyError: if nothing is entered under the name.

    Example:
        >>> import minigraph as mg
        >>> later("draw") is mg.draw
        True
    """
    return loaded(LATER[name])


def loaded(place: str) -> Any:
    """What is at a place, ``"module:its name there"``; the module is imported now.

    Raises:
        ImportError: if there is no such module.
        AttributeError: if the module has no such name.
    """
    module, _, there = place.partition(":")
    return getattr(import_module(module), there)


# What people type who come from NumPy, PyTorch or another framework

LEAVE_GRAPH = "Write node.value where the plain array is meant; the result is then not part of the graph."
JOIN = "To put nodes together write mg.concatenate, which stays in the graph"

_ROWS = [
    # products and powers
    ("mm bmm mv inner vdot", "use a @ b (mg.matmul), or mg.dot(a, b)"),
    ("linear", "use W @ X + b"),
    ("pow float_power", "use x**y (mg.power)"),
    ("reciprocal", "use 1 / x"),
    ("neg", "use -x"),
    ("add_ sub_ mul_ div_ copy_ fill_", "nothing is changed in place: w.value = w.value - rate * w.grad"),
    # smallest, largest, other functions
    ("min amin", "use -mg.max(-x)"),
    ("asin acos atan", "use mg.arcsin, mg.arccos or mg.arctan"),
    ("clamp", "use mg.clip(x, min, max)"),
    ("average", "use mg.mean"),
    ("var", "use mg.mean(mg.square(x - mg.mean(x)))"),
    ("std", "use mg.sqrt(mg.mean(mg.square(x - mg.mean(x))))"),
    ("norm", "use mg.sqrt(mg.sum(mg.square(x)))"),
    ("logsigmoid", "use mg.log_sigmoid(z)"),
    ("log2 log10", "use mg.log(x) / np.log(10), with the base that you want"),
    (
        "erf gelu silu swish elu",
        "write an operation of your own: a subclass of mg.Elementwise",
    ),
    ("argmax argmin any all isnan isfinite round floor ceil", "use NumPy on node.value: it has no derivative"),
    # shapes
    ("stack vstack hstack column_stack append cat", "use mg.concatenate on reshaped nodes, such as a.reshape(1, -1)"),
    ("view flatten ravel squeeze unsqueeze expand_dims", "use node.reshape(shape)"),
    ("permute swapaxes moveaxis t", "use node.T or mg.transpose(node, axes)"),
    ("expand tile repeat", "use mg.broadcast_to(node, shape), or let + and * broadcast"),
    ("shape ndim size", "use node.shape, node.ndim or node.size"),
    ("less less_equal greater greater_equal", "compare values, node.value < other"),
    ("equal not_equal", "compare values, node.value == other"),
    # values
    ("numpy item tolist cpu data copy clone", "use node.value for the array, float(node) for a single number"),
    ("astype float double", "give the leaves their dtype: mg.data(value, dtype=np.float32)"),
    (
        "tensor variable array asarray leaf",
        "use mg.parameter(value, name) for what is trained, mg.data(value, name) for the rest",
    ),
    ("zeros ones randn rand eye full arange linspace", "make the array with NumPy and give it to mg.parameter or mg.data"),
    # derivatives
    ("zero_grad zero_grads cleargrad null_gradients", "leave it out, every backward pass starts afresh"),
    ("gradient gradients derivative", "use node.grad after J.backward(), or mg.grad(J, node)"),
    ("no_grad retain_grad retain_graph no_autodiff", "leave it out, gradients are made only when they are asked for"),
    ("requires_grad requires_grad_", "make it with mg.parameter to have it differentiated, with mg.data if not"),
    ("vjp value_and_grad elementwise_grad", "use mg.grad(J, wrt, seed=...)"),
    ("hessian", "use mg.hvp(J, wrt, vectors)"),
    ("step", "write the update: w.value = w.value - rate * w.grad"),
    # losses, nets, programs
    ("mse_loss mse mean_squared_error", "use mg.squared_error(a, y).mean(), which is half of it"),
    ("binary_cross_entropy bceloss", "use mg.bce(p, y).mean(), or mg.bce_with_logits(z, y).mean()"),
    ("cross_entropy crossentropyloss nll_loss", "use mg.cross_entropy_with_logits(z, y).mean() with y one-hot columns"),
    (
        "nn sequential module optim sgd adam",
        "use minigraph.models, or write it with W @ X + b and mg.compile(J, updates=...)",
    ),
    ("jit", "use mg.compile"),
]
INSTEAD = {word: advice for words, advice in _ROWS for word in words.split()}
"""What to write instead, by the word in lower case."""


def no_attribute(owner: str, word: str, there: Mapping[str, str], **where: Any) -> AttributeError:
    """The error for a name that is not there; for a word of another framework it says what to write.

    Args:
        owner: what was asked, as Python's own message calls it.
        word: the name that was asked for.
        there: the names that there are, with how each is written; capitals make no difference.
        where: ``obj``, for Python's own suggestions.
    """
    advice = None
    if not word.startswith("_"):
        written = {name.lower(): f"use {how}" for name, how in there.items()}
        advice = written.get(word.lower()) or INSTEAD.get(word.lower())
    return AttributeError(f"{owner} has no attribute {word!r}" + (f": {advice}." if advice else ""), name=word, **where)
