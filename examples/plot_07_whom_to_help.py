"""
Whom to help, and when
======================

A thousand students, and tutors who have time for 150 calls. Calls help most in the
first weeks, when least is known. How many of those called would indeed have failed? A
model learns from last year's course and is asked in every week of this one.
"""

# %%
# Two years of a course
# ---------------------
# Both made up, with other students and other quizzes. Of last year, it is known who
# passed. This year's outcomes serve for nothing but the score at the end.
from sktrace import DKTClassifier, Sequences
from sktrace.datasets import make_course

weeks, passed = make_course(n_students=1000, n_weeks=10, random_state=0)
last_year = Sequences.from_frame(weeks, by="user_id", order="week")
passed = passed.loc[last_year.ids]

weeks, outcome = make_course(n_students=1000, n_weeks=10, random_state=1)
this_year = Sequences.from_frame(weeks, by="user_id", order="week")
fails = outcome.loc[this_year.ids] == 0
print(f"last year {passed.mean():.0%} passed, this year {fails.mean():.0%} will fail")

# %%
# A model for each week
# ---------------------
# In week 3, the model to ask is one that learnt from the first three weeks of last
# year: one made for complete courses would take three weeks for a course that ended.
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

from sktrace.preprocessing import PerStep

model = make_pipeline(
    PerStep(SimpleImputer(add_indicator=True)),
    DKTClassifier(task="many-to-one", hidden_size=32, random_state=0),
)
p_fail = pd.DataFrame(
    {
        week: model.fit(last_year.first(week), passed).predict_proba(
            this_year.first(week)
        )[:, 0]
        for week in range(1, 11)
    },
    index=this_year.ids,
)
print(p_fail.head().round(2).to_string())

# %%
# The calls
# ---------
# Called are those whose risk is highest. The rule of thumb is to call those with the
# lowest mean of quiz grades so far, a missed quiz counted as 0. Whoever calls at random
# meets as many who fail as there are in the class.
by_week = weeks.pivot(index="user_id", columns="week", values="quiz_grade")
mean_grade = by_week.fillna(0).T.expanding().mean().T.loc[this_year.ids]
calls = 150
share = pd.DataFrame(
    {
        "highest risk": {
            w: fails[p_fail[w].nlargest(calls).index].mean() for w in p_fail
        },
        "lowest grades": {
            w: fails[mean_grade[w].nsmallest(calls).index].mean() for w in p_fail
        },
    }
).rename_axis("week")
print(share.round(2).to_string())

# %%
# Is the risk what it says?
# -------------------------
# A ranking is enough to choose whom to call. To tell a student "three of four in your
# place fail", the number itself has to be right. All predictions, in five bins:
risk = p_fail.stack().rename("predicted")
came = fails.reindex(risk.index.get_level_values(0)).to_numpy()
bins = pd.cut(risk, [0, 0.2, 0.4, 0.6, 0.8, 1])
print(
    pd.DataFrame({"predicted": risk, "failed": came})
    .groupby(bins.rename("risk"), observed=True)
    .agg(
        predicted=("predicted", "mean"),
        failed=("failed", "mean"),
        predictions=("failed", "size"),
    )
    .round(2)
    .to_string()
)

# %%
# The picture
# -----------
# On the left, what the calls are worth if they are made after that week. Grades alone
# say little after one quiz, and later they lag behind: a mean forgets nothing, while a
# network has learnt how fast efforts fade. On the right, how the risk of eight students
# changes as their weeks come in.
import matplotlib.pyplot as plt

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
for (name, line), style in zip(share.items(), ("o-", "s--"), strict=True):
    left.plot(line, style, label=name)
left.axhline(fails.mean(), color="0.5", linestyle=":", label="at random")
left.set(
    xlabel="called after week",
    ylabel="share of the called who would fail",
    xticks=range(1, 11),
    ylim=(0, 1.02),
)
left.legend(frameon=False, loc="lower right")
for student in this_year.ids[:8]:
    failed = fails[student]
    right.plot(p_fail.loc[student], color="C3" if failed else "C0", alpha=0.8)
    right.plot(10, p_fail.loc[student, 10], "X" if failed else "o", color="0.2", ms=5)
for marker, label in (("X", "failed"), ("o", "passed")):
    right.plot([], [], marker, color="0.2", ms=5, label=label)
right.set(
    xlabel="weeks seen",
    ylabel="predicted risk",
    xticks=range(1, 11),
    ylim=(-0.02, 1.02),
)
right.legend(frameon=False, loc="lower left")
plt.show()
