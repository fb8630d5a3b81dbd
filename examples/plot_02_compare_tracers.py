"""
Compare tracers
===============

Additive and performance factor models, Bayesian and deep knowledge tracing, and a stack
of all four: one loop, one set of folds, one table. By default on a made-up class, in
a minute; on a real log, in about a quarter of an hour, with

.. code-block:: shell

    python examples/plot_02_compare_tracers.py assistments2009
"""

# %%
# The log
# -------
import sys

from sktrace.datasets import fetch_assistments2009, make_interactions

if "assistments2009" in sys.argv[1:]:
    X, y = fetch_assistments2009(subset="train", return_X_y=True)
    network = {}  # the defaults
else:
    X, y = make_interactions(n_students=300, n_skills=10, random_state=0)
    network = {"hidden_size": 64, "max_epochs": 14}  # for a small class
print(f"{len(X):,} answers of {X['user_id'].nunique():,} students")

# %%
# The tracers
# -----------
# All of them read the same frame, so they need no further preparation, and they can be
# stacked: a logistic regression weighs their predictions for students they have not
# seen. It adds up log odds; on probabilities it would distort the best of them.
import numpy as np
from scipy.special import logit
from sklearn.ensemble import StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sktrace import AFMClassifier, BKTClassifier, DKTClassifier, PFAClassifier
from sktrace.model_selection import StudentKFold


def log_odds(p):
    """Return logits of probabilities that may be as good as certain."""
    return logit(np.clip(p, 1e-4, 1 - 1e-4))


tracers = {
    "AFM": AFMClassifier(),
    "PFA": PFAClassifier(),
    "BKT": BKTClassifier(bounds={"guess": (0, 0.5), "slip": (0, 0.5)}, random_state=0),
    "DKT": DKTClassifier(**network, random_state=0),
}
weigh = make_pipeline(FunctionTransformer(log_odds), LogisticRegression())
tracers["stack"] = StackingClassifier(list(tracers.items()), weigh, cv=StudentKFold(2))

# %%
# The scores
# ----------
# AUC over all rows also rewards a model for knowing which skills are hard. The AUC
# within skills, averaged by rows, is about students alone.
import pandas as pd
from sklearn.metrics import make_scorer, root_mean_squared_error
from sklearn.model_selection import cross_validate

from sktrace.metrics import skill_scorer

scoring = {
    "AUC": "roc_auc",
    "log loss": "neg_log_loss",
    "RMSE": make_scorer(
        root_mean_squared_error,
        response_method="predict_proba",
        greater_is_better=False,
    ),
    "AUC within skills": skill_scorer("roc_auc", weighted=True),
}
scores = {
    name: pd.DataFrame(
        cross_validate(tracer, X, y, cv=StudentKFold(5), scoring=scoring)
    )
    .filter(like="test_")
    .abs()  # losses are negative scores
    .rename(columns=lambda column: column.removeprefix("test_"))
    for name, tracer in tracers.items()
}
folds = pd.concat(scores, names=["tracer", "fold"])
table = folds.groupby("tracer", sort=False).agg(["mean", "std"])
for name, row in table.iterrows():
    print(f"\n{name}")
    for score in scoring:
        print(f"  {score:18} {row[score, 'mean']:.4f} ± {row[score, 'std']:.4f}")

# %%
# The picture
# -----------
# A line joins the scores of one fold. Folds differ more than tracers do, so tracers are
# compared on the same folds, by their differences. The made-up class follows a law like
# AFM's, which favours AFM and PFA; on real logs DKT leads.
import matplotlib.pyplot as plt

auc = folds["AUC"].unstack("fold").loc[list(tracers)]
figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained", sharex=True)
panels = {"AUC": auc, "AUC minus that of PFA, same fold": auc - auc.loc["PFA"]}
for ax, (label, by_fold) in zip(axes, panels.items(), strict=True):
    ax.plot(by_fold, color="0.75", marker=".", linewidth=1)
    ax.plot(by_fold.mean(axis=1), "o-", color="C0", label="mean of folds")
    ax.set_ylabel(label)
    ax.legend(frameon=False)
plt.show()
