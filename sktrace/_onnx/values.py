"""Values of a graph of ONNX, written by formulas in numpy.

A `Value` stands for what a node will put out. It takes part in numpy's own functions:
where one of them meets it, a node is added to the graph, so that the formulas of this
package, called with values, write themselves down. What is known beforehand stays an
array, and is computed with at once.
"""

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from scipy.special import expit, logit

__all__ = ["FLOAT", "Value", "at", "put"]

FLOAT = np.dtype(np.float64)


def _sigmoid(x):
    if x.dtype == np.float32:
        return x.graph.add("Sigmoid", x)
    # Of doubles, ONNX Runtime's Sigmoid takes ten times as long as its Exp.
    return 1.0 / (1.0 + np.exp(-x))


def _tanh(x):
    # Of single precision, ONNX Runtime's Tanh is off by eight times what torch's is.
    return x.graph.add("Tanh", x.astype(FLOAT)).astype(x.dtype)


_FUNCTIONS = {
    np.add: "Add",
    np.subtract: "Sub",
    np.multiply: "Mul",
    np.true_divide: "Div",
    np.negative: "Neg",
    np.maximum: "Max",
    np.minimum: "Min",
    np.absolute: "Abs",
    np.exp: "Exp",
    np.log: "Log",
    np.sqrt: "Sqrt",
    np.matmul: "MatMul",
    np.logical_not: "Not",
    np.bitwise_or: "Or",
    np.bitwise_and: "And",
}
_COMPARISONS = {np.equal: "Equal", np.less: "Less", np.greater: "Greater"}
# What ONNX does not have.
_COMPOSED = {
    expit: _sigmoid,
    np.tanh: _tanh,
    np.log1p: lambda x: np.log(1.0 + x),
    logit: lambda p: np.log(p / (1.0 - p)),
    np.logaddexp: lambda a, b: np.maximum(a, b) + np.log1p(np.exp(-np.abs(a - b))),
}


class Value(NDArrayOperatorsMixin):
    """What a node puts out, of one row for each student.

    Parameters
    ----------
    graph : Graph
    name : str
    dtype : dtype
    """

    def __init__(self, graph, name, dtype):
        self.graph, self.name, self.dtype = graph, name, np.dtype(dtype)

    def __array_ufunc__(self, ufunc, method, *inputs, out=None):
        if method != "__call__":
            return NotImplemented
        if ufunc in _COMPOSED:
            return _COMPOSED[ufunc](*inputs)
        if ufunc in _COMPARISONS:
            return self.graph.add(_COMPARISONS[ufunc], *inputs, dtype=bool)
        if ufunc in _FUNCTIONS:
            return self.graph.add(_FUNCTIONS[ufunc], *inputs)
        return NotImplemented

    def __array_function__(self, function, types, args, kwargs):
        own = _OTHERS.get(function)
        return NotImplemented if own is None else own(self.graph, *args, **kwargs)

    def astype(self, dtype):
        """Return the same numbers in another type."""
        if self.dtype == dtype:
            return self
        to = self.graph.code_of(dtype)
        return self.graph.add("Cast", self, dtype=dtype, to=to)

    def sum(self, axis):
        """Sum up along an axis, which goes."""
        axes = np.array([axis])
        return self.graph.add("ReduceSum", self, axes, keepdims=0)

    def max(self, axis):
        """Return the largest along an axis, which stays."""
        return self.graph.add("ReduceMax", self, axes=[axis], keepdims=1)

    def split(self, sizes):
        """Return parts of these sizes, along the last axis."""
        return self.graph.add_several("Split", len(sizes), self, sizes, axis=-1)

    def unsqueeze(self, axis):
        """Insert an axis of length 1."""
        return self.graph.add("Unsqueeze", self, np.array([axis]))

    def squeeze(self, axis):
        """Drop an axis of length 1."""
        return self.graph.add("Squeeze", self, np.array([axis]))


def at(table, code):
    """Look up entries by code.

    Parameters
    ----------
    table : ndarray of shape (n_codes, ...), or Value of shape (n, n_codes)
        The same for all students, or a row for each.
    code : Value of shape (n, m), int64, or None
        None: every code, in order.

    Returns
    -------
    Value of shape (n, m, ...), or table, with an axis before it if it is an array
    """
    if code is None:
        return table if isinstance(table, Value) else table[np.newaxis]
    if isinstance(table, Value):
        return table.graph.add("GatherElements", table, code, axis=1)
    table = code.graph.constant(table)
    return code.graph.add("Gather", table, code)


def put(table, code, values):
    """Return a table of shape (n, n_codes) with other values at some codes, (n, m)."""
    return table.graph.add("ScatterElements", table, code, values, axis=1)


def _where(graph, condition, one, other):
    return graph.add("Where", condition, one, other)


def _clip(graph, x, low, high):
    return np.minimum(np.maximum(x, low), high)


def _concatenate(graph, values, axis=-1):
    return graph.add("Concat", *values, axis=axis)


def _split(graph, x, n, axis=-1):
    return graph.add_several("Split", n, x, axis=axis)


_OTHERS = {
    np.where: _where,
    np.clip: _clip,
    np.concatenate: _concatenate,
    np.split: _split,
}
