"""
Compare tracers
===============

Additive and performance factor models, Bayesian and deep knowledge tracing, and a stack
of all four: one loop, one set of folds, one table. By default on a made-up class, in
some seconds; on a real log, in about a quarter of an hour, with

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
    X, y = make_interactions(n_students=120, n_skills=8, random_state=0)
    network = {"hidden_size": 50, "max_epochs": 8}  # for a small class
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
from sklearn.model_selection import cross_validate

from sktrace.metrics import skill_scorer

scoring = {
    "roc_auc": "roc_auc",
    "roc_auc_within_skills": skill_scorer("roc_auc", weighted=True),
    "neg_log_loss": "neg_log_loss",
}
results = {
    name: cross_validate(tracer, X, y, cv=StudentKFold(3), scoring=scoring)
    for name, tracer in tracers.items()
}

# %%
# The picture
# -----------
# Dots are folds, the bar is one standard deviation to either side of their mean.
import matplotlib.pyplot as plt

from sktrace.display import TracerComparisonDisplay

comparison = TracerComparisonDisplay.from_results(results)
plt.show()

# %%
# Folds differ more than tracers do. So tracers are compared on the same folds, by their
# differences to the best. The made-up class follows a law like AFM's, which favours AFM
# and PFA; on real logs DKT leads.
print(comparison.summary().round(4).to_string())

# %%
# Who is better?
# --------------
# A mean that is a little higher need not be better. `compare_tracers` says how likely
# it is, given that folds share training students, and what follows, in a sentence.
from sktrace import MeanClassifier
from sktrace.model_selection import compare_tracers

models = {name: tracers[name] for name in ("AFM", "PFA", "BKT")}
means = {
    "student's mean": MeanClassifier(by="student"),
    "skill's mean": MeanClassifier(),
}
found = compare_tracers(models | means, X, y, random_state=0)
print(found.verdict())
print(found.pairs.query("tracer == 'BKT'").round(3).to_string())
