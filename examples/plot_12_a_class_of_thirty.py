"""
A class of thirty
=================

A platform has millions of answers, a class has two thousand. What can be known of its
students, and what do classes of earlier years add?
"""

# %%
# A class, and others to be judged by
# -----------------------------------
# A made-up platform whose laws of learning we do not know. Thirty of its students are
# our class. Two hundred others are only here to score predictions: with a class alone,
# one could not tell a good tracer from a lucky one.
from sktrace.datasets import make_classroom

X, _ = make_classroom(830, random_state=2)
ours = X[X["user_id"] < 30]
others = X[X["user_id"].between(30, 229)]
earlier_years = X[X["user_id"] >= 230]
print(f"{len(ours):,} answers of our class on {ours['skill_name'].nunique()} skills")

# %%
# What a class can teach
# ----------------------
# The student's own mean is the bar. A network that starts from nothing has a hard time;
# a factor model is shrunk as far as the class asks for; and ``TransferClassifier`` adds
# what made-up classes taught: how students go on, whatever the subject.
from sktrace import DKTClassifier, MeanClassifier, PFAClassifier, TransferClassifier

tracers = {
    "student's mean": MeanClassifier(by="student"),
    "DKT": DKTClassifier(random_state=0),
    "PFA": PFAClassifier(),
    "transfer": TransferClassifier(),
}

# %%
# What earlier years add
# ----------------------
# The six hundred students of earlier years need not share a skill with our class: the
# network that learns from them reads no names. It is kept in a small file. Here, the
# platform is made up, as are the classes that the default has learnt from, so there is
# little to add; on real logs earlier years add as much again.
from sktrace.pretraining import pretrain

network = pretrain(earlier_years, learnt_from="earlier years", random_state=0)
tracers["transfer, own years"] = TransferClassifier(pretrained=network)

# %%
# The scores
# ----------
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score

scores = {}
for name, tracer in tracers.items():
    tracer.fit(ours, ours["correct"])
    p = tracer.predict_proba(others)[:, 1]
    scores[name] = {
        "AUC": roc_auc_score(others["correct"], p),
        "log loss": log_loss(others["correct"], p),
    }
scores = pd.DataFrame(scores).T
print(scores.round(3).to_string())

# %%
import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
ax.plot(scores["AUC"], scores.index, "o", markersize=9)
ax.grid(axis="x", alpha=0.3)
ax.spines[["top", "right", "left"]].set_visible(False)
ax.tick_params(left=False)
ax.set(xlabel="AUC on 200 students of the same platform", ylim=(4.5, -0.5))
plt.show()

# %%
# How far does the class trust what it is told? It was asked, by folds of its students:
# 1 is the network as it stands, 0 is PFA alone.
for name in ("transfer", "transfer, own years"):
    print(f"{name}: {tracers[name].trust_:.2f}")

# %%
# What each student would get right now
# -------------------------------------
print(tracers["transfer"].predict_next(ours).iloc[:5, :6].round(2).to_string())
