"""`onnx_bytes`: a recording as an ONNX model."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from minigraph.core.errors import describe_operation
from minigraph.exporting.any_number_of_examples import Call, Number, Recording
from minigraph.exporting.onnx.onnx_writer import OnnxWriter, onnx_module
from minigraph.exporting.onnx.operator_table import OPERATORS

OPERATOR_SET, FORMAT = 18, 8
"""The versions of ONNX's operators and of its files: of the end of 2022, so that older readers know them."""


def onnx_bytes(recording: Recording, name: str, notes: Mapping[str, str]) -> bytes:
    """The bytes of the model, which ONNX's checker has passed."""
    onnx = onnx_module()
    model = _Model(recording).made(name)
    onnx.helper.set_model_props(model, {"minigraph": version("minigraph"), **notes})
    onnx.checker.check_model(model, full_check=True)
    raw: bytes = model.SerializeToString()
    return raw


class _Model:
    """Writes one model."""

    def __init__(self, recording: Recording):
        self.recording = recording
        self.names = {call: name for name, call in recording.inputs}
        self.results = {call: name for name, call in reversed(recording.outputs)}
        example = None if recording.example is None else (self.names[recording.example[0]], recording.example[1])
        self.write = OnnxWriter([name for name, _ in [*recording.inputs, *recording.outputs]], example)

    def made(self, name: str) -> Any:
        """The whole."""
        write, recording, helper = self.write, self.recording, self.write.onnx.helper
        for call in recording.calls:
            if call not in self.names:
                group = None if call.node is None else call.node.group
                write.place = "" if group is None else f"{group.title}/"
                self.names[call] = self._constant(call) if call.function == "constant" else self._computed(call)
        write.place = ""
        for output, call in recording.outputs:
            if self.names[call] != output:
                write.add("Identity", [self.names[call]], output)
        inputs, outputs = ([self._declared(*each) for each in some] for some in (recording.inputs, recording.outputs))
        graph = helper.make_graph(write.operators, name, inputs, outputs, write.initializers)
        operators = [helper.make_opsetid("", OPERATOR_SET)]
        return helper.make_model(graph, opset_imports=operators, ir_version=FORMAT, producer_name="minigraph")

    def _declared(self, name: str, call: Call) -> Any:
        helper = self.write.onnx.helper
        shape = [size if isinstance(size, int) else str(size) for size in call.shape]
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(call.dtype), shape)

    def _constant(self, call: Call) -> str:
        value, node = call.options["value"], self.recording.named.get(call)
        if isinstance(value, Number):
            return self.write.number(value, call.dtype)
        return self.write.constant(value, call.dtype, None if node is None else node.name)

    def _computed(self, call: Call) -> str:
        """The operators of one call. The last one gives the value, by the name of its output or of its node."""
        operator = OPERATORS.get(call.function)
        if operator is None:
            assert call.node is not None
            raise TypeError(f"export: {describe_operation(call.node)} calls {call.function}, for which ONNX has nothing.")
        before = len(self.write.operators)
        operands = [self.names[x] for x in call.operands]
        made = self.write.add(operator, operands) if isinstance(operator, str) else operator(self.write, call, *operands)
        node = self.recording.named.get(call)
        if len(self.write.operators) == before or (call not in self.results and node is None):
            return made
        last, name = self.write.operators[-1], self.results.get(call)
        last.output[0] = name or self.write.new(str(node.name if node is not None else None))
        last.name = f"{self.write.place}{last.output[0]}"
        return str(last.output[0])
