"""Tracers that each break one promise."""

import itertools

import numpy as np
import pandas as pd

from sktrace import MeanClassifier

from ._broken_conventions import (
    ComputesInItsConstructor,
    HidesItsName,
    JudgesNothing,
    PredictsUnfitted,
)
from ._broken_items import AsksTheAverageItem, WondersAtNewItems
from ._broken_learnt import (
    ForgetsWhomItMet,
    LearnsTheFirstWeights,
    SuspectsEverybody,
)
from ._broken_live import (
    AsksItsTracer,
    CannotBePickledLive,
    CountsOrder,
    CountsTwice,
    DoubtsJoinedNames,
    ForgetsItsLog,
    IsSurerLive,
    KeepsAllAnswers,
    KnowsAnother,
    KnowsStrangers,
    ReadsAnyAnswer,
    ReadsTheLastOfMany,
    SharesOneState,
)
from ._broken_saved import SavesHalf
from ._columns import SeesHardnessOfTies, SeesItsOwnSeconds

__all__ = ["BROKEN"]


class Tracer(MeanClassifier):
    """Predicts by the student's mean, moved by whatever a subclass says of rows."""

    def predict_proba(self, X):
        p = super().predict_proba(X)[:, 1]
        moved = 0.9 * p + 0.1 * np.asarray(self._move(X), dtype=float)
        return np.column_stack([1 - moved, moved])

    def _move(self, X):
        return np.zeros(len(X))


class SeesItsOwnAnswer(Tracer):
    def _move(self, X):
        return X[self.correct].fillna(0.5)


class SeesTiedAnswers(Tracer):
    def _move(self, X):
        answer = X[self.correct].fillna(0.5)
        tied = answer.groupby([X[self.student], X[self.order]])
        return (tied.transform("sum") - answer) / len(X)


class SeesWhetherThereAreLaterRows(Tracer):
    def _move(self, X):
        return 1 / X.groupby(self.student)[self.student].transform("size")


class DependsOnTheOrderOfRows(Tracer):
    def _move(self, X):
        return np.arange(len(X)) / len(X)


