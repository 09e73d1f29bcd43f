"""`from_torch`: a module of PyTorch becomes a graph."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from itertools import chain
from typing import Any, NoReturn

import numpy as np

from minigraph.core.calling_lines import at_line
from minigraph.core.groups import Group, entering, group, leaving
from minigraph.core.node import Node, data, parameter
from minigraph.operations.arithmetic import cast
from minigraph.parsing.numpy_code.named_nodes import NamedNodes, numbered
from minigraph.parsing.torch.aten import FUNCTIONS, OF_SHAPES, advice_on
from minigraph.parsing.torch.exported import CUT, export, leaves_of, own_derivatives, torch_itself
from minigraph.parsing.torch.source_lines import Place, names_of, place_of
from minigraph.values import Array

ROWS = "Inputs · examples are rows"
"""The box of the inputs in pictures."""


def from_torch(module: Any, /, *example_inputs: Any, **keywords: Any) -> tuple[Any, NamedNodes]:
    """The graph of a PyTorch module: its outputs as nodes, and its named nodes.

    The module is traced by ``torch.export`` for inputs of these shapes. Its parameters become parameters, frozen ones,
    buffers and inputs data; all keep their names and dtypes, and their values are copied. Each submodule becomes a group.
    What depends on neither inputs nor parameters, such as a mask, is computed once, by PyTorch.

    Args:
        module: a ``torch.nn.Module``, with ``module.eval()`` if it has dropout or batch norm. For gradients that can be
            compared to the last digits it is of float64: ``module.double()``.
        example_inputs: what the module is called with. Whole numbers, such as tokens, become data as well.
        keywords: likewise, by name.

    Returns:
        The outputs, nodes in place of tensors, in tuples, lists and dicts as the module returns them; and the named nodes,
        as `trace` gives them: parameters and buffers by the module's names for them, inputs by the names of the arguments
        of ``forward``, steps by the variables that they are assigned to, else by the submodule that they come from.

    Raises:
        ImportError: if PyTorch is not installed.
        NotImplementedError: if the module uses what has no operation here, or changes its own state; the message names
            the line of the module.

    Example:
        >>> import minigraph as mg
        >>> net = torch.nn.Sequential(torch.nn.Linear(3, 1), torch.nn.Sigmoid()).double()   # doctest: +SKIP
        >>> A, n = mg.from_torch(net, torch.zeros(5, 3).double())                           # doctest: +SKIP
        >>> A                                                                               # doctest: +SKIP
        <Sigmoid_1 = σ(Linear_0) (5, 1) float64>
        >>> mg.grad(A.mean(), n["0.weight"]).value                                          # doctest: +SKIP
        array([[0., 0., 0.]])
    """
    torch = torch_itself()
    if not isinstance(module, torch.nn.Module):
        raise TypeError(
            f"from_torch: a torch.nn.Module is needed, not {module!r:.60}. What a function computes goes into the method "
            "forward of a class of your own."
        )
    program = export(module, example_inputs, keywords, {*FUNCTIONS, CUT})
    reader = Reader(torch, program, leaves_of((example_inputs, keywords)))
    outputs = reader.outputs()
    _compare(torch, module, example_inputs, keywords, outputs)
    return torch.utils._pytree.tree_unflatten(outputs, program.call_spec.out_spec), NamedNodes(reader.named, reader.last)


class Reader:
    """Reads an exported program call by call, and makes the nodes.

    Attributes:
        named: the nodes that have a name, by it.
        last: the last of several steps, by the name that they would share.
        values: for each line of the program its value: a node; a tensor or a number, if it is constant; or several.
    """

    def __init__(self, torch: Any, program: Any, inputs: list[Any]):
        self.torch = torch
        self.program = program
        self.named: dict[str, Node] = {}
        self.last: dict[str, Node] = {}
        self.values: dict[Any, Any] = {}
        self.lifted: dict[Any, Any] = {}
        self.groups: dict[str, Group] = {}
        self.tensors = {**program.constants, **program.state_dict}
        floats = {
            leaf.dtype for leaf in [*inputs, *self.tensors.values()] if self._is_tensor(leaf) and leaf.is_floating_point()
        }
        self.precision = np.dtype(np.float32 if torch.float32 in floats and torch.float64 not in floats else np.float64)
        self._leaves(inputs)
        self._calls()

    def _is_tensor(self, value: Any) -> bool:
        return isinstance(value, self.torch.Tensor)

    # Leaves

    def _leaves(self, inputs: list[Any]) -> None:
        """Parameters, inputs, and the tensors that are constant."""
        kinds = self.torch.export.graph_signature.InputKind
        leaves: dict[int, Node] = {}
        given = iter(inputs)
        with_examples = group(ROWS) if any(self._is_tensor(value) and value.ndim > 1 for value in inputs) else nullcontext()
        placeholders = [line for line in self.program.graph.nodes if line.op == "placeholder"]
        for line, spec in zip(placeholders, self.program.graph_signature.input_specs, strict=True):
            value: Any = next(given) if spec.kind is kinds.USER_INPUT else self.tensors.get(spec.target)
            if spec.kind is kinds.PARAMETER:
                if id(value) not in leaves:  # one that two submodules share is one leaf
                    leaves[id(value)] = self._leaf(parameter if value.requires_grad else data, value, spec.target)
                value = self.named[spec.target] = leaves[id(value)]
            elif spec.kind is kinds.USER_INPUT and self._is_tensor(value):
                with with_examples:
                    value = self._leaf(data, value, line.name)
            self.values[line] = value

    def _leaf(self, kind: Callable[..., Node], tensor: Any, name: str) -> Node:
        return self._name(kind(self._array(tensor, name), dtype=self._dtype(tensor)), name)

    def _array(self, tensor: Any, name: str) -> Array:
        if tensor.dtype in (self.torch.float16, self.torch.bfloat16):
            raise NotImplementedError(f"from_torch: {name!r} is of {tensor.dtype}. Write module.double() or module.float().")
        array: Array = tensor.detach().cpu().numpy()
        return array

    def _dtype(self, tensor: Any) -> np.dtype[Any]:
        """The dtype of the node for a tensor; whole numbers and truth values have that of the other numbers."""
        return np.dtype(str(tensor.dtype).removeprefix("torch.")) if tensor.is_floating_point() else self.precision

    def _name(self, node: Node, name: str) -> Node:
        """The node with the name; an input that is called as a parameter is gets another."""
        free = name if name not in self.named else numbered(name, 2, 1, set(self.named))[0]
        self.named[free] = node.named(free)
        return node

    def _name_steps(self, called: Mapping[Node, str]) -> None:
        """Name steps; those that would have the same name are numbered, as `trace` numbers what a variable held."""
        self.last = {name: node for node, name in called.items()}
        free: dict[str, list[str]] = {}
        for name, count in Counter(called.values()).items():
            first, taken = 1 + (name in self.named), {*self.named, *called.values(), *chain(*free.values())}
            free[name] = numbered(name, first, count, taken) if count + first > 2 else [name]
        for node, name in called.items():
            self._name(node, free[name].pop(0))

    # Calls

    def _calls(self) -> None:
        called: dict[Node, str] = {}
        calls = [line for line in self.program.graph.nodes if line.op == "call_function"]
        places = [place_of(call, os.path.dirname(self.torch.__file__)) for call in calls]
        for call, place, name in zip(calls, places, names_of(places), strict=True):
            if not call.users:  # what PyTorch asserts, and what nobody reads
                continue
            value = self._value(call, place)
            if isinstance(value, Node) and value.name is None and name is not None:
                called.setdefault(value, name)
            self.values[call] = value
        self._name_steps(called)

    def _value(self, call: Any, place: Place) -> Any:
        """What a call gives."""
        arguments, name = (call.args, call.kwargs), str(call.target)
        if name in OF_SHAPES:
            args, kwargs = self._replaced(arguments, self._without_values)
            return call.target(*args, **kwargs)
        if not any(isinstance(value, Node) for line in call.all_input_nodes for value in _several(self.values[line])):
            args, kwargs = self._replaced(arguments, self.values.__getitem__)
            return self._constant(call, place)(*args, **kwargs)
        args, kwargs = self._replaced(arguments, self._operand)
        line = at_line(place.lines[-1].file, place.lines[-1].number) if place.lines else nullcontext()
        if name not in FUNCTIONS:
            self._refuse(call, place, advice_on(name))
        try:
            with line, self._group(place):
                value = FUNCTIONS[name](*args, **kwargs)
        except (TypeError, ValueError, IndexError) as error:
            self._refuse(call, place, str(error).removesuffix("."), error)
        return self._fitted(value, call, place)

    def _without_values(self, line: Any) -> Any:
        """A tensor like that of a line, whatever its values."""
        like = line.meta["val"]
        return self.torch.empty(like.shape, dtype=like.dtype)

    def _fitted(self, value: Any, call: Any, place: Place) -> Any:
        """The value with PyTorch's dtype for it."""
        if not isinstance(value, Node):
            return value
        expected = call.meta["val"]
        assert value.shape == tuple(expected.shape), f"{call.target}: {value.shape} is not {tuple(expected.shape)}"
        if not expected.is_floating_point() and expected.dtype is not self.torch.bool and self._of_reals(call):
            self._refuse(call, place, "it makes whole numbers of real ones, which has no derivative")
        return cast(value, self._dtype(expected))

    def _of_reals(self, call: Any) -> bool:
        """Whether it is computed from nodes of real numbers."""
        return any(
            isinstance(self.values[line], Node) and line.meta["val"].is_floating_point() for line in call.all_input_nodes
        )

    def _constant(self, call: Any, place: Place) -> Callable[..., Any]:
        """The function of PyTorch for what depends on no node."""
        if self.torch.Tag.nondeterministic_seeded in getattr(call.target, "tags", ()):
            self._refuse(
                call, place, "it draws random numbers, which a graph does not: draw them outside, and give them as an input"
            )
        function: Callable[..., Any] = call.target
        return function

    def _replaced(self, arguments: Any, value_of: Callable[[Any], Any]) -> Any:
        return self.torch.fx.node.map_arg(arguments, value_of)

    def _operand(self, line: Any) -> Any:
        """The value of a line as functions take it: a node, an array of NumPy, or a number."""
        value = self.values[line]
        if not self._is_tensor(value):
            return value
        if line not in self.lifted:
            self.lifted[line] = self._lift(line, value)
        return self.lifted[line]

    def _lift(self, line: Any, tensor: Any) -> Any:
        """A constant that meets a node: a named one becomes data."""
        name = self.program.graph_signature.inputs_to_buffers.get(line.name)
        if name is not None and tensor.is_floating_point():
            return self._leaf(data, tensor, name)
        return self._array(tensor, str(line)) if tensor.ndim else tensor.item()

    @contextmanager
    def _group(self, place: Place) -> Iterator[None]:
        """The group of the submodules in which a call stands."""
        token = entering(None)
        for submodule in place.submodules:
            if submodule.key not in self.groups:
                self.groups[submodule.key] = group(submodule.title)
            entering(self.groups[submodule.key])
        try:
            yield
        finally:
            leaving(token)

    def _refuse(self, call: Any, place: Place, why: str, error: Exception | None = None) -> NoReturn:
        raise NotImplementedError(f"from_torch: {call.target}: {why}.\nIt is called at {place}") from error

    # Outputs

    def outputs(self) -> list[Any]:
        """What the module returns, one after the other."""
        kinds = self.torch.export.graph_signature.OutputKind
        (last,) = (line for line in self.program.graph.nodes if line.op == "output")
        found = []
        for value, spec in zip(last.args[0], self.program.graph_signature.output_specs, strict=True):
            if spec.kind is not kinds.USER_OUTPUT:
                raise NotImplementedError(
                    f"from_torch: in its forward pass the module changes {spec.target!r}, which a graph can't. "
                    "If batch norm does it, call module.eval() first."
                )
            found.append(self._replaced(value, lambda line: self.values[line]))
        return [data(self._array(value, "an output")) if self._is_tensor(value) else value for value in found]


def _several(value: Any) -> Sequence[Any]:
    return value if isinstance(value, tuple | list) else [value]


def _compare(torch: Any, module: Any, inputs: Any, keywords: Mapping[str, Any], outputs: list[Any]) -> None:
    """See that the nodes have the values that the module itself gives, and that PyTorch differentiates all of it."""
    with torch.enable_grad():
        expected = module(*inputs, **keywords)
    for name in own_derivatives(expected):
        raise NotImplementedError(
            f"from_torch: the module uses {name}, a torch.autograd.Function with a derivative of its own, which "
            "torch.export drops. Write it with PyTorch's functions, and detach() what is to have no gradient."
        )
    for node, tensor in zip(outputs, leaves_of(expected), strict=True):
        if isinstance(node, Node):
            right = tensor.detach().cpu().numpy()
            tolerance = 1e-6 if node.dtype == np.float64 else 1e-3
            scale = np.max(np.abs(right[np.isfinite(right)]), initial=1.0)
            if not np.allclose(node.value, right, rtol=tolerance, atol=tolerance * scale, equal_nan=True):
                raise RuntimeError(
                    f"from_torch: the module gives {right!r:.200}, and the graph {node.value!r:.200}. "
                    "Does the module give the same whenever it is called?"
                )
