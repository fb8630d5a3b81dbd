"""What was found of several tracers on the same folds."""

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.model_selection import check_cv
from sklearn.utils import check_random_state

from .._scores.paired import ROPE
from .._sklearn import Interval, validate_params
from .._words import count_rows
from ._paired_folds import code_rows, compare_folds
from ._verdict import write_verdict

__all__ = ["COMPARING", "TracerComparison", "check_baselines", "check_names"]

COMPARING = {
    "rope": [Interval(Real, 0, None, closed="left")],
    "n_bootstraps": [Interval(Integral, 0, None, closed="left")],
    "random_state": ["random_state"],
}


@dataclass(frozen=True, eq=False, repr=False)
class TracerComparison:
    """Which of several tracers predicts best, and how sure that is.

    Made by `compare_tracers`, or of predictions that are at hand by
    `from_predictions`. Scores are as scikit-learn's scorers give them, higher is better
    throughout; only the sentences turn the negative of a loss into a loss.

    Parameters
    ----------
    scores : DataFrame
        Columns ``tracer``, ``fold`` and ``score``.
    tracers : DataFrame, indexed by tracer
        ``score``, the mean over folds, and ``std``; ``low`` and ``high``, a 95 %
        interval of it by the bootstrap over students; ``guesses``,
        whether the interval of its difference to guessing includes 0, and ``sigmas``,
        how many standard deviations of the samples it is above guessing; ``seconds`` of
        all fits and predictions, if they were measured.
    pairs : DataFrame
        A row for every ordered pair. Of ``tracer`` less ``other``: the mean
        ``difference`` over folds and its ``std``; ``low`` and ``high``, its 95 %
        interval by the bootstrap over students, the same samples for both; ``t`` and
        ``p`` of the corrected resampled t-test; how likely ``tracer`` is ``worse`` than
        ``other`` by more than `rope`, the ``same`` within it, and ``better`` by more;
        and ``verdict``: that one of the three which is at least 95 % likely, or
        ``"not told apart"``.
    predictions : DataFrame of shape (n_rows, n_tracers)
        P(right) of each row by a fold that did not train on it, the mean if there are
        several; NaN where there is none.
    metric : str
        What is scored, in words.
    loss : bool, default=False
        Whether scores are the negative of a loss.
    rope : float, default=0.005
        What makes no difference.
    baselines : tuple of str, default=()
        Tracers that the others have to beat.
    n_folds : int, default=0
        How many folds have a score.

    See Also
    --------
    compare_tracers : What these numbers are, and which of them decides.
    """

    scores: pd.DataFrame
    tracers: pd.DataFrame
    pairs: pd.DataFrame
    predictions: pd.DataFrame
    metric: str
    loss: bool = False
    rope: float = ROPE
    baselines: tuple = ()
    n_folds: int = 0

    @classmethod
    @validate_params(COMPARING, prefer_skip_nested_validation=True)
    def from_predictions(
        cls,
        predictions,
        X,
        y,
        *,
        groups=None,
        cv=None,
        scoring="roc_auc",
        rope=ROPE,
        baselines=(),
        n_bootstraps=500,
        student="user_id",
        random_state=None,
    ):
        """Compare what was predicted, by whatever model, of the same rows.

        Parameters
        ----------
        predictions : dict of {str: array} or DataFrame
            By name of the tracer, P(``classes[1]``) of each row, of shape (n_rows,) or
            (n_rows, 2), such as ``cross_val_predict(..., method="predict_proba")``.
        X : DataFrame of shape (n_rows, n_columns), or sequences
        y : array of shape (n_rows,)
            Two classes; rows where it is missing have no score.
        groups : array of shape (n_rows,), optional
            For splitters that need them.
        cv : int, splitter or iterable, optional
            The folds by which the rows were predicted. By default all rows are one
            split: of test students, who were predicted by models fitted on others.
        scoring, rope, n_bootstraps, student, random_state
            As in `compare_tracers`.
        baselines : list of str, default=()
            Which of them the others have to beat.

        Returns
        -------
        TracerComparison

        Raises
        ------
        TypeError
            If `predictions` has no names.
        ValueError
            If something predicted of a row that is tested is no probability.

        Examples
        --------
        >>> from sktrace.datasets import make_interactions
        >>> from sktrace.model_selection import TracerComparison
        >>> X, y, p = make_interactions(40, 4, return_proba=True, random_state=0)
        >>> predictions = {"truth": p, "flat": [y.mean()] * len(y)}
        >>> found = TracerComparison.from_predictions(predictions, X, y, random_state=0)
        >>> found.verdict().split(",")[0]
        'truth predicts best'
        """
        rows = code_rows(X, y, student)
        names = check_names(predictions, '{"PFA": p_pfa, "DKT": p_dkt}')
        baselines = check_baselines(baselines, names)
        everything = np.arange(len(rows.target))
        if cv is None:
            folds = [(everything[:0], everything)]
        else:
            folds = list(check_cv(cv, y, classifier=True).split(X, y, groups))
        tested = np.zeros(len(everything), dtype=bool)
        tested[np.concatenate([test for _, test in folds])] = True
        given = {
            name: _check_given(predictions[name], name, tested & rows.told)
            for name in names
        }
        predicted = {name: [p[test] for _, test in folds] for name, p in given.items()}
        rng = check_random_state(random_state)
        found = compare_folds(predicted, folds, rows, scoring, rope, n_bootstraps, rng)
        return cls(**found, rope=rope, baselines=baselines)

    @property
    def ranking(self):
        """Names of the tracers by their score, the best first."""
        score = self.tracers["score"].sort_values(ascending=False, kind="stable")
        return score.index.tolist()

    @property
    def standing(self):
        """How each tracer stands to the one with the highest score, the best first.

        Returns
        -------
        Series, indexed by tracer
            ``"best"``, if all others are worse, else ``"leads"``; of the others
            ``"worse"``, ``"same"`` or ``"not told apart"``.
        """
        best, *others = self.ranking
        words = self._against(best)["verdict"].reindex(others)
        first = "best" if len(others) and (words == "worse").all() else "leads"
        return pd.Series([first, *words], self._index(), name="standing")

    def summary(self):
        """Return a row for each tracer, the best first.

        Returns
        -------
        DataFrame, indexed by tracer
            ``score`` with its interval, ``low`` and ``high``; the ``difference`` to the
            highest, and how likely it is ``worse`` or the ``same``; its `standing`;
            and ``seconds``, if they were measured.
        """
        index = self._index()
        table = self.tracers.loc[index, ["score", "low", "high"]]
        against = self._against(index[0]).reindex(index)
        table["difference"] = against["difference"].fillna(0.0)
        table[["worse", "same"]] = against[["worse", "same"]]
        table["standing"] = self.standing
        if self.tracers["seconds"].notna().any():
            table["seconds"] = self.tracers["seconds"]
        return table

    def verdict(self):
        """Say in a sentence or two who leads, and who cannot be told apart from it.

        Returns
        -------
        str
        """
        return write_verdict(self)

    def __repr__(self):
        return f"<TracerComparison: {self.verdict()}>"

    def _index(self):
        return pd.Index(self.ranking, name="tracer")

    def _against(self, other):
        """Return the pairs with one tracer, by the other of the two."""
        return self.pairs[self.pairs["other"] == other].set_index("tracer")


