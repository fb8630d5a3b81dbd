"""
Predict who passes, week by week
================================

A teacher wants to know by week 5 who will pass the exam in week 10. One sample is one
student's sequence of weeks, one target is one outcome. And how early could one know?
"""

# %%
# The course
# ----------
# Weeks become sequences, one per student; ``first(5)`` are their first five weeks.
from sktrace import DKTClassifier, Sequences
from sktrace.datasets import make_course

weeks, passed = make_course(n_students=400, n_weeks=10, random_state=0)
X = Sequences.from_frame(weeks, by="user_id", order="week")
y = passed.loc[X.ids]
print(X, X.first(5), f"{y.mean():.0%} pass", sep="\n")

# %%
# After five weeks
# ----------------
# A network reads numbers, so missed quizzes are filled with the training students'
# mean, beside a mark that says so. A sequence is a whole student: scikit-learn's usual
# folds are right here.
from sklearn.impute import SimpleImputer
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline

from sktrace.preprocessing import PerStep

model = make_pipeline(
    PerStep(SimpleImputer(add_indicator=True)),
    DKTClassifier(task="many-to-one", hidden_size=32, random_state=0),
)
scores = cross_validate(
    model, X.first(5), y, cv=5, scoring=["roc_auc", "balanced_accuracy"]
)
for name in ("test_roc_auc", "test_balanced_accuracy"):
    print(f"{name[5:]:18} {scores[name].mean():.3f} ± {scores[name].std():.3f}")

# %%
# How early?
# ----------
# ``early_prediction_curve`` cross-validates at every horizon, on the same folds: with a
# model for each week, and with one model, trained on all ten weeks, that is asked each
# week.
from sktrace.model_selection import early_prediction_curve

steps = [1, 2, 3, 5, 7, 10]
curves = {
    name: early_prediction_curve(
        model, X, y, steps=steps, refit=refit, cv=5, scoring="roc_auc"
    )
    for name, refit in {"a model for each week": True, "one model": False}.items()
}

# %%
# A model made for its week is the better one early on; the other has learnt from
# complete courses only, and takes the first weeks for the last.
import matplotlib.pyplot as plt

from sktrace.display import EarlyPredictionDisplay

display = EarlyPredictionDisplay.from_curve(
    curves, metric="roc_auc", step_label="weeks seen", chance=0.5
)
plt.show()

# %%
print(display.summary().round(3).to_string())
