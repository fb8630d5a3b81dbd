"""Frames of pandas as plain data, with the dtype of every column and index."""

import numpy as np
import pandas as pd

from .times import check_freq, read_zone, write_zone
from .tree import register

__all__ = []

LONGEST_RANGE = 10**6
_MASKED = ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64")
_MASKED += ("Float32", "Float64", "boolean")


def _write_values(writer, values):
    """Write the values of a column or index, by their dtype."""
    dtype = values.dtype
    if isinstance(dtype, np.dtype):
        return writer.write(np.asarray(values))
    if isinstance(dtype, pd.StringDtype):
        is_nan = dtype.na_value is not pd.NA
        missing = pd.isna(values)
        texts = np.where(missing, None, np.asarray(values, dtype=object))
        storage = dtype.storage.partition("_")[0]  # "pyarrow_numpy" of pandas 2.1
        return {"strings": [storage, is_nan, writer.write(texts)]}
    if isinstance(dtype, pd.CategoricalDtype):
        own = getattr(values, "array", values)
        categories = writer.write(_spell_out(dtype.categories))
        return {"categories": [writer.write(own.codes), categories, dtype.ordered]}
    if isinstance(dtype, pd.DatetimeTZDtype):
        utc = np.asarray(getattr(values, "array", values), f"M8[{dtype.unit}]")
        return {"zoned": [writer.write(utc), dtype.unit, write_zone(dtype.tz)]}
    if dtype.name in _MASKED:
        own = getattr(values, "array", values)
        filled = own.to_numpy(dtype=dtype.numpy_dtype, na_value=0)
        missing = np.asarray(own.isna())
        return {"masked": [dtype.name, writer.write(filled), writer.write(missing)]}
    own = getattr(values, "array", values)
    if isinstance(dtype, pd.PeriodDtype):
        return {"periods": [writer.write(own.asi8), own.freqstr]}
    if isinstance(dtype, pd.IntervalDtype):
        sides = [writer.write(_spell_out(side)) for side in (own.left, own.right)]
        return {"intervals": [*sides, own.closed]}
    raise TypeError(f"columns of dtype {dtype} are not kept as plain data")


def _read_values(reader, tree):
    """Return an array of numpy or of pandas."""
    if type(tree) is not dict or len(tree) != 1:
        raise ValueError(f"{tree!r:.60} is no column")
    [(kind, under)] = tree.items()
    if kind not in _COLUMNS:
        values = reader.read(tree)
        if not isinstance(values, np.ndarray) or values.ndim != 1:
            raise ValueError(f"{kind!r:.60} is no column")
        return values
    reader.check_list(under)
    return _COLUMNS[kind](reader, *under)


def _read_strings(reader, storage, is_nan, texts):
    if storage not in ("python", "pyarrow") or type(is_nan) is not bool:
        raise ValueError(f"{storage!r:.60} keeps no texts")
    texts = reader.read(texts)
    missing = {"na_value": np.nan} if is_nan else {}
    try:
        dtype = pd.StringDtype(storage, **missing)
    except ImportError:  # without pyarrow, which keeps the same texts in less memory
        dtype = pd.StringDtype("python", **missing)
    except TypeError:  # of pandas 2.0 to 2.2, where a text is an object
        return _one_dimensional(texts)
    return pd.array(_one_dimensional(texts), dtype=dtype)


def _read_categories(reader, codes, categories, ordered):
    dtype = pd.CategoricalDtype(_read_spelt_out(reader, categories), ordered)
    return pd.Categorical.from_codes(reader.read(codes), dtype=dtype)


def _read_zoned(reader, values, unit, zone):
    values = _one_dimensional(reader.read(values))
    if values.dtype.kind != "M" or np.datetime_data(values.dtype) != (unit, 1):
        raise ValueError(f"times in units of {unit!r:.20} are of {values.dtype}")
    return pd.DatetimeIndex(values).tz_localize("UTC").tz_convert(read_zone(zone)).array


def _read_masked(reader, name, values, missing):
    if name not in _MASKED:
        raise ValueError(f"{name!r:.60} is no dtype with missing values")
    values = pd.array(_one_dimensional(reader.read(values)), dtype=name)
    values[_one_dimensional(reader.read(missing)).astype(bool)] = pd.NA
    return values


def _read_periods(reader, ordinals, freq):
    ordinals = _one_dimensional(reader.read(ordinals))
    if ordinals.dtype != np.int64:
        raise ValueError(f"periods are counted by {ordinals.dtype}")
    return pd.arrays.PeriodArray(ordinals, dtype=pd.PeriodDtype(check_freq(freq)))


