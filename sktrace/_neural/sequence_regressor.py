"""Recurrent regression of sequences as a scikit-learn regressor."""

import numpy as np
import pandas as pd
import torch
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_is_fitted

from .._plain import stored
from .._portions.log import as_portions
from .._sequences.readers import FrameReader, SequenceReader
from .._sequences.target import check_number_target, check_weight
from .._sklearn import StrOptions, forget, judged
from .batches import StepDataset
from .modules import NumberModule
from .number_steps import NumberSteps
from .numbers_in_portions import fit_numbers, predict_numbers
from .target_scale import learn_target_scale, scale_target
from .training import RECURRENT, TrainedNetwork, recurrent_sizes
from .warm_start import earlier_solution

__all__ = ["SequenceRegressor"]

READERS = {reader.task: reader for reader in (FrameReader, SequenceReader)}
LOSSES = {
    "squared_error": torch.nn.MSELoss,
    "absolute_error": torch.nn.L1Loss,
    "huber": torch.nn.HuberLoss,
}


@stored
class SequenceRegressor(TrainedNetwork, RegressorMixin, BaseEstimator):
    """A recurrent network that predicts numbers from sequences of numbers.

    Every step of a sequence, say a student's week, is a vector of features x. A
    recurrent network reads them in turn, and its state h is read out linearly::

        h_t = cell(x_t, h_{t-1}),    prediction = W h_t + b

    with the cells of `DKTClassifier`. `task` says which states are asked:

    * ``"many-to-many"``: a sample is one row of a long DataFrame, and each is
      predicted, from its own features and those of the same student's earlier rows.
    * ``"many-to-one"``: a sample is one whole sequence, predicted from its last state.

    Parameters
    ----------
    task : {"many-to-many", "many-to-one"}, default="many-to-many"
        What a sample is: a row of a long frame, or a whole sequence.
    student : str, default="user_id"
        Column of X that says whose row this is. Many-to-many only, as are all columns.
    order : str, list of str or None, default="order_id"
        Numbers or dates that grow with time within a student; see `DKTClassifier`. A
        student has one row at a time.
    features : list of str or None, default=None
        Columns of numbers known *when a row is predicted*, none of them missing: the
        week, what is due in it, hours studied so far. By default all numeric columns
        but those named here otherwise.
    past_features : list of str or None, default=None
        Columns of numbers known only *afterwards*, such as the very number to
        predict: a row reads them from the student's row before, never its own. They
        may be missing.
    loss : {"squared_error", "absolute_error", "huber"}, default="squared_error"
        Loss of a prediction. Huber's is squared up to one (after scaling, one standard
        deviation of y) and linear beyond.
    standardize : bool, default=True
        Scale features and targets to mean 0 and standard deviation 1, as found in fit;
        predictions are scaled back.
    cell : {"lstm", "gru", "rnn"}, default="gru"
        Kind of recurrent cell.
    hidden_size : int, default=64
        Size of the state h.
    num_layers : int, default=1
        Recurrent layers, one on top of the other.
    dropout : float, default=0.2
        Share of a state's entries dropped in training, between layers and before it
        is read out.
    lr : float, default=3e-3
        Learning rate at the start.
    lr_schedule : {"cosine"} or None, default="cosine"
        Anneal the learning rate to zero along half a cosine, or keep it.
    optimizer : str or class, default="adamw"
        Name of an optimizer of `torch.optim`, in any case, or a class.
    weight_decay : float, default=0.01
        Weight decay of the optimizer (decoupled in AdamW).
    batch_size : int or "auto", default="auto"
        Sequences per batch, of similar length; every row has the same weight in an
        epoch, whatever batch it is in. "auto" is 32, or fewer in a small class: a
        sixteenth of its sequences.
    max_epochs : int, default=20
        Passes over the training sequences.
    max_length : int or None, default=200
        Steps at which training sequences are cut under many-to-many; None trains on
        whole sequences. Prediction, and many-to-one, always see the whole past.
    early_stopping : bool, default=False
        Hold out sequences, stop when their loss no longer falls, and restore the
        weights of the best epoch.
    validation_fraction : float, default=0.1
        Share of sequences held out by early stopping.
    patience : int, default=3
        Epochs without improvement before early stopping stops.
    device : str or torch.device, default="auto"
        Where to train and predict; "auto" takes a CUDA GPU if there is one.
    n_threads, n_devices : int, default="auto" and 1
        Threads on a CPU, and processes that train; see `DKTClassifier`.
    random_state : int, RandomState instance or None, default=None
        Seed of weights, dropout, batches and held-out sequences; see `DKTClassifier`.
    verbose : int, default=0
        0 is silent; 1 shows a progress bar over the epochs.
    callbacks : list of skorch callbacks or None, default=None
        Added to those that fit sets up; see `DKTClassifier`.
    net_params : dict or None, default=None
        Further arguments of `skorch.NeuralNet`.
    checkpoint : str, path or None, default=None
        A folder in which every epoch of `fit` is kept, so that one that was killed
        goes on, and ends with the same bits; see `DKTClassifier`.
    warm_start : bool, default=False
        Let `fit` begin with the weights of the fit before, and go on with its
        ``history_``; see `DKTClassifier`. Columns and the number of targets have to be
        the same. Scales are learnt anew.

    Attributes
    ----------
    net_ : skorch.NeuralNet
        The trained net; ``net_.module_`` is the torch module.
    scaler_ : StandardScaler or None
        Scales what the network reads: `features_`, then `past_features_`, then whether
        each of these is known. A column with a single value, or none, in fit has an
        infinite scale: it taught nothing, and is read as 0.
    target_mean_, target_scale_ : ndarray of shape (n_targets,)
        How targets were scaled; 0 and 1 without `standardize`.
    features_, past_features_ : list of str
        Columns read as such; many-to-many only.
    history_ : DataFrame
        One row per epoch: epoch, train_loss (of scaled targets), valid_loss under early
        stopping, dur (seconds), and what further callbacks record.
    best_epoch_ : int or None
        The epoch of lowest valid_loss, whose weights early stopping restored; None
        without early stopping.
    n_iter_ : int
        Epochs trained.
    interrupted_ : SequenceRegressor
        Only after Ctrl-C in `fit`: what whole epochs taught; see `DKTClassifier`.
    n_features_in_, feature_names_in_ : int, ndarray of str
        Many-to-many: the columns read. Many-to-one: numbers per step, and their names
        where sequences are frames.

    See Also
    --------
    sktrace.sequences_to_frame : From padded arrays to a long frame.
    sktrace.preprocessing.PerStep : Apply a transformer to all steps of sequences.

    References
    ----------
    Hochreiter and Schmidhuber (1997). Long Short-Term Memory. Neural Computation 9.

    Cho et al. (2014). Learning Phrase Representations using RNN Encoder-Decoder for
    Statistical Machine Translation. EMNLP.

    Huber (1964). Robust Estimation of a Location Parameter. Annals of Mathematical
    Statistics 35.

    Examples
    --------
    Trace weekly quiz grades from the weeks before, and from the hours studied:

    >>> from sktrace import SequenceRegressor
    >>> from sktrace.datasets import make_course
    >>> weeks, passed = make_course(n_students=20, n_weeks=6, random_state=0)
    >>> reg = SequenceRegressor(
    ...     order="week",
    ...     features=["study_hours"],
    ...     past_features=["quiz_grade"],
    ...     max_epochs=2,
    ...     random_state=0,
    ... )
    >>> reg.fit(weeks, weeks["quiz_grade"]).predict(weeks).shape == (len(weeks),)
    True
    """

    _parameter_constraints = {
        **TrainedNetwork._parameter_constraints,
        **RECURRENT,
        "task": [StrOptions({"many-to-many", "many-to-one"})],
        # Columns may have any hashable name; whether X has them is judged with X.
        **dict.fromkeys(["student", "order"], "no_validation"),
        "features": [list, tuple, np.ndarray, pd.Index, None],
        "past_features": [list, tuple, np.ndarray, pd.Index, None],
        "loss": [StrOptions(set(LOSSES))],
        "standardize": ["boolean"],
    }

    def __init__(
        self,
        *,
        task="many-to-many",
        student="user_id",
        order="order_id",
        features=None,
        past_features=None,
        loss="squared_error",
        standardize=True,
        cell="gru",
        hidden_size=64,
        num_layers=1,
        dropout=0.2,
        lr=3e-3,
        lr_schedule="cosine",
        optimizer="adamw",
        weight_decay=1e-2,
        batch_size="auto",
        max_epochs=20,
        max_length=200,
        early_stopping=False,
        validation_fraction=0.1,
        patience=3,
        device="auto",
        n_threads="auto",
        n_devices=1,
        random_state=None,
        verbose=0,
        callbacks=None,
        net_params=None,
        checkpoint=None,
        warm_start=False,
    ):
        self.task = task
        self.student = student
        self.order = order
        self.features = features
        self.past_features = past_features
        self.loss = loss
        self.standardize = standardize
        self.cell = cell
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.dropout = dropout
        self.lr = lr
        self.lr_schedule = lr_schedule
        self.optimizer = optimizer
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.max_epochs = max_epochs
        self.max_length = max_length
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.device = device
        self.n_threads = n_threads
        self.n_devices = n_devices
        self.random_state = random_state
        self.verbose = verbose
        self.callbacks = callbacks
        self.net_params = net_params
        self.checkpoint = checkpoint
        self.warm_start = warm_start

    @judged
    def fit(self, X, y, sample_weight=None):
        """Learn to predict numbers from sequences of numbers.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns), log in portions, or sequences
            Many-to-many: a long frame, one row per step, in any row order, or in
            portions, with one target; see `sktrace.datasets.scan_interactions`.
            Many-to-one: an array of shape (n_sequences, n_steps, n_features), or
            (n_sequences, n_steps) of one number per step, with NaN behind the end of a
            sequence; a list of arrays or of frames; or `Sequences`.
        y : array of shape (n_samples,) or (n_samples, n_targets)
            Numbers to predict. Many-to-many: a row without a target (NaN) is read and
            teaches nothing.
        sample_weight : array of shape (n_samples,), optional
            Weight of each sample's loss.

        Returns
        -------
        SequenceRegressor
            Itself, fitted.

        Raises
        ------
        TypeError, ValueError
            If X or y is not as described, if a feature is y itself, or if training
            diverged. The message says what to call.
        """
        columns = self.student, self.order, self.features, self.past_features
        reader = READERS[self.task](*columns)
        if (portions := as_portions(X)) is not None:
            return fit_numbers(self, reader, portions, y, sample_weight, LOSSES)
        samples = reader.read_training(X, y, sample_weight)
        earlier = earlier_solution(self)
        forget(self)
        self._reader_ = reader
        reader.describe(self)
        steps = NumberSteps(*samples[:3])
        taught = steps.mark_sequences(samples.weight.sum(axis=1))
        self._learn_scales(steps, samples.target, samples.weight, taught)
        self._fit_net(
            earlier,
            steps.with_scaler(self.scaler_),
            scale_target(samples.target, self.target_mean_, self.target_scale_),
            samples.weight,
            taught,
            LOSSES[self.loss],
            batch_size=self._sequences_per_batch(taught.sum()),
            max_length=self.max_length if self.task == "many-to-many" else None,
        )
        return self

    def predict(self, X):
        """Predict the numbers of each sample.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns), log in portions, or sequences
            As in `fit`; sequences may be shorter or longer than those.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_targets), float64
            In X's order; of two dimensions if y was.
        """
        check_is_fitted(self)
        if (portions := as_portions(X)) is not None:
            return predict_numbers(self, portions)
        samples = self._reader_.read(X, fitted=self)
        steps = NumberSteps(*samples[:3], self.scaler_)
        outputs = self.net_.predict_rows(StepDataset(steps), self.n_threads)
        predictions = np.empty_like(outputs)
        predictions[samples.sample] = outputs * self.target_scale_ + self.target_mean_
        return predictions[:, 0] if self._reader_.one_column else predictions

    def score(self, X, y, sample_weight=None):
        """Return the R² of the predictions, over the rows that have a target.

        scikit-learn's own scorers refuse a missing target; this one, which searches
        and cross-validation use unless told otherwise, leaves it out.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns), log in portions, or sequences
        y : array of shape (n_samples,) or (n_samples, n_targets)
        sample_weight : array of shape (n_samples,), optional

        Returns
        -------
        float
            Mean of the R² of each target.
        """
        predictions = self.predict(X)
        predictions = predictions.reshape(len(predictions), -1)
        target, told, _ = check_number_target(y, len(predictions))
        if target.shape != predictions.shape:
            raise ValueError(
                f"y holds {target.shape[1]} target(s) of each sample; expected "
                f"{predictions.shape[1]}, as in fit. Choose those columns of y."
            )
        weight = check_weight(sample_weight, told)
        scores = [
            r2_score(target[own, j], predictions[own, j], sample_weight=weight[own, j])
            for j, own in enumerate(told.T)
        ]
        return np.mean(scores)

    @property
    def _loss_name(self):
        name = {"huber": "Huber loss"}.get(self.loss, self.loss.replace("_", " "))
        return f"mean {name} (y {'standardised' if self.standardize else 'as given'})"

    def _module(self):
        return NumberModule(
            n_features=self._reader_.n_inputs,
            n_outputs=len(self.target_mean_),
            **recurrent_sizes(self),
        )

    def __sklearn_is_fitted__(self):
        # A net fitted for one task has nothing to say under another.
        return hasattr(self, "net_") and self._reader_.task == self.task

    def _learn_scales(self, steps, target, weight, taught):
        """Learn how features and targets are scaled, if they are."""
        n_targets = target.shape[1]
        self.scaler_ = None
        self.target_mean_, self.target_scale_ = np.zeros(n_targets), np.ones(n_targets)
        if self.standardize:
            self.scaler_ = steps.fit_scaler(taught)
            scales = learn_target_scale(target, weight)
            self.target_mean_, self.target_scale_ = scales

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        reads_arrays = self.task == "many-to-one"
        tags.input_tags.two_d_array = tags.input_tags.three_d_array = reads_arrays
        tags.target_tags.multi_output = True
        tags.target_tags.required = True
        return tags
