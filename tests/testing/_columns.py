"""A tracer that reads further columns, one of them known only after the answer."""

import numpy as np

from sktrace import MeanClassifier
from sktrace._interactions.numbers import check_numbers
from sktrace._means import LiveMeans

__all__ = ["Columns", "SeesHardnessOfTies", "SeesItsOwnSeconds"]


class Columns(MeanClassifier):
    """Keeps all promises, and reads two further columns."""

    _known_before = {"hardness": check_numbers}
    _known_after = {"seconds": check_numbers}
    _parameter_constraints = {
        **MeanClassifier._parameter_constraints,
        "hardness": "no_validation",
        "seconds": "no_validation",
    }

    def __init__(
        self,
        *,
        by="skill",
        student="user_id",
        order="order_id",
        skill="skill_name",
        correct="correct",
        skill_separator="~~",
        strength=5.0,
        handle_unknown="prior",
        item=None,
        hardness=None,
        seconds=None,
    ):
        super().__init__(
            by=by,
            student=student,
            order=order,
            skill=skill,
            correct=correct,
            item=item,
            skill_separator=skill_separator,
            strength=strength,
            handle_unknown=handle_unknown,
        )
        self.hardness = hardness
        self.seconds = seconds

    def _predict_log(self, log, timeline):
        hardness = log.known_before["hardness"][timeline.rows]
        return super()._predict_log(log, timeline) * shrink_by(hardness)

    def _live_model(self):
        return LiveColumns(self)


class LiveColumns(LiveMeans):
    def ask(self, state, moment):
        n_skills = len(moment.skill)
        hardness = moment.further.get("hardness", np.full(n_skills, np.nan))
        return super().ask(state, moment) * moment.average(shrink_by(hardness))


def shrink_by(hardness):
    return 1 / (1 + np.nan_to_num(hardness) / 9)


class SeesItsOwnSeconds(Columns):
    def predict_proba(self, X):
        p = super().predict_proba(X)[:, 1]
        p = 0.9 * p + 0.01 * X[self.seconds].fillna(1).to_numpy(float)
        return np.column_stack([1 - p, p])


class SeesHardnessOfTies(Columns):
    def predict_proba(self, X):
        tied = X.groupby([self.student, self.order])[self.hardness].transform("sum")
        p = super().predict_proba(X)[:, 1] * 0.9 + 0.001 * tied.to_numpy(float)
        return np.column_stack([1 - p, p])
