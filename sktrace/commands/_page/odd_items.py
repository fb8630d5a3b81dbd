"""What the page says of items: which do not behave like the others of their skill."""

from ...inspection import item_fit
from .._reading.items import ITEM

__all__ = ["describe_items"]

MOST_ITEMS = 30
WORDS = {
    "backwards": "Who should know it does worse than who should not: is its key wrong?",
    "too noisy": "Who should know it does hardly better than who should not: is its "
    "text unclear, or can it be guessed?",
    "too hard": "Harder than predicted, unlike the others of its skill: a trap, a "
    "wrong key, or another skill?",
    "too easy": "Easier than predicted, unlike the others of its skill: is the answer "
    "given away, or is it another skill?",
}


def describe_items(findings):
    """Return what items.html shows, by the names that it calls it."""
    X, name = findings.X, findings.best[0]
    if ITEM not in X or X[ITEM].isna().all():
        return {"items": None}
    p = findings.comparison.predictions[name]
    items = item_fit(p, X, X["correct"].to_numpy(dtype=int), item=ITEM)
    odd = items[items["verdict"].isin(WORDS)]
    return {
        "items": odd.head(MOST_ITEMS),
        "n_odd": len(odd),
        "n_judged": int((items["verdict"] != "too few answers").sum()),
        "n_items": len(items),
        "said": WORDS,
    }
