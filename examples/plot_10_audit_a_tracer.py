"""
Audit a tracer
==============

Before a tracer decides what students get to see, it should be looked at from several
sides: did training end well, does it beat the classics, does it follow the learning
curves, is it right for every skill and for every group of students, and does what it
believes move the way the answers point?
"""

# %%
# A log
# -----
# Made up: 150 students, dealt out to three schools at random, so that no school differs
# from the others but by chance.
import numpy as np

from sktrace.datasets import make_interactions

X, y = make_interactions(n_students=150, n_skills=6, random_state=3)
X["school"] = np.array(["east", "north", "west"])[
    X["user_id"].rank(method="dense").astype(int) % 3
]

# %%
# Did training end well?
# ----------------------
# Early stopping holds out a tenth of the students and restores the weights of the epoch
# that predicted them best.
import matplotlib.pyplot as plt

from sktrace import DKTClassifier
from sktrace.display import TrainingDisplay

dkt = DKTClassifier(
    hidden_size=32, max_epochs=16, early_stopping=True, lr=0.01, random_state=0
)
TrainingDisplay.from_estimator(dkt.fit(X, y))
plt.show()

# %%
# Does it beat the classics?
# --------------------------
# The same folds of students for all. A dot is a fold; the line is one standard
# deviation to either side of the mean.
from sktrace import AFMClassifier, MeanClassifier, PFAClassifier
from sktrace.display import TracerComparisonDisplay

tracers = {
    "DKT": dkt,
    "PFA": PFAClassifier(),
    "AFM": AFMClassifier(),
    "skill's mean": MeanClassifier(),
}
comparison = TracerComparisonDisplay.from_estimators(tracers, X, y)
plt.show()

# %%
# Since folds are shared, what tells two tracers apart is the difference in each fold.
print(comparison.summary().round(4).to_string())

# %%
# Does it follow the learning curves?
# -----------------------------------
# From here on, every row is judged by its prediction in the fold that held its student
# out: predictions for students it has learnt from would flatter it.
from sklearn.model_selection import cross_val_predict

from sktrace.display import LearningCurveDisplay
from sktrace.model_selection import StudentKFold

folds = StudentKFold(5)
p = {
    name: cross_val_predict(tracers[name], X, y, cv=folds, method="predict_proba")[:, 1]
    for name in ("DKT", "PFA")
}
LearningCurveDisplay.from_predictions(X, y, p)
plt.show()

# %%
# Is it right for every skill?
# ----------------------------
# A gap above 0 says that the tracer expects too much.
from sktrace.inspection import calibration_by_skill

print(calibration_by_skill(p["DKT"], X, y).round(3).to_string())

# %%
# And for every group of students?
# --------------------------------
# Intervals come from drawing whole students again, since answers of one student go
# together. They overlap widely, as they should: a school's AUC says little.
from sktrace.inspection import slice_report

report = slice_report(p["DKT"], X, y, groups="school", n_bootstraps=200, random_state=0)
print(report.round(3).to_string(index=False))

# %%
# Does its belief move as the answers point?
# ------------------------------------------
# Two faults of DKT are known: what it believes of a skill may fall after a right answer
# on it, and change where nothing was answered. Yeung & Yeung (2018) count them: m1 and
# m2 are how consistent it is, w1 and w2 how wavy. On real logs they are much larger.
from sktrace import BKTClassifier
from sktrace.inspection import consistency_report

bkt = BKTClassifier(bounds={"guess": (0, 0.5), "slip": (0, 0.5)}, random_state=0)
for tracer in (dkt, bkt.fit(X, y)):
    print(type(tracer).__name__)
    print(consistency_report(tracer, X).round(4).T.to_string(header=False))