class LearnsTheFirstRows(Tracer):
    def fit(self, X, y, sample_weight=None):
        super().fit(X, y, sample_weight)
        self.mean_ = X[self.correct].iloc[: len(X) // 2].mean()
        return self


class DependsOnCompany(Tracer):
    def _move(self, X):
        return np.full(len(X), 1 / X[self.student].nunique())


class IgnoresOrderNone(Tracer):
    def _move(self, X):
        return np.full(len(X), self.order is None)


class ForecastsNothing(Tracer):
    def _move(self, X):
        return X[self.correct] * 0  # NaN of a query


class ReadsQueriesAsWrong(MeanClassifier):
    def predict_proba(self, X):
        return super().predict_proba(X.fillna({self.correct: 0}))


class KnowsStudentsByNumber(Tracer):
    def _move(self, X):
        return X[self.student] % 2


class HasNoIdeaOfNewSkills(Tracer):
    def _move(self, X):
        return np.where(X[self.skill].isin(self.skills_), 0, np.nan)


class NeverRefusesSkills(MeanClassifier):
    def predict_proba(self, X):
        strict, self.handle_unknown = self.handle_unknown, "prior"
        p = super().predict_proba(X)
        self.handle_unknown = strict
        return p


class ReadsArrays(MeanClassifier):
    def predict_proba(self, X):
        if not isinstance(X, pd.DataFrame):
            return np.full((len(X), 2), 0.5)
        return super().predict_proba(X)


class CutsTargets(MeanClassifier):
    def fit(self, X, y, sample_weight=None):
        y = np.resize(y, len(X))
        return super().fit(X, y, sample_weight)


class AnswersUnfitted(MeanClassifier):
    def predict_proba(self, X):
        if not hasattr(self, "classes_"):
            return np.full((len(X), 2), 0.5)
        return super().predict_proba(X)


class ReadsTheIndex(Tracer):
    def _move(self, X):
        return X.index.duplicated()


class ReadsTypes(Tracer):
    def _move(self, X):
        return np.full(len(X), X[self.skill].dtype == "category")


class HasItsOwnNames(Tracer):
    def _move(self, X):
        return X["order_id"] * 0


class ChangesX(MeanClassifier):
    def predict_proba(self, X):
        X["seen"] = True
        return super().predict_proba(X)


class ReadsSkillNone(Tracer):
    def _move(self, X):
        return np.full(len(X), self.skill is None)


class WantsStrings(Tracer):
    def _move(self, X):
        return [len(skill) / 100 for skill in X[self.skill]]


class ReadsTheFirstName(Tracer):
    def _move(self, X):
        return X[self.skill].str.startswith("skill 0")


class HasTwoRowsOfAJoinedOne(MeanClassifier):
    def predict_proba(self, X):
        rows = X[self.skill].astype(str).str.count("~~").to_numpy() + 1
        return super().predict_proba(X).repeat(rows, axis=0)


class KeepsCellsWhole(MeanClassifier):
    def _learn_names(self, cells, names):
        self.skill_separator = None
        super()._learn_names(cells, names)


class CountsSeparators(Tracer):
    def _move(self, X):
        return X[self.skill].astype(str).str.contains("~~")


class ForgetsTheLastAnswer(MeanClassifier):
    def predict_next(self, X, skills=None):
        last = X.groupby(self.student)[self.order].transform("max") == X[self.order]
        return super().predict_next(X.assign(correct=X["correct"].mask(last)), skills)


class NamesNobody(MeanClassifier):
    def predict_next(self, X, skills=None):
        return super().predict_next(X, skills).reset_index(drop=True)


class State(MeanClassifier):
    """Knows a skill by the mean of a student's earlier and present answers."""

    def knowledge_state(self, X):
        p = self._answers(X).groupby(X[self.student]).transform("mean")
        names = self._skill_index(self.skills_)
        return pd.DataFrame(dict.fromkeys(names, p), X.index, columns=names)

    def _answers(self, X):
        return X[self.correct].fillna(0.5)  # of later moments, too


class StateInOrder(State):
    def knowledge_state(self, X):
        return super().knowledge_state(X).sort_index(key=lambda i: i.map(str))


class IgnoresWeights(MeanClassifier):
    def fit(self, X, y, sample_weight=None):
        return super().fit(X, y)


class DrawsWithoutASeed(MeanClassifier):
    _draws = itertools.count()  # so that they differ for sure

    def fit(self, X, y, sample_weight=None):
        super().fit(X, y, sample_weight)
        self.mean_ += 0.01 / (2 + next(self._draws))
        return self


class Remembers(MeanClassifier):
    def fit(self, X, y, sample_weight=None):
        before = getattr(self, "mean_", None)
        super().fit(X, y, sample_weight)
        self.mean_ = self.mean_ if before is None else (self.mean_ + before) / 2
        return self


class LosesItsMean(MeanClassifier):
    def __setstate__(self, state):
        super().__setstate__(state | ({"mean_": 0.1} if "mean_" in state else {}))


class PredictsFloats(MeanClassifier):
    def predict_proba(self, X):
        return super().predict_proba(X).astype(np.float32)


class PredictsTheRarer(MeanClassifier):
    def predict(self, X):
        return self.classes_[super().predict_proba(X).argmin(axis=1)]


class ForgetsNames(MeanClassifier):
    def fit(self, X, y, sample_weight=None):
        super().fit(X, y, sample_weight)
        del self.feature_names_in_
        return self


class KnowsNumbersOnly(MeanClassifier):
    def predict(self, X):
        return (super().predict_proba(X)[:, 1] > 0.5).astype(int)


class RefusesLargeQuestions(Tracer):
    def fit(self, X, y, sample_weight=None):
        self.size_ = self._sizes(X).max()
        return super().fit(X, y, sample_weight)

    def _sizes(self, X):
        return X.groupby([self.student, self.order]).size()

    def _move(self, X):
        if self._sizes(X).max() > self.size_:
            raise ValueError("too many skills")
        return np.zeros(len(X))


class IsNoProbability(Tracer):
    def predict_proba(self, X):
        return super().predict_proba(X)[:, :1]


class LosesColumnsBehindATransformer(Tracer):
    def _move(self, X):
        return X[self.skill].map(lambda name: isinstance(name, str))


class RefusesOtherStudents(Tracer):
    def fit(self, X, y, sample_weight=None):
        self.known_ = set(X[self.student])
        return super().fit(X, y, sample_weight)

    def _move(self, X):
        if not self.known_ >= set(X[self.student]):
            raise ValueError("who is that?")
        return np.zeros(len(X))


class RefusesNumbersAsY(MeanClassifier):
    def fit(self, X, y, sample_weight=None):
        if np.asarray(y).dtype.kind not in "ib":
            raise ValueError("y holds no 0 and 1")
        return super().fit(X, y, sample_weight)


BROKEN = {
    "check_the_constructor_stores_and_no_more": [ComputesInItsConstructor],
    "check_parameters_are_read_and_set": [ComputesInItsConstructor],
    "check_parameters_are_judged_in_fit": [JudgesNothing],
    "check_the_tracer_is_tagged": [PredictsUnfitted],
    "check_the_tracer_is_shown": [HidesItsName],
    "check_one_prediction_per_row": [PredictsFloats, IsNoProbability],
    "check_fitted_attributes": [ForgetsNames],
    "check_predict_is_the_more_probable_class": [PredictsTheRarer],
    "check_string_labels": [KnowsNumbersOnly],
    "check_own_tied_and_later_answers_are_invisible": [
        SeesItsOwnAnswer,
        SeesTiedAnswers,
    ],
    "check_further_columns_known_after_are_invisible": [SeesItsOwnSeconds],
    "check_further_columns_known_before_are_of_their_own_row": [SeesHardnessOfTies],
    "check_later_rows_are_invisible": [SeesWhetherThereAreLaterRows],
    "check_knowledge_state_does_not_see_later_answers": [State],
    "check_knowledge_state_is_rows_by_skills": [StateInOrder],
    "check_predictions_do_not_depend_on_the_order_of_rows": [DependsOnTheOrderOfRows],
    "check_fit_does_not_depend_on_the_order_of_rows": [LearnsTheFirstRows],
    "check_rows_in_time_order_need_no_order_column": [IgnoresOrderNone],
    "check_a_student_alone_is_a_student_in_company": [DependsOnCompany],
    "check_queries_leave_no_trace": [ForecastsNothing, ReadsQueriesAsWrong],
    "check_questions_may_come_before_any_answer": [ForecastsNothing],
    "check_first_rows_of_new_students_depend_on_their_skill": [KnowsStudentsByNumber],
    "check_unseen_students_are_predicted": [RefusesOtherStudents],
    "check_unseen_items_are_average_items": [WondersAtNewItems],
    "check_items_are_asked_as_their_skills_are": [AsksTheAverageItem],
    "check_unseen_skills_are_predicted": [HasNoIdeaOfNewSkills],
    "check_unseen_skills_are_refused_if_so_told": [NeverRefusesSkills],
    "check_unfitted_is_refused": [AnswersUnfitted],
    "check_unreadable_frames_are_refused": [ReadsArrays],
    "check_unreadable_targets_are_refused": [CutsTargets],
    "check_index_and_columns_mean_nothing": [ReadsTheIndex],
    "check_types_of_columns_mean_nothing": [ReadsTypes],
    "check_skills_may_be_anything_hashable": [WantsStrings],
    "check_the_frame_is_left_as_it_was": [ChangesX],
    "check_one_skill_needs_no_column": [ReadsSkillNone],
    "check_columns_may_have_other_names": [HasItsOwnNames],
    "check_joined_names_are_skills": [KeepsCellsWhole],
    "check_joined_rows_are_one_moment": [SeesItsOwnAnswer, HasTwoRowsOfAJoinedOne],
    "check_joined_names_have_no_order": [ReadsTheFirstName],
    "check_separators_at_the_ends_mean_nothing": [CountsSeparators],
    "check_predict_next_is_a_query_one_moment_later": [ForgetsTheLastAnswer],
    "check_predict_next_answers_what_is_asked": [NamesNobody],
    "check_students_of_zero_weight_are_as_if_absent": [IgnoresWeights],
    "check_targets_of_zero_weight_have_no_influence": [IgnoresWeights],
    "check_weights_do_not_depend_on_the_order_of_rows": [LearnsTheFirstWeights],
    "check_weights_of_one_are_no_weights": [DrawsWithoutASeed],
    "check_weights_are_routed": [IgnoresWeights],
    "check_split_students_are_reported": [ForgetsWhomItMet, SuspectsEverybody],
    "check_same_seed_same_bits": [DrawsWithoutASeed],
    "check_refitting_forgets": [Remembers],
    "check_copies_predict_alike": [LosesItsMean],
    "check_saved_tracers_are_the_same": [SavesHalf],
    "check_live_is_batch": [IsSurerLive, SharesOneState],
    "check_live_starts_from_a_log": [ForgetsItsLog],
    "check_live_strangers_are_in_the_initial_state": [KnowsStrangers],
    "check_live_predictions_are_a_series": [KnowsAnother],
    "check_live_students_are_independent": [SharesOneState],
    "check_live_lists_of_skills_are_one_question": [CountsOrder],
    "check_live_joined_names_are_one_question": [DoubtsJoinedNames],
    "check_live_states_do_not_grow": [KeepsAllAnswers],
    "check_pickled_live_tracers_go_on": [CannotBePickledLive],
    "check_fitting_again_leaves_live_tracers": [AsksItsTracer],
    "check_live_answers_are_right_or_wrong": [ReadsAnyAnswer],
    "check_live_answers_in_one_call_are_those_one_by_one": [ReadsTheLastOfMany],
    "check_live_answers_count_once": [CountsTwice],
    "check_cross_validation_with_any_scorer": [RefusesOtherStudents],
    "check_searches_with_folds_of_students": [RefusesOtherStudents],
    "check_two_jobs_find_what_one_finds": [DrawsWithoutASeed],
    "check_folds_recode_labels": [RefusesNumbersAsY],
    "check_pipeline_behind_a_transformer": [LosesColumnsBehindATransformer],
    "check_calibration_and_stacking": [RefusesOtherStudents],
    "check_permutation_importance": [RefusesLargeQuestions],
}
