"""sktrace's own tracers, with their defaults, through the door that peers go through.

Items are named where the log has them.
"""

import warnings

import torch
from runner import run

import sktrace  # + user code

KINDS = {
    "afm": sktrace.AFMClassifier,
    "pfa": sktrace.PFAClassifier,
    "bkt": sktrace.BKTClassifier,
    "transfer": sktrace.TransferClassifier,
    "dkt": sktrace.DKTClassifier,
    "blend": sktrace.BlendClassifier,
}

torch.set_num_threads(1)


def fit(train, names, options):
    """Fit with defaults, and seed 0 where the model is random."""
    settings = {"item": "item_id"} if "item_id" in names else {}
    kind = KINDS[options.model]
    if "random_state" in kind().get_params():
        settings["random_state"] = 0
    if options.epochs and options.model == "dkt":
        settings["max_epochs"] = options.epochs
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # BKT names degenerate skills
        # user code
        tracer = kind(**settings)
        tracer.fit(train, train["correct"])
        # end of user code
    return tracer


def predict(fitted, test, options):
    # user code
    return fitted.predict_proba(test)[:, 1]
    # end of user code


if __name__ == "__main__":
    run(fit, predict, list(KINDS))
