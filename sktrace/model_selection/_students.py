"""Splits that never put one student on both sides."""

import numpy as np
import pandas as pd
from sklearn.model_selection import BaseCrossValidator, GroupKFold, GroupShuffleSplit
from sklearn.utils import check_consistent_length

from .._interactions.columns import check_students
from .._portions.log import as_portions
from .._sequences.container import Sequences
from .._sklearn import take_samples
from .._tracer.portions import number_students

__all__ = [
    "StudentKFold",
    "StudentShuffleSplit",
    "train_test_split_students",
]


class _StudentSplitter(BaseCrossValidator):
    """Split by a group splitter of scikit-learn, with the students of X as groups.

    The students are read from X itself, so the splitter is right wherever X goes:
    in nested searches, stacking and calibration, with metadata routing on or off.
    """

    def split(self, X, y=None, groups=None):
        """Generate the row positions of training and test students.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns), log in portions, or Sequences
            Rows with the student column, or sequences whose ids name the student.
        y, groups : ignored
            Present for scikit-learn's sake.

        Yields
        ------
        train, test : ndarrays of int
            Row positions; no student is in both.

        Raises
        ------
        TypeError
            If X is neither a DataFrame nor Sequences.
        ValueError
            If it does not name its students, or holds too few of them to be split.
        """
        students = _read_students(X, self.student)
        self._check_number(len(np.unique(students)))
        yield from self._splitter().split(np.zeros(len(students)), groups=students)

    def _check_number(self, n_students):
        """Refuse students who are too few to be dealt out."""
        if n_students < 2:
            raise ValueError(
                f"X holds rows of 1 student ({self.student!r}); expected at least 2, "
                "so that some are tested and others are not. To test what came last of "
                "the one: TimeSplit()."
            )

    def get_n_splits(self, X=None, y=None, groups=None):
        """Return the number of splits.

        Parameters
        ----------
        X, y, groups : ignored
            Present for scikit-learn's sake.

        Returns
        -------
        int
        """
        return self.n_splits


def _read_students(X, column):
    """Return a number for each row's, or each sequence's, student."""
    portions = as_portions(X)
    if portions is not None:
        return number_students(portions, column)
    if not isinstance(X, Sequences):
        return check_students(X, column)[0]
    if column is not None and column not in X.ids.names:
        raise ValueError(
            f"The ids of these Sequences are named {list(X.ids.names)}; expected "
            f"{column!r} (student) among them. Pass student=..., or name them: "
            f"Sequences.from_frame(frame, by={column!r}). If each sequence is another "
            "student, a plain KFold keeps students apart."
        )
    ids = pd.DataFrame({column: X.ids.get_level_values(column)})
    return check_students(ids, column)[0]


class StudentKFold(_StudentSplitter):
    """K folds of whole students, alike in their number of rows.

    scikit-learn's default folds are folds of rows: they leave other answers of a test
    student in the training data. Pass ``cv=StudentKFold(5)`` instead, everywhere.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, at least 2.
    shuffle : bool, default=False
        Deal the students out at random; otherwise so that folds are as equal in rows
        as can be.
    random_state : int, RandomState instance or None, default=None
        Seed of the shuffle.
    student : str, default="user_id"
        Column of X that names the student, or level of the ids of `Sequences`.

    See Also
    --------
    sklearn.model_selection.GroupKFold : What it calls, with the students as groups.

    Examples
    --------
    >>> import pandas as pd
    >>> from sktrace.model_selection import StudentKFold
    >>> X = pd.DataFrame({"user_id": ["ann", "bob", "ann", "cid"]})
    >>> for train, test in StudentKFold(3).split(X):
    ...     print(train, test)
    [1 3] [0 2]
    [0 1 2] [3]
    [0 2 3] [1]
    """

    def __init__(
        self, n_splits=5, *, shuffle=False, random_state=None, student="user_id"
    ):
        self.n_splits = n_splits
        self.shuffle = shuffle
        self.random_state = random_state
        self.student = student
        GroupKFold(n_splits, shuffle=shuffle, random_state=random_state)  # may refuse

    def _check_number(self, n_students):
        super()._check_number(n_students)
        if n_students < self.n_splits:
            raise ValueError(
                f"n_splits={self.n_splits}, and X holds rows of {n_students} students "
                f"({self.student!r}); expected a student at least for each fold. Ask "
                f"for fewer: StudentKFold({n_students})."
            )

    def _splitter(self):
        # Stacking sets the random_state of any splitter that has one, shuffled or not.
        seed = self.random_state if self.shuffle else None
        return GroupKFold(self.n_splits, shuffle=self.shuffle, random_state=seed)


class StudentShuffleSplit(_StudentSplitter):
    """Repeated random splits of whole students.

    Parameters
    ----------
    n_splits : int, default=5
        Number of splits.
    test_size, train_size : float, int or None, default=None
        Share or number of *students* on each side; a fifth is tested by default.
    random_state : int, RandomState instance or None, default=None
        Seed of the draw.
    student : str, default="user_id"
        Column of X that names the student, or level of the ids of `Sequences`.

    Examples
    --------
    >>> import pandas as pd
    >>> from sktrace.model_selection import StudentShuffleSplit
    >>> X = pd.DataFrame({"user_id": ["ann", "bob", "ann", "cid"]})
    >>> splits = StudentShuffleSplit(2, test_size=1, random_state=0).split(X)
    >>> [X["user_id"].iloc[test].unique().tolist() for _, test in splits]
    [['cid'], ['cid']]
    """

    def __init__(
        self,
        n_splits=5,
        *,
        test_size=None,
        train_size=None,
        random_state=None,
        student="user_id",
    ):
        self.n_splits = n_splits
        self.test_size = test_size
        self.train_size = train_size
        self.random_state = random_state
        self.student = student

    def _splitter(self):
        return GroupShuffleSplit(
            self.n_splits,
            test_size=self.test_size,
            train_size=self.train_size,
            random_state=self.random_state,
        )


def train_test_split_students(
    X, *arrays, test_size=None, train_size=None, random_state=None, student="user_id"
):
    """Split a log into training and test students.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, n_columns), log in portions, or Sequences
        Rows with the student column, or sequences whose ids name the student.
    *arrays : arrays of shape (n_rows,)
        Split alike: y, weights.
    test_size, train_size : float, int or None, default=None
        Share or number of *students* on each side; a fifth is tested by default.
    random_state : int, RandomState instance or None, default=None
        Seed of the draw.
    student : str, default="user_id"
        Column of X that names the student, or level of the ids of `Sequences`.

    Returns
    -------
    list
        ``X_train, X_test`` and the same pair for each further array.

    Examples
    --------
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.model_selection import train_test_split_students
    >>> X, y = make_interactions(n_students=10, random_state=0)
    >>> X_train, X_test, y_train, y_test = train_test_split_students(
    ...     X, y, random_state=0
    ... )
    >>> X_train["user_id"].nunique(), X_test["user_id"].nunique()
    (8, 2)
    """
    check_consistent_length(X, *arrays)
    splitter = StudentShuffleSplit(
        1,
        test_size=test_size,
        train_size=train_size,
        random_state=random_state,
        student=student,
    )
    train, test = next(splitter.split(X))
    return [
        take_samples(array, rows) for array in (X, *arrays) for rows in (train, test)
    ]
