"""
Find a leak
===========

A score that is too good is more often a leak than a discovery. Here three are planted,
as they happen in practice, and `sktrace.inspection.audit` is asked about each.
"""

# %%
# A log, and an honest score
# --------------------------
# A made-up class, with how long each answer took: wrong ones take longer.
import numpy as np
import pandas as pd
from sklearn.model_selection import cross_val_score

from sktrace import PFAClassifier
from sktrace.datasets import make_interactions
from sktrace.inspection import audit
from sktrace.model_selection import StudentKFold

X, y = make_interactions(n_students=150, n_skills=6, random_state=0)
rng = np.random.default_rng(0)
X["response_time"] = rng.lognormal(3 - 0.8 * y)

honest = audit(PFAClassifier(), X, y, n_students=30)
print(honest.loc[honest["check"] == "AUC by row", "size"].to_string(index=False))
print(honest["verdict"].value_counts().to_string())


# %%
# What speaks against a score, if anything does:
def alarms(report):
    found = report[report["verdict"].isin(["fault", "look"])]
    lines = found["check"] + ": " + found["finding"] + "\n  -> " + found["repair"]
    return "\n".join(lines) or "nothing"


print(alarms(honest))

# %%
# 1. A student's mean, of all rows
# --------------------------------
# A column that is handy in a notebook: how often each student is right. It was
# computed from the answers that are to be predicted.
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def on_columns(*names):
    """Return a logistic regression that reads some columns of the frame."""
    choose = FunctionTransformer(pd.DataFrame.get, kw_args={"key": list(names)})
    return make_pipeline(choose, LogisticRegression())


X["student_mean"] = X.groupby("user_id")["correct"].transform("mean")
folds = StudentKFold(5)
model = on_columns("student_mean")
print(f"AUC {cross_val_score(model, X, y, cv=folds, scoring='roc_auc').mean():.3f}")
print(alarms(audit(model, X, y, n_students=30)))

# %%
# 2. What is known only afterwards
# --------------------------------
# The response time of a row is known once it is answered. A model that reads it in
# the very row that it predicts cannot be used, however well it scores.
model = on_columns("response_time")
print(f"AUC {cross_val_score(model, X, y, cv=folds, scoring='roc_auc').mean():.3f}")
print(alarms(audit(model, X, y, n_students=30)))

# %%
# 3. A model that reads ahead
# ---------------------------
# Attention without a causal mask, in three lines: what is said of a row leans on how
# the student answers there and afterwards. Its author sees a high score, and no
# error.
from sklearn.base import BaseEstimator, ClassifierMixin


class ReadsAhead(ClassifierMixin, BaseEstimator):
    """PFA, and the mean of the student's answers from this row on."""

    def fit(self, X, y):
        self.pfa_ = PFAClassifier().fit(X, y)
        self.classes_ = self.pfa_.classes_
        return self

    def predict_proba(self, X):
        backwards = X.sort_values("order_id", ascending=False)
        later = backwards.groupby("user_id")["correct"].transform(
            lambda answers: answers.expanding().mean()
        )
        p = self.pfa_.predict_proba(X)[:, 1]
        p = 0.7 * p + 0.3 * later.reindex(X.index).to_numpy()
        return np.column_stack([1 - p, p])


model = ReadsAhead()
print(f"AUC {cross_val_score(model, X, y, cv=folds, scoring='roc_auc').mean():.3f}")
leaking = audit(model, X, y, n_students=30)
print(alarms(leaking))

# %%
# Coin tosses betray it as well: fitted to them, it predicts what nobody can. They
# would not betray one that reads later answers only, for of a toss these say nothing.
# Each check sees another kind of leak, which is why there are several.

# %%
# What an AUC is made of
# ----------------------
# The same table says which pairs of answers a score is made of. A leak helps most where
# there is least to know: in first rows, and in first attempts at a skill.
import matplotlib.pyplot as plt

parts = pd.DataFrame(
    {
        name: report[report["check"].str.startswith("AUC ")].set_index("check")["size"]
        for name, report in {"honest": honest, "reads ahead": leaking}.items()
    }
)
parts[::-1].plot.barh(xlim=(0.5, 1), xlabel="AUC", ylabel="", figsize=(7, 4.5))
plt.tight_layout()
plt.show()
