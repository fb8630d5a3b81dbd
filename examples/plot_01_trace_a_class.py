"""
Trace a class
=============

A class has practised ten skills. How likely is each student to get the next question
right, on any of them? We fit deep knowledge tracing on four fifths of the students,
score it on the others, and look at one of them.
"""

# %%
# The log
# -------
# One row per answer: who, when, which skill, right or wrong. This class is made up by
# a known model, so that we also have the true probability of every answer.
from sktrace.datasets import make_interactions

X, y, truth = make_interactions(
    n_students=300, n_skills=10, return_proba=True, random_state=0
)
X.head()

# %%
# Split by student
# ----------------
# A model that has seen other answers of a student knows more about that student than
# it will know of a new one. So students, not rows, are held out.
from sktrace.model_selection import train_test_split_students

X_train, X_test, y_train, y_test, _, truth_test = train_test_split_students(
    X, y, truth, test_size=0.2, random_state=0
)

# %%
# Fit and score
# -------------
# ``predict_proba`` predicts every row from the same student's strictly earlier rows,
# so its rows can be scored as they stand. Two means show what is gained by a model,
# and the true probabilities what could be gained at most.
import pandas as pd
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

from sktrace import DKTClassifier, MeanClassifier

tracers = {
    "skill's mean": MeanClassifier(by="skill"),
    "student's mean so far": MeanClassifier(by="student"),
    "DKT": DKTClassifier(random_state=0),
}
predictions = {
    name: tracer.fit(X_train, y_train).predict_proba(X_test)[:, 1]
    for name, tracer in tracers.items()
}
predictions["true model"] = truth_test
scores = {
    name: {
        "AUC": roc_auc_score(y_test, p),
        "log loss": log_loss(y_test, p),
        "accuracy": accuracy_score(y_test, p > 0.5),
    }
    for name, p in predictions.items()
}
print(pd.DataFrame(scores).T.round(3))

# %%
# What would each student get right now?
# --------------------------------------
dkt = tracers["DKT"]
print(dkt.predict_next(X_test).iloc[:5, :4].round(2))

# %%
# One student over time
# ---------------------
# Columns are answers, lines are skills, and a cell is the probability of a right
# answer on that skill just after that answer.
import matplotlib.pyplot as plt

from sktrace.display import MasteryDisplay

n_answers = X_test["user_id"].value_counts()
student = n_answers.index[(n_answers - 60).abs().argmin()]
MasteryDisplay.from_estimator(dkt, X_test, student)
plt.show()
