"""
A tutor that asks until it knows
================================

A tutoring system chooses what to ask next, answer by answer. With a live tracer, it
stops when a skill is probably known, instead of asking everybody ten questions on it.
What does that save, and whom does a fixed number leave behind?
"""

# %%
# Students to practise with
# -------------------------
# Made up, by the law of Bayesian knowledge tracing: a skill is known or not, and may be
# learnt with every answer. What they really know, no tutor gets to see.
import numpy as np
import pandas as pd

SKILLS = ["fractions", "ratios", "percentages", "slopes"]
LAW = pd.DataFrame(
    {
        "prior": [0.6, 0.3, 0.2, 0.1],
        "learn": [0.35, 0.25, 0.15, 0.1],
        "guess": [0.15, 0.2, 0.25, 0.2],
        "slip": [0.1, 0.1, 0.05, 0.1],
    },
    index=SKILLS,
)


class Student:
    """One who answers, and learns by it."""

    def __init__(self, rng):
        self.rng = rng
        self.knows = {skill: rng.random() < LAW.prior[skill] for skill in SKILLS}

    def answer(self, skill):
        """Answer a question, right (1) or wrong (0)."""
        known = self.knows[skill]
        p = 1 - LAW.slip[skill] if known else LAW.guess[skill]
        correct = int(self.rng.random() < p)
        self.knows[skill] = known or self.rng.random() < LAW.learn[skill]
        return correct


# %%
# Last year: ten questions on every skill
# ---------------------------------------
# Their answers are the log to learn from.
from sktrace import BKTClassifier

n_questions = 10
rows, last_year = [], []
for name in range(300):
    student = Student(np.random.default_rng([0, name]))
    for order, skill in enumerate(np.repeat(SKILLS, n_questions)):
        rows.append((name, order, skill, student.answer(skill)))
    last_year += [(skill, student.knows[skill], n_questions) for skill in SKILLS]
log = pd.DataFrame(rows, columns=["user_id", "order_id", "skill_name", "correct"])
bkt = BKTClassifier(bounds={"guess": (0, 0.5), "slip": (0, 0.5)}, random_state=0)
bkt.fit(log, log["correct"])
print(bkt.params_.loc[SKILLS].round(2))

# %%
# This year: until the tracer is sure
# -----------------------------------
# A state per student is all that the tracer keeps; an answer is taken in at once. The
# tutor stays on a skill until P(known) is 0.95, and gives up after forty questions.
tracer = bkt.tracer()
this_year = []
for name in range(300):
    student = Student(np.random.default_rng([1, name]))
    for skill in SKILLS:
        asked = 0
        while tracer.knowledge_state(name)[skill] < 0.95 and asked < 40:
            tracer.update(name, skill, student.answer(skill))
            asked += 1
        this_year.append((skill, student.knows[skill], asked))

# %%
# What came of it
# ---------------
# Nearly everybody knows what the tutor moved on from, of every skill. Ten questions are
# too many of an easy skill and too few of a hard one.
columns = ["skill", "know it", "questions"]
tutors = {"ten questions": last_year, "until 0.95": this_year}
outcome = pd.concat(
    {name: pd.DataFrame(found, columns=columns) for name, found in tutors.items()},
    names=["tutor", None],
)
table = outcome.groupby(["skill", "tutor"], sort=False).mean().unstack("tutor")
print(table.loc[SKILLS].round(2).to_string(), end="\n\n")
print(outcome.groupby("tutor", sort=False).mean(numeric_only=True).round(2))

# %%
# The picture
# -----------
# Above, one student with the tutor, from the first question on: marks are answers, and
# the line is P(known) of the skill that was asked, in the colours of the plot below:
# how many questions it took all students.
import matplotlib.pyplot as plt

student, watch = Student(np.random.default_rng([1, 23])), bkt.tracer()
figure, (above, below) = plt.subplots(
    2, 1, figsize=(8, 5.6), layout="constrained", height_ratios=[1, 1.2]
)
start = 0
for color, skill in enumerate(SKILLS):
    known, given = [watch.knowledge_state("eve")[skill]], []
    while known[-1] < 0.95:
        given.append(student.answer(skill))
        watch.update("eve", skill, given[-1])
        known.append(watch.knowledge_state("eve")[skill])
    at = start + np.arange(len(known))
    above.plot(at, known, color=f"C{color}", label=skill)
    for right, face in ((1, "black"), (0, "white")):
        here = at[1:][np.equal(given, right)]
        above.plot(here, np.full(len(here), 1.1), "o", mfc=face, mec="black", ms=5)
    start = at[-1]
above.axhline(0.95, color="0.6", linestyle=":")
above.set(
    xlabel="questions (● right, ○ wrong)", ylabel="P(known)", ylim=(0, 1.18), xlim=0
)

bins = np.arange(0.5, 41)
taken = [
    outcome.loc["until 0.95"].query("skill == @skill").questions for skill in SKILLS
]
below.hist(taken, bins, stacked=True, label=SKILLS)
below.axvline(n_questions, color="0.2", linestyle="--", label="ten questions")
below.set(
    xlabel="questions until P(known) is 0.95", ylabel="students", xlim=(0.5, 40.5)
)
below.legend(frameon=False)
plt.show()
