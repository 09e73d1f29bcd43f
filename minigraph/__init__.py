"""minigraph makes the chain rule visible: a computation graph that differentiates, checks and draws itself.

PYTEST_DONT_REWRITE: its own assertions are none that a test would show; else pytest warns if it is imported before.
"""

from typing import TYPE_CHECKING, Any

from minigraph import formulas as notation  # noqa: F401  # by this name operations of users' own know it
from minigraph.calculus.forward_mode import hvp, jvp
from minigraph.calculus.reverse_mode import backward, grad, jacobian
from minigraph.core.errors import DomainError, GraphWarning, NonFiniteError, ShapeError
from minigraph.core.evaluation import check_finite, evaluate
from minigraph.core.groups import Group, group
from minigraph.core.lazy_imports import LATER, later
from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.linear_maps import Identity, LinearMap, MatMulLeft, MatMulRight, Negation, Scale, compose
from minigraph.core.node import Node, Role, data, name, parameter
from minigraph.core.numpy_functions import numpy_words
from minigraph.core.op import Elementwise, Op
from minigraph.core.other_frameworks import no_attribute
from minigraph.hypothesis_types import register_nodes
from minigraph.operations.activations import leaky_relu, log_sigmoid, logaddexp, relu, sigmoid, softplus, tanh
from minigraph.operations.arithmetic import add, detach, divide, identity, multiply, negative, subtract
from minigraph.operations.choices import clip, maximum, minimum, where
from minigraph.operations.einsum import einsum
from minigraph.operations.elementary import abs, exp, expm1, log, log1p, sign
from minigraph.operations.gathering import one_hot, take
from minigraph.operations.joining import concatenate, hstack, stack, vstack
from minigraph.operations.losses import bce, bce_with_logits, cross_entropy_with_logits, squared_error
from minigraph.operations.norms_and_variances import norm, std, var
from minigraph.operations.powers import power, sqrt, square
from minigraph.operations.products import dot, matmul, outer
from minigraph.operations.reductions import max, mean, min, prod, sum
from minigraph.operations.repeating import broadcast_to, repeat, tile
from minigraph.operations.running_sums import cumsum
from minigraph.operations.shapes import expand_dims, ravel, reshape, squeeze, swapaxes, transpose
from minigraph.operations.softmax import log_softmax, logsumexp, softmax
from minigraph.operations.trigonometry import arccos, arcsin, arctan, cos, cosh, sin, sinh, tan

if TYPE_CHECKING:
    from minigraph.checking import GradientReport, OpReport, check_gradients, check_op
    from minigraph.drawing import Diagram, Theme, draw, register_renderer
    from minigraph.explanation import Comparison, Explanation, Health, Nudge, compare, explain, health, nudge, why_shape
    from minigraph.exporting.export import export
    from minigraph.pages import live, quiz, step_through
    from minigraph.parsing import ParseError, parse
    from minigraph.parsing.numpy_code.named_nodes import NamedNodes
    from minigraph.parsing.numpy_code.traced_function import trace
    from minigraph.parsing.torch.module_graph import from_torch
    from minigraph.program import BuiltProgram, Program, compile
    from minigraph.program.jax.function import to_jax

__version__ = "0.1.0"

LATER.update(
    # what users ask for, loaded at the first use, so that importing minigraph stays quick
    check_gradients="minigraph.checking:check_gradients",
    check_op="minigraph.checking:check_op",
    GradientReport="minigraph.checking:GradientReport",
    OpReport="minigraph.checking:OpReport",
    Diagram="minigraph.drawing:Diagram",
    draw="minigraph.drawing:draw",
    Theme="minigraph.drawing:Theme",
    register_renderer="minigraph.drawing:register_renderer",
    step_through="minigraph.pages:step_through",
    live="minigraph.pages:live",
    quiz="minigraph.pages:quiz",
    compare="minigraph.explanation:compare",
    Comparison="minigraph.explanation:Comparison",
    Comparisons="minigraph.explanation:Comparisons",
    explain="minigraph.explanation:explain",
    Explanation="minigraph.explanation:Explanation",
    Health="minigraph.explanation:Health",
    health="minigraph.explanation:health",
    Nudge="minigraph.explanation:Nudge",
    nudge="minigraph.explanation:nudge",
    why_shape="minigraph.explanation:why_shape",
    export="minigraph.exporting.export:export",
    parse="minigraph.parsing:parse",
    ParseError="minigraph.parsing:ParseError",
    NamedNodes="minigraph.parsing.numpy_code.named_nodes:NamedNodes",
    trace="minigraph.parsing.numpy_code.traced_function:trace",
    from_torch="minigraph.parsing.torch.module_graph:from_torch",
    BuiltProgram="minigraph.program:BuiltProgram",
    compile="minigraph.program:compile",
    Program="minigraph.program:Program",
    to_jax="minigraph.program.jax.function:to_jax",
    # what a module asks of one that stands above it
    backward="minigraph.calculus.reverse_mode:backward",
    explain_shape_error="minigraph.explanation.shape_reasons:explain_shape_error",
    numpy_names="minigraph.operations.numpy_names:numpy_names",
    in_notebook="minigraph.pages.notebook:in_notebook",
    random_nodes="minigraph.testing.random_graphs:nodes",
    table_of_pass="minigraph.explanation.whole_pass:table",
)
register_nodes()

__all__ = [
    "BackwardPass", "BuiltProgram", "Comparison", "Comparisons", "Contribution", "Diagram", "DomainError", "Elementwise",
    "Explanation", "GradientReport", "GraphWarning", "Group", "Health", "Identity", "LinearMap", "MatMulLeft",
    "MatMulRight", "NamedNodes", "Negation", "Node", "NonFiniteError", "Nudge", "Op", "OpReport", "ParseError", "Program",
    "Role", "Scale", "ShapeError", "Theme", "abs", "add", "arccos", "arcsin", "arctan", "backward", "bce",
    "bce_with_logits", "broadcast_to", "check_finite", "check_gradients", "check_op", "clip", "compare",
    "compile", "compose", "concatenate", "cos", "cosh", "cross_entropy_with_logits", "cumsum", "data", "detach",
    "divide", "dot", "draw", "einsum", "evaluate", "exp", "expand_dims", "explain", "expm1", "export",
    "from_torch", "grad", "group", "health", "hstack", "hvp", "identity", "jacobian", "jvp", "leaky_relu", "live", "log",
    "log1p", "log_sigmoid", "log_softmax", "logaddexp", "logsumexp", "matmul", "max", "maximum", "mean", "min",
    "minimum", "multiply", "name", "negative", "norm", "nudge", "one_hot", "outer", "parameter", "parse",
    "power", "prod", "quiz", "ravel", "register_renderer", "relu", "repeat", "reshape",
    "sigmoid", "sign", "sin", "sinh", "softmax",
    "softplus", "sqrt", "square", "squared_error", "squeeze", "stack", "std", "step_through", "subtract", "sum",
    "swapaxes", "take", "tan", "tanh", "tile", "to_jax", "trace", "transpose", "var", "vstack", "where", "why_shape",
]  # fmt: skip


def __getattr__(attribute: str) -> Any:
    if attribute not in LATER or attribute not in __all__:
        raise no_attribute("module 'minigraph'", attribute, numpy_words() | {name: f"mg.{name}" for name in __all__})
    return later(attribute)


def __dir__() -> list[str]:
    return [*globals(), *(name for name in __all__ if name in LATER)]
