"""One step of a fitted tracer as an ONNX graph, written formula by formula."""
