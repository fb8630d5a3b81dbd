"""Success against practice, observed and predicted."""

from sklearn.utils import check_consistent_length

from .._interactions.log import Roles
from ._opportunities import (
    NUMBERS,
    check_predictions,
    check_targets,
    choose_skills,
    count_opportunities,
    curve_by_skill,
    read_targets,
)
from ._style import COLOURS, add_legend, axes_for, grid_of_panels, ink, shorten

__all__ = ["LearningCurveDisplay"]

BARS = 0.2  # height of the bars of students beneath the curve, on the scale of shares
MOST_PANELS = 12


class LearningCurveDisplay:
    """Share of right answers at each opportunity to practise a skill.

    An opportunity is a student's first, second, third… answer on the skill; answers
    that tie in ``order`` are one. A curve that rises shows learning; one that a model
    does not follow shows what it misses. Points are observed, with Wilson's interval of
    95 %, lines are predicted, and bars count the students that are left. Make it with
    `from_estimator` or `from_predictions`.

    Beware of who is left: where students stop once they master a skill, those who go on
    are the weaker ones, and the curve flattens or falls though everyone learns. A model
    should follow it even so, since it is asked about the same students.

    Parameters
    ----------
    curve : DataFrame
        One line per skill and opportunity, ``"all skills"`` first, with the columns
        ``skill``; ``opportunity``, from 1; ``n_students``; ``n_answers``; ``observed``,
        the share right, where every student counts once for each skill; ``low`` and
        ``high``, its interval; and a column for each model, its mean P(correct). The
        interval of all skills takes the answers of one student as one voice.
    label : str, default="share right"
        What is observed: the share of whatever `y` calls 1.

    Attributes
    ----------
    ax_, figure_
        Matplotlib's axes, an array of them if there are several, and figure, after
        `plot`.
    lines_ : list of list of Line2D
        In each panel: observed, then a line for each model.

    References
    ----------
    Koedinger et al. (2010). A data repository for the EDM community: The PSLC
    DataShop. Handbook of Educational Data Mining, 43-56.

    Murray et al. (2013). Revealing the learning in learning curves. Artificial
    Intelligence in Education, on students who leave.

    Examples
    --------
    >>> import pandas as pd
    >>> from sktrace.display import LearningCurveDisplay
    >>> X = pd.DataFrame({"user_id": [1, 1, 2, 2], "order_id": [0, 1, 0, 1]})
    >>> display = LearningCurveDisplay.from_predictions(
    ...     X, [0, 1, 1, 1], skill=None, min_students=1
    ... )
    >>> display.curve["observed"].tolist()
    [0.5, 1.0]
    """

    def __init__(self, curve, label="share right"):
        self.curve = curve
        self.label = label

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y=None,
        *,
        skills=None,
        max_opportunity=30,
        min_students=5,
        ax=None,
        **plot,
    ):
        """Predict a log of students whom the estimator was not trained on, and draw.

        Of students it was trained on, a model knows the answers, and the curves agree
        more than they should.

        Parameters
        ----------
        estimator : fitted estimator with ``predict_proba``
            Columns play the roles that it says; those of a search are of its best
            estimator. For another, call `from_predictions`.
        X : DataFrame of shape (n_rows, n_columns)
        y : array of shape (n_rows,), optional
            Targets, labelled as in fit, which are needed where labels are not 0 and
            1; the column of answers of X by default. The share of ``classes_[1]`` is
            drawn: of "wrong" among "right" and "wrong", as the axis then says.
        skills, max_opportunity, min_students, ax, **plot
            As in `from_predictions`.

        Returns
        -------
        LearningCurveDisplay
        """
        reader = getattr(estimator, "best_estimator_", estimator)
        if not hasattr(reader, "_roles"):
            raise TypeError(
                f"{type(estimator).__name__} does not say which columns play which "
                "role; expected a tracer. Call from_predictions(X, y, "
                "estimator.predict_proba(X)[:, 1], student=..., order=..., skill=...)."
            )
        p = estimator.predict_proba(X)[:, 1]
        target, label = read_targets(reader, X, y)
        return cls.from_predictions(
            X,
            target,
            {type(reader).__name__: p},
            skills=skills,
            max_opportunity=max_opportunity,
            min_students=min_students,
            student=reader.student,
            order=reader.order,
            skill=reader.skill,
            skill_separator=reader.skill_separator,
            label=label,
            ax=ax,
            **plot,
        )

    @classmethod
    def from_predictions(
        cls,
        X,
        y,
        p=None,
        *,
        skills=None,
        max_opportunity=30,
        min_students=5,
        student="user_id",
        order="order_id",
        skill="skill_name",
        skill_separator="~~",
        label="share right",
        ax=None,
        **plot,
    ):
        """Average answers, and predictions if there are any, and draw.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)
            Whole histories: rows that are left out are not counted as practice.
        y : array of shape (n_rows,)
            Targets 0 and 1. Rows where it is missing are left out.
        p : array of shape (n_rows,) or dict of str to array, optional
            Predicted probability of 1, of one model or of several by name.
        skills : skill or list of skills, optional
            Panels to draw, ``"all skills"`` for the mean of all; by default it and the
            five most practised, or it alone if `ax` is given. ``curve`` has all.
        max_opportunity : int or None, default=30
            Last opportunity; None goes on as long as `min_students` do.
        min_students : int, default=5
            A curve ends where fewer students are left.
        student, order, skill : str
            Columns of X; ``order=None`` if rows stand in time order, ``skill=None`` if
            there is but one.
        skill_separator : str or None, default="~~"
            What joins the skills of a question on several, an opportunity of each.
        label : str, default="share right"
            What `y` calls 1, for the axis.
        ax : matplotlib axes, optional
        **plot : dict
            Passed to `plot`.

        Returns
        -------
        LearningCurveDisplay

        Raises
        ------
        TypeError
            If X is not a DataFrame.
        ValueError
            If X, y or p cannot be read, or nobody or too few are left to draw.
        """
        y, p = check_targets(y), check_predictions(p)
        check_consistent_length(X, y, *p.values())
        roles = Roles(student=student, order=order, skill=skill)
        entries, names = count_opportunities(X, y, roles, skill_separator)
        row = entries.pop("row")
        entries["observed"] = y[row]
        for model, predicted in p.items():
            entries[model] = predicted[row]
        curve = curve_by_skill(entries, names, min_students)
        if max_opportunity is not None:
            curve = curve[curve["opportunity"] <= max_opportunity]
        if len(curve) == 0:
            raise ValueError(
                f"No skill was answered by min_students={min_students!r} students up "
                f"to max_opportunity={max_opportunity!r}; expected some to draw. Lower "
                "min_students, or pass more rows that have a skill and a target."
            )
        display = cls(curve.reset_index(drop=True), label)
        return display.plot(ax=ax, skills=skills, **plot)

    def plot(self, ax=None, *, skills=None):
        """Draw a panel for each skill.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Where to draw one skill; a new figure, of up to 12 panels, by default.
        skills : skill or list of skills, optional
            As in `from_predictions`.

        Returns
        -------
        LearningCurveDisplay
            Itself, with ``ax_``, ``figure_`` and ``lines_``.
        """
        skills = choose_skills(self.curve, skills, MOST_PANELS if ax is None else 1)
        if len(skills) == 1:
            axes = [axes_for(self, ax, 6, 4)]
            self.ax_, self.figure_ = axes[0], axes[0].figure
        else:
            self.figure_, axes = grid_of_panels(self, len(skills))
            self.ax_ = axes
        groups = dict(iter(self.curve.groupby("skill", sort=False)))
        self.lines_ = [
            self._draw(own_ax, skill, groups[skill])
            for own_ax, skill in zip(axes, skills, strict=True)
        ]
        self._label(axes)
        return self

    def _draw(self, ax, skill, curve):
        at, count = curve["opportunity"], curve["n_students"]
        many = len(curve) > 30
        ax.fill_between(at, curve["low"], curve["high"], color=ink(), alpha=0.2, lw=0)
        style = {"color": ink(), "marker": "o", "ms": 2 if many else 4, "lw": 0.6}
        label = "observed, with 95 % interval"
        (observed,) = ax.plot(at, curve["observed"], label=label, **style)
        lines = [observed]
        for k, model in enumerate(curve.columns.drop(list(NUMBERS))):
            style = ("-", "--", ":", "-.")[k // len(COLOURS) % 4]
            style = {"ls": style, "color": COLOURS[k % len(COLOURS)], "lw": 2}
            lines += ax.plot(at, curve[model], label=shorten(model), **style)
        self._count(ax, at, count)
        ax.set_title(shorten(skill), loc="left", fontsize="medium")
        return lines

    def _count(self, ax, at, count):
        ax.bar(
            at,
            0.8 * BARS * count / count.max(),
            width=0.8,
            bottom=-BARS - 0.02,
            color=ink(),
            alpha=0.3,
        )
        first, last = count.iloc[[0, -1]]
        left = f"{first:,}" if first == last else f"{first:,} … {last:,}"
        ax.text(
            0.98,
            -0.04,  # on the shoulder of the bars, which only fall
            f"{left} student{'' if first == 1 else 's'}",
            transform=ax.get_yaxis_transform(),
            ha="right",
            va="bottom",
            fontsize="small",
        )

    def _label(self, axes):
        from matplotlib.ticker import MaxNLocator

        x, y = "opportunity (nth answer on the skill)", shorten(self.label)
        for ax in axes:
            ax.set_ylim(-BARS - 0.04, 1.04)
            ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
            ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        if len(axes) == 1:
            axes[0].set(xlabel=x, ylabel=y)
            place = {"loc": "lower right", "bbox_to_anchor": (0, 0.25, 1, 0.75)}
            add_legend(axes[0], self.lines_[0], frameon=False, **place)
            return
        self.figure_.supxlabel(x, fontsize="medium")
        self.figure_.supylabel(y, fontsize="medium")
        place = {"loc": "outside upper right", "ncols": len(self.lines_[0])}
        add_legend(self.figure_, self.lines_[0], frameon=False, **place)
