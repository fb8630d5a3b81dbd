"""Whether what a refusal tells to call repairs what it refused.

The calls are found in the message: the longest pieces from ``X[``, ``X.`` or ``X =``
on that are Python. They are carried out on the very frame, which may be refused
again, but not for the same reason.
"""

import ast
import re

import numpy as np
import pandas as pd

from ._outcomes import attempt

__all__ = ["check_advice"]

BEGINS = re.compile(r"(?<![\w.\[(])(?:X\[|X\.|X = )")


def advised_calls(message):
    """Find the pieces of a message that are calls, without those to be filled in."""
    place = 0
    while found := BEGINS.search(message, place):
        begin = place = found.start()
        place += 1
        for end in range(len(message), begin, -1):
            piece = message[begin:end].strip()
            try:
                tree = ast.parse(piece).body
            except SyntaxError:
                continue
            if len(tree) == 1 and piece.endswith((")", "]")):
                place = end
                if "..." not in piece:
                    yield piece, tree[0]
                break


def follow(message, X):
    """Carry out the first call of a message that can be; return X and the call."""
    for piece, tree in advised_calls(message):
        known = {"X": X.copy(), "pd": pd, "np": np}
        try:
            if isinstance(tree, ast.Assign):
                exec(piece, known)
            else:
                known["X"] = eval(piece, known)
        except NameError:  # such as a name of a column that is no literal
            continue
        if isinstance(known["X"], pd.DataFrame):
            return known["X"], piece
    return None


def check_advice(fit, X, correct, refusal):
    """Follow advice until a fit succeeds or gives none; fail if it does not help.

    Parameters
    ----------
    fit : callable
        Of X and y.
    X : DataFrame
    correct : hashable
        Column of X that is the target, too.
    refusal : Exception
    """
    for _ in range(5):
        message = str(refusal)
        followed = follow(message, X)
        if followed is None:
            return
        X, call = followed
        fitted = attempt(fit, X, X[correct])
        if not fitted.refused:
            return
        again = str(fitted.refusal)
        assert again[:50] != message[:50], f"{call} did not help: {message}"
        refusal = fitted.refusal
