"""What a comparison of tracers found, in one true sentence or two."""

from scipy.special import ndtri

from .._scores.paired import UNTOLD

__all__ = ["name_score", "write_verdict"]

_WORDS = {
    "roc_auc": "AUC",
    "neg_log_loss": "log loss",
    "neg_brier_score": "Brier score",
    "f1": "F1 score",
}
CONFIDENCE = 0.95
_MOST_NAMED = 4  # a sentence has an end


def name_score(scoring):
    """Name a scorer for readers.

    >>> from sktrace.model_selection._verdict import name_score
    >>> name_score("roc_auc"), name_score("balanced_accuracy"), name_score(max)
    ('AUC', 'balanced accuracy', 'max')
    """
    if isinstance(scoring, str):
        return _WORDS.get(scoring, scoring.removeprefix("neg_").replace("_", " "))
    return getattr(scoring, "__name__", "score")


def write_verdict(found):
    """Say who leads, who cannot be told apart, and whether anything beats the means."""
    best, *others = found.ranking
    if not found.n_folds:
        return f"No fold has {_a(found.metric)}: the answers of each are all alike."
    if known := _say_who_guesses(found, best):
        return known
    score = f"{_a(found.metric)} of {_write(found, best)}"
    if not others:
        return f"{best} has {score}; there is no other to compare it with."
    return f"{_say_who_leads(found, best, score)} {_say_what_is_beaten(found)}".strip()


def _say_who_guesses(found, best):
    """Write that all guess, or may do so; nothing where the best surely does not.

    One of many that guess has an interval without 0 by luck: for the best of them to be
    sure, it has to be as far above as the number of tracers asks for (Bonferroni).
    """
    own = found.tracers.loc[best]
    far = -ndtri((1 - CONFIDENCE) / 2 / len(found.tracers))
    if not own["guesses"] and not own["sigmas"] < far:
        return ""
    verb = "predicts" if own["guesses"] else "is sure to predict"
    end = "lowest" if found.loss else "highest"
    rest = "" if own["guesses"] else f", the best of {len(found.tracers)}"
    return (
        f"No tracer {verb} better than guessing: the {end} {found.metric} is "
        f"{_write(found, best)}, of {best}{rest}."
    )


def _say_who_leads(found, best, score):
    """Write the leader, and who stands how to it."""
    standing = found.standing
    by_word = {
        word: standing.index[standing == word].tolist()
        for word in (UNTOLD, "same", "worse")
    }
    worse = by_word["worse"]
    if standing[best] == "best":
        rest = worse[0] if len(worse) == 1 else f"{_all(worse)} others"
        return f"{best} predicts best, with {score}; {rest} {_are(worse)} worse."
    parts = []
    if names := by_word[UNTOLD]:
        parts.append(f"{_join(names)} cannot be told apart from it")
    if names := by_word["same"]:
        within = f"practically the same (within {found.rope:.3g})"
        parts.append(f"{_join(names)} {_are(names)} {within}")
    if worse:
        rest = _join(worse) if len(worse) < 3 else f"{len(worse)} others"
        parts.append(f"{rest} {_are(worse)} worse")
    return f"{best} leads, with {score}: {'; '.join(parts)}."


def _say_what_is_beaten(found):
    """Write whether anything beats the baselines; nothing where there are none."""
    bars = list(found.baselines)
    models = [name for name in found.tracers.index if name not in bars]
    if not bars or not models:
        return ""
    bar = bars[0] if len(bars) == 1 else "the baselines"
    if len(bars) > 1 and all("mean" in name.lower() for name in bars):
        bar = "the means"
    best = found.ranking[0]
    if best in bars:
        return f"No tracer beats {'it' if len(bars) == 1 else bar}."
    verdicts = found.pairs.set_index(["tracer", "other"])["verdict"]
    beaten = [[verdicts[model, bar] for bar in bars] for model in models]
    over = [all(word == "better" for word in own) for own in beaten]
    if not any(over):
        of_best = beaten[models.index(best)]
        if all(word in ("better", "same") for word in of_best):
            return f"No tracer beats {bar} by more than {found.rope:.3g}."
        return f"No tracer is sure to beat {bar}."
    verb = "beats" if sum(over) == 1 else "beat"
    if len(models) == 1:
        # That it is better has been said where the means are all the others.
        said = len(bars) + 1 == len(found.tracers) and found.standing[best] == "best"
        return "" if said else f"It beats {bar}."
    if all(over):
        return f"{_all(models).capitalize()} models {verb} {bar}."
    return f"Of {len(models)} models, {sum(over)} {verb} {bar}."


def _write(found, name):
    """Write a score and its interval; a loss is positive."""
    own = found.tracers.loc[name]
    score, low, high = own["score"], own["low"], own["high"]
    if found.loss:
        score, low, high = -score, -high, -low
    text = f"{score:.3f}"
    if low == low:
        text += f" (95 % interval {low:.3f} to {high:.3f})"
    return text.replace("-", "−")


def _are(names):
    return "is" if len(names) == 1 else "are"


def _all(names):
    return "both" if len(names) == 2 else f"all {len(names)}"


def _a(noun):
    return f"{'an' if noun[0] in 'aeiouAEIOUF' else 'a'} {noun}"


def _join(names):
    """List names, the last after "and".

    >>> from sktrace.model_selection._verdict import _join
    >>> _join(["a", "b"]), _join(list("abcdef"))
    ('a and b', 'a, b, c and 3 others')
    """
    if len(names) > _MOST_NAMED:
        few = names[: _MOST_NAMED - 1]
        names = [*few, f"{len(names) - len(few)} others"]
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
