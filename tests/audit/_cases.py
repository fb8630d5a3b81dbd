"""The arguments of `audit` in which a fault is planted, each from an honest lesson."""

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    cross_val_predict,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sktrace import DKTClassifier, MeanClassifier, PFAClassifier
from sktrace.model_selection import StudentKFold

from ._logs import BARE, on_several_skills, padded
from ._procedures import EpochByTheTest, Memory, PickedByTheTest
from ._regressions import OnColumns, SinceTheRowBefore


def small_dkt(**params):
    settings = {"hidden_size": 12, "embedding_size": 8, "batch_size": 16, "lr": 0.02}
    return DKTClassifier(**(settings | {"random_state": 0, "max_epochs": 4} | params))


# --- a key in the future -------------------------------------------------------------


def answered_by(estimator, log, *more):
    return estimator, log[[*BARE, *more]], log["correct"]


def tied(estimator, log):
    log = on_several_skills(log)
    log["order_id"] = log["question"]
    return estimator, log[BARE], log["correct"]


# --- time and attempts of the own row ------------------------------------------------


def on_column(column, estimator, log):
    log = log[[*BARE, "response_time"]].rename(columns={"response_time": column})
    return estimator, log, log["correct"]


def on_hints(log):
    return OnColumns(["hints"]), log[[*BARE, "hints"]], log["correct"]


def inside(log):
    return SinceTheRowBefore(), log[[*BARE, "timestamp"]], log["correct"]


def by_clock(log):
    gap = log.groupby("user_id")["timestamp"].diff()
    log = log[BARE].assign(since_last=np.log(gap.fillna(gap.median())))
    return OnColumns(["since_last"]), log, log["correct"]


# --- questions in several rows -------------------------------------------------------


def unrolled(estimator, columns, log):
    names = ["user_id", "order_id", "skill_name", "correct", *columns]
    log = on_several_skills(log)[names]
    return estimator, log, log["correct"]


def unrolled_predictions(log):
    estimator, X, y = unrolled(MeanClassifier(by="student"), ["item_id"], log)
    p = cross_val_predict(estimator, X, y, cv=StudentKFold(3), method="predict_proba")
    return p[:, 1], X, y, {"item": "item_id"}


# --- targets in encodings ------------------------------------------------------------


def encoded(encode, by, log, estimator=None):
    log = log[BARE].assign(encoded=encode(log, by))
    return estimator or OnColumns(["encoded"]), log, log["correct"]


# --- padding -------------------------------------------------------------------------


def with_padding(estimator, log, **how):
    log = padded(log, **how)
    return estimator, log, log["correct"]


def predicted_padding(log, of_padding=0.01, **how):
    """Predictions of real rows by folds, and a constant for the padding."""
    both = padded(log, **how)
    real = both["order_id"].between(0, 999).to_numpy()
    p = np.full(len(both), of_padding)
    rows = both[real]
    p[real] = cross_val_predict(
        PFAClassifier(),
        rows,
        rows["correct"],
        cv=StudentKFold(3),
        method="predict_proba",
    )[:, 1]
    return p, both, both["correct"]


# --- the test in the training --------------------------------------------------------


def halves(log, *more):
    log = log[[*BARE, *more]]
    train, test = next(StudentKFold(3).split(log))
    X_train, X = log.iloc[train], log.iloc[test]
    return X_train, X, X_train["correct"], X["correct"]


def trained_on(procedure, log, *more):
    X_train, X, y_train, y = halves(log, *more)
    return procedure, X, y, {"X_train": X_train, "y_train": y_train}


def given_its_test(log):
    X_train, X, y_train, y = halves(log)
    given = {"X_train": X_train, "y_train": y_train}
    return EpochByTheTest(X, y), X, y, given


def in_a_closure(log):
    X_train, X, y_train, y = halves(log)

    def procedure(X_train, y_train, asked):
        return PickedByTheTest(y)(X_train, y_train, asked)

    return procedure, X, y, {"X_train": X_train, "y_train": y_train}


def held_by_an_object(log):
    X_train, X, y_train, y = halves(log)
    return PickedByTheTest(y), X, y, {"X_train": X_train, "y_train": y_train}


