"""Which classes are kept as plain data: those that say so."""

from dataclasses import fields, is_dataclass
from functools import cache
from inspect import Parameter, signature

from sklearn import config_context

from .._words import quote
from .tree import READERS, register

__all__ = ["set_attributes", "stored"]

_classes = {}  # by name
_REQUEST = "_metadata_request"  # where scikit-learn keeps what set_fit_request was told


def stored(kind):
    """Let objects of a class be kept as plain data: a decorator.

    A NamedTuple is kept by the values of its fields, a dataclass by fields, any other
    object by its attributes. A class that needs more than that has two methods:
    ``_to_stored(self)`` returns attributes by name, and the class method
    ``_from_stored(attributes)`` makes an object of them. What a newer version adds,
    fields of a NamedTuple at their end or parameters of a constructor, has a default,
    so that older files are read.

    Parameters
    ----------
    kind : type
        Its name is its own among all that are stored.

    Returns
    -------
    type
        The class.

    Raises
    ------
    ValueError
        If another class has that name.

    Examples
    --------
    >>> from typing import NamedTuple
    >>> from sktrace._plain import pack, unpack
    >>> @stored
    ... class Counted(NamedTuple):
    ...     n_answers: int
    >>> unpack(pack(Counted(3)))
    Counted(n_answers=3)
    """
    name, known = kind.__name__, _classes.get(kind.__name__)
    if (known is None and name in READERS) or not _is_same(known, kind):
        raise ValueError(
            f"another class named {name!r} is stored already; expected a name of its "
            "own, for files know a class by its name alone. Rename the class."
        )
    _classes[name] = kind
    if issubclass(kind, tuple):
        register(name, kind, _write_fields, lambda *what: _read_fields(kind, *what))
    else:
        register(name, kind, _write_object, lambda *what: _read_object(kind, *what))
    return kind


def _is_same(known, cls):
    """Say whether a class is the one that is known, its module executed once more."""
    if known is None:
        return True
    return len({(each.__module__, each.__qualname__) for each in (known, cls)}) == 1


def _write_fields(writer, value):
    return [writer.write(each) for each in value]


def _read_fields(cls, reader, tree):
    n_needed = len(cls._fields) - len(cls._field_defaults)
    values = reader.read_list(tree)
    if not n_needed <= len(values) <= len(cls._fields):
        raise ValueError(
            f"{cls.__name__} of {len(values)} fields; expected {len(cls._fields)}"
        )
    return cls(*values)


def _write_object(writer, value):
    if hasattr(value, "_parameter_constraints"):  # as who reads it will judge
        value._validate_params()
    if hasattr(value, "_to_stored"):
        attributes = value._to_stored()
    elif is_dataclass(value):
        attributes = {each.name: getattr(value, each.name) for each in fields(value)}
    else:
        attributes = vars(value)
    cls, written = type(value), {}
    parameters = _parameters_of(cls)
    for name, each in attributes.items():
        try:
            if parameters and name not in parameters and not _may_be_set(cls, name):
                raise TypeError("it is neither a parameter nor learnt by a fit")
            each = each._serialize() if name == _REQUEST else each
            written[name] = writer.write(each)
        except TypeError as error:
            error.where = (name, *getattr(error, "where", ()))  # for who explains it
            raise
    return written


def _read_object(cls, reader, tree):
    if type(tree) is not dict:
        raise ValueError(f"{cls.__name__} is {tree!r:.60}; expected its attributes")
    attributes = {name: reader.read(each) for name, each in tree.items()}
    if hasattr(cls, "_from_stored"):
        value = cls._from_stored(attributes)
    elif is_dataclass(cls):
        return cls(**attributes)
    else:
        value = set_attributes(cls, attributes)
    if hasattr(cls, "_parameter_constraints"):  # of scikit-learn, judged as fit does
        value._validate_params()
    if _REQUEST in vars(value):
        _request(value, vars(value).pop(_REQUEST))
    return value


def _request(estimator, requests):
    """Let an estimator request metadata, by method, as ``set_fit_request`` does."""
    with config_context(enable_metadata_routing=True):
        for method, own in requests.items():
            getattr(estimator, f"set_{method}_request")(**own)


def set_attributes(cls, attributes):
    """Return an object with attributes, and defaults of parameters that are absent.

    Parameters
    ----------
    cls : type
    attributes : dict

    Raises
    ------
    ValueError
        If a name is one that the class itself has, such as that of a method, or, of an
        estimator, neither a parameter nor what a fit has learnt.
    """
    parameters = _parameters_of(cls)
    for name in attributes:
        if name not in parameters and not _may_be_set(cls, name):
            raise ValueError(f"{cls.__name__} has no attribute {quote(name)}")
    value = object.__new__(cls)
    vars(value).update(attributes)
    for name, parameter in parameters.items():
        if name in attributes:
            continue
        if parameter.default is Parameter.empty:
            raise ValueError(f"{cls.__name__} without {name}")
        vars(value)[name] = parameter.default
    return value


def _may_be_set(cls, name):
    """Say whether an attribute is no parameter, and may yet be one of an object."""
    if not isinstance(name, str) or not name.isidentifier() or hasattr(cls, name):
        return False
    # A parameter of a later version, or a note of the user's.
    learnt = name.startswith("_") or name.endswith("_")
    return learnt or not hasattr(cls, "get_params")


@cache
def _parameters_of(cls):
    """Return the parameters of an estimator by name; none of another class."""
    if not hasattr(cls, "get_params"):
        return {}
    return dict(list(signature(cls.__init__).parameters.items())[1:])
