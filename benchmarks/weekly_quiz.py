"""Trace weekly quiz grades of a small class, beside scikit-learn.

    python benchmarks/weekly_quiz.py FILE

FILE is a CSV with the columns student, week, studying_hours and quiz_grade: a
handful of students, each week of whom has a grade. A grade is predicted from the hours
of its week and from the grades of the weeks before, in five folds of students, for
several seeds of folds and networks. Default settings but for --set; nothing is tuned.
"""

import argparse
import ast

import numpy as np
import pandas as pd
import torch
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import RidgeCV
from sklearn.metrics import r2_score, root_mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sktrace import SequenceRegressor
from sktrace.model_selection import StudentKFold

KNOWN = ["week", "studying_hours"]


def lag(X):
    """Return flat features of earlier grades; NaN where there is none yet."""
    grade = X.groupby("student")["quiz_grade"]
    lags = {f"grade, {k} ago": grade.shift(k) for k in (1, 2, 3)}
    so_far = grade.transform(lambda own: own.expanding().mean().shift())
    return X[KNOWN].assign(**lags, so_far=so_far)


def predict(X, train, test, cells, seed, settings):
    """Return the predictions of all models for the test students, by name."""
    y, flat = X["quiz_grade"], lag(X)
    mean = y.iloc[train].mean()
    filled = flat.fillna(mean)
    boosting = HistGradientBoostingRegressor(random_state=seed)
    ridge = make_pipeline(StandardScaler(), RidgeCV(np.logspace(-3, 3, 7)))
    p = {
        "mean of training grades": np.full(len(test), mean),
        "student's running mean": filled["so_far"].iloc[test],
        "last grade": filled["grade, 1 ago"].iloc[test],
        "ridge": ridge.fit(filled.iloc[train], y.iloc[train]).predict(
            filled.iloc[test]
        ),
        "gradient boosting": boosting.fit(flat.iloc[train], y.iloc[train]).predict(
            flat.iloc[test]
        ),
    }
    for cell in cells:
        reg = SequenceRegressor(
            student="student",
            order="week",
            features=KNOWN,
            past_features=["quiz_grade"],
            cell=cell,
            random_state=seed,
        ).set_params(**settings)
        reg.fit(X.iloc[train], y.iloc[train])
        p[f"SequenceRegressor {cell}"] = reg.predict(X.iloc[test])
    return p


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file")
    parser.add_argument("--cell", nargs="+", default=["lstm", "gru", "rnn"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    settings = {
        name: ast.literal_eval(value)
        for name, value in (setting.split("=") for setting in options.set)
    }
    torch.set_num_threads(1)

    X = pd.read_csv(options.file).sort_values(["student", "week"], ignore_index=True)
    y = X["quiz_grade"].to_numpy()
    print(f"{len(X)} weeks of {X['student'].nunique()} students")
    scores = []
    for seed in range(options.seeds):
        folds = StudentKFold(5, shuffle=True, random_state=seed, student="student")
        for train, test in folds.split(X):
            p = predict(X, train, test, options.cell, seed, settings)
            for name, own in p.items():
                rmse, r2 = root_mean_squared_error(y[test], own), r2_score(y[test], own)
                scores.append({"model": name, "RMSE": rmse, "R2": r2})
    table = pd.DataFrame(scores).groupby("model", sort=False).agg(["mean", "std"])
    print(f"mean and standard deviation over folds of {options.seeds} seeds")
    print(table.round(3).to_string())


if __name__ == "__main__":
    main()
