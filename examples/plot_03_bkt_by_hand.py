"""
What the parameters of BKT do
=============================

Bayesian knowledge tracing has five numbers per skill. Here they are stated, not fitted,
and changed one at a time: how does P(known) move for one and the same row of answers?
"""

# %%
# One student's answers
# ---------------------
import pandas as pd

answers = [1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1]
X = pd.DataFrame(
    {
        "user_id": "ann",
        "order_id": range(1, len(answers) + 1),
        "skill_name": "fractions",
        "correct": answers,
    }
)
stated = {"prior": 0.6, "learn": 0.3, "guess": 0.2, "slip": 0.1, "forget": 0.3}

# %%
# P(known) after each answer
# --------------------------
# ``fixed=`` holds parameters; with all of them held, ``fit`` has nothing left to learn.
from sktrace import BKTClassifier


def known_after_answers(**changed):
    """Return P(known) before the first and after each answer."""
    bkt = BKTClassifier(fixed=stated | changed).fit(X, X["correct"])
    return [bkt.params_.loc["fractions", "prior"], *bkt.knowledge_state(X)["fractions"]]


print(pd.Series(known_after_answers()).round(3).tolist())

# %%
# One parameter at a time
# -----------------------
# Where a student starts is forgotten after a few answers. How fast a skill is learnt
# matters most. The less often a right answer may be guessed, the more it proves; a
# higher slip forgives wrong answers; and without forgetting, P(known) soon stays high.
import matplotlib.pyplot as plt

figure, axes = plt.subplots(
    2, 3, figsize=(8.4, 5.6), layout="constrained", sharex=True, sharey=True
)
axes[0, 2].remove()
panels = [*axes[0, :2], *axes[1]]  # prior, learn; guess, slip, forget
for ax, (name, value) in zip(panels, stated.items(), strict=True):
    low = 0.0 if name == "forget" else 0.05
    for other, style in ((low, ":"), (value, "-"), (0.45, "--")):
        curve = known_after_answers(**{name: other})
        ax.plot(curve, style, color="C0" if other == value else "0.5", label=other)
    for answer, face in ((1, "black"), (0, "white")):
        at = [i + 1 for i, given in enumerate(answers) if given == answer]
        ax.plot(at, [1.06] * len(at), "o", mfc=face, mec="black", ms=5, clip_on=False)
    ax.set(title=name, ylim=(0, 1.1), xticks=range(0, 12, 2))
    ax.legend(
        frameon=False,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.1),
        ncols=3,
        handlelength=1.5,
        columnspacing=1,
    )
figure.supylabel("P(known)", fontsize="medium")
figure.supxlabel("answers given (● right, ○ wrong)", fontsize="medium")
plt.show()
