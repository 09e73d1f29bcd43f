"""What people type who come from NumPy, PyTorch or another framework, and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LEAVE_GRAPH = "Write node.value where the plain array is meant; the result is then not part of the graph."
JOIN = "To put nodes together write mg.stack or mg.concatenate, which stay in the graph"

_ROWS = [
    # products and powers
    ("mm bmm mv", "use a @ b (mg.matmul), or mg.dot(a, b)"),
    ("linear", "use W @ X + b"),
    ("cross", "use np.roll(a, -1, -1) * np.roll(b, -2, -1) - np.roll(a, -2, -1) * np.roll(b, -1, -1)"),
    ("polyval", "write the sum, c[0] * x**2 + c[1] * x + c[2]"),
    ("cov", "use d @ d.T / (n - 1), with d = x - x.mean(1, keepdims=True)"),
    ("corrcoef", "use d @ d.T, with d = x - x.mean(1, keepdims=True) divided by its mg.norm(d, axis=1, keepdims=True)"),
    ("trapezoid trapz", "use np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2)"),
    ("pow float_power", "use x**y (mg.power)"),
    ("neg", "use -x"),
    ("add_ sub_ mul_ div_ copy_ fill_ zero_", "nothing is changed in place: w.value = w.value - rate * w.grad"),
    # smallest, largest, other functions
    ("asin acos atan", "use mg.arcsin, mg.arccos or mg.arctan"),
    ("clamp", "use mg.clip(x, min, max)"),
    ("average", "use mg.mean"),
    ("logsigmoid", "use mg.log_sigmoid(z)"),
    (
        "erf gelu silu swish elu arcsinh arccosh arctanh arctan2 sinc",
        "write an operation of your own: a subclass of mg.Elementwise",
    ),
    ("logaddexp2", "use mg.logaddexp(a * np.log(2), b * np.log(2)) / np.log(2)"),
    ("interp", "use np.searchsorted(known, x.value) to find the piece of each x, and write the line of that piece"),
    ("hypot", "use mg.norm(mg.stack([a, b]), axis=0)"),
    ("fmax fmin", "use mg.maximum or mg.minimum, where NaN stays NaN"),
    ("nan_to_num", "use mg.where(np.isnan(x.value), 0, x)"),
    ("choose", "use mg.where(first, a, mg.where(second, b, default))"),
    ("select", "use mg.where(first, a, mg.where(second, b, default))"),
    ("nanmean nanmax nanmin", "leave the entries out first: x[~np.isnan(x.value)]"),
    ("median quantile percentile", "use x[np.argsort(x.value)[k]], the entry that is the k-th smallest now"),
    (
        "argmax argmin any all isnan isinf isfinite round around rint floor ceil trunc count_nonzero nonzero allclose"
        " array_equal isclose unique searchsorted histogram bincount digitize argwhere lexsort save savez savetxt",
        "use NumPy on node.value: it has no derivative",
    ),
    ("mod remainder fmod floor_divide divmod", "use x - 2 * np.floor(x.value / 2), which fixes how often 2 goes into x"),
    ("sort", "use x[np.argsort(x.value)], which keeps the order as it is now"),
    ("argsort topk", "use np.argsort(x.value), which has no derivative; x[np.argsort(x.value)] is sorted"),
    ("partition argpartition", "use x[np.argpartition(x.value, k)], which keeps the order as it is now"),
    ("ediff1d", "use x[1:] - x[:-1]"),
    ("cumprod", "use mg.stack([x[: i + 1].prod() for i in range(len(x))])"),
    # shapes
    ("cat", "use mg.concatenate([a, b], axis=0)"),
    ("block bmat r_ c_", "use mg.vstack and mg.hstack"),
    ("insert delete", "use mg.concatenate of the parts, or x[places], with the places that stay"),
    ("take_along_axis", "use x[rows, columns], with arrays of whole numbers"),
    ("apply_along_axis vectorize", "use axis=, or mg.stack([f(row) for row in x])"),
    ("atleast_3d", "use x.reshape(shape)"),
    ("rot90", "use np.flip(x.T, 0)"),
    ("meshgrid broadcast_arrays", "use x[:, None] and y[None, :], which + and * broadcast"),
    ("dstack", "use mg.stack([a, b], axis=-1)"),
    ("view", "use node.reshape(shape)"),
    ("flatten", "use mg.ravel(x)"),
    ("unsqueeze", "use mg.expand_dims(x, axis)"),
    ("permute t rollaxis", "use node.T or mg.transpose(node, axes)"),
    ("expand", "use mg.broadcast_to(node, shape), or let + and * broadcast"),
    ("chunk dsplit", "use slices, such as x[:, :3] and x[:, 3:], or np.array_split(x, 2, axis=1)"),
    ("less less_equal greater greater_equal", "compare values, node.value < other"),
    ("equal not_equal", "compare values, node.value == other"),
    # values
    ("numpy tolist cpu data copy clone", "use node.value for the array, float(node) for a single number"),
    ("numel", "use node.size"),
    ("astype float double", "give the leaves their dtype: mg.data(value, dtype=np.float32)"),
    (
        "tensor variable array asarray leaf",
        "use mg.parameter(value, name) for what is trained, mg.data(value, name) for the rest",
    ),
    ("zeros ones randn rand eye full arange", "make the array with NumPy and give it to mg.parameter or mg.data"),
    ("linspace geomspace logspace", "make the array with NumPy; between nodes write a + (b - a) * np.linspace(0, 1, n)"),
    # the graph
    ("label", "use node.name; node.named('x') gives the name"),
    ("_op op_name", "use node.op.name, where node.op is not None"),
    ("_prev prev _children children parents creator", "use node.inputs"),
    ("_backward grad_fn", "use node.op, an operation knows its derivatives; J.backward() runs them all"),
    ("generation _version", "use node.number, which counts the nodes as they are made"),
    ("is_leaf", "use node.op is None"),
    # derivatives
    ("zero_grad zero_grads cleargrad null_grad null_gradients", "leave it out, every backward pass starts afresh"),
    ("gradients derivative", "use node.grad after J.backward(), or mg.grad(J, node)"),
    ("gradient", "use node.grad after J.backward(), or mg.grad(J, node); differences of entries are (x[2:] - x[:-2]) / 2"),
    ("no_grad retain_grad retain_graph no_autodiff", "leave it out, gradients are made only when they are asked for"),
    ("requires_grad requires_grad_ constant", "make it with mg.parameter to have it differentiated, with mg.data if not"),
    ("vjp value_and_grad elementwise_grad", "use mg.grad(J, wrt, seed=...)"),
    ("hessian", "use mg.hvp(J, wrt, vectors)"),
    ("step", "write the update: w.value = w.value - rate * w.grad"),
    # what stays out
    ("conv1d conv2d conv3d convolve correlate", "there is no convolution here: write an operation of your own (mg.Op)"),
    ("max_pool2d avg_pool2d maxpool2d avgpool2d", "use x.reshape(n, k, m, k).max((1, 3)), or .mean"),
    (
        "fft ifft rfft irfft fft2 real imag conj conjugate real_if_close angle",
        "there are real numbers only: write an operation of your own (mg.Op)",
    ),
    (
        "inv solve det slogdet svd eig eigh eigvals eigvalsh qr cholesky pinv lstsq",
        "there are no decompositions of matrices here: write an operation of your own (mg.Op)",
    ),
    (
        "put putmask place fill_diagonal copyto scatter_ index_add_",
        "nothing is written in place: use mg.where or mg.concatenate",
    ),
    ("int32 int64 long int bool", "give whole numbers to NumPy: nodes are float64 or float32"),
    # losses, nets, programs
    ("mse_loss mse mean_squared_error", "use mg.squared_error(a, y).mean(), which is half of it"),
    ("binary_cross_entropy bceloss", "use mg.bce(p, y).mean(), or mg.bce_with_logits(z, y).mean()"),
    ("cross_entropy crossentropyloss nll_loss", "use mg.cross_entropy_with_logits(z, labels).mean()"),
    (
        "nn sequential module optim sgd adam",
        "use minigraph.models, or write it with W @ X + b and mg.compile(J, updates=...); "
        "a module of PyTorch becomes a graph by mg.from_torch",
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
        advice = written.get(word.lower())
    advice = advice or INSTEAD.get(word.lower())
    return AttributeError(f"{owner} has no attribute {word!r}" + (f": {advice}." if advice else ""), name=word, **where)
