"""
Read items
==========

Two problems on one skill are not equally hard. Here a log names its problems: how much
better is a tracer that reads them, which items are hard, and which of them are broken?
"""

# %%
# A log that names its items
# --------------------------
# Made up: 300 students, 4 skills, 12 items each, which differ in difficulty and in how
# well they discriminate. One of them has the wrong key: right answers are marked wrong.
from sktrace.datasets import make_interactions

X, y, truth = make_interactions(
    n_students=300, n_skills=4, n_items=48, return_items=True, random_state=1
)
broken = X["item_id"].value_counts().index[9]
wrong_key = X["item_id"] == broken
X.loc[wrong_key, "correct"] = 1 - X.loc[wrong_key, "correct"]
y = X["correct"]

# %%
# What items add
# --------------
# The same folds of students for all; each with items and without.
import matplotlib.pyplot as plt

from sktrace import BKTClassifier, PFAClassifier, RaschClassifier
from sktrace.display import TracerComparisonDisplay

bkt = {"bounds": {"guess": (0, 0.5), "slip": (0, 0.5)}, "random_state": 0}
tracers = {
    "PFA, items": PFAClassifier(item="item_id"),
    "PFA": PFAClassifier(),
    "BKT, items": BKTClassifier(item="item_id", **bkt),
    "BKT": BKTClassifier(**bkt),
    "Rasch": RaschClassifier(item="item_id"),
}
TracerComparisonDisplay.from_estimators(tracers, X, y)
plt.show()

# %%
# How hard they are
# -----------------
# Difficulty is in logits, relative to the average item of the skill. Beside it stand
# the truth, its standard error, and what it rests on.
from sktrace.model_selection import train_test_split_students

X_train, X_test, y_train, y_test = train_test_split_students(
    X, y, test_size=0.5, random_state=0
)
pfa = PFAClassifier(item="item_id").fit(X_train, y_train)
items = pfa.items_.join(truth["difficulty"].rename("truth"))
print(items.sort_values("difficulty").round(2).iloc[[0, 1, 2, -3, -2, -1]])
print(f"correlation with the truth: {items['difficulty'].corr(items['truth']):.2f}")

# %%
# Which of them are broken
# ------------------------
# A tracer that does *not* read items shows them best: it expects of each item what it
# expects of the others of its skill. Students it has not seen give the verdicts.
from sktrace.inspection import item_fit

plain = PFAClassifier().fit(X_train, y_train)
fit = item_fit(plain, X_test, y_test, item="item_id")
columns = ["skill", "n_answers", "harder", "discrimination", "p_adjusted", "verdict"]
print(f"the wrong key is that of {broken}")
print(fit[columns].head(3).round(3).to_string())

# %%
# An item at the height 0 says nothing of who knows the skill; below, those who know it
# get it wrong.
from sktrace.display import ItemDisplay

ItemDisplay.from_items(fit)
plt.show()

# %%
# Ask for items
# -------------
# What would the first students get right now?
few = fit.index[-3:].tolist()
print(pfa.predict_next(X_test, items=few).head(3).round(2))
