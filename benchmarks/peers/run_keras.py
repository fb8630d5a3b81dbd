"""The Keras LSTM of course notebooks: padded, one-hot, masked, ten epochs of Adam.

Sequences are padded to the longest, inputs are one-hot vectors of (skill, answer), and
the target is a one-hot vector of the skill asked next beside its answer. A Masking
layer stands in front. As such notebooks do, the model is compiled with a metric of its
own, "AUC", which gets whole padded arrays: what it says of the test students is noted
as `reported_auc`, and our scores are of real rows.

Many wrap the last layer in TimeDistributed. It is the same layer to the last bit, but
behind a mask Keras 3 then takes four times as long for 800 steps, and 4 GB instead of
one; so it is left out, which is to the advantage of Keras.
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf
from runner import TimeUp, run
from sklearn.metrics import roc_auc_score

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)

# user code
PAD = {"padding": "post", "value": -1.0, "dtype": "float32"}


def make_arrays(log, n_skills):
    """Return inputs, and skill and answer of the step after each."""
    sequences, targets = [], []
    one_hot, asked = np.eye(2 * n_skills, dtype="f4"), np.eye(n_skills, dtype="f4")
    for _, own in log.sort_values("order_id", kind="stable").groupby("user_id"):
        skill, answer = own["skill_name"].to_numpy(), own["correct"].to_numpy()
        sequences.append(one_hot[skill + n_skills * answer][:-1])
        targets.append(np.column_stack([asked[skill], answer])[1:])
    return (
        keras.utils.pad_sequences(sequences, **PAD),
        keras.utils.pad_sequences(targets, **PAD),
    )


def probability(target, output):
    """Return P(correct) of the skill that is asked."""
    asked = keras.ops.maximum(target[..., :-1], 0)
    return keras.ops.sum(asked * output, axis=-1)


def loss_of_real_steps(target, output):
    answer = target[..., -1]
    real = keras.ops.cast(answer >= 0, "float32")
    p = keras.ops.clip(probability(target, output), 1e-7, 1 - 1e-7)
    loss = keras.losses.binary_crossentropy(
        keras.ops.maximum(answer, 0)[..., None], p[..., None]
    )
    return keras.ops.sum(loss * real) / keras.ops.sum(real)


# end of user code


def fit(train, names, options):
    """Train ten epochs."""
    # user code
    keras.utils.set_random_seed(0)
    n_skills = int(names["skill_name"].max()) + 1
    X, Y = make_arrays(train, n_skills)
    model = keras.Sequential(
        [
            keras.Input((None, 2 * n_skills)),
            keras.layers.Masking(mask_value=-1.0),
            keras.layers.LSTM(100, return_sequences=True),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(n_skills, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss=loss_of_real_steps)
    # end of user code
    options.notes["padded_to"] = X.shape[1]
    counter = CountEpochs()
    try:
        # + user code
        model.fit(X, Y, 32, options.epochs or 10, verbose=0, callbacks=[counter])
    except TimeUp:
        options.stopped = True
    options.notes["epochs"] = counter.n_epochs
    return model, n_skills


class CountEpochs(keras.callbacks.Callback):
    n_epochs = 0

    def on_epoch_end(self, epoch, logs=None):
        self.n_epochs = epoch + 1


def predict(fitted, test, options):
    """Predict all rows but each student's first."""
    model, n_skills = fitted
    # user code
    X, Y = make_arrays(test, n_skills)
    p_padded = np.asarray(probability(Y, model.predict(X, 32, verbose=0)))
    # end of user code
    answers = np.maximum(Y[..., -1], 0)
    options.notes["reported_auc"] = roc_auc_score(answers.ravel(), p_padded.ravel())
    # user code
    ordered = test.sort_values(["user_id", "order_id"], kind="stable")
    later = ordered.duplicated("user_id").to_numpy()
    p = np.full(len(test), np.nan)
    p[ordered.index[later]] = p_padded[Y[..., -1] >= 0]
    # end of user code
    return p


if __name__ == "__main__":
    run(fit, predict, ["lstm"])
