"""Tracers that are a network: all of them but the network itself."""

import numpy as np
import torch
from scipy.special import expit
from sklearn.utils.metaestimators import available_if

from .._interactions.target import encode_target
from .._interactions.vocabulary import average_cells
from .._portions.log import as_portions
from .._sklearn import judged
from .._tracer.base import BaseTracer, traces
from .._tracer.fit_log import FitLog, judge_pieces
from .._tracer.learnt import Learnt
from .._tracer.moments import MomentWriter
from .._tracer.portions import refuse_portions
from .._words import first_few
from .answer_steps import encode_steps, start_code
from .batches import StepDataset, as_tensors
from .earlier_live import Earlier
from .laid_out import lay_out, stream_log
from .live import LiveNetwork
from .row_numbers import RowNumbers
from .skill_practice import SkillPractice
from .training import TrainedNetwork
from .warm_start import earlier_solution

__all__ = ["NetworkTracer", "count_taught"]


class NetworkTracer(TrainedNetwork, BaseTracer):
    """Traces interactions by a network that is asked at every step.

    A subclass has one hook, `_module`. The module that it returns has

    * ``forward(batch)``: the logit of every row of an `AnswerBatch`, (n_rows,)
    * ``states(batch)``: the state in every cell of its grid, (n_cells, size)
    * ``ask(states, asked)``: the logit of every question in every state
    * ``step(inputs, memory=None)``: the memory after the inputs of one moment, to carry
      on from; and ``state(memory)``: the state that it leaves, (1, size)
    * ``fill_untaught(n_read, n_asked)``: what stands for what training did not hold

    Where items, times or features are named, ``batch.inputs`` and ``batch.asked`` hold
    the numbers that `RowNumbers` makes of them, ``"before"``, and the former also
    ``"after"``; and both the code of each ``"item"``, -1 of those that are not known.
    """

    _parameter_constraints = {
        **BaseTracer._parameter_constraints,
        **TrainedNetwork._parameter_constraints,
    }
    _loss_name = "log loss (nats per answer)"

    @judged
    def fit(self, X, y, sample_weight=None):
        """Learn to predict every interaction of a log.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns), or log in portions
            Interactions, with student, order, skill and the answer given, in any row
            order. Of a log in portions, see `sktrace.datasets.scan_interactions`, those
            of a million rows are in memory at a time.
        y : array of shape (n_rows,)
            Two classes, usually ``X["correct"]``; may be missing where the answer is.
        sample_weight : array of shape (n_rows,), optional
            Weight of each row's loss. A row of weight 0 teaches nothing, but its answer
            remains part of what later rows see.

        Returns
        -------
        NetworkTracer
            Itself, fitted.
        """
        earlier = earlier_solution(self)
        pieces = self._check_pieces(X, y, sample_weight)
        self._learn_numbers(pieces)
        self._start_counting()
        loss = torch.nn.BCEWithLogitsLoss
        if as_portions(X) is not None:
            beginning = self._begin(earlier, pieces)
            training, valid = stream_log(self, pieces)
            del pieces  # and what they kept on disk
            self._fit_datasets(beginning, training, valid, loss)
        else:
            (piece,) = pieces
            steps, target, weight = self._lay_out(piece)
            everyone = np.ones(len(steps.offsets) - 1, dtype=bool)
            batching = self._batching(len(everyone))
            self._fit_net(earlier, steps, target, weight, everyone, loss, **batching)
        return self

    @available_if(traces)
    @judged
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Go on training with new logs of known skills, for one epoch.

        As in scikit-learn, one call is one pass over X, and the optimizer keeps its
        momentum between calls. The first call fixes skills and classes, items, their
        difficulties and those of skills, how far names are trusted, and scales of
        numbers, so begin with the largest log; new items are unseen ones. Under
        ``lr_schedule="cosine"`` each call starts at `lr` and anneals it to zero;
        `early_stopping` has no part in it. Weights count within a call: their mean is
        scaled to one. A call keeps no `checkpoint`: it is one epoch, so save the
        estimator between two of them.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)
            New interactions; each student's history must be in X.
        y : array of shape (n_rows,)
        classes : array of shape (2,), optional
            Both classes, for a first call whose y holds only one.
        sample_weight : array of shape (n_rows,), optional

        Returns
        -------
        DKTClassifier
            Itself, trained further.

        Raises
        ------
        ValueError
            As `fit`, and if X holds a skill or y a class that the first call did not.
        """
        refuse_portions(self, X)
        if self.__sklearn_is_fitted__():
            piece = self._check_refit(X, y, sample_weight, classes)
            net = self._copy_net()
        else:
            pieces = self._check_pieces(X, y, sample_weight, classes)
            (piece,) = pieces
            self._learn_numbers(pieces)
            self._start_counting()
            self._seed()
            net = self._build_net(torch.nn.BCEWithLogitsLoss)
        steps, target, weight = self._lay_out(piece)
        training = StepDataset(
            steps, target, weight, **self._batching(len(steps.offsets) - 1)
        )
        self._train_net(net, training, valid=None, epochs=1)
        return self

    @property
    def knowledge_label(self):
        """What `knowledge_state` holds, for pictures."""
        traced = self.classes_[1]  # y may call right answers by another name
        return "P(correct)" if traced == 1 else f"P({traced})"

    @available_if(traces)
    def knowledge_state(self, X):
        """Predict *every* skill after each row, as if it were asked just then.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)

        Returns
        -------
        DataFrame of shape (n_rows, n_skills)
            P(``classes_[1]``) if the skill were asked right after this row's moment;
            X's index, one column per skill in ``skills_``. It takes 8 bytes a cell:
            `sktrace.inspection.iter_knowledge_states` has some students at a time.
        """
        return self._trace_skills(X)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "net_")

    def _lay_out(self, piece):
        return lay_out(piece, self._numbers_, len(self.skills_))

    def _batching(self, n_sequences):
        size = self._sequences_per_batch(n_sequences)
        return {"batch_size": size, "max_length": self.max_length}

    def _check_refit(self, X, y, sample_weight, classes):
        """Judge a further log of skills and classes that are known."""
        classes = self.classes_ if classes is None else np.unique(classes)
        if not np.array_equal(classes, self.classes_):
            raise ValueError(
                f"classes={classes.tolist()!r} differ from those of the first call, "
                f"{self.classes_.tolist()}. Call fit to start anew."
            )
        self._validate_params()
        (judged,) = judge_pieces(self, X, y, sample_weight)
        log, y, has_target, weight, times = judged
        vocabulary = self._vocabulary()
        new = vocabulary.unseen(log.skills.tolist())
        if new:
            raise ValueError(
                f"{len(new)} skill(s) were not seen in the first call: "
                f"{first_few(new)}; expected some of the {len(vocabulary)} in skills_. "
                "To learn new ones, fit on all logs."
            )
        target = encode_target(y, has_target, self.classes_)
        log = self._encode(log)
        more = Learnt.of(log, times, self._roles.order)
        if hasattr(self, "_learnt_"):  # which older files lack
            self._learnt_ = self._learnt_.merge(more)
        return FitLog(log, log.spread(target), log.spread(weight), more, None)

    def _steps(self, log, timeline, *, after=False):
        """Return the steps of a log, with numbers made of its further columns."""
        if self._numbers_ is not None:
            log = self._numbers_.tell(log, timeline)
        return encode_steps(log, timeline, len(self.skills_), after=after)

    def _number_sizes(self):
        """Return what a module has to know of numbers, by argument."""
        sizes = ("n_before", "n_after", "n_answers", "share")
        if self._numbers_ is None:
            return {}
        return {size: getattr(self._numbers_, size) for size in sizes}

    def _learn_numbers(self, pieces):
        """Learn what makes numbers of items, times and features, if any are named."""
        self._numbers_ = RowNumbers.learn(
            pieces,
            self._roles.further,
            len(self.skills_),
            len(self._names_.get("item", ())),
            skills=self.skill_numbers,
        )
        if "item" in self._names_:
            self.items_ = self._numbers_.difficulty.table(self._item_index())

    def _start_counting(self):
        """Begin to count what training holds, over all calls of `partial_fit`."""
        n_skills = len(self.skills_)
        self._taught_ = np.zeros(start_code(n_skills)), np.zeros(n_skills + 1)

    def _fill_untaught(self, training):
        """Let skills that training did not hold be the average skill."""
        more = training.total(count_taught, len(self.skills_))
        self._taught_ = tuple(map(np.add, self._taught_, more))
        self.net_.module_.fill_untaught(*map(torch.as_tensor, self._taught_))

    def _predict_log(self, log, timeline):
        steps = self._steps(log, timeline)
        return expit(self.net_.predict_rows(StepDataset(steps), self.n_threads))

    def _predict_next(self, log, timeline, asked):
        if "item" in asked.further and (asked.further["item"] >= 0).any():
            # What a student did on an item before is asked with, each student's own.
            return super()._predict_next(log, timeline, asked)
        # All skills are asked of one state, so there is no need for rows that ask.
        last = timeline.offsets[1:] - 1
        p = self._ask_after(last, np.arange(len(last)), asked, log, timeline)
        return average_cells(p, asked.sizes)

    def _knowledge_after(self, entries, places, log, timeline):
        every_skill = MomentWriter(self).ask()[0]
        return self._ask_after(entries, places, every_skill, log, timeline)

    def _ask_after(self, entries, places, asked, log, timeline):
        """Ask the states after entries of a log what a `Moment` asks.

        Returns
        -------
        ndarray of shape (n_entries, n_questions)
            P(1), where `places` says.
        """
        steps = self._steps(log, timeline, after=True).ask_only(entries)
        questions = self._questions(asked, log, timeline, entries)
        return self.net_.predict_every(
            StepDataset(steps), questions, places, self.n_threads
        )

    def _questions(self, asked, log, timeline, entries):
        """Return what is asked after entries of a log, as a function of which of them.

        Questions are those of a `Moment`; tensors by name.
        """
        known_before = self._roles.known_before
        if self._numbers_ is None:
            further = {role: asked.further[role] for role in known_before}
        else:
            asked = self._numbers_.tell_moment(asked, Earlier(), known_before)
            roles = self._numbers_.roles(known_before)
            further = {role: asked.further[role] for role in roles}
        questions = as_tensors({"skill": asked.skill, **further})
        if self._numbers_ is None or self._numbers_.skills is None:
            return lambda places: questions

        practice = SkillPractice(log, timeline)

        def ask(places):
            done = practice.after(entries[places], asked.skill)
            before = self._numbers_.tell_states(asked, len(places), done)
            return questions | as_tensors({"before": before})

        return ask

    def _live_model(self):
        roles, nothing = self._roles, MomentWriter(self).ask(self.skills_[:1])[0]
        return LiveNetwork(
            self.net_.module_,
            len(self.skills_),
            nothing.further,
            roles.known_before,
            self._numbers_,
        )


def count_taught(training, n_skills):
    """Count how often training read each answer, and asked each skill.

    Parameters
    ----------
    training : StepDataset
        Of steps that are answers.
    n_skills : int

    Returns
    -------
    n_read : ndarray of shape (2 * (n_skills + 1),)
        How often each answer code, the start token aside, was read.
    n_asked : ndarray of shape (n_skills + 1,)
        Rows of each skill that have a target.
    """
    start = start_code(n_skills)  # the start token's code; every other is below it
    read = training.steps.inputs["answer"][training.read]
    n_read = np.bincount(read[read < start], minlength=start)
    asked = training.steps.asked["skill"][training.weight > 0]
    return n_read, np.bincount(asked, minlength=n_skills + 1)
