"""Early prediction and tracing on the Open University data, beside scikit-learn.

    python benchmarks/oulad.py pass --path FOLDER --weeks 5 10 15
    python benchmarks/oulad.py pass --path FOLDER --weeks 5 10 15 --enrolled
    python benchmarks/oulad.py scores --path FOLDER

FOLDER holds the official tables, zipped or not; the click log may be missing. Without
--path, they are looked for in, or downloaded to, scikit-learn's data folder.

`pass` predicts pass or distinction against fail or withdrawn from the first weeks of
each enrolment; `scores` traces the mean score of each week's submissions from the
weeks before. Both are cross-validated in five folds of students, the same for all
models: who has enrolled more than once is on one side. Default settings but for --set;
nothing is tuned here. With --enrolled, students who have unregistered by then are left
out of training and test: to predict those who have already left is no prediction.
"""

import argparse
import ast
import time

import numpy as np
import torch
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import r2_score, root_mean_squared_error
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sktrace import DKTClassifier, SequenceRegressor, Sequences
from sktrace.datasets import OULAD_ACTIVITY, OULAD_CALENDAR, fetch_oulad, oulad_weekly
from sktrace.model_selection import StudentKFold
from sktrace.preprocessing import PerStep

ENROLMENT = ["code_module", "code_presentation", "id_student"]
FOLDS = StudentKFold(5, shuffle=True, random_state=0, student="id_student")


def flatten(X):
    """Write the weeks of a sequence side by side."""
    return X.to_padded().reshape(len(X), -1)


def outcome_models(options):
    """Return the classifiers to compare, by name."""
    # No score is 0; the number of scores, a feature, tells one from the other.
    fill = PerStep(SimpleImputer(strategy="constant", fill_value=0))
    flat = FunctionTransformer(flatten)
    logistic = LogisticRegression(max_iter=1000)
    boosting = HistGradientBoostingClassifier(random_state=0)  # reads NaN as it is
    models = {
        "logistic regression": make_pipeline(fill, flat, StandardScaler(), logistic),
        "gradient boosting": make_pipeline(flat, boosting),
    }
    for cell in options.cell:
        clf = DKTClassifier(task="many-to-one", cell=cell, random_state=0)
        clf.set_params(**options.set)
        models[f"DKTClassifier {cell}"] = make_pipeline(fill, clf)
    return models


def predict_passing(weeks, enrolments, options):
    """Print the scores of all models after each number of weeks."""
    features = weeks.columns.drop([*ENROLMENT, "week"])
    X = Sequences.from_frame(weeks, by=ENROLMENT, order="week", features=features)
    enrolments = enrolments.loc[X.ids]
    for n in options.weeks:
        left = (enrolments["week_unregistered"] <= n).to_numpy()
        kept = ~left if options.enrolled else np.ones(len(X), dtype=bool)
        cut, passed = X[kept].first(n), enrolments["passed"].to_numpy()[kept]
        print(f"\nafter week {n}: {len(cut):,} enrolments, {passed.mean():.1%} pass")
        for name, model in outcome_models(options).items():
            start = time.perf_counter()
            scoring = ["roc_auc", "balanced_accuracy"]
            scores = cross_validate(model, cut, passed, cv=FOLDS, scoring=scoring)
            seconds = time.perf_counter() - start
            show(name, scores["test_roc_auc"], "ROC AUC", end="")
            show("", scores["test_balanced_accuracy"], "balanced accuracy", end="")
            print(f"  {seconds:6.0f} s", flush=True)


def trace_scores(weeks, options):
    """Print the scores of all models that predict each week's mean score."""
    weeks = weeks.assign(enrolment=weeks.groupby(ENROLMENT).ngroup())
    y = weeks["score"].to_numpy()
    known = ["week", *OULAD_CALENDAR]
    past = ["score", *weeks.columns.intersection(OULAD_ACTIVITY)]
    own = weeks.groupby("enrolment")
    so_far = own["score"].transform(lambda score: score.expanding().mean().shift())
    flat = weeks[known].assign(
        so_far=so_far,
        last=own["score"].transform(lambda score: score.ffill().shift()),
        **{f"{name}, {k} ago": own[name].shift(k) for name in past for k in (1, 2, 3)},
    )
    models = {
        f"SequenceRegressor {cell}": SequenceRegressor(
            student="enrolment",
            order="week",
            features=known,
            past_features=past,
            cell=cell,
            random_state=0,
        ).set_params(**options.set)
        for cell in options.cell
    }
    scored = ~np.isnan(y)
    print(f"{len(weeks):,} weeks, of which {scored.sum():,} have a score")
    found = {}
    for train, test in FOLDS.split(weeks):
        train_scored, test_scored = train[scored[train]], test[scored[test]]
        mean = y[train_scored].mean()
        boosting = HistGradientBoostingRegressor(random_state=0)
        boosting.fit(flat.iloc[train_scored], y[train_scored])
        p = {
            "mean of training scores": np.full(len(test_scored), mean),
            "student's running mean": so_far.iloc[test_scored].fillna(mean),
            "gradient boosting": boosting.predict(flat.iloc[test_scored]),
        }
        for name, model in models.items():
            model.fit(weeks.iloc[train], y[train])
            p[name] = model.predict(weeks.iloc[test])[scored[test]]
        for name, predicted in p.items():
            rmse = root_mean_squared_error(y[test_scored], predicted)
            found.setdefault(name, []).append(
                (rmse, r2_score(y[test_scored], predicted))
            )
    for name, scores in found.items():
        rmse, r2 = np.transpose(scores)
        show(name, rmse, "RMSE", end="")
        show("", r2, "R2")


def show(name, values, score, end="\n"):
    """Print the mean over folds and its spread."""
    width = 26 if name else 0
    print(
        f"{name:{width}}  {score} {values.mean():.4f} ± {values.std(ddof=1):.4f}",
        end=end,
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("question", choices=["pass", "scores"])
    parser.add_argument("--path", help="the official zip, or a folder of its tables")
    parser.add_argument("--weeks", type=int, nargs="+", default=[5, 10, 15])
    parser.add_argument("--cell", nargs="+", default=["lstm", "gru", "rnn"])
    parser.add_argument("--enrolled", action="store_true")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    settings = [setting.split("=") for setting in options.set]
    options.set = {name: ast.literal_eval(value) for name, value in settings}
    torch.set_num_threads(1)

    weeks, enrolments = oulad_weekly(fetch_oulad(options.path))
    if options.question == "pass":
        predict_passing(weeks, enrolments, options)
    else:
        trace_scores(weeks, options)


if __name__ == "__main__":
    main()
