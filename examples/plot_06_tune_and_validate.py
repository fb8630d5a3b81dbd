"""
Tune, and validate what was tuned
=================================

Two questions of a course exercise: which network is best, and how sure is the answer?
Grid search needs data that the final score does not: either one validation set, or
folds inside the training students.
"""

# %%
# The course
# ----------
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, ShuffleSplit, train_test_split
from sklearn.pipeline import make_pipeline

from sktrace import DKTClassifier, SequenceRegressor, Sequences
from sktrace.datasets import make_course
from sktrace.model_selection import StudentShuffleSplit, train_test_split_students
from sktrace.preprocessing import PerStep

weeks, passed = make_course(n_students=200, n_weeks=8, random_state=1)
X = Sequences.from_frame(weeks, by="user_id", order="week").first(5)
y = passed.loc[X.ids].to_numpy()

# %%
# Tune the prediction of passing
# ------------------------------
# The course's hyperparameters have the names of scikit-learn: ``hidden_size`` are the
# recurrent units, ``dropout`` the dropout rate.
classifier = make_pipeline(
    PerStep(SimpleImputer(add_indicator=True)),
    DKTClassifier(task="many-to-one", random_state=0),
)
grid = {
    "dktclassifier__cell": ["lstm", "gru"],
    "dktclassifier__hidden_size": [8, 32],
}
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.25, stratify=y, random_state=0
)
search = GridSearchCV(classifier, grid, cv=3, scoring="roc_auc", n_jobs=2)
search.fit(X_train, y_train)
print("passing:", search.best_params_)
print(f"  AUC on test students {search.score(X_test, y_test):.3f}")

# %%
# Tune the tracing of grades
# --------------------------
# Rows are weeks here, so folds have to be made of students. Some weeks have no grade;
# scikit-learn's scorers would refuse that, but the estimator's own score, R², is over
# the weeks that have one.
W_train, W_test = train_test_split_students(weeks, test_size=0.25, random_state=0)
regressor = SequenceRegressor(
    order="week", past_features=["quiz_grade"], random_state=0
)
tracing = GridSearchCV(
    regressor,
    {"cell": ["rnn", "gru"], "hidden_size": [8, 32]},
    cv=StudentShuffleSplit(3, random_state=0),
    n_jobs=2,
)
tracing.fit(W_train, W_train["quiz_grade"])
print("grades:", tracing.best_params_)
print(f"  R² on test students {tracing.score(W_test, W_test['quiz_grade']):.3f}")

# %%
# One validation set, or k folds?
# -------------------------------
# Both choose among the same four networks, from the same training students, and both
# winners are scored on the same test students. This is repeated for several splits into
# training and test, for one split is an anecdote.
schemes = {
    "one validation set": ShuffleSplit(1, test_size=1 / 3, random_state=0),
    "3 folds": 3,
}
results = []
for seed in range(3):
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.25, stratify=y, random_state=seed
    )
    for name, cv in schemes.items():
        search = GridSearchCV(classifier, grid, cv=cv, scoring="roc_auc", n_jobs=2)
        search.fit(X_train, y_train)
        found = {"validation": search.best_score_, "test": search.score(X_test, y_test)}
        results += [
            {"scheme": name, "split": seed, "students": students, "AUC": auc}
            for students, auc in found.items()
        ]
results = pd.DataFrame(results)
table = results.pivot_table(
    index="split", columns=["scheme", "students"], values="AUC", sort=False
)
print(table.round(3).to_string())
print("mean and spread over splits")
print(table.agg(["mean", "std"]).round(3).to_string())

# %%
# The picture
# -----------
# A line joins what the search promised and what the test students gave. The best of
# four scores is a little too good; and what one small validation set promises varies
# far more from split to split than what three folds do.
import matplotlib.pyplot as plt

figure, axes = plt.subplots(1, 2, figsize=(7.5, 3.6), sharey=True, layout="constrained")
for ax, name in zip(axes, schemes, strict=True):
    ax.plot(["validation", "test"], table[name].T, "o-", color="C0", alpha=0.6)
    ax.set(title=name, xlim=(-0.3, 1.3))
axes[0].set_ylabel("ROC AUC; a line is a split")
plt.show()
