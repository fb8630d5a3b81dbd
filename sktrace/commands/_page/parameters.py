"""What the page says of BKT's parameters, skill by skill."""

import warnings

from sklearn.base import clone

from ... import BKTClassifier
from .._running.tracers import BELOW_HALF
from .bkt_rates import tabulate_rates
from .skills_table import MOST_SKILLS

__all__ = ["describe_parameters", "fit_plain", "remark_on_rates"]

LITTLE = 0.3  # by which knowing a skill makes right answers likelier
SUSPECT = 0.5  # of guess or slip: at the end of their range


def describe_parameters(findings):
    """Return what parameters.html shows, by the names that it calls it."""
    practice = findings.practice
    rates = tabulate_rates(fit_plain(findings), practice)
    rates["answers"] = practice.count()["answers"]
    rates["remark"] = [remark_on_rates(row) for row in rates.itertuples()]
    shown = rates.sort_values("answers", ascending=False, kind="stable")
    return {
        "rates": shown.head(MOST_SKILLS),
        "names": practice.skills,
        "n_skills": len(rates),
        "n_remarks": int((rates["remark"] != "").sum()),
    }


def fit_plain(findings):
    """Return the BKT of the comparison without items and times, fitted to all answers.

    They would make guess and slip those of an average item. So do all that is known of
    parameters in the literature without.
    """
    given = findings.tracers.get("BKT", BKTClassifier(bounds=BELOW_HALF))
    seed = findings.options.seed
    plain = clone(given).set_params(item=None, time=None, random_state=seed)
    name, best = findings.best
    if name == "BKT" and best.get_params() == plain.get_params():
        return best
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parameters, remarks say it
        return plain.fit(findings.X, findings.X["correct"])


def remark_on_rates(row):
    """Say what is implausible of guess and slip, or nothing."""
    knows = 1 - row.slip
    if knows <= row.guess:
        return "Who knows it is right no more often than who does not."
    if knows - row.guess < LITTLE:
        return (
            f"Who knows it is right in {knows:.0%}, who does not in {row.guess:.0%}: "
            "hardly more often. One skill, or several?"
        )
    for name, value in (("guess", row.guess), ("slip", row.slip)):
        if value > SUSPECT - 0.01:
            return (
                f"The {name} is at the end of its range: answers of two choices, or "
                "several skills in one?"
            )
    return ""
