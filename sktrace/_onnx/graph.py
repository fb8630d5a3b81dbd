"""A graph of ONNX: nodes and constants, and the model that they are."""

from typing import NamedTuple

import numpy as np

from .values import FLOAT, Value

__all__ = ["Graph"]

OPSET, IR_VERSION = 17, 8  # of 2022: whatever reads ONNX today reads these


class Node(NamedTuple):
    """What computes values of others."""

    operator: str
    inputs: tuple
    outputs: list
    attributes: dict


class Graph:
    """Nodes, in an order in which they can be computed, and constants."""

    def __init__(self):
        self.inputs, self.outputs, self.nodes = [], [], {}
        self.constants = {}

    def input(self, name, dtype, *shape):
        """Add an input; lengths that vary have a name."""
        self.inputs.append((name, np.dtype(dtype), shape))
        return Value(self, name, dtype)

    def output(self, name, value, *shape):
        """Let a value be an output, by a name of its own."""
        self.nodes[name] = Node("Identity", (value.name,), [name], {})
        self.outputs.append((name, value.dtype, shape))

    def constant(self, array, dtype=None):
        """Return an array as a value; arrays of the same numbers are one."""
        array = np.asarray(array, dtype)
        key = array.dtype.str, array.shape, array.tobytes()
        name, _ = self.constants.setdefault(
            key, (f"constant_{len(self.constants)}", array)
        )
        return Value(self, name, array.dtype)

    def add(self, operator, *inputs, dtype=None, **attributes):
        """Add a node of one output; it has the type of its last value by default."""
        found = [v.dtype for v in inputs if isinstance(v, Value)]
        (value,) = self.add_several(operator, 1, *inputs, dtype=dtype, **attributes)
        value.dtype = np.dtype(dtype or self._type_of(operator, found))
        return value

    def add_several(self, operator, n, *inputs, dtype=None, **attributes):
        """Add a node of n outputs."""
        found = [v.dtype for v in inputs if isinstance(v, Value)]
        common = self._type_of(operator, found)
        names = tuple(self._name_of(operator, value, common) for value in inputs)
        outputs = [f"{operator.lower()}_{len(self.nodes)}_{k}" for k in range(n)]
        # What is asked for twice is computed once.
        key = operator, names, repr((n, attributes))
        node = self.nodes.setdefault(key, Node(operator, names, outputs, attributes))
        return [Value(self, name, common) for name in node.outputs]

    @staticmethod
    def _type_of(operator, found):
        """Return the type of numbers that a node computes with."""
        if operator in ("Gather", "GatherElements", "ScatterElements"):
            return found[0]  # then come codes
        if operator == "Where":
            return found[-1] if len(found) > 1 else FLOAT
        return found[-1]

    def _name_of(self, operator, value, common):
        if isinstance(value, Value):
            return value.name
        value = np.asarray(value)
        if operator not in ("ReduceSum", "Squeeze", "Unsqueeze", "Split"):
            value = value.astype(common)  # which of the others are lengths and axes
        return self.constant(value).name

    @staticmethod
    def code_of(dtype):
        """Return what ONNX calls a type."""
        from onnx import helper

        return helper.np_dtype_to_tensor_dtype(np.dtype(dtype))

    def _find_used(self):
        """Return the nodes that outputs need, and the names of what is needed.

        ONNX Runtime up to 1.18 gives memory of others to what nothing needs, be it one
        of a node's outputs: from the second run of a session on, numbers are wrong.
        """
        nodes, used = [], {name for name, *_ in self.outputs}
        for node in reversed(self.nodes.values()):
            needed = [output for output in node.outputs if output in used]
            own = (
                [node] if len(needed) == len(node.outputs) else self._cut(node, needed)
            )
            nodes += own
            used.update(name for one in own for name in one.inputs)
        return nodes[::-1], used

    def _cut(self, split, needed):
        """Return what cuts out some parts alone, none where none are needed."""
        if not needed:
            return []
        whole, sizes = split.inputs
        sizes = dict(self.constants.values())[sizes]
        axes, slices = self.constant([-1]).name, []
        for output, size, stop in zip(
            split.outputs, sizes, np.cumsum(sizes), strict=True
        ):
            if output in needed:
                bounds = (self.constant([k]).name for k in (stop - size, stop))
                slices.append(Node("Slice", (whole, *bounds, axes), [output], {}))
        return slices

    def write(self, name, notes, **about):
        """Return the graph as a model of ONNX, checked.

        Parameters
        ----------
        name : str
        notes : dict of str to str
            Metadata.
        **about : str
            What else a model has: its ``doc_string``, for example.
        """
        from onnx import checker, helper, numpy_helper

        def describe(tensors):
            return [
                helper.make_tensor_value_info(own, self.code_of(dtype), shape)
                for own, dtype, shape in tensors
            ]

        nodes, used = self._find_used()
        graph = helper.make_graph(
            [helper.make_node(*node[:3], **node.attributes) for node in nodes],
            name,
            describe(self.inputs),
            describe(self.outputs),
            [
                numpy_helper.from_array(np.ascontiguousarray(array), own)
                for own, array in self.constants.values()
                if own in used
            ],
        )
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(
            graph, opset_imports=[opset], ir_version=IR_VERSION, **about
        )
        helper.set_model_props(model, notes)
        checker.check_model(model)
        return model
