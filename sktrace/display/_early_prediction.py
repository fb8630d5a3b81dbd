"""How early an outcome is known."""

from .._scores.by_step import early_prediction_curve
from ._fold_scores import collect_curves
from ._panels import draws_loss, name_metric
from ._style import COLOURS, add_legend, axes_for, ink, shorten

__all__ = ["EarlyPredictionDisplay"]

# Seven and six have no common factor: 42 models differ in marker or colour.
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
CLEAR_BANDS = 4  # those of more models hide one another


class EarlyPredictionDisplay:
    """How well an outcome is known after each step, with the spread over folds.

    A line joins the means, a band reaches one standard deviation to each side, and
    faint points are single folds. Make it with `from_curve`, from what
    `early_prediction_curve` returned, or with `from_estimator`, which calls it.

    Parameters
    ----------
    curves : DataFrame
        Columns ``model``, ``step``, ``fold`` and ``score``, one row for each fold;
        scores as scikit-learn's scorers give them.
    metric : str, default="score"
        scikit-learn's name of the score, such as ``"roc_auc"``. Those that begin with
        ``neg_`` are drawn as the loss that they are the negative of.

    Attributes
    ----------
    ax_, figure_ : Axes, Figure
        After `plot`.
    lines_ : dict of {str: Line2D}
        The line of means of each model.

    See Also
    --------
    sktrace.model_selection.early_prediction_curve : Computes the curve.

    Notes
    -----
    The band shows how much scores differ between folds. It is not the standard error
    of the mean; nor does it tell models apart that were scored on the same folds, of
    which some are easier for all of them.

    Examples
    --------
    >>> import numpy as np
    >>> from sktrace import DKTClassifier
    >>> from sktrace.display import EarlyPredictionDisplay
    >>> X = np.random.default_rng(0).normal(size=(30, 4, 2))  # 30 students, 4 weeks
    >>> y = (X[:, 2].sum(axis=1) > 0).astype(int)  # decided in week 3
    >>> clf = DKTClassifier(task="many-to-one", max_epochs=2, random_state=0)
    >>> display = EarlyPredictionDisplay.from_estimator(
    ...     clf, X, y, steps=[1, 3], cv=2, refit=False, scoring="roc_auc", chance=0.5
    ... )
    >>> display.summary().index.names
    FrozenList(['model', 'step'])
    """

    def __init__(self, curves, *, metric="score"):
        self.curves = curves
        self.metric = metric

    @classmethod
    def from_curve(cls, curve, *, metric=None, ax=None, **plot):
        """Draw the curve of one model, or those of several.

        Parameters
        ----------
        curve : DataFrame, or dict of {str: DataFrame}
            What `early_prediction_curve` returned, by name of the model if there are
            several.
        metric : str, optional
            scikit-learn's name of the score, such as ``"roc_auc"``: the column that
            holds it or, if none is called so, what the column ``score`` holds. By
            default the only score there is.
        ax : matplotlib axes, optional
        **plot : dict
            Passed to `plot`.

        Returns
        -------
        EarlyPredictionDisplay

        Raises
        ------
        ValueError
            If a curve lacks ``step``, ``fold`` or the score, or holds several scores
            of which `metric` names none.
        """
        curves, metric = collect_curves(curve, metric)
        return cls(curves, metric=metric).plot(ax=ax, **plot)

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        *,
        steps=None,
        refit=True,
        groups=None,
        cv=None,
        scoring=None,
        order="order_id",
        n_jobs=None,
        ax=None,
        **plot,
    ):
        """Cross-validate an estimator after each step and draw.

        Parameters
        ----------
        estimator : estimator
            Reads sequences, such as ``DKTClassifier(task="many-to-one")``.
        X : sequences
        y : array of shape (n_sequences,)
        steps, refit, groups, cv, order, n_jobs
            As in `early_prediction_curve`.
        scoring : str or callable, optional
            One scorer of scikit-learn; by default the estimator's own `score`.
        ax : matplotlib axes, optional
        **plot : dict
            Passed to `plot`.

        Returns
        -------
        EarlyPredictionDisplay

        Raises
        ------
        ValueError
            If `scoring` names several scorers.
        """
        if (
            scoring is not None
            and not isinstance(scoring, str)
            and not callable(scoring)
        ):
            raise ValueError(
                f"scoring={scoring!r}; expected one scorer, such as 'roc_auc', since "
                "scores differ in units. For several, call early_prediction_curve "
                "once, and from_curve(curve, metric=...) for each."
            )
        curve = early_prediction_curve(
            estimator,
            X,
            y,
            steps=steps,
            refit=refit,
            groups=groups,
            cv=cv,
            scoring=scoring,
            order=order,
            n_jobs=n_jobs,
        )
        metric = scoring if isinstance(scoring, str) else "score"
        return cls.from_curve(curve, metric=metric, ax=ax, **plot)

    def summary(self):
        """Return the mean and spread of each model after each step.

        Returns
        -------
        DataFrame, indexed by model and step
            ``mean``, ``std`` (of folds, n - 1 in the denominator; NaN of one fold) and
            ``n_folds``; of scores as scikit-learn's scorers give them.
        """
        by_step = self.curves.groupby(["model", "step"], sort=False)["score"]
        table = by_step.agg(mean="mean", std="std", n_folds="size")
        return table.sort_index(level="step", sort_remaining=False, kind="stable")

    def plot(self, ax=None, *, step_label="steps seen", chance=None, spread=None):
        """Draw lines, bands and folds.

        Parameters
        ----------
        ax : matplotlib axes, optional
            A new figure by default.
        step_label : str, default="steps seen"
            What a step is, such as ``"weeks seen"``.
        chance : float, optional
            Score of a model that knows nothing, for a dashed line: 0.5 for ROC AUC; of
            a ``neg_`` score, the loss itself.
        spread : bool, optional
            Draw the bands and the folds. By default of up to 4 models: those of more
            would hide one another.

        Returns
        -------
        EarlyPredictionDisplay
            Itself, with ``ax_``, ``figure_`` and ``lines_``.
        """
        from matplotlib.ticker import MaxNLocator

        summary = self.summary()
        models = self.curves["model"].unique()
        spread = len(models) <= CLEAR_BANDS if spread is None else spread
        ax = axes_for(self, ax, 6.4 if len(models) == 1 else 8.4, 4)
        self.ax_, self.figure_, self.lines_ = ax, ax.figure, {}
        for place, model in enumerate(models):
            self._draw(model, summary.loc[model], place, spread)
        ax.set_xlabel(step_label)
        ax.set_ylabel(name_metric(self.metric))
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        ax.spines[["top", "right"]].set_visible(False)
        if chance is not None:
            self._mark_chance(chance)
        self._explain(summary["n_folds"], spread)
        return self

    def _draw(self, model, own, place, spread):
        """Draw one model: its means, their band, and its folds."""
        sign = -1 if draws_loss(self.metric) else 1
        mean = sign * own["mean"]
        (self.lines_[model],) = self.ax_.plot(
            own.index,
            mean,
            color=COLOURS[place % len(COLOURS)],
            marker=MARKERS[place % len(MARKERS)],
            markersize=5,
            zorder=3,
        )
        if not spread:
            return
        faint = {"color": self.lines_[model].get_color(), "linewidth": 0}
        self.ax_.fill_between(
            own.index, mean - own["std"], mean + own["std"], alpha=0.2, **faint
        )
        points = self.curves[self.curves["model"] == model]
        self.ax_.scatter(
            points["step"], sign * points["score"], s=10, alpha=0.6, zorder=2, **faint
        )

    def _mark_chance(self, chance):
        """Draw a dashed line, named at its right end."""
        self.ax_.axhline(chance, color=ink(), lw=1, ls="--", zorder=1)
        self.ax_.annotate(
            "chance",
            (1, chance),
            xycoords=("axes fraction", "data"),
            xytext=(0, 2),
            textcoords="offset points",
            ha="right",
            va="bottom",
            color=ink(),
            fontsize="small",
        )

    def _explain(self, n_folds, spread):
        """Write the legend beside the lines: the models, and what is drawn of them."""
        number = "–".join(map(str, sorted({n_folds.min(), n_folds.max()})))
        over = f"over {number} folds" if n_folds.max() > 1 else "over 1 fold"
        spread = spread and n_folds.max() > 1
        drawn = "mean ± 1 standard deviation" if spread else "mean"
        for model, line in self.lines_.items():
            line.set_label(shorten(model))
        options = {"frameon": False, "fontsize": "small"}
        if len(self.lines_) == 1:
            line.set_label(": ".join(filter(None, [shorten(model), f"{drawn} {over}"])))
            # Over the lines, clear of all of them.
            place = {"loc": "lower left", "bbox_to_anchor": (0, 1)}
            add_legend(self.ax_, [line], **place, **options)
            return
        add_legend(
            self.ax_,
            list(self.lines_.values()),
            loc="upper left",
            bbox_to_anchor=(1, 1),
            title=f"{drawn}\n{over}" if spread else f"{drawn} {over}",
            title_fontsize="small",
            alignment="left",
            **options,
        )
