"""
Trace weekly quiz grades
========================

Each week of a course ends with a quiz. What will a student's next grade be, given the
weeks before? One row of the table is one student's week, and one prediction.
"""

# %%
# The course
# ----------
# A made-up one, whose truth is known. Some students miss some quizzes.
from sktrace.datasets import make_course

weeks, _, truth = make_course(
    n_students=300, n_weeks=10, return_truth=True, random_state=0
)
print(weeks.head(3).to_string(index=False))
print(f"{weeks['quiz_grade'].isna().mean():.0%} of the quizzes are missing")

# %%
# What may a prediction see?
# --------------------------
# A week's own activity is known when the week ends, just before its quiz. The grade is
# known only afterwards: as a *past feature*, it is read from the week before, never
# from its own row. So the column to predict may stand in X without being seen. A
# missing grade is a fact to read, and no target to learn from.
from sktrace import SequenceRegressor

reg = SequenceRegressor(order="week", past_features=["quiz_grade"], random_state=0)

# %%
# Folds of students
# -----------------
# ``cross_val_score(reg, weeks, grade, cv=StudentKFold(5))`` would do for R²: the model
# reads all weeks and is scored where there is a grade. To compare and to draw, the
# folds are taken by hand. A student's mean grade so far is the bar to clear; the
# expected grade, which only the generator knows, is the ceiling.
import numpy as np
import pandas as pd
from sklearn.metrics import r2_score, root_mean_squared_error

from sktrace.model_selection import StudentKFold

grade = weeks["quiz_grade"]
so_far = weeks.groupby("user_id")["quiz_grade"].transform(
    lambda own: own.expanding().mean().shift()
)
scores = []
predicted = np.empty(len(weeks))
for train, test in StudentKFold(5).split(weeks):
    reg.fit(weeks.iloc[train], grade.iloc[train])
    predicted[test] = reg.predict(weeks.iloc[test])
    rows = test[grade.iloc[test].notna()]
    for name, p in {
        "mean so far": so_far.fillna(grade.iloc[train].mean()).to_numpy(),
        "SequenceRegressor": predicted,
        "truth without noise": truth.weeks["expected_grade"].to_numpy(),
    }.items():
        rmse = root_mean_squared_error(grade.iloc[rows], p[rows])
        scores.append((name, rmse, r2_score(grade.iloc[rows], p[rows])))
table = pd.DataFrame(scores, columns=["prediction", "RMSE", "R2"])
print(table.groupby("prediction", sort=False).agg(["mean", "std"]).round(3))

# %%
# The picture
# -----------
# Three students: what was predicted before each quiz, and what came.
import matplotlib.pyplot as plt

figure, axes = plt.subplots(1, 3, figsize=(9, 3.2), sharey=True, layout="constrained")
for ax, student in zip(axes, (0, 3, 8), strict=True):
    own = (weeks["user_id"] == student).to_numpy()
    week = weeks.loc[own, "week"]
    ax.plot(week, predicted[own], "o-", color="C0", label="predicted")
    ax.plot(week, grade[own], "D", color="C1", label="grade")
    ax.plot(
        week,
        truth.weeks.loc[own, "expected_grade"],
        "--",
        color="0.5",
        label="expected, if all were known",
    )
    ax.set(title=f"student {student}", xlabel="week", xticks=range(1, 11), ylim=(0, 11))
axes[0].set_ylabel("quiz grade (0 to 10)")
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
plt.show()
