"""The tracers that a log is compared by, by their names."""

from ... import (
    AFMClassifier,
    BKTClassifier,
    BlendClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
    TransferClassifier,
)
from .._reading.items import ITEM
from .._roles import ROLES

__all__ = ["make_tracers"]

BELOW_HALF = {"guess": (0, 0.5), "slip": (0, 0.5)}  # else known may mean wrong


def make_tracers(seed, epochs, columns=(), *, models=None, blend=False):
    """Return unfitted tracers by their name.

    Parameters
    ----------
    seed, epochs : int
    columns : list of str
        Columns of the log; items and times among them are named to the tracers that
        read them.
    models : list of str, default=None
        Which there are beside the means; None for all.
    blend : bool, default=False
        Whether to blend some of them, which takes longer than all others together.
    """
    means = {"skill's mean": "skill", "student's mean so far": "student"}
    if ITEM in columns:
        means["item's mean"] = "item"
    known = {
        "AFM": AFMClassifier(),
        "PFA": PFAClassifier(),
        "BKT": BKTClassifier(bounds=BELOW_HALF, random_state=seed),
        "transfer": TransferClassifier(),
        "DKT": DKTClassifier(max_epochs=epochs, random_state=seed, verbose=1),
    }
    if blend:
        known["blend"] = make_blend(seed, epochs)
    further = {role: ROLES[role][0] for role in ("item", "time")}
    for model in known.values():
        read = further.keys() & model.get_params()
        own = {role: further[role] for role in read if further[role] in columns}
        model.set_params(**own)
    return {
        name: MeanClassifier(by=by, item=ITEM if by == "item" else None)
        for name, by in means.items()
    } | {name: own for name, own in known.items() if models is None or name in models}


def make_blend(seed, epochs):
    """Return the default blend, whose members are set as they are beside it."""
    return BlendClassifier(random_state=seed).set_params(
        bkt__random_state=seed, dkt__random_state=seed, dkt__max_epochs=epochs
    )
