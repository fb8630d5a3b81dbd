"""Who is blended: named tracers, told which columns to read, fitted side by side."""

import inspect
import warnings

import numpy as np
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import has_fit_parameter

from .._interactions.vocabulary import is_several
from .._tracer.base import BaseTracer, traces
from .._tracer.questions import UNWRAP, roles_of
from .._tracer.reading import FURTHER, READING

__all__ = [
    "ask_stranger",
    "default_members",
    "fit_member",
    "fit_members",
    "named_members",
    "refuse_weightless",
    "tell",
]


def default_members():
    """Return what is blended where nothing else is named."""
    # When it is asked for: torch takes seconds.
    from .. import BKTClassifier, DKTClassifier, TransferClassifier

    below_half = {"guess": (0, 0.5), "slip": (0, 0.5)}  # what else fits, BKT warns of
    return [
        ("transfer", TransferClassifier()),
        ("bkt", BKTClassifier(bounds=below_half)),
        ("dkt", DKTClassifier()),
    ]


def named_members(blend):
    """Return the members of a blend by name, those that are dropped among them.

    Raises
    ------
    TypeError
        If one is no tracer.
    ValueError
        If there is none, or names are taken or come twice.
    """
    pairs = default_members() if blend.estimators is None else blend.estimators
    named = all(
        isinstance(pair, tuple | list) and len(pair) == 2 and isinstance(pair[0], str)
        for pair in pairs
    )
    if not named or all(isinstance(m, str) and m == "drop" for _, m in pairs):
        raise ValueError(
            f"estimators={pairs!r}; expected names and tracers, one at least that is "
            'not dropped: estimators=[("pfa", PFAClassifier()), ("dkt", '
            "DKTClassifier())]."
        )
    blend._validate_names([name for name, _ in pairs])
    for name, member in pairs:
        if isinstance(member, str) and member == "drop":
            continue
        if not isinstance(member, BaseTracer):
            got = f"the class {member.__name__}" if isinstance(member, type) else member
            raise TypeError(
                f"Member {name!r} is {got!r}; expected an unfitted tracer, such as "
                f'PFAClassifier(), or "drop". {UNWRAP}'
            )
        try:
            traces(member)
        except AttributeError as error:
            raise TypeError(f"Member {name!r}: {error}") from None
    return dict(pairs)


def tell(blend, name, member, seed):
    """Return a clone of a member that reads the columns of the blend.

    A parameter that has the default of its class is told what the blend says. So is
    ``random_state``, where it is None.

    Raises
    ------
    ValueError
        If the member states another column than the blend, or one that the blend does
        not read: a log has one column for a role, and a live answer one value.
    """
    told = clone(member)
    own = told.get_params(deep=False)
    defaults = inspect.signature(type(member)).parameters
    for role in READING:
        if role not in own:
            continue
        said = getattr(blend, role)
        if _are_same(own[role], defaults[role].default):
            told.set_params(**{role: said})
        elif not _are_same(own[role], said):
            raise ValueError(
                f"Member {name!r} states {role}={own[role]!r}, and the blend "
                f"{role}={said!r}; expected the same, which is said once: "
                f"{type(blend).__name__}({role}={own[role]!r}), and nothing to members."
            )
    odd = [role for role in roles_of(told).further if role not in READING]
    if odd:
        raise ValueError(
            f"Member {name!r} states {odd[0]}={own[odd[0]]!r}, a column that a blend "
            f"does not read; expected no others than {', '.join(FURTHER)}. Pass "
            f"{odd[0]}=None to it."
        )
    if own.get("random_state", seed) is None:
        told.set_params(random_state=seed)
    return told


def fit_members(members, X, y, sample_weight, n_jobs):
    """Fit members on one log.

    Parameters
    ----------
    members : dict of str to tracer
    X, y, sample_weight
        As in fit.
    n_jobs : int or None

    Returns
    -------
    dict of str to tracer
    """
    refuse_weightless(members, sample_weight)
    fitted = Parallel(n_jobs=n_jobs)(
        delayed(fit_member)(member, X, y, sample_weight) for member in members.values()
    )
    return dict(zip(members, fitted, strict=True))


def fit_member(member, X, y, sample_weight):
    """Return a clone of a member that is fitted."""
    weight = {} if sample_weight is None else {"sample_weight": sample_weight}
    return clone(member).fit(X, y, **weight)


def ask_stranger(member, taught_by, X):
    """Fit a member on some students, and let it predict others.

    Parameters
    ----------
    member : tracer
    taught_by : X, y and sample_weight of some students
        X may be in portions.
    X : DataFrame of shape (n_rows, n_columns)
        Rows of others. Skills that only these have are no error.

    Returns
    -------
    ndarray of shape (n_rows,), float64
        P(``classes_[1]``).
    """
    member = clone(member).set_params(handle_unknown="prior")
    with warnings.catch_warnings():  # of a fit that is made again, on everyone
        warnings.simplefilter("ignore")
        fitted = fit_member(member, *taught_by)
    return fitted.predict_proba(X)[:, 1]


def refuse_weightless(members, sample_weight):
    """Refuse members that take no weights, where there are some."""
    if sample_weight is None:
        return
    for name, member in members.items():
        if not has_fit_parameter(member, "sample_weight"):
            raise TypeError(
                f"Member {name!r}, {type(member).__name__}, takes no sample_weight in "
                "fit; expected members that do. Fit without weights, or drop it: "
                f'set_params({name}="drop").'
            )


def _are_same(one, other):
    if is_several(one) or is_several(other):
        return is_several(one) and is_several(other) and [*one] == [*other]
    return one is other or bool(np.all(one == other))
