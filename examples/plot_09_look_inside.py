"""
Look inside a tracer
====================

A teacher wants to know what a student knows, what the class knows, and what to practise
next. The same questions put to two tracers: BKT, which speaks of what is known, and
DKT, which speaks of what would be answered right.
"""

# %%
# A course of three topics
# ------------------------
# Made up, so that we know what there is to find: a student good at one skill of a topic
# tends to be good at its others, and gets better with practice. Both tracers learn from
# 600 students and are asked about 30 more.
import numpy as np
import pandas as pd

TOPICS = {
    "algebra": ["linear equations", "inequalities", "exponents", "factoring"],
    "geometry": ["area", "volume", "congruence", "circles"],
    "statistics": ["mean", "median", "box plots", "probability"],
}
skills = pd.Series({skill: topic for topic in TOPICS for skill in TOPICS[topic]})
rng = np.random.default_rng(0)
difficulty = pd.Series(rng.normal(0, 0.8, len(skills)), index=skills.index)
rows = []
for student in range(630):
    good_at = dict(zip(TOPICS, rng.normal(0, 1.8, 3), strict=True))
    attempts = dict.fromkeys(skills.index, 0)
    for step in range(rng.integers(15, 60)):
        skill = rng.choice(skills.index)
        logit = good_at[skills[skill]] - difficulty[skill] + 0.25 * attempts[skill]
        correct = int(rng.random() < 1 / (1 + np.exp(-logit)))
        attempts[skill] += 1
        rows.append((student, step, skill, correct))
X = pd.DataFrame(rows, columns=["user_id", "order_id", "skill_name", "correct"])

# %%
from sktrace import BKTClassifier, DKTClassifier

others, here = X[X["user_id"] < 600], X[X["user_id"] >= 600]
y = others["correct"]
bkt = BKTClassifier(bounds={"guess": (0, 0.5), "slip": (0, 0.5)}, random_state=0)
bkt = bkt.fit(others, y)
dkt = DKTClassifier(hidden_size=50, max_epochs=20, random_state=0).fit(others, y)

# %%
# One student over time
# ---------------------
# A column is the state after one answer, a line a skill; what was answered stands in
# the cell of the skill.
import matplotlib.pyplot as plt

from sktrace.display import MasteryDisplay

student = (here.groupby("user_id").size() - 60).abs().idxmin()
MasteryDisplay.from_estimator(dkt, here, student)
plt.show()

# %%
# The same student, skill by skill: how P(known) of BKT rises and falls from one answer
# to the next, until it passes 0.95, where tutors take a skill for known.
from sktrace.display import KnowledgeCurveDisplay

KnowledgeCurveDisplay.from_estimator(bkt, here, student)
plt.show()

# %%
# The class now
# -------------
# Who needs help is at the top, what is hard on the left. A dot says that the student
# has not practised the skill, so that the number comes from other skills and students.
from sktrace.display import ClassMasteryDisplay

ClassMasteryDisplay.from_estimator(dkt, here)
plt.show()

# %%
# What to practise next?
# ----------------------
# If the student answered one more question right, on which skill would most be gained
# over all twelve? That is a question to a model, not yet one to nature: DKT has seen
# which answers go together, and no experiment.
from sktrace.inspection import what_if

own = here[here["user_id"] == student]
gains = what_if(dkt, own, dkt.skills_.tolist(), 1)
gains = gains.groupby("skill")["change"].mean().sort_values(ascending=False)
print(gains.round(3).to_string())

# %%
# Which skill speaks for which?
# -----------------------------
# The graph of Piech et al. (2015): arrows lead to a skill from those on which a right
# answer raises its P(correct) most. Nobody told DKT of topics; it has found them in the
# answers.
from sktrace.inspection import skill_influence

influence = skill_influence(dkt)
between = influence[influence["skill"] != influence["on"]]
same = between["skill"].map(skills) == between["on"].map(skills)
print(between.groupby(same.rename("same topic"))["lift"].agg(["mean", "min", "max"]))

# %%
from sktrace.display import SkillGraphDisplay

SkillGraphDisplay.from_influence(influence)
plt.show()
