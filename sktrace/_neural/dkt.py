"""Deep knowledge tracing as a scikit-learn classifier."""

from numbers import Integral

from sklearn.utils.validation import check_is_fitted

from .._plain import stored
from .._sequences.forms import refuse_sequences
from .._sklearn import Interval, StrOptions, judged
from .._tracer.reading import FURTHER, KNOWN_AFTER, KNOWN_BEFORE
from .modules import READOUTS, DKTModule
from .outcomes import Outcomes, OutcomeTracer
from .training import RECURRENT, recurrent_sizes

__all__ = ["DKTClassifier"]


@stored
class DKTClassifier(OutcomeTracer):
    """Deep knowledge tracing: a recurrent network reads answers and predicts the next.

    With ``task="many-to-one"``, it reads a whole sequence, of answers or of numbers,
    and predicts one outcome of two classes or more, such as pass or fail.

    A student's earlier answers are embedded and read, moment by moment, by a recurrent
    network; its state h is asked for the skill at hand::

        h_t = cell(x_{t-1}, h_{t-1}),    x_0 = start token, x_t = embedding of answer t
        P(correct) = sigmoid(w_skill · h_t + b_skill)

    with ``cell`` one of

    * ``"rnn"``: ``h_t = tanh(W_ih x + b_ih + W_hh h + b_hh)``
    * ``"lstm"``: input, forget and output gates around a cell state
    * ``"gru"``: a reset and an update gate

    Rows that tie in ``order`` are one moment: the network reads the mean of their
    embeddings, after all of them were predicted. A row whose answer is missing is
    predicted and not read. So no row sees its own answer, a tied or a later one.

    Skills, items, times and features are numbers z, too. They are read with each
    answer, in one way if it was right and in another if it was wrong, and asked::

        x_t = embedding of answer t + W_answer z_t
        logit P(correct) = w_skill · h_t + b_skill + z · (A h_t + a)

    Of an item, and by `skill_numbers` of a skill (without ease_skill), z holds its
    difficulty, learnt beforehand by a regression::

        logit P(correct) = m + ability_student + ease_skill - difficulty_item

    whose normal priors, with variances found by EM, make an item with three answers
    nearly the average item of its skill, and so is every item not seen in fit. In
    training, a row is told what other students say, by five folds of students. Then
    come log(1 + count) of the student's own right and of the wrong answers on it so
    far, and whether the last moment was on it. Names are trusted by a share that grows
    with their answers n, ``n³ / (n³ + 600³)``: an item has a learnt vector times its
    share, and rows of skills, embeddings and w_skill, are mixed with an average row.
    Numbers of a skill fade as its name gains: they are read times 1 - share.

    Under many-to-one, the state after the last step T is read out instead, for all
    classes; x_t is an answer's embedding or, in sequences of numbers, the numbers::

        P(class) = softmax(W h_T + b)

    Parameters
    ----------
    task : {"many-to-many", "many-to-one"}, default="many-to-many"
        What a sample is: one interaction, traced at every step; or one whole sequence,
        of interactions or of numbers, whose outcome is predicted at its end.
    student : str, default="user_id"
        Column of X that says whose row this is.
    order : str, list of str or None, default="order_id"
        Column of numbers or dates that grow with time within a student, or a list of
        columns, compared one after the other; None if the rows already stand in time
        order.
    skill : str or None, default="skill_name"
        Column of the skill practised, of any hashable values; None for one skill.
    correct : str, default="correct"
        Column of the answer given: 0, 1 or NaN (not asked yet).
    item : str or None, default=None
        Column of the problem, question or step answered, of any hashable values. Rows
        of one moment that name the same item are one question.
    time : str or None, default=None
        Column of times, in seconds or as dates: z has log(1 + seconds) since the
        student's last answer, the last on the skill, and the last on the item.
    features, past_features : str, list of str or None, default=None
        Columns of numbers known before the answer, and only after it. The latter are
        not asked: rows read those of strictly earlier moments. They are scaled, and
        what is missing is the mean, with a mark.
    skill_numbers : bool, default=True
        Read each skill as numbers, too, and its name by its share, so that a small
        class can be learnt from. False: a skill is its name, as in the paper.
    skill_separator : str or None, default="~~"
        What joins the skills of a question on several; its prediction is the average
        over them, and its answer is read as one on each. None: a cell is one skill.
    cell : {"lstm", "gru", "rnn"}, default="gru"
        Kind of recurrent cell.
    hidden_size : int, default=200
        Size of the state h.
    embedding_size : int, default=100
        Size of the embedding x of an answer.
    num_layers : int, default=1
        Recurrent layers, one on top of the other.
    dropout : float, default=0.5
        Share of a state's entries dropped in training, between layers and at read-out.
    readout : {"linear", "mlp"}, default="linear"
        How a state is asked for a skill: by the skill's own row of weights, or by that
        plus a small network of the state, the skill's embedding and their product. An
        outcome is always read out linearly.
    standardize : bool, default=True
        Scale sequences of numbers to mean 0 and standard deviation 1, as found in fit.
        Interactions have no scale.
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
        epoch. "auto" is 32, and fewer in a small class: a sixteenth of its students.
    max_epochs : int, default=8
        Passes over the training students.
    max_length : int or None, default=200
        Steps at which training sequences are cut under many-to-many; None trains on
        whole sequences. Prediction, and many-to-one, always see the whole past.
    early_stopping : bool, default=False
        Hold out students, stop when their loss no longer falls, and restore the
        weights of the best epoch.
    validation_fraction : float, default=0.1
        Share of students held out by early stopping.
    patience : int, default=3
        Epochs without improvement before early stopping stops.
    handle_unknown : {"prior", "error"}, default="prior"
        What to do with a skill not seen in fit, or a row that names none: read it as
        the average skill of the training rows, or refuse it.
    device : str or torch.device, default="auto"
        Where to train and predict; "auto" takes a CUDA GPU if there is one.
    n_threads : int or "auto", default="auto"
        Threads on a CPU, of those that torch has. "auto" trains on one, so that the
        machine decides no bit, and predicts large logs on four; a number is for both.
    n_devices : int, default=1
        Processes that train together, on as many GPUs, or on the CPU. Each takes its
        part of every batch: losses are those of one, but for rounding and dropout. They
        need accelerate, copy `callbacks`, and keep nothing after Ctrl-C.
    random_state : int, RandomState instance or None, default=None
        Seed of weights, dropout, batches and held-out students. Torch's own generator
        is lent to one fit at a time, so threads take turns, and left as it was.
    verbose : int, default=0
        0 is silent; 1 shows a progress bar over the epochs.
    callbacks : list of skorch callbacks or None, default=None
        Added to those that fit sets up. They see skorch's net, whose batches are
        `Batch` objects and whose predictions are flat logits.
    net_params : dict or None, default=None
        Further arguments of `skorch.NeuralNet`, such as ``optimizer__betas``; they
        override what fit sets up, but for what has a parameter here.
    checkpoint : str, path or None, default=None
        A folder in which every epoch of `fit` is kept. Each training has a file of its
        own there, named by data, parameters and seed: one that was killed goes on, and
        ends with the same bits; one that has ended is read, and not repeated. Under
        ``random_state=None``, only what has not ended is gone on with.
    warm_start : bool, default=False
        Let `fit` begin with the weights of the fit before, and go on with its
        ``history_``. Seeds, optimizer and schedule begin anew, and so does what is
        learnt beforehand, such as difficulties. Classes, skills, items and columns
        have to be the same.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels of y, sorted; two of them under many-to-many, where the second is what
        ``predict_next`` calls correct.
    skills_ : ndarray of shape (n_skills,)
        Skills seen in fit, sorted where they can be; of interactions only.
    items_ : DataFrame of shape (n_items, 3)
        Of each item seen in fit, if `item` is named: difficulty (logits, relative to
        the average item of its skill; higher is harder), its standard error se, and
        n_answers, the training answers with a weight.
    scaler_ : StandardScaler or None
        Scales sequences of numbers; of these only.
    net_ : skorch.NeuralNet
        The trained net; ``net_.module_`` is the torch module.
    history_ : DataFrame
        One row per epoch: epoch, train_loss (log loss per row), valid_loss under early
        stopping, dur (seconds), and what further callbacks record.
    best_epoch_ : int or None
        The epoch of lowest valid_loss, whose weights early stopping restored and from
        which `partial_fit` goes on; None without early stopping.
    n_iter_ : int
        Epochs trained.
    interrupted_ : DKTClassifier
        Only after Ctrl-C in a fit, which leaves all else as it was: another, fitted by
        its whole epochs, or the best of them under early stopping. The next fit that
        succeeds drops it.
    n_features_in_, feature_names_in_ : int, ndarray of str
        Of interactions, the columns read; others are ignored. Of sequences of numbers,
        those of each step, and their names where sequences are frames.

    References
    ----------
    Piech et al. (2015). Deep Knowledge Tracing. NeurIPS 28, equations 1-4.

    Hochreiter and Schmidhuber (1997). Long Short-Term Memory. Neural Computation 9.

    Cho et al. (2014). Learning Phrase Representations using RNN Encoder-Decoder for
    Statistical Machine Translation. EMNLP.

    Examples
    --------
    >>> from sktrace import DKTClassifier
    >>> from sktrace.datasets import make_interactions
    >>> X, y = make_interactions(n_students=20, n_skills=3, random_state=0)
    >>> clf = DKTClassifier(hidden_size=8, max_epochs=2, random_state=0).fit(X, y)
    >>> clf.predict_proba(X).shape == (len(X), 2)
    True
    """

    _known_before = KNOWN_BEFORE
    _known_after = KNOWN_AFTER
    _parameter_constraints = {
        **OutcomeTracer._parameter_constraints,
        **FURTHER,
        **RECURRENT,
        "task": [StrOptions({"many-to-many", "many-to-one"})],
        "skill_numbers": ["boolean"],
        "standardize": ["boolean"],
        "embedding_size": [Interval(Integral, 1, None, closed="left")],
        "readout": [StrOptions(set(READOUTS))],
    }

    def __init__(
        self,
        *,
        task="many-to-many",
        student="user_id",
        order="order_id",
        skill="skill_name",
        correct="correct",
        item=None,
        time=None,
        features=None,
        past_features=None,
        skill_numbers=True,
        skill_separator="~~",
        cell="gru",
        hidden_size=200,
        embedding_size=100,
        num_layers=1,
        dropout=0.5,
        readout="linear",
        standardize=True,
        lr=3e-3,
        lr_schedule="cosine",
        optimizer="adamw",
        weight_decay=1e-2,
        batch_size="auto",
        max_epochs=8,
        max_length=200,
        early_stopping=False,
        validation_fraction=0.1,
        patience=3,
        handle_unknown="prior",
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
        self.skill = skill
        self.correct = correct
        self.item = item
        self.time = time
        self.features = features
        self.past_features = past_features
        self.skill_numbers = skill_numbers
        self.skill_separator = skill_separator
        self.cell = cell
        self.hidden_size = hidden_size
        self.embedding_size = embedding_size
        self.num_layers = num_layers
        self.dropout = dropout
        self.readout = readout
        self.standardize = standardize
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
        self.handle_unknown = handle_unknown
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
        """Learn from a log of interactions, or from whole sequences.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns), or sequences
            Many-to-many: interactions, with student, order, skill and the answer given,
            in any row order. Many-to-one: an array of shape (n_sequences, n_steps,
            n_features), or (n_sequences, n_steps) of one number per step, with NaN
            behind the end of a sequence; a list of arrays or of frames; or
            `Sequences`. Frames that have the column `correct` are read as interactions.
        y : array of shape (n_samples,)
            Many-to-many: two classes, usually ``X["correct"]``; may be missing where
            the answer is. Many-to-one: the class of each sequence, of two or more.
        sample_weight : array of shape (n_samples,), optional
            Weight of each sample's loss. A row of weight 0 teaches nothing, but its
            answer remains part of what later rows see.

        Returns
        -------
        DKTClassifier
            Itself, fitted.

        Raises
        ------
        TypeError
            If X is not what the task expects.
        ValueError
            If a column is missing or holds what its role cannot have, if y does not
            fit X or has too few or too many classes, or if training diverged. The
            message says what to call.
        """
        if self.task == "many-to-one":
            return Outcomes.fit(self, X, y, sample_weight)
        refuse_sequences(X)
        return super().fit(X, y, sample_weight)

    def predict_proba(self, X):
        """Predict each sample: an interaction, or the outcome of a whole sequence.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns), or sequences
            Many-to-many: interactions, in any row order; each is predicted from the
            student's strictly earlier answers. Rows whose answer is missing are
            forecast and leave no trace on later rows. Many-to-one: sequences as in
            `fit`, which may be shorter or longer than those.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), float64
            Probability of each of ``classes_``, in X's order.

        Raises
        ------
        TypeError, ValueError
            If X is not what the task expects, a column is missing or holds what its
            role cannot have, or a skill is unknown under ``handle_unknown="error"``.
            The message says what to call.
        """
        check_is_fitted(self)
        if self.task == "many-to-one":
            return self._outcomes_.predict_proba(self, X)
        return super().predict_proba(X)

    def _module(self):
        if self.task == "many-to-one":
            return self._outcomes_.module(self)
        return DKTModule(
            n_skills=len(self.skills_),
            embedding_size=int(self.embedding_size),
            readout=self.readout,
            **self._number_sizes(),
            **recurrent_sizes(self),
        )
