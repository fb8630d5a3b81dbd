"""The only place that judges what a user hands in.

Every refusal says what was got, what was expected and the call that repairs it.
Nothing is mutated: X and y are read, never written.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.utils.multiclass import check_classification_targets

__all__ = [
    "Log",
    "Roles",
    "check_classes",
    "check_interactions",
    "check_sample_weight",
    "check_students",
    "check_target",
    "encode_target",
]


class Roles(NamedTuple):
    """Which column of X plays which part; ``None`` where no column does."""

    student: str
    order: str | None
    skill: str | None
    correct: str | None

    @property
    def columns(self):
        """Names of the columns that are read, in the order of the roles."""
        return [column for column in self if column is not None]


class Log(NamedTuple):
    """The columns of an interaction frame as arrays, one entry per row of X."""

    student: np.ndarray  # int64, index into `students`
    students: np.ndarray  # sorted where they can be sorted
    order: np.ndarray | None  # numbers; None: rows stand in time order
    skill: np.ndarray  # int64, index into `skills`; -1 where no skill is named
    skills: np.ndarray  # sorted where they can be sorted
    correct: np.ndarray  # float64: 0, 1 or NaN

    def take(self, rows):
        """Return the log of some rows; codes keep their meaning."""
        return self._replace(
            student=self.student[rows],
            order=None if self.order is None else self.order[rows],
            skill=self.skill[rows],
            correct=self.correct[rows],
        )

    def with_present_skills(self):
        """Return the log with no other skills than those that occur in it."""
        present = np.unique(self.skill[self.skill >= 0])
        new_code = np.full(len(self.skills) + 1, -1, dtype=np.int64)
        new_code[present] = np.arange(len(present))
        # Code -1, no skill named, reads the last entry and so stays -1.
        return self._replace(skill=new_code[self.skill], skills=self.skills[present])


def check_interactions(X, roles):
    """Read the columns that play a role and return them as a `Log`.

    Raises
    ------
    TypeError
        If X is not a DataFrame.
    ValueError
        If a column is missing, duplicated or holds values its role cannot have.
    """
    if roles.correct is None:
        raise ValueError(
            "correct=None; expected the name of the column of answers given, the "
            "history that later rows see."
        )
    _check_frame(X, roles)
    student, students = check_students(X, roles.student)
    if roles.skill is None:
        skill, skills = np.zeros(len(X), dtype=np.int64), np.array(["all"], object)
    else:
        skill, skills = _factorize(X[roles.skill], roles.skill, "skill")
    correct = _check_correct(X[roles.correct], roles.correct)
    order = None if roles.order is None else _check_order(X[roles.order], roles.order)
    return Log(student, students, order, skill, skills, correct)


def check_students(X, column):
    """Return each row's student as a code, and the students in order of code."""
    if column is None:
        raise ValueError(
            "student=None; expected the name of the column that says whose row this is."
        )
    _check_frame(X, Roles(column, None, None, None))
    codes, students = _factorize(X[column], column, "student")
    if (codes < 0).any():
        raise ValueError(
            f"Column {column!r} names no student in {_count_rows(codes < 0)}; expected "
            "a student in every row. Drop the rows that have none: "
            f"X.dropna(subset=[{column!r}])."
        )
    return codes, students


def check_target(y, log):
    """Return y as an array, and which rows have a target.

    A row may lack its target only where X lacks the answer too (a query).
    """
    y = _column(y)
    if len(y) != len(log.correct):
        raise ValueError(
            f"X has {len(log.correct)} rows but y has {len(y)} entries; expected one "
            "target per row of X, in the same order."
        )
    has_target = ~pd.isna(y)
    missing = ~has_target & ~np.isnan(log.correct)
    if missing.any():
        raise ValueError(
            f"y is missing in {_count_rows(missing)} whose answer X holds; expected a "
            "target wherever X has an answer. Drop these rows from X and y: "
            "keep = pd.notna(y); X[keep], y[keep]."
        )
    return y, has_target


def check_classes(y, estimator):
    """Return the two classes of y, sorted; the second is the one traced as correct."""
    if y.dtype == object:  # numbers kept as objects would not score as numbers
        y = pd.Series(y).infer_objects().to_numpy()
    kinds = sorted({type(value).__name__ for value in y.tolist()})
    try:
        classes = np.unique(y)
    except TypeError:
        raise ValueError(
            f"y mixes labels of types {kinds}; expected labels of one type. "
            "Make them alike: y.astype(str)."
        ) from None
    if len(classes) == 2:
        check_classification_targets(y)  # refuses fractions, even if there are but two
        return classes
    shown = ", ".join(repr(value) for value in classes[:5].tolist())
    if len(classes) == 1:
        raise ValueError(
            f"y holds one class only, {shown}; {estimator} needs both right and wrong "
            "answers. Fit on more rows or more students."
        )
    raise ValueError(
        f"y holds {len(classes)} classes, {shown}{', …' * (len(classes) > 5)}; "
        f"{estimator} expects two, wrong and right. Say which scores count as right: "
        "y = (score >= threshold).astype(int)."
    )


def encode_target(y, has_target, classes):
    """Return 0 or 1 per row, the index of its class; 0 where there is no target."""
    target = np.zeros(len(y), dtype=np.int64)
    code = pd.Index(classes).get_indexer(pd.Index(y[has_target]))
    if (code < 0).any():
        raise ValueError(
            f"y holds {y[has_target][code < 0].tolist()[0]!r}; expected the classes "
            f"this estimator was fitted with, {classes.tolist()}. Call fit to start "
            "anew."
        )
    target[has_target] = code
    return target


