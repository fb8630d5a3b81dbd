"""What one student knows of a skill, answer by answer."""

import numpy as np
from sklearn.isotonic import isotonic_regression

from ._one_student import follow_skills, trace_student
from ._panels import check_drawn
from ._style import (
    COLOURS,
    axes_for,
    grid_of_panels,
    ink,
    paper,
    points_between,
    shorten,
)

__all__ = ["KnowledgeCurveDisplay"]

ONE_PANEL = len(COLOURS)  # more curves have a panel each
MOST_PANELS = 12


class KnowledgeCurveDisplay:
    """One student's P(known), or P(correct), of skills by opportunity.

    An opportunity is an answer of the student on the skill; answers that tie in
    ``order`` are one. The curve begins at 0, before the first, and shows what the
    tracer makes of each answer: ● right, ○ wrong, ◐ some of both. Make it with
    `from_estimator`.

    `DKTClassifier` learns about a skill from answers on others, too; the curve shows
    its state at the answers on the skill only.

    Parameters
    ----------
    curve : DataFrame
        A line for each answer on a skill, in time order, and one before the first,
        with the columns ``skill``; ``opportunity``, from 0; ``correct``, the answer,
        NaN at 0; and ``knowledge``, the state right after the opportunity. The skill
        with most answers stands first.
    student : hashable, optional
        Whose it is, for the title.
    label : str, default="P(known)"
        What the state is.

    Attributes
    ----------
    ax_, figure_
        Matplotlib's axes, an array of them if there are several, and figure, after
        `plot`.
    lines_ : list of Line2D
        The curve of each skill drawn.

    References
    ----------
    Corbett and Anderson (1995). Knowledge tracing: Modeling the acquisition of
    procedural knowledge. User Modeling and User-Adapted Interaction 4, 253-278. There,
    a skill is mastered at P(known) of 0.95.

    Examples
    --------
    >>> from sktrace import BKTClassifier
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.display import KnowledgeCurveDisplay
    >>> X, y = make_interactions(n_students=50, n_skills=2, random_state=0)
    >>> bkt = BKTClassifier(random_state=0, bounds={"guess": (0, 0.5)}).fit(X, y)
    >>> display = KnowledgeCurveDisplay.from_estimator(bkt, X, X["user_id"].iloc[0])
    >>> display.ax_.get_ylabel()
    'P(known)'
    """

    def __init__(self, curve, student=None, label="P(known)"):
        self.curve = curve
        self.student = student
        self.label = label

    @classmethod
    def from_estimator(cls, estimator, X, student, *, skills=None, ax=None, **plot):
        """Trace one student of a log and draw.

        Parameters
        ----------
        estimator : fitted tracer with ``knowledge_state``
        X : DataFrame of shape (n_rows, n_columns)
            A log that holds the student.
        student : hashable
            The student, as named in X.
        skills : skill or list of skills, optional
            Up to 12 that the student practised, up to 6 on axes given; by default those
            practised most, as many as there is room for.
        ax : matplotlib axes, optional
        **plot : dict
            Passed to `plot`.

        Returns
        -------
        KnowledgeCurveDisplay

        Raises
        ------
        TypeError
            If the tracer keeps no state of every skill.
        ValueError
            If X has no row of this student, or no answer on a skill.
        """
        own = trace_student(estimator, X, student)
        curve = follow_skills(estimator, own)
        display = cls(curve, student, estimator.knowledge_label)
        return display.plot(ax=ax, skills=skills, **plot)

    def plot(self, ax=None, *, skills=None, mastery=0.95):
        """Draw up to 6 skills in one panel, or a panel for each of up to 12.

        Parameters
        ----------
        ax : matplotlib axes, optional
            A new figure by default.
        skills : skill or list of skills, optional
            As in `from_estimator`.
        mastery : float or None, default=0.95
            Where to draw the line of mastery; there is none of P(correct).

        Returns
        -------
        KnowledgeCurveDisplay
            Itself, with ``ax_``, ``figure_`` and ``lines_``.
        """
        skills = self._choose(skills, MOST_PANELS if ax is None else ONE_PANEL)
        if len(skills) <= ONE_PANEL:
            panels = [axes_for(self, ax, 7, 4)] * len(skills)
            self.ax_, self.figure_ = panels[0], panels[0].figure
            colours = COLOURS
        else:
            self.figure_, panels = grid_of_panels(self, len(skills))
            self.ax_, colours = panels, COLOURS[:1] * len(skills)
        self.lines_ = [
            self._draw(own_ax, skill, colour)
            for own_ax, skill, colour in zip(panels, skills, colours, strict=False)
        ]
        self._frame(list(dict.fromkeys(panels)), skills, mastery)
        return self

    def _choose(self, skills, room):
        present = self.curve["skill"].unique().tolist()
        return check_drawn(
            present[:room] if skills is None else skills,
            present,
            room,
            lacking="The student has no answer on",
            otherwise="What is expected of others is in estimator.predict_next(X).",
            where_all_are="All of them: MasteryDisplay.",
        )

    def _draw(self, ax, skill, colour):
        answers = self.curve[self.curve["skill"] == skill]
        curve = answers.groupby("opportunity").mean(numeric_only=True)
        at, share = curve.index.to_numpy(), curve["correct"].to_numpy()
        state = curve["knowledge"].to_numpy()
        (line,) = ax.plot(at, state, color=colour, lw=1.5, label=shorten(skill))
        size = np.clip(60 / len(at) ** 0.5, 3, 6)
        for given, fill in (
            (share == 1, "full"),
            (share == 0, "none"),
            ((share > 0) & (share < 1), "left"),
        ):
            ax.plot(
                at[given],
                state[given],
                linestyle="none",
                zorder=3,
                **_mark(colour, fill, size),
            )
        return line

    def _frame(self, axes, skills, mastery):
        from matplotlib.lines import Line2D
        from matplotlib.ticker import MaxNLocator

        mastery = mastery if self.label == "P(known)" else None
        dashed = {"color": ink(), "lw": 0.8, "ls": "--", "alpha": 0.6}
        last = max(line.get_xdata()[-1] for line in self.lines_)
        ticks = MaxNLocator(8, integer=True, min_n_ticks=1).tick_values(0, last)
        for ax in axes:
            ax.set_ylim(-0.04, 1.06)  # marks at 0 and 1 are whole
            ax.set_xticks([at for at in ticks if 0 <= at <= last])
            if mastery is not None:
                ax.plot([0, last], [mastery, mastery], **dashed)
        handles = [
            Line2D([], [], ls="none", label=label, **_mark(ink(), fill, 6))
            for label, fill in self._kinds(skills).items()
        ]
        if mastery is not None:
            handles.append(Line2D([], [], label=f"mastery, {mastery:g}", **dashed))
        self._explain(axes, skills, handles)

    def _kinds(self, skills):
        shares = self.curve[self.curve["skill"].isin(skills)]
        shares = shares.groupby(["skill", "opportunity"], sort=False)["correct"].mean()
        kinds = {"right": "full", "wrong": "none"}
        if ((shares > 0) & (shares < 1)).any():
            kinds["some of both"] = "left"
        return kinds

    def _explain(self, axes, skills, handles):
        x, state = "opportunity (answers on the skill so far)", shorten(self.label)
        title = "" if self.student is None else f"student {shorten(self.student, 20)}"
        options = {
            "handles": handles,
            "ncols": len(handles),
            "frameon": False,
            "handletextpad": 0.4,
            "columnspacing": 1.2,
        }
        if len(axes) == 1:
            self._name_curves(axes[0], skills)
            axes[0].set(xlabel=x, ylabel=state)
            axes[0].set_title(title, loc="left", fontsize="medium")
            # On the line of the title, clear of the curves.
            place = {"loc": "lower right", "bbox_to_anchor": (1, 1)}
            axes[0].legend(borderaxespad=0.2, **place, **options)
            return
        for ax, skill in zip(axes, skills, strict=True):
            ax.set_title(shorten(skill), loc="left", fontsize="medium")
        self.figure_.supxlabel(x, fontsize="medium")
        self.figure_.supylabel(state, fontsize="medium")
        options["alignment"] = "left"
        self.figure_.legend(loc="outside upper right", title=title, **options)

    def _name_curves(self, ax, skills):
        """Write each name right of its curve, as far from others as print needs."""
        from matplotlib.font_manager import FontProperties

        size = FontProperties(size="small").get_size_in_points()
        names = [shorten(skill, 24) for skill in skills]
        # A letter is about 0.55 em wide; curves keep half of the panel at least.
        share = 0.55 * size * max(map(len, names)) / points_between(ax.xaxis, 1) + 0.04
        share = min(share, 0.5)
        first, last = ax.dataLim.intervalx
        span = max(last - first, 1)
        ax.set_xlim(first - 0.05 * span, last + (share / (1 - share)) * 1.05 * span)
        heights = [line.get_ydata()[-1] for line in self.lines_]
        room = 1.3 * size / points_between(ax.yaxis, 1)
        for line, name, height in zip(
            self.lines_, names, _spread(heights, room), strict=True
        ):
            ax.annotate(
                name,
                (line.get_xdata()[-1], line.get_ydata()[-1]),
                xytext=(1.03 - share, height),
                textcoords=ax.get_yaxis_transform(),
                fontsize=size,  # in ink: print in some of the colours is faint
                va="center",
                arrowprops={
                    "arrowstyle": "-",
                    "color": line.get_color(),
                    "lw": 1,
                    "ls": ":",  # no part of the curve
                    "relpos": (0, 0.5),
                    "shrinkA": 0,
                    "shrinkB": 3,
                },
            )


def _mark(colour, fill, size):
    return {
        "marker": "o",
        "color": colour,
        "fillstyle": fill if fill == "left" else "full",
        "markerfacecolor": paper() if fill == "none" else colour,
        "markerfacecoloralt": paper(),
        "markersize": size,
    }


def _spread(heights, room):
    """Move heights in 0 to 1 apart until all differ by `room`, and no farther.

    >>> _spread([0.9, 0.92, 0.1], 0.1).round(2).tolist()
    [0.86, 0.96, 0.1]
    """
    order = np.argsort(heights, kind="stable")
    steps = room * np.arange(len(order))
    # Least squares under h[i + 1] - h[i] >= room is isotonic regression of h - steps.
    level = isotonic_regression(np.asarray(heights, dtype=float)[order] - steps)
    spread = np.empty(len(order))
    spread[order] = np.clip(level, 0, max(0, 1 - steps[-1])) + steps
    return spread
