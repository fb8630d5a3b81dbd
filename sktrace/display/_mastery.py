"""One student's skills over time."""

import numpy as np
import pandas as pd

from .._tracer.questions import check_skills
from .._words import first_few
from ._one_student import trace_student
from ._style import (
    SEQUENTIAL,
    add_scale,
    axes_for,
    heat_map,
    ink,
    ink_on,
    name_ticks,
    points_between,
    shorten,
)

__all__ = ["MasteryDisplay"]


class MasteryDisplay:
    """One student's P(correct), or P(known), by skill over time, as DKT's figures.

    Each column is the student's state after one answer, each line a skill; the answer
    given stands in its cell, ● right and ○ wrong. Make it with `from_estimator`.

    Parameters
    ----------
    knowledge : DataFrame of shape (n_answers, n_skills)
        P(correct) or P(known) of every skill after each answer, in time order.
    skill : array of shape (n_marks,)
        The skill practised at each answer, among the columns of `knowledge`.
    correct : array of shape (n_marks,)
        The answers, 0 or 1; NaN draws no mark.
    answer : array of shape (n_marks,), optional
        Number of the answer that each mark belongs to, from 0, if answers on several
        skills have several marks; one mark for each answer by default.
    student : hashable, optional
        Whose they are, for the title.
    label : str, default="P(correct)"
        What the colours show.

    Attributes
    ----------
    ax_, figure_, image_
        Matplotlib's axes, figure and heat map, after `plot`.

    References
    ----------
    Piech et al. (2015). Deep Knowledge Tracing. NeurIPS 28, figure 1.
    """

    def __init__(
        self, knowledge, skill, correct, answer=None, student=None, label="P(correct)"
    ):
        self.knowledge = knowledge
        self.skill = pd.Index(skill, tupleize_cols=False)
        self.correct = np.asarray(correct, dtype=float)
        answer = range(len(self.skill)) if answer is None else answer
        self.answer = np.asarray(answer, dtype=np.int64)
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
            Lines from top to bottom; by default the skills that the student practised,
            in the order in which they first came.
        ax : matplotlib axes, optional
        **plot : dict
            Passed to `plot`.

        Returns
        -------
        MasteryDisplay

        Raises
        ------
        TypeError
            If the tracer keeps no state of every skill, or `student` is several.
        ValueError
            If X has no row of this student, or fit did not see one of `skills`.
        """
        own = trace_student(estimator, X, student)
        if skills is None:
            seen = own.skill.unique().intersection(own.knowledge.columns, sort=False)
            skills = seen.tolist()
            if not skills:
                raise ValueError(
                    f"No row of student {first_few([student])} names a skill that fit "
                    "saw; expected one at least. Choose what to draw: skills=[...]."
                )
        display = cls(
            own.knowledge[check_skills(estimator, skills)],
            own.skill,
            own.correct,
            own.row,
            student,
            label=estimator.knowledge_label,
        )
        return display.plot(ax=ax, **plot)

    def plot(self, ax=None, *, cmap=SEQUENTIAL, colorbar=True):
        """Draw the heat map with the answers in it.

        Parameters
        ----------
        ax : matplotlib axes, optional
            A new figure, sized by the numbers of answers and skills, by default.
        cmap : str, default="viridis"
            Colours from P(correct) 0 to 1; the default is safe for the colour-blind.
        colorbar : bool, default=True

        Returns
        -------
        MasteryDisplay
            Itself, with ``ax_``, ``figure_`` and ``image_``.
        """
        from matplotlib.ticker import MaxNLocator

        n_answers, n_skills = self.knowledge.shape
        width = np.clip(2.5 + 0.14 * n_answers, 6, 16)
        height = np.clip(1.6 + 0.32 * n_skills, 2.6, 14)
        ax = axes_for(self, ax, width, height)
        self.ax_, self.figure_ = ax, ax.figure
        self.image_ = heat_map(
            ax,
            self.knowledge.to_numpy().T,
            cmap,
            extent=(0.5, n_answers + 0.5, n_skills - 0.5, -0.5),
        )
        self._mark_answers(ax)
        name_ticks(ax.yaxis, self.knowledge.columns)
        ax.set_xlabel("answers given, in time order")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        if self.student is not None:
            title = f"student {shorten(self.student)}"
            ax.set_title(title, loc="left", fontsize="medium")
        if colorbar:
            add_scale(self.image_, self.label)
        return self

    def _mark_answers(self, ax):
        from matplotlib.lines import Line2D

        line = self.knowledge.columns.get_indexer(self.skill)
        # Marks shrink with their cells, but never below what the eye can find.
        n_answers, n_skills = self.knowledge.shape
        size = np.clip(0.6 * points_between(ax.yaxis, n_skills), 3, 6)
        size = np.clip(120 / n_answers**0.5, 3, size)
        for answer in (1, 0):
            given = (self.correct == answer) & (line >= 0)
            row, column = self.answer[given], line[given]
            cell = self.image_.to_rgba(self.knowledge.to_numpy()[row, column])
            mark = ink_on(cell)
            ax.scatter(
                row + 1,
                column,
                s=size**2,
                c=mark if answer else cell,  # a ring shows on discs of its neighbours
                edgecolors=mark,
                linewidths=0.4 + size / 10,
            )
        style = {"linestyle": "none", "marker": "o", "color": ink()}
        ax.legend(
            handles=[
                Line2D([], [], label="right", **style),
                Line2D([], [], label="wrong", markerfacecolor="none", **style),
            ],
            loc="lower right",  # on the line of the title, clear of the axis below
            bbox_to_anchor=(1, 1),
            ncols=2,
            frameon=False,
            borderaxespad=0.2,
            handletextpad=0.1,
        )
