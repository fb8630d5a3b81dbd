"""Regressions as strangers write them, each of which counts what it must not."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder

__all__ = [
    "REGRESSIONS",
    "LaterSeconds",
    "OnColumns",
    "RightSoFar",
    "RowBefore",
    "SinceTheRowBefore",
]


class Regression(ClassifierMixin, BaseEstimator):
    """A logistic regression on the skill and on numbers that a subclass computes."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.skills_ = OneHotEncoder(handle_unknown="ignore").fit(X[["skill_name"]])
        self.model_ = LogisticRegression(max_iter=300).fit(self._columns(X), y)
        return self

    def _columns(self, X):
        skill = self.skills_.transform(X[["skill_name"]]).toarray()
        rows = X.reset_index(drop=True)
        rows = rows.sort_values(["user_id", "order_id"], kind="stable")
        numbers = pd.DataFrame(np.asarray(self._numbers(rows), float), rows.index)
        return np.column_stack([skill, numbers.sort_index().fillna(0.5).to_numpy()])

    def predict_proba(self, X):
        return self.model_.predict_proba(self._columns(X))


class NextAnswer(Regression):
    """Shifts by the wrong sign."""

    def _numbers(self, X):
        return X.groupby("user_id", observed=True)["correct"].shift(-1)


class MeanOfTheStudent(Regression):
    """The share right of all rows of the student, later ones among them."""

    def _numbers(self, X):
        return X.groupby("user_id", observed=True)["correct"].transform("mean")


class RowBefore(Regression):
    """Reads the row before, even where it is of the same moment."""

    def _numbers(self, X):
        return X.groupby("user_id", observed=True)["correct"].shift()


class FilledBackwards(Regression):
    """Fills the answer before a first row from the rows after it."""

    def _numbers(self, X):
        before = X.groupby("user_id", observed=True)["correct"].shift()
        return before.groupby(X["user_id"]).bfill()


class SmoothedAnswers(Regression):
    """An exponential mean that begins with the row itself."""

    def _numbers(self, X):
        answers = X.groupby("user_id", observed=True)["correct"]
        return answers.transform(lambda y: y.ewm(alpha=0.3).mean())


class RollingMean(Regression):
    """A rolling mean of five rows, centred."""

    def _numbers(self, X):
        answers = X.groupby("user_id", observed=True)["correct"]
        return answers.transform(
            lambda y: y.rolling(5, center=True, min_periods=1).mean()
        )


class CountsBackwards(Regression):
    """Counts right answers from the end of the log."""

    def _numbers(self, X):
        late_first = X[::-1].groupby("user_id", observed=True)["correct"]
        return (late_first.cumsum()[::-1] - X["correct"]) / 10


class RightSoFar(Regression):
    """What the next ones begin with: counts of right and wrong answers before."""

    def _numbers(self, X):
        answers = X.groupby("user_id", observed=True)["correct"]
        right = answers.cumsum() - X["correct"]
        return pd.DataFrame({"right": right, "wrong": answers.cumcount() - right})


class ScaledByWhatIsAsked(RightSoFar):
    """Scales its counts by mean and deviation of the rows that are asked."""

    def _numbers(self, X):
        counts = super()._numbers(X)
        return (counts - counts.mean(axis=0)) / counts.std(axis=0)


class RankedAmongTheAsked(RightSoFar):
    """Ranks students by the share of right answers of those who are asked."""

    def _numbers(self, X):
        mean = X.groupby("user_id", observed=True)["correct"].mean()
        rank = X["user_id"].map(mean.rank(pct=True)).astype(float)
        return np.column_stack([super()._numbers(X), rank])


class ItemMeansOfTheAsked(RightSoFar):
    """How hard an item is, by the answers of those who are asked now."""

    def _numbers(self, X):
        mean = X.groupby("item_id", observed=True)["correct"].transform("mean")
        return np.column_stack([super()._numbers(X), mean])


class HowLongTheStudentStays(RightSoFar):
    """Reads how many rows there are of the student, later ones included."""

    def _numbers(self, X):
        students = X.groupby("user_id", observed=True)["correct"]
        return np.column_stack([super()._numbers(X), students.transform("size") / 50])


class LaterSeconds(RightSoFar):
    """Reads the time that the next row took."""

    def _numbers(self, X):
        seconds = X.groupby("user_id", observed=True)["response_time"].shift(-1)
        return np.column_stack([super()._numbers(X), np.log(seconds.fillna(20))])


REGRESSIONS = {
    "shift by the wrong sign": NextAnswer(),
    "mean of the whole student": MeanOfTheStudent(),
    "filled backwards": FilledBackwards(),
    "exponential mean with the own row": SmoothedAnswers(),
    "centred rolling mean": RollingMean(),
    "counts from the end": CountsBackwards(),
    "z-scores of the rows asked": ScaledByWhatIsAsked(),
    "rank among the students asked": RankedAmongTheAsked(),
    "item means of the rows asked": ItemMeansOfTheAsked(),
    "number of rows of the student": HowLongTheStudentStays(),
}


class OnColumns(RightSoFar):
    """The counts, and columns of the frame as they stand."""

    def __init__(self, columns=()):
        self.columns = columns

    def _numbers(self, X):
        own = X[list(self.columns)].to_numpy(float)
        return np.column_stack([super()._numbers(X), own])


class SinceTheRowBefore(RightSoFar):
    """Log seconds since the row before, by a stamp that is taken after the answer."""

    def _numbers(self, X):
        gap = X.groupby("user_id", observed=True)["timestamp"].diff()
        return np.column_stack([super()._numbers(X), np.log(gap.fillna(60).clip(1))])
