"""One type for each column of a file that is read some rows at a time."""

from collections import defaultdict

import numpy as np
import pandas as pd

from ._read_values import is_text

__all__ = ["Types", "WiderTypesError"]

_NAMES = ("user_id", "skill_name", "item_id")  # whole numbers, or else texts


class WiderTypesError(Exception):
    """A column holds what the type that its first rows told cannot hold."""


class Types:
    """The types that columns have, as far as they have been read.

    They end as those of `read_interactions`, which sees the whole column: whole numbers
    if all are, numbers if all are, else text.
    """

    def __init__(self):
        self._seen = {}  # by column: names of types of numbers, and "text"
        self._lack = defaultdict(bool)  # by column: whether anything is missing
        self._below_zero = set()

    def add(self, frame):
        """Take the types of some rows into account."""
        for name, values in frame.items():
            seen = self._seen.setdefault(name, set())
            missing = values.isna()
            self._lack[name] |= bool(missing.any())
            if not is_text(values):
                seen.add(values.dtype.name.lower())
                if values.dtype.kind == "i" and (values < 0).any():
                    self._below_zero.add(name)
            elif not missing.all():
                seen.add("text")

    def is_text(self, name):
        """Tell whether a column holds texts that are no numbers."""
        return "text" in self._seen.get(name, ())

    def schema(self):
        """Return the types so far."""
        import pyarrow as pa

        example = pd.DataFrame({name: self._example(name) for name in self._seen})
        schema = pa.Table.from_pandas(example, preserve_index=False).schema
        for place, field in enumerate(schema):  # text, as every release writes it
            if pa.types.is_large_string(field.type):
                schema = schema.set(place, field.with_type(pa.string()))
        return schema

    def _example(self, name):
        """Return one value of a column, of its type."""
        seen = self._seen[name]
        if not seen or "text" in seen:
            return ["text"]
        dtype = np.result_type(*seen)
        if seen == {"int64", "uint64"} and name not in self._below_zero:
            dtype = np.dtype("uint64")
        if not self._lack[name] or dtype.kind == "f":
            return np.zeros(1, dtype)
        return pd.array([0], "Int64") if name in _NAMES else np.zeros(1)

    def cast(self, frame, schema):
        """Return a frame as a table with these types."""
        import pyarrow as pa

        table = pa.Table.from_pandas(frame, preserve_index=False)
        columns = [
            table[name].cast(kind, safe=False)
            for name, kind in zip(schema.names, schema.types, strict=True)
        ]
        return pa.table(columns, schema=schema)