def check_names(models, expected):
    """Return the names of a dict of models, or refuse what has none."""
    named = isinstance(models, Mapping | pd.DataFrame)
    if not named or len(models) == 0:
        raise TypeError(
            f"Got a {type(models).__name__}{' of nothing' * named}; expected a dict of "
            f"one or more tracers by name, such as {expected}."
        )
    odd = [name for name in models if not isinstance(name, str)]
    if odd:
        raise TypeError(
            f"A tracer is named {odd[0]!r}; expected strings, such as 'DKT'. Rename "
            "it: a dict's keys are the names."
        )
    return list(models)


def check_baselines(baselines, names):
    """Return the baselines as a tuple, or refuse those that are not compared."""
    baselines = (baselines,) if isinstance(baselines, str) else tuple(baselines)
    unknown = [name for name in baselines if name not in names]
    if unknown:
        raise ValueError(
            f"baselines names {unknown[0]!r}; expected some of the tracers compared, "
            f"{names}. Pass it among them."
        )
    return baselines


def _check_given(p, name, tested):
    """Return the probabilities of one tracer, or refuse them."""
    try:
        given = np.asarray(p, dtype=np.float64)
    except (TypeError, ValueError):
        given = np.empty(())
    n_rows = len(tested)
    if given.shape not in ((n_rows,), (n_rows, 2)):
        raise ValueError(
            f"What {name!r} predicted has shape {given.shape}; expected ({n_rows},) or "
            f"({n_rows}, 2), those of the second class last, one row per row of X. Fit "
            "and predict in one call: compare_tracers."
        )
    given = given if given.ndim == 1 else given[:, 1]
    odd = tested & ~((given >= 0) & (given <= 1))  # NaN is odd, too
    if odd.any():
        raise ValueError(
            f"{name!r} predicted {given[odd].tolist()[0]!r} in {count_rows(odd)}; "
            "expected numbers from 0 to 1 wherever y is told. Leave rows that some "
            "tracer does not predict out of X, y and all predictions."
        )
    return given
