"""Values as trees that JSON can hold, and arrays beside them.

A text, a whole number, a finite float, true, false and null stand for themselves, and a
list for a list. All else is an object of one key, which says what its value is::

    {"tuple": [1, 2]}    {"array": 0}    {"Knowledge": [...]}

Only what is registered is written or read: types of Python, numpy and pandas that
values are made of, and classes that `stored` marks. A tree names no module and no
function. A name in it is looked up in that register, and among the estimators of
``sktrace.__all__``, whose modules register them; nowhere else.
"""

from importlib import import_module

import numpy as np

from .._words import quote

__all__ = ["LEAVES", "READERS", "WRITERS", "Reader", "Writer", "from_plain", "register"]
__all__ += ["to_plain"]

# Public estimators that are not names of the package itself, and their rooms.
ELSEWHERE = {"HistoryClassifier": "model_selection", "PriorCounts": "preprocessing"}
LEAVES = frozenset({str, int, bool, type(None)})  # which stand for themselves
DEEPEST = 64  # levels; a blend of networks has some ten
WRITERS = {}  # by type, a function of a Writer and a value to a tree
READERS = {}  # by name, a function of a Reader and what stands under it to a value


def to_plain(value):
    """Return a value as a tree for JSON, and the arrays that it names by number.

    Parameters
    ----------
    value : object
        Made of what is registered.

    Returns
    -------
    tree : object
        Of lists, objects of one key, texts, numbers, booleans and None.
    arrays : list of ndarray
        Never of objects.

    Raises
    ------
    TypeError
        If something in it is of a type that is not registered.

    Examples
    --------
    >>> import numpy as np
    >>> to_plain({"a": (1, np.arange(2.0))})
    ({'dict': [['a'], [{'tuple': [1, {'array': 0}]}]]}, [array([0., 1.])])
    """
    writer = Writer()
    return writer.write(value), writer.arrays


def from_plain(tree, arrays):
    """Return the value of a tree: of the same types, with the same bits.

    Parameters
    ----------
    tree : object
        As JSON reads it.
    arrays : sequence of ndarray
        Each is named once.

    Returns
    -------
    object

    Raises
    ------
    ValueError
        If this is not what `to_plain` returns.

    Examples
    --------
    >>> from_plain({"tuple": [1, {"float": "nan"}]}, [])
    (1, nan)
    """
    reader = Reader(arrays)
    try:
        value = reader.read(tree)
    except (ValueError, MemoryError):
        raise
    except Exception as error:  # of a constructor that was given what it does not take
        raise ValueError(f"it holds what makes no value: {error!r:.200}") from error
    if reader.n_read != len(arrays):
        raise ValueError(f"{len(arrays)} arrays, of which it names {reader.n_read}")
    return value


class Writer:
    """Writes values; gathers arrays."""

    def __init__(self):
        self.arrays, self._depth = [], 0

    def write(self, value):
        """Return the tree of a value."""
        kind = type(value)
        if kind in LEAVES:
            return value
        write = WRITERS.get(kind)
        if write is None:
            write = _find_writer(kind)
        self._depth += 1
        if self._depth > DEEPEST:  # which no reader would take
            raise TypeError(f"it is more than {DEEPEST} levels deep")
        tree = write(self, value)
        self._depth -= 1
        return tree

    def write_array(self, values):
        """Keep an array; return its number."""
        self.arrays.append(values)
        return len(self.arrays) - 1


class Reader:
    """Reads values; hands out each array once."""

    def __init__(self, arrays):
        self._arrays, self.n_read, self._depth = list(arrays), 0, 0

    def read(self, tree):
        """Return the value of a tree."""
        kind = type(tree)
        if kind is not dict and kind is not list:
            return tree
        self._depth += 1
        if self._depth > DEEPEST:
            raise ValueError(f"it is more than {DEEPEST} levels deep")
        if kind is list:
            value = [self.read(each) for each in tree]
        elif len(tree) == 1:
            [(name, under)] = tree.items()
            read = READERS.get(name)
            value = (_find_reader(name) if read is None else read)(self, under)
        else:
            raise ValueError(f"an object of {len(tree)} keys; expected one, its kind")
        self._depth -= 1
        return value

    def read_list(self, tree, length=None):
        """Return the values of a list, of a length where one is stated."""
        self.check_list(tree, length)
        if set(map(type, tree)) <= LEAVES:
            return tree
        return [self.read(each) for each in tree]

    def check_list(self, tree, length=None):
        """Refuse what is no list, or one of another length."""
        if type(tree) is not list or length not in (None, len(tree)):
            raise ValueError(f"{tree!r:.60}; expected a list of {length or 'values'}")

    def read_array(self, place):
        """Return an array by its number."""
        if type(place) is not int or not 0 <= place < len(self._arrays):
            raise ValueError(f"array {place!r:.20} of {len(self._arrays)}")
        values, self._arrays[place] = self._arrays[place], None
        if values is None:
            raise ValueError(f"array {place} is named twice")
        if values.dtype == bool and values.view(np.uint8).max(initial=0) > 1:
            raise ValueError(f"array {place} is neither true nor false")
        self.n_read += 1
        return values


def register(name, kind, write, read):
    """Let values of a type be kept under a name.

    Parameters
    ----------
    name : str
    kind : type
        This type, and none that is derived from it.
    write : callable
        Of a `Writer` and a value; returns what stands under the name.
    read : callable
        Of a `Reader` and that; returns the value, or raises ValueError.
    """
    WRITERS[kind] = lambda writer, value: {name: write(writer, value)}
    READERS[name] = read


def _find_writer(kind):
    for parent in (np.generic, np.ndarray):  # a scalar has a class for each dtype
        if issubclass(kind, parent) and (kind.__module__ == "numpy"):
            return WRITERS[parent]
    error = TypeError(
        f"{kind.__module__}.{kind.__qualname__} is no type that is kept as plain data"
    )
    error.kind = kind  # for who explains it
    raise error


def _find_reader(name):
    """Return the reader of a name; of a public estimator, once it is imported."""
    package = import_module(__name__.partition(".")[0])
    if name in ELSEWHERE:
        getattr(getattr(package, ELSEWHERE[name]), name)
    if name in package.__all__:  # functions are among them, and are not registered
        getattr(package, name)
    if name not in READERS:
        raise ValueError(f"{quote(name)} is nothing that can be read back")
    return READERS[name]