def _read_intervals(reader, left, right, closed):
    sides = [_read_spelt_out(reader, side) for side in (left, right)]
    return pd.arrays.IntervalArray.from_arrays(*sides, closed)


def _spell_out(index):
    """Return an index, a range as the numbers that it stands for."""
    return pd.Index(np.asarray(index)) if isinstance(index, pd.RangeIndex) else index


def _read_spelt_out(reader, tree):
    """Return an index that is no range: a few letters would become so many numbers."""
    index = _check_index(reader.read(tree))
    if isinstance(index, pd.RangeIndex):
        raise ValueError("a range stands where numbers are to be spelt out")
    return index


def _one_dimensional(values):
    if not isinstance(values, np.ndarray) or values.ndim != 1:
        raise ValueError("a column is no array of one dimension")
    return values


_COLUMNS = {
    "strings": _read_strings,
    "categories": _read_categories,
    "zoned": _read_zoned,
    "masked": _read_masked,
    "periods": _read_periods,
    "intervals": _read_intervals,
}


def _write_index(writer, index):
    return [_write_values(writer, index), writer.write(index.name)]


def _read_index(reader, tree):
    reader.check_list(tree, 2)
    values = _read_values(reader, tree[0])
    # An Index would make numbers of objects, and tuples to levels.
    dtype = object if values.dtype == object else None
    name = reader.read(tree[1])
    return pd.Index(values, dtype=dtype, name=name, tupleize_cols=False)


def _read_times(reader, tree):
    index = _read_index(reader, tree)
    if not isinstance(index, (pd.DatetimeIndex, pd.TimedeltaIndex)):
        raise ValueError(f"an index of times is of {index.dtype}")
    return index


def _write_range(writer, index):
    if len(index) > LONGEST_RANGE:
        raise TypeError(f"a range of {len(index):,} is not kept as plain data")
    return [index.start, index.stop, index.step, writer.write(index.name)]


def _read_range(reader, tree):
    start, stop, step, name = reader.read_list(tree, 4)
    index = pd.RangeIndex(start, stop, step, name=name)
    if len(index) > LONGEST_RANGE:  # a few letters that would become so many numbers
        raise ValueError(f"a range of {len(index):,}")
    return index


def _write_levels(writer, index):
    return [
        [writer.write(_spell_out(level)) for level in index.levels],
        [writer.write(np.asarray(codes)) for codes in index.codes],
        [writer.write(name) for name in index.names],
    ]


def _read_levels(reader, tree):
    reader.check_list(tree, 3)
    reader.check_list(tree[0])
    levels = [_read_spelt_out(reader, level) for level in tree[0]]
    codes, names = map(reader.read_list, tree[1:])
    return pd.MultiIndex(levels, codes, names=names, verify_integrity=True)


def _write_series(writer, series):
    values = _write_values(writer, series)
    return [values, writer.write(series.index), writer.write(series.name)]


def _read_series(reader, tree):
    reader.check_list(tree, 3)
    values, index = _read_values(reader, tree[0]), _check_index(reader.read(tree[1]))
    dtype = object if values.dtype == object else None
    return pd.Series(values, index, dtype=dtype, name=reader.read(tree[2]))


def _write_frame(writer, frame):
    columns = [_write_values(writer, frame.iloc[:, k]) for k in range(frame.shape[1])]
    return [columns, writer.write(frame.columns), writer.write(frame.index)]


def _read_frame(reader, tree):
    reader.check_list(tree, 3)
    reader.check_list(tree[0])
    columns = [_read_values(reader, column) for column in tree[0]]
    names, index = (_check_index(reader.read(each)) for each in tree[1:])
    if len(columns) != len(names) or {len(index)} != {*map(len, columns), len(index)}:
        raise ValueError(f"a frame of {len(columns)} columns does not fit together")
    # By place first: two columns may have one name.
    series = {
        place: pd.Series(
            values, index, dtype=object if values.dtype == object else None
        )
        for place, values in enumerate(columns)
    }
    frame = pd.DataFrame(series, index=index)
    frame.columns = names
    return frame


def _check_index(index):
    if not isinstance(index, pd.Index):
        raise ValueError(f"a {type(index).__name__} is no index")
    return index


for _kind in (pd.Index, pd.CategoricalIndex, pd.PeriodIndex, pd.IntervalIndex):
    register("Index", _kind, _write_index, _read_index)
for _kind in (pd.DatetimeIndex, pd.TimedeltaIndex):
    register(_kind.__name__, _kind, _write_index, _read_times)
register("RangeIndex", pd.RangeIndex, _write_range, _read_range)
register("MultiIndex", pd.MultiIndex, _write_levels, _read_levels)
register("Series", pd.Series, _write_series, _read_series)
register("DataFrame", pd.DataFrame, _write_frame, _read_frame)
