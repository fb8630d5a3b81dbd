"""Students who are held out of a blend's fit, what members say of them, and weights."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.utils.parallel import Parallel, delayed

from .._interactions.columns import check_students
from .._interactions.target import encode_target
from .._tracer.held_out import Examples, Students
from .held_out import hold_out, share_questions
from .members import ask_stranger, fit_member, refuse_weightless
from .weights import learn_weights

__all__ = ["Strangers"]


class Strangers(NamedTuple):
    """Who is held out, part after part, and who teaches meanwhile."""

    examples: Examples
    parts: list  # of pairs of (n_rows,) bool: who teaches, who is asked
    columns: list  # that are read of those who are asked
    log: tuple  # X, y and sample_weight, all of it

    @classmethod
    def of(cls, blend, log, random):
        """Hold out students of a log that a blend has judged.

        Parameters
        ----------
        blend : BlendClassifier
        log : (X, y, sample_weight)
        random : RandomState
        """
        examples = Examples.of(*log)
        students = Students.of(examples, blend.student, blend.classes_)
        scale = students.n_answers.sum() / students.weight.sum()
        held_out = hold_out(students.weight, blend.n_folds, random)
        parts = filter(None, map(students.divide, held_out))
        columns = list(dict.fromkeys(blend._roles.columns))
        # Scaled so that an answer counts as one.
        return cls(examples.scale_weights(scale), list(parts), columns, log)

    def ask(self, members, n_jobs, on_all):
        """Let members predict students who were held out of their fits.

        Parameters
        ----------
        members : dict of str to tracer
        n_jobs : int or None
        on_all : dict of str to tracer
            Members that are meanwhile fitted on everyone.

        Returns
        -------
        p : list of ndarrays of shape (n_members, n_asked), a part each
        fitted : dict of str to tracer
            Of `on_all`.
        """
        refuse_weightless(members, self.log[2])
        done = Parallel(n_jobs=n_jobs)(self._calls(members, on_all))
        p, fitted = done[: len(done) - len(on_all)], done[len(done) - len(on_all) :]
        n = len(members)
        p = [np.array(p[first : first + n]) for first in range(0, len(p), n)]
        return p, dict(zip(on_all, fitted, strict=True))

    def _calls(self, members, on_all):
        for others, asked in self.parts:
            X, _y, _weight = self.examples.read(asked, self.columns)
            taught_by = self.examples.take(others)
            for member in members.values():
                yield delayed(ask_stranger)(member, taught_by, X)
        for member in on_all.values():
            yield delayed(fit_member)(member, *self.log)

    def learn_weights(self, p, blend):
        """Learn how much members count, from what they said of whom.

        Returns
        -------
        weights : ndarray of shape (n_members,)
        n_students : int
        """
        places = [np.flatnonzero(asked) for _, asked in self.parts]
        known = np.logical_or.reduce([asked for _, asked in self.parts])
        p = np.concatenate(p, axis=1)[:, np.argsort(np.concatenate(places))]
        X, y, weight = self.examples.read(known, self.columns)
        target = encode_target(y, pd.notna(y), blend.classes_)
        student, names = check_students(X, blend.student)
        roles = {role: getattr(blend, role) for role in ("student", "order", "item")}
        weight = weight * share_questions(X, target, **roles)
        return learn_weights(p, target, weight, student), len(names)
