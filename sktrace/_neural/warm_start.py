"""What ``warm_start=True`` carries over from one fit to the next: weights, history."""

import copy

import torch

from .._words import first_few

__all__ = ["carry_over", "earlier_solution", "refuse_others"]

# What weights belong to, by the attribute that lists it.
NAMED = {
    "classes_": "classes",
    "skills_": "skills",
    "feature_names_in_": "columns",
    "features_": "features",
    "past_features_": "past_features",
}

ITEMS = "items.table.weight"  # of the items alone that have enough answers


def earlier_solution(estimator):
    """Return an estimator as it is, if its next fit is to begin with its weights.

    Returns
    -------
    estimator or None
        A shallow copy, which a fit that forgets does not change. None where it is not
        fitted for its task, or has no ``warm_start=True``.
    """
    if estimator.warm_start and estimator.__sklearn_is_fitted__():
        return copy.copy(estimator)
    return None


def refuse_others(estimator, earlier):
    """Refuse classes, skills, items or columns that weights of the earlier fit lack.

    Raises
    ------
    ValueError
        If they are not the same, in the same order.
    """
    both = earlier, estimator
    known = {of: [_list(one, name) for one in both] for name, of in NAMED.items()}
    known["items"] = [_items_of(one) for one in both]
    for what, (old, new) in known.items():
        if old == new:
            continue
        was, is_now = set(old), set(new)
        more = [name for name in new if name not in was]
        less = [name for name in old if name not in is_now]
        told = [f"{len(more)} new: {first_few(more)}"] * bool(more)
        told += [f"{len(less)} missing: {first_few(less)}"] * bool(less)
        raise _refuse(f"other {what} ({'; '.join(told) or 'in another order'})")


def carry_over(net, other):
    """Let another net, which has not been trained, begin where a net is.

    It takes the weights and the history; the optimizer's memory begins anew.

    Raises
    ------
    ValueError
        If the other's weights are of other shapes.
    """
    for part in ("module_", "criterion_"):
        old, new = (dict(getattr(one, part).named_parameters()) for one in (net, other))
        if {ITEMS} <= old.keys() & new.keys():
            old[ITEMS] = other.module_.items.rows_after(net.module_.items)
        shapes = [{k: tuple(w.shape) for k, w in own.items()} for own in (old, new)]
        if shapes[0] != shapes[1]:
            odd = next(
                name
                for name in [*shapes[1], *shapes[0]]
                if shapes[0].get(name) != shapes[1].get(name)
            )
            was, now = (own.get(odd, "none") for own in shapes)
            raise _refuse(f"weights of other shapes ({odd}: {was} before, {now} now)")
        with torch.no_grad():
            for name, weights in new.items():
                weights.copy_(old[name])
    other.history = copy.copy(net.history)


def _list(estimator, name):
    return list(getattr(estimator, name, ()))


def _items_of(estimator):
    return list(getattr(estimator, "_names_", {}).get("item", ()))


def _refuse(other):
    return ValueError(
        f"warm_start=True, and this fit has {other} than the one before; expected the "
        "same, to go on from its weights. To start anew, call "
        "set_params(warm_start=False) first."
    )
