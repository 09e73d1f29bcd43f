"""What `torch.export` makes of a module: a list of calls of ATen operations, none of which writes into its operands.

An operation that `aten` has a function for stays one call; PyTorch writes all others with its core operations. Where a
gradient is cut off, by ``detach()`` or ``no_grad()``, PyTorch's own exporting would forget it: so it is marked before.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Mapping
from functools import cache
from typing import Any

CUT = "minigraph.detach.default"
"""The operation that marks where a gradient is cut off."""
_DETACH = ("aten.detach.default", "aten.detach_.default")
_NO_GRAD = "wrap_with_set_grad_enabled"


def torch_itself() -> Any:
    """The module ``torch``.

    Raises:
        ImportError: if it is not there; the message names the extra.
    """
    try:
        import torch
        import torch.export
        import torch.utils._pytree
    except ImportError as error:
        raise ImportError("mg.from_torch needs PyTorch: pip install 'minigraph[torch]'") from error
    return torch


def export(module: Any, inputs: tuple[Any, ...], keywords: Mapping[str, Any], known: Container[str]) -> Any:
    """The ``ExportedProgram`` of a module, in the operations that are ``known`` and core operations."""
    torch = torch_itself()
    try:
        with torch.enable_grad():
            program = torch.export.export(module, inputs, dict(keywords), strict=False)
        return _in_known_operations(torch, program, known)
    except Exception as error:
        error.add_note("mg.from_torch: this is what torch.export says, which has to follow the module from input to output.")
        raise


def _in_known_operations(torch: Any, program: Any, known: Container[str]) -> Any:
    _mark_cuts(program.graph)
    _add_masks(program.graph)
    table = torch.export.default_decompositions()
    for operation in [operation for operation in table if str(operation) in known]:
        del table[operation]
    return program.run_decompositions(table)


@cache
def _cut() -> Any:
    """The operation of PyTorch's that marks a cut; it is registered once in a process."""
    torch = torch_itself()
    operation = torch.library.custom_op(
        CUT.replace(".default", "").replace(".", "::"), lambda x: x.clone(), mutates_args=(), schema="(Tensor x) -> Tensor"
    )
    operation.register_fake(torch.empty_like)
    return operation._opoverload


def _mark_cuts(graph: Any) -> None:
    for call in list(graph.nodes):
        if str(call.target) in _DETACH:
            call.target = _cut()
        elif str(call.target) == _NO_GRAD and call.args[0] is False:
            for result in list(call.users):
                with graph.inserting_after(result):
                    cut = graph.call_function(_cut(), (result,))
                cut.meta = dict(result.meta)
                result.replace_all_uses_with(cut, lambda user, cut=cut: user is not cut)


def _add_masks(graph: Any) -> None:
    """Write what may attend to what as numbers that are added, 0 and −∞, instead of truth values."""
    torch = torch_itself()
    aten = torch.ops.aten
    for call in list(graph.nodes):
        mask = [*call.args[3:4], call.kwargs.get("attn_mask")][0]
        if (
            call.target is aten.scaled_dot_product_attention.default
            and mask is not None
            and mask.meta["val"].dtype is torch.bool
        ):
            with graph.inserting_before(call):
                zeros = graph.call_function(aten.new_zeros.default, (call.args[0], mask.meta["val"].shape))
                others = graph.call_function(aten.logical_not.default, (mask,))
                added = graph.call_function(aten.masked_fill.Scalar, (zeros, others, -math.inf))
            for line in (zeros, others, added):
                line.meta = dict(call.meta)
            call.replace_input_with(mask, added)


def leaves_of(tree: Any) -> list[Any]:
    """The tensors and constants in nested tuples, lists and dicts, in PyTorch's order."""
    leaves: list[Any] = torch_itself().utils._pytree.tree_leaves(tree)
    return leaves


def own_derivatives(outputs: Any) -> Iterator[str]:
    """The names of the functions with a derivative of a user's own that tensors were computed with."""
    torch = torch_itself()
    waiting = [tensor.grad_fn for tensor in leaves_of(outputs) if isinstance(tensor, torch.Tensor)]
    seen = {None}
    while waiting:
        function = waiting.pop()
        if function not in seen:
            seen.add(function)
            waiting += [before for before, _ in function.next_functions]
            if isinstance(function, torch.autograd.function.BackwardCFunction):
                yield type(function).__name__.removesuffix("Backward")
