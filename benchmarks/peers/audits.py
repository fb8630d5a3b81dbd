"""What sktrace's audit says of the peers: of their files, and of how they work.

Of a file of predictions it can check what the file shows. A peer that can be called is
a suspect for everything: its runner is fitted again and again, on few students, to
answers that were tossed, to histories that were changed behind a row, to students
alone.
"""

import tempfile
from pathlib import Path

import numpy as np

from .catalogue import run_peer
from .scores import read_probabilities

N_STUDENTS, N_EPOCHS, N_TOSSES = 60, 3, 3
TOLD = ["fault", "look"]
ASKED = [  # checks that a file of predictions has no answer to
    "randomised answers",
    "same rows, same predictions",
    "other rows",
    "prefix invariance",
    "company",
]


def of_predictions(results, name):
    """Return the findings about what a peer predicted of the test rows."""
    from sktrace.inspection import audit

    told = results.p[name].notna().to_numpy()
    test = results.test[told]
    return audit(
        results.p[name][told].to_numpy(),
        test,
        test["correct"],
        X_train=results.train,
        **columns(test),
    )


def of_runner(peer, results, options):
    """Return the findings about how a peer works, on a few students of the log."""
    from sktrace.inspection import audit

    train, test = (first_students(t) for t in (results.train, results.test))
    with tempfile.TemporaryDirectory() as folder:
        names = [Path(folder) / f"{part}.csv" for part in ("train", "test")]
        for rows, path in zip((train, test), names, strict=True):
            rows.to_csv(path, index=False)
        return audit(
            as_callable(peer, names, options),
            test,
            test["correct"],
            X_train=train,
            y_train=train["correct"],
            n_repeats=N_TOSSES,
            **columns(test),
        )


def as_callable(peer, names, options):
    """Return ``f(X_train, y_train, X_test)``, P(correct) of each row of X_test.

    Some peers need to know all skills and items beforehand: these are those of the
    tables `names`, whatever is asked. Seeds are the peer's own, and the same each time.
    """

    def predict(X_train, y_train, X_test):
        with tempfile.TemporaryDirectory() as folder:
            tables = [Path(folder) / f"{part}.csv" for part in ("train", "test")]
            train = X_train.assign(correct=np.asarray(y_train))
            train["correct"] = train["correct"].astype(int)
            for rows, table in zip((train, X_test), tables, strict=True):
                ordered(rows).to_csv(table, index=False)
            out, told = Path(folder) / "p.csv", {"epochs": N_EPOCHS, "names": names}
            where = options.environments, options.limit
            cost = run_peer(peer, tables, out, *where, **told)
            if "failed" in cost:
                raise RuntimeError(f"{peer.label} failed: {cost['failed']}")
            p = read_probabilities(out).to_numpy()
        back = np.empty(len(p))
        back[order(X_test)] = p
        return back

    return predict


def order(rows):
    """Return where rows go, sorted as the peers need them."""
    by = [c for c in ("user_id", "order_id", "item_id") if c in rows]
    return np.lexsort([rows[column] for column in reversed(by)])


def ordered(rows):
    return rows.iloc[order(rows)]


def first_students(rows):
    some = rows["user_id"].unique()[:N_STUDENTS]
    return rows[rows["user_id"].isin(some)].reset_index(drop=True)


def columns(rows):
    return {"item": "item_id"} if "item_id" in rows else {}


def in_words(findings):
    """Return the checks that found a fault, or something to look at, by verdict."""
    said = []
    for verdict in TOLD:
        checks = findings.loc[findings["verdict"] == verdict, "check"].unique()
        if len(checks):
            said.append(f"{verdict}: {', '.join(checks)}")
    return "; ".join(said) or "passed"
