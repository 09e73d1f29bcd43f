"""The table of PyTorch's operations: for each ATen name the function of nodes that it is.

A function gets PyTorch's arguments in PyTorch's order: nodes, or arrays of NumPy and numbers where they are constant. What
is not in the table PyTorch writes with its core operations; if one of these is not there either, the module is refused.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from minigraph.core.operators import OPERATIONS
from minigraph.operations.choices import Equal, Step
from minigraph.parsing.torch import network_functions as network

Function = Callable[..., Any]


def _of(operation: str, *options: str) -> Function:
    """An operation with the operand and the first arguments of PyTorch's, which are these options; the rest says nothing."""
    return lambda x, *given, **_: OPERATIONS[operation](x, **dict(zip(options, given, strict=False)))


def _same(x: Any, *_: Any, **__: Any) -> Any:
    """The node itself: a copy, another layout in memory, another dtype, which the reader gives it."""
    return x


def _scaled(number: Any, x: Any) -> Any:
    return x if number == 1 else number * x


def _quotient(a: Any, b: Any, rounding_mode: None = None) -> Any:
    if rounding_mode is not None:
        raise ValueError("a quotient that is rounded has no derivative.")
    return OPERATIONS["divide"](a, b)


def _compared(below: float, at: float, above: float) -> Function:
    """Whether a is below, at or above b, as 0 and 1."""
    return lambda a, b: Step(below, at, above)(a - b)


_ROWS: dict[str, Function] = {
    # arithmetic
    "add.Tensor add.Scalar": lambda a, b, alpha=1: a + _scaled(alpha, b),
    "sub.Tensor sub.Scalar": lambda a, b, alpha=1: a - _scaled(alpha, b),
    "rsub.Tensor rsub.Scalar": lambda a, b, alpha=1: b - _scaled(alpha, a),
    "mul.Tensor mul.Scalar": operator.mul,
    "div.Tensor div.Scalar div.Tensor_mode div.Scalar_mode": _quotient,
    "neg.default": operator.neg,
    "reciprocal.default": lambda x: 1 / x,
    "pow.Tensor_Scalar pow.Tensor_Tensor pow.Scalar": operator.pow,
    # functions
    "abs.default": abs,
    "exp.default": OPERATIONS["exp"],
    "log.default": OPERATIONS["log"],
    "sqrt.default": OPERATIONS["sqrt"],
    "rsqrt.default": lambda x: 1 / OPERATIONS["sqrt"](x),
    "sign.default sgn.default": OPERATIONS["sign"],
    "square.default": OPERATIONS["square"],
    "erf.default": network.Erf(),
    "maximum.default": OPERATIONS["maximum"],
    # comparisons, as 0 and 1
    "gt.Tensor gt.Scalar": _compared(0, 0, 1),
    "ge.Tensor ge.Scalar": _compared(0, 1, 1),
    "lt.Tensor lt.Scalar": _compared(1, 0, 0),
    "le.Tensor le.Scalar": _compared(1, 1, 0),
    "eq.Tensor eq.Scalar": Equal(),
    "ne.Tensor ne.Scalar": lambda a, b: 1 - Equal()(a, b),
    # activations
    "gelu.default": network.gelu,
    "leaky_relu.default": _of("leaky_relu", "slope"),
    "log_softmax.int _log_softmax.default": _of("log_softmax", "axis"),
    "mish.default": lambda z: z * OPERATIONS["tanh"](OPERATIONS["softplus"](z)),
    "relu.default": _of("relu"),
    "sigmoid.default": OPERATIONS["sigmoid"],
    "silu.default": lambda z: z * OPERATIONS["sigmoid"](z),
    "softmax.int _softmax.default": _of("softmax", "axis"),
    "softplus.default": network.softplus,
    "tanh.default": OPERATIONS["tanh"],
    # layers
    "batch_norm.default _native_batch_norm_legit_no_training.default": network.batch_norm,
    "embedding.default": network.embedding,
    "layer_norm.default": network.layer_norm,
    "linear.default": network.linear,
    "scaled_dot_product_attention.default": network.attention,
    # losses
    "binary_cross_entropy.default": network.binary_cross_entropy,
    "binary_cross_entropy_with_logits.default": network.binary_cross_entropy_with_logits,
    "cross_entropy_loss.default": network.cross_entropy,
    "mse_loss.default": network.squared_error,
    # products
    "addmm.default": lambda b, x, y, beta=1, alpha=1: _scaled(beta, b) + _scaled(alpha, x @ y),
    "mm.default bmm.default matmul.default mv.default dot.default": operator.matmul,
    # sums
    "mean.default mean.dim": _of("mean", "axis", "keepdims"),
    "sum.default sum.dim_IntList": _of("sum", "axis", "keepdims"),
    "amax.default": _of("max", "axis", "keepdims"),
    # shapes
    "alias.default clone.default contiguous.default _to_copy.default": _same,
    "cat.default": OPERATIONS["concatenate"],
    "expand.default": network.expand,
    "permute.default": OPERATIONS["transpose"],
    "select.int": lambda x, axis, index: network.along(x, axis, index),
    "slice.Tensor": lambda x, axis=0, start=None, stop=None, step=1: network.along(x, axis, slice(start, stop, step)),
    "split_with_sizes.default": network.split,
    "squeeze.dims": lambda x, axes: x.reshape(
        [size for axis, size in enumerate(x.shape) if axis not in {a % x.ndim for a in axes} or size != 1]
    ),
    "unsqueeze.default": lambda x, axis: x.reshape([*x.shape[: axis % (x.ndim + 1)], 1, *x.shape[axis % (x.ndim + 1) :]]),
    "view.default reshape.default _unsafe_view.default": OPERATIONS["reshape"],
}

FUNCTIONS: dict[str, Function] = {
    str(operator.getitem): operator.getitem,
    **{f"aten.{name}": function for names, function in _ROWS.items() for name in names.split()},
}
"""The functions by what PyTorch calls its operations."""

_IN_TRAINING = "Call module.eval() first."
INSTEAD = {
    "dropout native_dropout": f"it draws random numbers in training. {_IN_TRAINING}",
    "_native_batch_norm_legit_functional": f"it changes its running means in training. {_IN_TRAINING}",
    "convolution _conv_depthwise2d": "convolutions are left out here, to stay small.",
    "max_pool2d_with_indices avg_pool2d _adaptive_avg_pool2d": "pooling is left out here, to stay small.",
}
"""What is said of operations that are missing, by the beginning of their names."""


def advice_on(operation: str) -> str:
    """Why there is no function for an operation, and what to do."""
    word = operation.split(".")[1]
    return next((said for words, said in INSTEAD.items() if word in words.split()), "there is no operation for it here.")
