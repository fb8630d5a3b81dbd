"""What the page says of skills: which are hard, and which are learnt by practice."""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from .curve_pictures import draw_curve
from .learnt import tabulate_learning
from .practice import share_with_interval

__all__ = ["MOST_SKILLS", "describe_skills", "tabulate_skills"]

MOST_SKILLS = 500  # in the tables; a page has an end
LATER = 5  # the opportunity that is compared with the first, or an earlier one
# A word stands where an interval lies wholly beyond such a margin.
HARD = 0.10  # below the share of all skills
LEARNT = 0.05
KNOWN = 0.85  # at first: there is little left to learn
OFF = 0.02  # predicted beside observed
KINDS = 3  # of words, of each skill: hard, learnt, predicted wrongly
WORDS = (
    "hard",
    "learnt by practice",
    "hardly learnt by practice",
    "worse with practice",
    "predicted too hopefully",
    "predicted too doubtfully",
)


def describe_skills(findings):
    """Return what skills.html shows, by the names that it calls it."""
    practice, unknown = findings.practice, []
    curves = practice.curves
    later = choose_later(curves, len(practice.skills))
    table = tabulate_skills(practice)
    for read, lacking in [
        (lambda: tabulate_learning(findings.X, practice, later), "is learnt"),
        (lambda: average_now(findings.class_table, practice), "would be right now"),
    ]:
        try:
            table = table.join(read())
        except Exception as error:
            unknown.append(f"What {lacking} is unknown: {error}")
    columns = ["first", "later", "gain", "gain_se", "same", "same_se", "now"]
    table = table.reindex(columns=[*table.columns.difference(columns), *columns])
    table["words"] = find_words(table, practice.entries["correct"].mean())
    shown = table.nlargest(MOST_SKILLS, "answers").sort_values("high", kind="stable")
    return {
        "skills": shown,
        "names": practice.skills,
        "sparks": {
            skill: draw_curve(curves[skill], labelled=False)
            for skill in shown.index
            if skill in curves
        },
        "later": {2: "2nd", 3: "3rd"}.get(later, f"{later}th"),
        "found": {
            word: [practice.skills[k] for k in table.index[has]]
            for word in WORDS
            if (has := table["words"].map(lambda own, word=word: word in own)).any()
        },
        "n_skills": len(table),
        "z": z_of(0.95),
        "unknown": unknown,
    }


def choose_later(curves, n_skills):
    """Return the fifth opportunity, or an earlier one where half the skills end."""
    lengths = [own["opportunity"].max() for k, own in curves.items() if k is not None]
    lengths += [0] * (n_skills - len(lengths))
    return int(np.clip(np.median(lengths), 2, LATER)) if lengths else LATER


def tabulate_skills(practice):
    """Count answers, and compare what was observed with what was predicted.

    Returns
    -------
    DataFrame, indexed by code of skill
        ``answers``; ``students``; ``observed``, ``low`` and ``high``; ``predicted``;
        ``lowest`` and ``highest``, an interval that is widened for the number of
        skills.
    """
    entries, n_skills = practice.entries, len(practice.skills)
    correct, p = entries["correct"].to_numpy(), entries["p"].to_numpy()
    of = entries["student"].to_numpy(), entries["skill"].to_numpy(), n_skills
    observed, low, high = share_with_interval(correct, *of)
    _, lowest, highest = share_with_interval(correct, *of, widened(n_skills))
    predicted = np.bincount(of[1], p, n_skills) / np.bincount(of[1])
    numbers = {"observed": observed, "low": low, "high": high, "predicted": predicted}
    return practice.count().assign(**numbers, lowest=lowest, highest=highest)


def average_now(table, practice):
    """Return what those who have practised a skill would get right now, on average."""
    p = np.where(table.practised, table.p.to_numpy(), np.nan)
    has = table.practised.any(axis=0)
    names = pd.Index(practice.skills, tupleize_cols=False)
    codes = names.get_indexer(table.p.columns[has])
    return pd.DataFrame({"now": np.nanmean(p[:, has], axis=0)}, index=codes)


def find_words(table, overall):
    """Say what stands out of each skill, where chance does not explain it."""
    z = z_of(widened(len(table)))
    least = table["gain"] - z * table["gain_se"]
    most = np.maximum(
        table["gain"] + z * table["gain_se"], table["same"] + z * table["same_se"]
    )
    marks = [
        table["highest"] < overall - HARD,
        least > LEARNT,
        (most < LEARNT) & (most >= 0) & (table["first"] < KNOWN),
        most < 0,
        table["predicted"] > table["highest"] + OFF,
        table["predicted"] < table["lowest"] - OFF,
    ]
    marks = np.column_stack([mark.to_numpy(dtype=bool) for mark in marks])
    words = np.array(WORDS, dtype=object)
    return pd.Series([words[own].tolist() for own in marks], table.index, dtype=object)


def widened(n_skills):
    """Return the confidence at which one in 20 pages has a word by chance."""
    return 1 - 0.05 / max(KINDS * n_skills, 1)


def z_of(confidence):
    """Return the normal quantile of an interval."""
    return ndtri(0.5 + confidence / 2)
