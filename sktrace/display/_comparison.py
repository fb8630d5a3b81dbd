"""Several tracers on the same folds."""

from collections.abc import Mapping

import numpy as np
from sklearn.base import is_classifier
from sklearn.model_selection import check_cv, cross_validate

from .._scores.paired import ROPE, SURE, chances
from ..model_selection import StudentKFold
from ._fold_scores import check_names, collect_scores
from ._panels import draws_loss, name_metric, panels_for
from ._style import COLOURS, ink, shorten

__all__ = ["TracerComparisonDisplay"]

BEST = COLOURS[0]  # as on the page of `python -m sktrace compare`


class TracerComparisonDisplay:
    """Tracers by metrics, with the spread over folds.

    Each panel is a metric, each line a tracer: faint dots are folds, the large one
    their mean, and the bar reaches one standard deviation to each side. In colour
    stands what is not told to be worse than the best mean of its panel, and bold is a
    best mean only if all others are told to be worse. Make it with `from_results`, from
    what scikit-learn's `cross_validate` returned, or with `from_estimators`, which
    calls it.

    Parameters
    ----------
    scores : DataFrame
        Columns ``tracer``, ``metric``, ``fold`` and ``score``, one row for each fold,
        all tracers on the same folds.
    rope : float, default=0.005
        Scores that differ by less are the same.
    test_to_train : float, optional
        Samples tested for one trained on; by default 1 / (k - 1), as in k folds.

    Attributes
    ----------
    ax_, figure_ : Axes, Figure
        The first panel, and its figure, after `plot`.
    axes_ : ndarray of Axes
        All panels.

    See Also
    --------
    sklearn.model_selection.cross_validate : Computes the scores.
    sktrace.model_selection.StudentKFold : Folds of whole students.
    sktrace.model_selection.compare_tracers : Says in words which is better.

    Notes
    -----
    All numbers here are as scikit-learn's scorers give them, so that higher is better
    throughout. Only the picture turns a score whose name begins with ``neg_`` into the
    loss that it is the negative of.

    Some folds are easier than others, for all tracers. So the spread of one tracer's
    scores says little about whether another is better; the spread of their
    differences, fold by fold, does: see `differences`. Folds share training data, so
    neither is a standard error. A tracer is told to be worse than the best if by the
    correlated Bayesian t-test, which allows for that, it is at least 95 % likely to be
    worse by more than `rope`; see `sktrace.model_selection.compare_tracers`. Of one
    fold nothing is told.

    Examples
    --------
    >>> from sktrace import MeanClassifier, PFAClassifier
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.display import TracerComparisonDisplay
    >>> X, y = make_interactions(n_students=40, n_skills=4, random_state=0)
    >>> tracers = {"mean": MeanClassifier(), "PFA": PFAClassifier()}
    >>> display = TracerComparisonDisplay.from_estimators(tracers, X, y)
    >>> display.summary().loc["roc_auc"].index.tolist()  # the best comes first
    ['PFA', 'mean']
    """

    def __init__(self, scores, *, rope=ROPE, test_to_train=None):
        self.scores = scores
        self.rope = rope
        self.test_to_train = test_to_train

    @classmethod
    def from_results(cls, results, *, metrics=None, rope=ROPE, ax=None, **plot):
        """Draw what `cross_validate` returned for each tracer.

        Parameters
        ----------
        results : dict of {str: dict}
            By name of the tracer, what `cross_validate` returned for it, on the same
            folds: pass it ``cv=list(StudentKFold(5).split(X))``.
        metrics : str or list of str, optional
            Which scores, from left to right: ``"roc_auc"`` stands in
            ``"test_roc_auc"``. All that the first tracer has by default.
        rope : float, default=0.005
            Scores that differ by less are the same.
        ax : matplotlib axes, or a list of one for each metric, optional
        **plot : dict
            Passed to `plot`.

        Returns
        -------
        TracerComparisonDisplay

        Raises
        ------
        ValueError
            If tracers differ in metrics or in folds, or if a score is missing.
        """
        scores = collect_scores(results, metrics)
        test_to_train = _test_to_train(next(iter(results.values())))
        display = cls(scores, rope=rope, test_to_train=test_to_train)
        return display.plot(ax=ax, **plot)

    @classmethod
    def from_estimators(
        cls,
        estimators,
        X,
        y,
        *,
        groups=None,
        cv=None,
        scoring=("roc_auc", "neg_log_loss"),
        n_jobs=None,
        rope=ROPE,
        ax=None,
        **plot,
    ):
        """Cross-validate tracers, all of them on one list of folds, and draw.

        Parameters
        ----------
        estimators : dict of {str: estimator}
            By name; they are cloned.
        X : DataFrame of shape (n_rows, n_columns), or sequences
        y : array of shape (n_samples,)
        groups : array of shape (n_samples,), optional
            For splitters that need them.
        cv : int, splitter or iterable, optional
            As in `cross_validate`; by default ``StudentKFold(5)``, of the column that
            the first tracer calls `student`.
        scoring : str, list, tuple or dict, default=("roc_auc", "neg_log_loss")
            Scorers of scikit-learn.
        n_jobs : int, optional
            Folds fitted at the same time.
        rope : float, default=0.005
            Scores that differ by less are the same.
        ax : matplotlib axes, or a list of one for each metric, optional
        **plot : dict
            Passed to `plot`.

        Returns
        -------
        TracerComparisonDisplay

        Raises
        ------
        TypeError
            If `estimators` is no dict, or a name no string.
        """
        if not isinstance(estimators, Mapping) or not estimators:
            raise TypeError(
                f"estimators={estimators!r}; expected a dict of one or more tracers by "
                'name, such as {"BKT": BKTClassifier(), "DKT": DKTClassifier()}.'
            )
        check_names(estimators)
        first = next(iter(estimators.values()))
        if cv is None:
            cv = StudentKFold(5, student=getattr(first, "student", "user_id"))
        cv = check_cv(cv, y, classifier=is_classifier(first))
        folds = list(cv.split(X, y, groups))  # once: a splitter may draw at random
        scoring = [scoring] if isinstance(scoring, str) else scoring
        results = {
            name: cross_validate(
                estimator,
                X,
                y,
                cv=folds,
                scoring=scoring,
                n_jobs=n_jobs,
                error_score="raise",
                return_indices=True,
            )
            for name, estimator in estimators.items()
        }
        return cls.from_results(results, rope=rope, ax=ax, **plot)

    @property
    def differences(self):
        """How far each tracer is from the best, fold by fold.

        Returns
        -------
        DataFrame
            Columns ``tracer``, ``metric``, ``fold`` and ``difference``: the score less
            that of the tracer with the best mean, on the same fold. Below 0 is worse.
        """
        by_tracer = self.scores.pivot(
            index=["metric", "fold"], columns="tracer", values="score"
        )
        best = {
            metric: own[own.mean().idxmax()].loc[metric]
            for metric, own in by_tracer.groupby(level="metric")
        }
        rows = self.scores[["metric", "fold"]].itertuples(index=False)
        reference = [best[metric][fold] for metric, fold in rows]
        differences = self.scores.assign(difference=self.scores["score"] - reference)
        return differences.drop(columns="score")

    def summary(self):
        """Return the mean and spread of each tracer by each metric, the best first.

        Returns
        -------
        DataFrame, indexed by metric and tracer
            ``mean`` and ``std`` of the scores; ``difference`` to the best tracer, its
            standard deviation ``difference_std`` (n - 1 in the denominator), over
            folds; and how likely it is ``worse`` than the best by more than `rope`.
        """
        keys = ["metric", "tracer"]
        table = self.scores.groupby(keys, sort=False)["score"].agg(["mean", "std"])
        paired = self.differences.groupby(keys, sort=False)["difference"]
        table["difference"], table["difference_std"] = paired.mean(), paired.std()
        table["worse"] = paired.agg(self._chance_of_worse)
        table = table.sort_values("mean", ascending=False, kind="stable")
        return table.loc[self.scores["metric"].unique()]

    def _chance_of_worse(self, differences):
        k = len(differences)
        given = self.test_to_train
        test_to_train = 1 / max(k - 1, 1) if given is None else given
        return chances(differences, test_to_train, self.rope).worse

    def plot(self, ax=None):
        """Draw a panel for each metric.

        Tracers stand in the order of the first metric, the best at the top, and in all
        panels alike.

        Parameters
        ----------
        ax : matplotlib axes, or a list of one for each metric, optional
            A new figure by default.

        Returns
        -------
        TracerComparisonDisplay
            Itself, with ``ax_``, ``axes_`` and ``figure_``.

        Raises
        ------
        ValueError
            If `ax` holds another number of axes than there are metrics.
        """
        summary = self.summary()
        metrics = self.scores["metric"].unique().tolist()
        tracers = summary.loc[metrics[0]].index
        names = [shorten(name) for name in tracers]
        width = 0.2 + 0.08 * max(map(len, names)) + 3.4 * len(metrics)
        self.figure_, self.axes_ = panels_for(
            self,
            ax,
            metrics,
            figsize=(width, 1.5 + 0.36 * len(names)),
            ncols=len(metrics),
            sharey=True,
        )
        self.ax_ = self.axes_[0]
        for panel, metric in zip(self.axes_, metrics, strict=True):
            self._draw(panel, metric, summary.loc[metric], tracers)
        for panel in self.axes_ if ax is not None else self.axes_[:1]:
            panel.set_yticks(range(len(names)), names)
        n_folds = self.scores["fold"].nunique()
        if n_folds > 1:
            legend = f"mean ± 1 standard deviation, {n_folds} folds"
            if len(names) > 1:
                legend += "\nin colour: not told apart from the best"
            self.ax_.set_title(legend, loc="left", fontsize="small")
        return self

    def _draw(self, panel, metric, table, tracers):
        """Draw one metric: folds, means and deviations, and their numbers."""
        sign = -1 if draws_loss(metric) else 1
        scores = self.scores[self.scores["metric"] == metric].set_index("tracer")
        decimals = _decimals(table)
        panel.axvline(sign * table["mean"].iloc[0], color=BEST, lw=0.8, ls=":")
        level = ~(table["worse"] >= SURE)
        alone = level.sum() == 1 < len(table)
        for line, tracer in enumerate(tracers):
            colour = BEST if level[tracer] else ink()
            mean, std = sign * table.loc[tracer, "mean"], table.loc[tracer, "std"]
            number = f"{mean:.{decimals}f}".replace("-", "−")
            if std == std:  # of one fold, there is none
                # The folds stand a little below, where the bar does not hide them.
                folds = sign * scores.loc[tracer, "score"]
                below = np.full(len(folds), line + 0.22)
                panel.scatter(folds, below, s=9, color=colour, alpha=0.4)
                panel.errorbar(mean, line, xerr=std, color=colour)
                number += f" ± {std:.{decimals}f}"
            panel.plot(mean, line, marker="o", color=colour, markersize=6)
            panel.annotate(
                number,
                (1, line),
                xycoords=("axes fraction", "data"),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                color=colour,
                fontweight="bold" if alone and level[tracer] else "normal",
            )
        panel.set_ylim(len(tracers) - 0.4, -0.6)
        # On two lines, or long names of losses would run into one another.
        panel.set_xlabel(name_metric(metric).replace(" (", "\n("))
        panel.locator_params(axis="x", nbins=4)
        panel.spines[["top", "right", "left"]].set_visible(False)
        panel.tick_params(axis="y", length=0)


def _test_to_train(result):
    """Return the samples tested for one trained on, where the folds are known."""
    if "indices" not in result:
        return None
    parts = [result["indices"][part] for part in ("test", "train")]
    return np.mean([len(test) / len(train) for test, train in zip(*parts, strict=True)])


def _decimals(table):
    """Return how many decimals to write: three digits of a score, as far as told.

    One digit of a typical standard deviation is always told, and never more than two.
    """
    largest = table["mean"].abs().max()
    typical = table["std"].dropna().median()  # pandas 2.0 warns where there is none
    decimals = 2 - np.floor(np.log10(largest)) if largest > 0 else 3
    if typical > 0:
        first = np.ceil(-np.log10(typical))
        decimals = np.clip(decimals, first, first + 1)
    return int(np.clip(decimals, 0, 6))