def scaled_before(log, scaler, by=None):
    columns = ["rating", "n_before"]
    log = log[[*BARE, *columns]].copy()
    if by is None:
        log[columns] = scaler.fit_transform(log[columns])
    else:
        rows = log.groupby(by)[columns]
        log[columns] = log[columns] - rows.transform("mean")
        log[columns] /= log.groupby(by)[columns].transform("std")
    return OnColumns(columns), log, log["correct"]


def frozen_scaler(log):
    columns = ["rating", "n_before"]
    X_train, X, y_train, y = halves(log, *columns)
    scaler = StandardScaler().fit(log[columns])
    model = make_pipeline(
        make_column_transformer((FrozenEstimator(scaler), columns)),
        LogisticRegression(),
    )
    return model, X, y, {"X_train": X_train, "y_train": y_train}


# --- splits --------------------------------------------------------------------------


def split_by(cv, log, estimator=None):
    return estimator or PFAClassifier(), log[BARE], log["correct"], {"cv": cv}


def split_by_hand(log):
    cv = list(KFold(5, shuffle=True, random_state=0).split(log))
    return PFAClassifier(), log[BARE], log["correct"], {"cv": cv}


def split_by_skill(log):
    cv = list(GroupKFold(3).split(log, groups=log["skill_name"]))
    return PFAClassifier(), log[BARE], log["correct"], {"cv": cv}


def predicted_by(cv, log):
    X, y = log[BARE], log["correct"]
    model = MeanClassifier(by="student")
    p = cross_val_predict(model, X, y, cv=cv, method="predict_proba")
    return p[:, 1], X, y, {"cv": cv}


def halved_rows(log):
    X_train, X, y_train, y = train_test_split(log[BARE], log["correct"], random_state=0)
    return PFAClassifier(), X, y, {"X_train": X_train, "y_train": y_train}


def predicted_halved_rows(log):
    estimator, X, y, given = halved_rows(log)
    with_own = estimator.fit(given["X_train"], given["y_train"])
    return with_own.predict_proba(X)[:, 1], X, y, given


def in_chunks(log):
    """Cut students into chunks of ten rows, each a new student, and keep the old id."""
    chunk = log.groupby("user_id").cumcount() // 10
    new = log["user_id"].astype(str) + "-" + chunk.astype(str)
    log = log[BARE].assign(pupil=log["user_id"], user_id=new)
    return PFAClassifier(), log, log["correct"]


def overlapping_chunks(log):
    """Windows of ten rows, one beginning every five rows."""
    parts = []
    log, place = log[BARE], log.groupby("user_id").cumcount()
    for start in range(0, 25, 5):
        part = log[(place >= start) & (place < start + 10)]
        parts.append(part.assign(user_id=part["user_id"].astype(str) + f"/{start}"))
    log = pd.concat(parts, ignore_index=True)
    return PFAClassifier(), log, log["correct"]


def twins(log):
    """Every student a second time, under another name."""
    again = log.assign(user_id=log["user_id"] + 10_000)
    log = pd.concat([log, again], ignore_index=True)[BARE]
    return PFAClassifier(), log, log["correct"]


def learnt_twins(log):
    X_train, X, y_train, y = halves(log)
    X_train = pd.concat([X_train, X.assign(user_id=X["user_id"] + 10_000)])
    y_train = np.append(y_train, y)
    return PFAClassifier(), X, y, {"X_train": X_train, "y_train": y_train}


def memorised(by, log):
    """Learnt the test by heart before; kept as it is."""
    log = log.assign(row_id=np.random.default_rng(0).permutation(len(log)))
    model = Memory(by).fit(log, log["correct"])
    X_train, X, y_train, y = halves(log, *([] if by == "index" else [by]))
    given = {"X_train": X_train, "y_train": y_train}
    return FrozenEstimator(model), X, y, given


def by_position(log):
    X_train, X, y_train, y = halves(log)

    def procedure(X_train, y_train, asked):
        return np.linspace(0.3, 0.8, len(asked))

    return procedure, X, y, {"X_train": X_train, "y_train": y_train}
