"""A recording as an ONNX model: the writer, and the table of operators. Loads onnx when it is first needed."""