def check_sample_weight(sample_weight, n_rows):
    """Return one non-negative finite weight per row, ones where none are given."""
    if sample_weight is None:
        return np.ones(n_rows)
    weight = np.asarray(sample_weight, dtype=np.float64)
    if weight.ndim == 0:
        weight = np.full(n_rows, float(weight))
    if weight.shape != (n_rows,):
        raise ValueError(
            f"sample_weight has shape {weight.shape}; expected ({n_rows},), one weight "
            "per row of X."
        )
    if not np.isfinite(weight).all() or (weight < 0).any() or not (weight > 0).any():
        raise ValueError(
            "sample_weight must hold finite numbers of at least 0, not all of them 0; "
            f"got values from {weight.min()} to {weight.max()}."
        )
    return weight


def _check_frame(X, roles):
    if not isinstance(X, pd.DataFrame):
        raise TypeError(
            f"X is {type(X).__name__!r}; expected a pandas DataFrame with the columns "
            f"{roles.columns}, one row per interaction. Behind a scikit-learn "
            'transformer, keep the names: transformer.set_output(transform="pandas"), '
            "with verbose_feature_names_out=False in a ColumnTransformer."
        )
    if len(X) == 0:
        raise ValueError(
            "X has 0 rows; expected at least one interaction. Look at the filter that "
            "made it."
        )
    for role, column in zip(Roles._fields, roles, strict=True):
        if column is None:
            continue
        found = int((X.columns == column).sum())
        if found == 0:
            raise ValueError(
                f"X has no column {column!r} ({role}); got the columns "
                f"{list(X.columns)}. Name yours with {role}=..., or rename it: "
                f"X.rename(columns={{...: {column!r}}})."
            )
        if found > 1:
            raise ValueError(
                f"X has {found} columns named {column!r} ({role}); expected one. Keep "
                "the first of each: X.loc[:, ~X.columns.duplicated()]."
            )


def _factorize(values, column, role):
    """Code hashable values by sorted rank, or by first appearance if unsortable."""
    try:
        # As an array: a pandas Index would turn names that are tuples into levels.
        codes, uniques = pd.factorize(values.array, sort=False)
    except TypeError:
        raise TypeError(
            f"Column {column!r} ({role}) holds values that cannot be hashed, such as "
            f"{_first_unhashable(values)!r}; expected numbers or strings. Make them "
            f"strings: X[{column!r}].astype(str)."
        ) from None
    uniques = np.asarray(uniques)
    try:
        rank = np.argsort(uniques, kind="stable")
    except TypeError:  # mixed types have no order: keep that of first appearance
        return codes.astype(np.int64), uniques
    new_code = np.full(len(uniques) + 1, -1, dtype=np.int64)
    new_code[rank] = np.arange(len(uniques))
    return new_code[codes], uniques[rank]  # code -1 reads the last entry, -1


def _first_unhashable(values):
    return next(value for value in values if not pd.api.types.is_hashable(value))


def _check_order(values, column):
    if not pd.api.types.is_any_real_numeric_dtype(values):
        repair = f"X[{column!r}] = pd.to_numeric(X[{column!r}])"
        if pd.api.types.is_datetime64_any_dtype(values):
            repair = f'X[{column!r}] = X[{column!r}].astype("int64")'
        raise ValueError(
            f"Column {column!r} (order) has dtype {str(values.dtype)!r}; expected "
            f"numbers that grow with time. Make it numeric: {repair}; or, if the rows "
            "already stand in time order, pass order=None."
        )
    null = values.isna().to_numpy()
    if null.any():
        raise ValueError(
            f"Column {column!r} (order) is missing in {_count_rows(null)}; expected a "
            f"number in every row. Drop these rows: X.dropna(subset=[{column!r}])."
        )
    order = values.to_numpy()
    if order.dtype == object or pd.api.types.is_extension_array_dtype(values.dtype):
        order = values.to_numpy(dtype=values.dtype.numpy_dtype)
    return order


def _check_correct(values, column):
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(object)
    given = values.dropna().infer_objects()  # numbers may stand in an object column
    if len(given) and not pd.api.types.is_numeric_dtype(given):
        raise ValueError(
            f"Column {column!r} (correct) has dtype {str(values.dtype)!r}, with values "
            f"such as {given.iloc[0]!r}; expected 0, 1 or NaN (not asked yet). "
            f"Convert it: X[{column!r}] = X[{column!r}].map({{...: 1, ...: 0}})."
        )
    correct = np.full(len(values), np.nan)
    correct[values.notna()] = given.to_numpy(dtype=np.float64)
    odd = ~(np.isnan(correct) | (correct == 0) | (correct == 1))
    if odd.any():
        raise ValueError(
            f"Column {column!r} (correct) holds {correct[odd].tolist()[0]!r} in "
            f"{_count_rows(odd)}; expected 0, 1 or NaN (not asked yet). Partial credit "
            f"needs a threshold: X[{column!r}] = (X[{column!r}] >= 0.5).astype(float)."
        )
    return correct


def _column(y):
    """Return a target as a one-dimensional numpy array."""
    if y is None:
        raise ValueError(
            "y is None; expected a target per row of X. To learn the answers "
            'themselves: fit(X, X["correct"]).'
        )
    dtype = getattr(getattr(y, "dtype", None), "numpy_dtype", None)
    if dtype is not None and dtype.kind in "iufb":  # nullable numbers of pandas
        y = y.to_numpy(float, na_value=np.nan) if y.isna().any() else y.astype(dtype)
    y = np.asarray(y)
    if y.ndim != 1:
        raise ValueError(
            f"y has shape {y.shape}; expected ({y.size},), one target per row of X. "
            "Choose a column, or flatten it: np.ravel(y)."
        )
    return y


def _count_rows(mask):
    rows = np.flatnonzero(mask)
    one = len(rows) == 1
    return f"{len(rows)} row{'' if one else 's'} (the first at position {rows[0]})"
