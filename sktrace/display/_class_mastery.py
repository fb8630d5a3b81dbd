"""All students and all skills, now."""

import numpy as np
import pandas as pd

from .._interactions.columns import check_frame
from .._interactions.vocabulary import as_list
from .._tracer.questions import check_skills, roles_of
from ._class_state import check_what, find_practised, known_now, rows_of
from ._style import (
    SEQUENTIAL,
    add_scale,
    axes_for,
    heat_map,
    ink,
    ink_on,
    name_ticks,
    points_between,
)

__all__ = ["ClassMasteryDisplay"]

SMALLEST_CELL = 3  # points; dots in smaller ones would run into one another
MOST_SHAPES = 2000  # dots more than this are pixels in a file of vectors, or it is huge


class ClassMasteryDisplay:
    """What every student would get right now, by skill: who needs help, and on what.

    A line is a student, the weakest at the top; a column is a skill, the hardest on the
    left. Skills that a student has not practised are dotted, where cells have room for
    a dot: there, the number is a guess from other students and other skills. Make it
    with `from_estimator`.

    Parameters
    ----------
    mastery : DataFrame of shape (n_students, n_skills)
        Probabilities, sorted: lines and columns are drawn as they stand.
    practised : DataFrame of shape (n_students, n_skills), of bool, optional
        Whether the student has answered on the skill; all True by default.
    label : str, default="P(correct)"
        What the colours show.

    Attributes
    ----------
    ax_, figure_, image_
        Matplotlib's axes, figure and heat map, after `plot`.
    bands_ : list of DataFrame
        Students that each line shows: one, or a band of many.

    Examples
    --------
    >>> from sktrace import PFAClassifier
    >>> from sktrace.datasets import make_interactions
    >>> from sktrace.display import ClassMasteryDisplay
    >>> X, y = make_interactions(n_students=30, n_skills=5, random_state=0)
    >>> display = ClassMasteryDisplay.from_estimator(PFAClassifier().fit(X, y), X)
    >>> display.mastery.shape
    (30, 5)
    """

    def __init__(self, mastery, practised=None, label="P(correct)"):
        self.mastery = mastery
        self.practised = mastery.notna() if practised is None else practised
        self.label = label

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        *,
        students=None,
        skills=None,
        what="correct",
        ax=None,
        **plot,
    ):
        """Ask a tracer about every student after all rows of X, and draw.

        Parameters
        ----------
        estimator : fitted tracer
        X : DataFrame of shape (n_rows, n_columns)
            The log up to now.
        students : student or list of students, optional
            All of X by default.
        skills : skill or list of skills, optional
            All of the estimator's by default.
        what : {"correct", "known"}, default="correct"
            P(correct) of each skill, were it asked now, from ``predict_next``; or
            P(known), right after the student's last row, of `BKTClassifier`.
        ax : matplotlib axes, optional
        **plot : dict
            Passed to `plot`.

        Returns
        -------
        ClassMasteryDisplay

        Raises
        ------
        TypeError
            If the estimator cannot be asked, or knows no P(known).
        ValueError
            If X has no row of a student, or cannot be read.
        """
        check_what(estimator, what)
        check_frame(X, roles_of(estimator))
        if skills is not None and not as_list(skills):
            check_skills(estimator, skills)  # refuses them
        if students is not None:
            X = rows_of(X, estimator.student, as_list(students))
        if what == "known":
            mastery, label = known_now(estimator, X, skills), "P(known)"
        else:
            right = estimator.classes_[1]  # y may call right answers by another name
            mastery = estimator.predict_next(X, skills)
            label = "P(correct)" if right == 1 else f"P({right})"
        line = np.argsort(mastery.mean(axis=1).to_numpy(), kind="stable")
        column = np.argsort(mastery.mean(axis=0).to_numpy(), kind="stable")
        mastery = mastery.iloc[line, column]
        display = cls(mastery, find_practised(estimator, X, mastery), label)
        return display.plot(ax=ax, **plot)

    def plot(
        self, ax=None, *, max_lines=60, values=None, cmap=SEQUENTIAL, colorbar=True
    ):
        """Draw the heat map.

        Parameters
        ----------
        ax : matplotlib axes, optional
            A new figure, sized by the numbers of students and skills, by default.
        max_lines : int, default=60
            If students are more, 40 lines show the means of bands of neighbours, from
            the weakest to the strongest; a dot then means that none of a band has
            practised.
        values : bool, optional
            Whether to print numbers in cells; by default where they have room.
        cmap : str, default="viridis"
            Colours from 0 to 1; the default is safe for the colour-blind.
        colorbar : bool, default=True

        Returns
        -------
        ClassMasteryDisplay
            Itself, with ``ax_``, ``figure_``, ``image_`` and ``bands_``.
        """
        if max_lines < 1:
            raise ValueError(
                f"max_lines={max_lines!r}; expected a whole number of at least 1."
            )
        n_students, n_skills = self.mastery.shape
        n_lines = n_students if n_students <= max_lines else min(40, max_lines)
        bands = np.array_split(np.arange(n_students), n_lines)
        self.bands_ = [self.mastery.index[band] for band in bands]
        starts = [band[0] for band in bands]
        sizes = np.array([[len(band)] for band in bands])
        mean = np.add.reduceat(self.mastery.to_numpy(), starts) / sizes
        practised = self.practised.to_numpy(object)  # a pandas.NA is no bool
        practised = np.where(pd.isna(practised), False, practised).astype(bool)
        practised = np.logical_or.reduceat(practised, starts)

        width = np.clip(3.2 + 0.55 * n_skills, 6, 16)
        height = np.clip(2 + 0.24 * n_lines, 3, 14)
        ax = axes_for(self, ax, width, height)
        self.ax_, self.figure_ = ax, ax.figure
        self.image_ = heat_map(ax, mean, cmap)
        self._name_lines(ax)
        self._fill_cells(ax, mean, practised, values)
        if colorbar:
            add_scale(self.image_, self.label)
        return self

    def _name_lines(self, ax):
        low, high, hard = "weakest", "strongest", "hardest"
        if self.label not in ("P(correct)", "P(known)"):  # low may be good
            low, high, hard = "lowest", "highest", "lowest"
        step = name_ticks(ax.xaxis, self.mastery.columns)
        some = f" (1 in {step} named)" if step > 1 else ""
        ax.set_xlabel(f"skills, {hard} on the left{some}")
        n_lines, n_students = len(self.bands_), len(self.mastery)
        if n_lines == n_students:
            step = name_ticks(ax.yaxis, self.mastery.index)
            some = f" (1 in {step} named)" if step > 1 else ""
            ax.set_ylabel(f"students, {low} at the top{some}")
            return
        first, last = len(self.bands_[0]), len(self.bands_[-1])
        if n_lines == 1:
            ax.set_yticks([0], ["all"])
            ax.set_ylabel(f"{n_students:,} students in one band")
            return
        names = [f"{low} {first}", "25 %", "50 %", "75 %", f"{high} {last}"]
        names = names if n_lines >= len(names) else names[:: len(names) - 1]
        ax.set_yticks(np.linspace(0, n_lines - 1, len(names)), names)
        sizes = f"{last}" if first == last else f"{last}–{first}"
        ax.set_ylabel(f"{n_students:,} students in bands of {sizes}, {low} at the top")

    def _fill_cells(self, ax, mean, practised, values):
        """Print the numbers if they fit, and dot what nobody has practised."""
        from matplotlib.transforms import ScaledTranslation

        n_lines, n_skills = mean.shape
        room = points_between(ax.xaxis, n_skills), points_between(ax.yaxis, n_lines)
        values = (room[0] > 30 and room[1] > 9) if values is None else values
        mark = ink_on(self.image_.to_rgba(mean))
        size = min(9, 0.7 * room[1])
        if values:
            for (line, column), p in np.ndenumerate(mean):
                ax.text(
                    column,
                    line,
                    f"{p:.2f}",
                    color=mark[line, column],
                    ha="center",
                    va="center",
                    fontsize=size,
                )
        line, column = np.nonzero(~practised)
        if not len(line) or min(room) < SMALLEST_CELL:
            return
        dots = ax.scatter(
            column,
            line,
            s=np.clip(0.3 * min(room), 1, 4) ** 2,
            c=mark[line, column],
            linewidths=0,
            rasterized=len(line) > MOST_SHAPES,
        )
        if values:  # beside the number, like an exponent
            aside = ScaledTranslation(size / 48, size / 200, ax.figure.dpi_scale_trans)
            dots.set_offset_transform(ax.transData + aside)
        banded = len(self.bands_) < len(self.mastery)
        who = "practised by nobody" if banded else "not practised"
        dots.set_label(f"{who} yet: a guess")
        legend = ax.legend(
            handles=[dots],
            loc="lower right",
            bbox_to_anchor=(1, 1),
            frameon=False,
            borderaxespad=0.2,
            handletextpad=0.1,
        )
        legend.legend_handles[0].set(color=ink(), sizes=[16])
