"""The table of PyTorch's operations: for each ATen name the function of nodes that it is.

A function gets PyTorch's arguments in PyTorch's order: nodes, or arrays of NumPy and numbers where they are constant. What
is not in the table PyTorch writes with its core operations; if one of these is not there either, the module is refused.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from minigraph.core.operators import OPERATIONS
from minigraph.parsing.torch import array_functions as entries
from minigraph.parsing.torch import elementary_functions as elements
from minigraph.parsing.torch import network_functions as network
from minigraph.parsing.torch.exported import CUT

Function = Callable[..., Any]


def _of(operation: str, *arguments: str) -> Function:
    """An operation; what PyTorch gives after the first operand are these arguments, and then what says nothing here."""
    return lambda x, *given, **_: OPERATIONS[operation](x, **dict(zip(arguments, given, strict=False)))


_ROWS: dict[str, Function] = {
    # arithmetic
    "add.Tensor add.Scalar": lambda a, b, alpha=1: a + elements.scaled(alpha, b),
    "sub.Tensor sub.Scalar": lambda a, b, alpha=1: a - elements.scaled(alpha, b),
    "rsub.Tensor rsub.Scalar": lambda a, b, alpha=1: b - elements.scaled(alpha, a),
    "mul.Tensor mul.Scalar": operator.mul,
    "div.Tensor div.Scalar": operator.truediv,
    "neg.default": operator.neg,
    "reciprocal.default": lambda x: 1 / x,
    "pow.Tensor_Scalar pow.Tensor_Tensor pow.Scalar": operator.pow,
    "lerp.Scalar lerp.Tensor": lambda a, b, weight: a + weight * (b - a),
    # functions
    "abs.default": operator.abs,
    "acos.default": _of("arccos"),
    "asin.default": _of("arcsin"),
    "atan.default": _of("arctan"),
    "cos.default": _of("cos"),
    "cosh.default": _of("cosh"),
    "erf.default": elements.Erf(),
    "exp.default": _of("exp"),
    "exp2.default": lambda x: 2**x,
    "expm1.default": _of("expm1"),
    "log.default": _of("log"),
    "log1p.default": _of("log1p"),
    "log2.default": lambda x: OPERATIONS["log"](x) / math.log(2),
    "log10.default": lambda x: OPERATIONS["log"](x) / math.log(10),
    "logaddexp.default": _of("logaddexp", "b"),
    "rsqrt.default": lambda x: 1 / OPERATIONS["sqrt"](x),
    "sign.default sgn.default": _of("sign"),
    "sin.default": _of("sin"),
    "sinh.default": _of("sinh"),
    "sqrt.default": _of("sqrt"),
    "square.default": _of("square"),
    "tan.default": _of("tan"),
    "xlogy.Tensor xlogy.Scalar_Other xlogy.Scalar_Self": elements.xlogy,
    # which of two
    "maximum.default": _of("maximum", "b"),
    "minimum.default": _of("minimum", "b"),
    "where.self where.ScalarSelf where.ScalarOther where.Scalar": _of("where", "a", "b"),
    "clamp.default clamp_min.default": elements.clamp,
    "clamp.Tensor clamp_min.Tensor": _of("clip", "min", "max"),
    "clamp_max.Tensor": _of("clip", "max"),
    "clamp_max.default": lambda x, high: elements.clamp(x, None, high),
    # truth values, as 0 and 1
    "gt.Tensor gt.Scalar": elements.compared(0, 0, 1),
    "ge.Tensor ge.Scalar": elements.compared(0, 1, 1),
    "lt.Tensor lt.Scalar": elements.compared(1, 0, 0),
    "le.Tensor le.Scalar": elements.compared(1, 1, 0),
    "eq.Tensor eq.Scalar": elements.equal,
    "ne.Tensor ne.Scalar": lambda a, b: 1 - elements.equal(a, b),
    "logical_and.default bitwise_and.Tensor": operator.mul,
    "logical_or.default bitwise_or.Tensor": _of("maximum", "b"),
    "logical_not.default bitwise_not.default": lambda a: 1 - a,
    # activations
    "elu.default": elements.elu,
    "gelu.default": elements.gelu,
    "hardtanh.default": lambda x, low=-1, high=1: elements.clamp(x, low, high),
    "leaky_relu.default": _of("leaky_relu", "slope"),
    "log_sigmoid.default": _of("log_sigmoid"),
    "log_softmax.int _log_softmax.default": _of("log_softmax", "axis"),
    "mish.default": lambda z: z * OPERATIONS["tanh"](OPERATIONS["softplus"](z)),
    "relu.default": _of("relu"),
    "sigmoid.default": _of("sigmoid"),
    "silu.default": lambda z: z * OPERATIONS["sigmoid"](z),
    "softmax.int _softmax.default": _of("softmax", "axis"),
    "softplus.default": elements.softplus,
    "tanh.default": _of("tanh"),
    # layers
    "batch_norm.default _native_batch_norm_legit_no_training.default": network.batch_norm,
    "bilinear.default": network.bilinear,
    "embedding.default": network.embedding,
    "group_norm.default": network.group_norm,
    "layer_norm.default": network.layer_norm,
    "linear.default": network.linear,
    "scaled_dot_product_attention.default": network.attention,
    # losses
    "binary_cross_entropy.default": network.binary_cross_entropy,
    "binary_cross_entropy_with_logits.default": network.binary_cross_entropy_with_logits,
    "cross_entropy_loss.default": network.cross_entropy,
    "mse_loss.default": network.squared_error,
    "nll_loss_nd.default": network.negative_log_likelihood,
    # products
    "addmm.default baddbmm.default": lambda b, x, y, beta=1, alpha=1: (
        elements.scaled(beta, b) + elements.scaled(alpha, x @ y)
    ),
    "einsum.default": lambda subscripts, operands, **_: OPERATIONS["einsum"](subscripts, *operands),
    "mm.default bmm.default matmul.default mv.default dot.default": operator.matmul,
    # sums, and what else is made of many entries
    "amax.default": _of("max", "axis", "keepdims"),
    "amin.default": _of("min", "axis", "keepdims"),
    "max.default": _of("max"),
    "min.default": _of("min"),
    "max.dim": lambda x, axis, keepdims=False: (OPERATIONS["max"](x, axis, keepdims),),
    "min.dim": lambda x, axis, keepdims=False: (OPERATIONS["min"](x, axis, keepdims),),
    "cumsum.default": _of("cumsum", "axis"),
    "linalg_vector_norm.default": network.norm,
    "logsumexp.default": _of("logsumexp", "axis", "keepdims"),
    "mean.default mean.dim": _of("mean", "axis", "keepdims"),
    "prod.default prod.dim_int": _of("prod", "axis", "keepdims"),
    "sum.default sum.dim_IntList": _of("sum", "axis", "keepdims"),
    "var.correction": network.variance,
    "var_mean.correction": lambda x, axis=None, **how: (
        network.variance(x, axis, **how),
        x.mean(axis, how.get("keepdim", False)),
    ),
    # shapes
    "alias.default clone.default contiguous.default _to_copy.default": lambda x, *_, **__: x,
    "cat.default": _of("concatenate", "axis"),
    "constant_pad_nd.default": entries.padded,
    "copy.default": lambda old, new, *_: entries.expand(new, old.shape),
    "expand.default": entries.expand,
    "flip.default": entries.flip,
    "gather.default": entries.gather,
    "index.Tensor": entries.index,
    "index_select.default select.int": entries.along,
    "permute.default": _of("transpose", "axes"),
    "repeat.default": _of("tile", "reps"),
    "select_scatter.default": entries.replaced,
    "slice.Tensor": lambda x, axis=0, start=None, stop=None, step=1: entries.along(x, axis, slice(start, stop, step)),
    "slice_scatter.default": lambda x, new, axis=0, start=None, stop=None, step=1: entries.replaced(
        x, new, axis, slice(start, stop, step)
    ),
    "split_with_sizes.default": entries.split,
    "squeeze.dims": entries.squeeze,
    "stack.default": _of("stack", "axis"),
    "unsqueeze.default": _of("expand_dims", "axis"),
    "view.default reshape.default _unsafe_view.default": _of("reshape", "shape"),
}

FUNCTIONS: dict[str, Function] = {
    str(operator.getitem): entries.part,
    CUT: _of("detach"),
    **{f"aten.{name}": function for names, function in _ROWS.items() for name in names.split()},
}
"""The functions by what PyTorch calls its operations."""
OF_SHAPES = {
    f"aten.{name}.default"
    for name in ("empty_like", "full_like", "new_full", "new_ones", "new_zeros", "ones_like", "zeros_like")
}
"""Operations that read no values."""

_EVAL = "call module.eval() first"
_SMALL = "left out here, to stay small"
INSTEAD = {
    "argmax argmin median sort topk nonzero": "which entries it takes depends on values, and that is no part of a graph",
    "convolution": f"convolutions are {_SMALL}",
    "avg_pool2d max_pool2d_with_indices _adaptive_avg_pool2d max_pool2d": f"pooling is {_SMALL}",
    "_native_batch_norm_legit_functional": f"in training it changes its running means: {_EVAL}",
    "native_dropout": f"in training it draws random numbers: {_EVAL}",
}
"""What is said of operations that are missing."""


def advice_on(operation: str) -> str:
    """Why there is no function for an operation, and what to do."""
    word = operation.split(".")[1]
    return next((said for words, said in INSTEAD.items() if word in words.split()), "there is no operation for it here")
