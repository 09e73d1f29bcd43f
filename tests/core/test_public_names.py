"""The names that users type: all there, documented, and none twice."""

import importlib
import inspect
import sys
from typing import Any

import pytest

import minigraph as mg
from minigraph.core.lazy_imports import LATER
from minigraph.core.operators import OPERATIONS

INTERNAL = {"cast", "getitem", "scatter"}
PROMISED = [
    "parameter", "data", "name", "group", "evaluate", "grad", "backward", "jvp", "hvp", "jacobian",
    "check_gradients", "check_op", "check_finite", "compile", "to_jax", "from_torch", "trace", "draw", "step_through",
    "quiz", "explain", "add", "subtract", "multiply", "divide", "negative", "power", "matmul", "dot", "outer", "einsum",
    "take", "one_hot", "exp", "log", "sqrt", "square", "abs", "sign", "maximum", "sum", "mean", "max", "reshape",
    "transpose", "broadcast_to", "concatenate", "sigmoid", "tanh", "relu", "leaky_relu", "softplus", "softmax",
    "log_softmax", "bce", "bce_with_logits", "squared_error", "cross_entropy_with_logits",
]  # fmt: skip


def test_what_the_design_promises_is_public() -> None:
    assert set(PROMISED) <= set(mg.__all__)


def test_every_operation_is_public_under_its_name_but_those_of_the_engine() -> None:
    forgotten = set(OPERATIONS) - set(mg.__all__) - INTERNAL
    assert not forgotten, f"import {sorted(forgotten)} in minigraph/__init__.py, and put the names in __all__"
    assert set(OPERATIONS) - set(mg.__all__) == INTERNAL
    for name in set(OPERATIONS) - INTERNAL:
        assert getattr(mg, name) is OPERATIONS[name]


def test_all_lists_each_name_once() -> None:
    assert len(mg.__all__) == len(set(mg.__all__))
    missing = set(mg.__all__) - set(dir(mg))
    assert not missing, f"__all__ names {sorted(missing)}, but minigraph/__init__.py does not import them"


@pytest.mark.parametrize("name", mg.__all__)
def test_public_names_are_documented(name: str) -> None:
    thing: Any = getattr(mg, name)
    assert inspect.getdoc(thing), "a public name needs a docstring"
    if inspect.isfunction(thing):
        assert thing.__module__.startswith("minigraph.")
        assert "Example:" in (inspect.getdoc(thing) or ""), "show its use"
        assert all(p.annotation is not p.empty for p in inspect.signature(thing).parameters.values())


def test_names_that_are_loaded_later_are_those_of_their_modules() -> None:
    public = [name for name in LATER if name in mg.__all__]
    assert len(public) > 15
    for name in public:
        module, _, there = LATER[name].partition(":")
        assert getattr(mg, name) is getattr(importlib.import_module(module), there)


def test_an_unknown_name() -> None:
    with pytest.raises(AttributeError, match=r"^module 'minigraph' has no attribute 'sofmax'$"):
        mg.sofmax  # noqa: B018
    with pytest.raises(ImportError):
        from minigraph import nothing  # noqa: F401


def test_formulas_go_by_the_name_under_which_own_operations_know_them() -> None:
    from minigraph import formulas, notation

    assert notation is formulas


def test_star_import() -> None:
    namespace: dict[str, Any] = {}
    exec("from minigraph import *", namespace)
    assert set(mg.__all__) <= set(namespace)


def test_public_nodes_methods_and_properties_are_documented() -> None:
    for thing in (mg.Node, mg.Op, mg.Elementwise, mg.LinearMap, mg.BackwardPass, mg.Contribution, mg.Group):
        for name, member in inspect.getmembers(thing):
            if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
                assert inspect.getdoc(member), f"{thing.__name__}.{name}"


def test_the_version_is_a_version() -> None:
    assert all(part.isdigit() for part in mg.__version__.split("."))
    assert sys.modules["minigraph"] is mg
