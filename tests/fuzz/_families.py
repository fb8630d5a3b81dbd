"""The families of tracers: how an estimator of each is drawn."""

from hypothesis import strategies as st

from sktrace import (
    AFMClassifier,
    BKTClassifier,
    BlendClassifier,
    DKTClassifier,
    MeanClassifier,
    PFAClassifier,
    RaschClassifier,
    TransferClassifier,
)

__all__ = ["FAMILIES", "tracers"]

BASE = ("student", "order", "skill", "correct")
FACTOR = {
    "item": "item",
    "time": "time",
    "features": "number",
    "past_features": "number",
}
BOTTOM, TOP = 1e-12, 1e12
STRENGTHS = st.sampled_from(["auto", 1.0, 0.1, BOTTOM, TOP, 1e-300, 1e300])


def factor(**more):
    return {
        "student_effect": st.sampled_from(["online", "online", "fixed", None]),
        "C_skill": STRENGTHS,
        "C_student": STRENGTHS,
        "C_item": STRENGTHS,
        "persistence": st.sampled_from(["auto", 0.0, 0.9, 1.0]),
        **more,
    }


# Of each: the class, further columns by parameter, parameters, and how alike
# predictions are when what does not matter is changed.
FAMILIES = {
    "means": (
        MeanClassifier,
        {"item": "item"},
        {
            "by": st.sampled_from(["skill", "student", "item"]),
            "strength": st.sampled_from([5.0, 1e-300, 1e300, 5e-324]),
        },
    ),
    "AFM": (
        AFMClassifier,
        FACTOR,
        factor(
            slopes=st.sampled_from(["per_skill", "shared"]),
            counts=st.sampled_from(["log", "linear"]),
        ),
    ),
    "PFA": (
        PFAClassifier,
        FACTOR,
        factor(
            positive=st.booleans(),
            counts=st.sampled_from(["log", "linear"]),
            half_life=st.sampled_from([604800.0, 1e-300, 1e300]),
        ),
    ),
    "Rasch": (
        RaschClassifier,
        {"item": "item"},
        factor(
            model=st.sampled_from(["1pl", "2pl"]),
            persistence=st.sampled_from([0.98, 0.0, 1.0]),
        ),
    ),
    "BKT": (
        BKTClassifier,
        {
            "item": "item",
            "time": "time",
            "learn_group": "item",
            "prior_group": "student",
        },
        {
            "forget": st.booleans(),
            "forget_gap": st.sampled_from([43200.0, 0.0, 1e300]),
            "n_restarts": st.sampled_from([1, 2]),
            "max_iter": st.sampled_from([1, 20]),
            "tol": st.sampled_from([1e-2, 0.0, 1e300]),
            "beta_prior": st.sampled_from(["population", "weak", None]),
            "random_state": st.just(0),
        },
    ),
    "DKT": (
        DKTClassifier,
        FACTOR,
        {
            "cell": st.sampled_from(["gru", "lstm", "rnn"]),
            "readout": st.sampled_from(["linear", "mlp"]),
            "skill_numbers": st.booleans(),
            "standardize": st.booleans(),
            "lr": st.sampled_from([3e-3, 1e-300, 0.5]),
            "weight_decay": st.sampled_from([1e-2, 0.0]),
            "dropout": st.sampled_from([0.0, 0.5]),
            "early_stopping": st.booleans(),
            "batch_size": st.sampled_from(["auto", 1]),
            "max_length": st.sampled_from([200, 2]),
            "hidden_size": st.just(4),
            "embedding_size": st.just(3),
            "max_epochs": st.just(1),
            "random_state": st.just(0),
        },
    ),
    "transfer": (
        TransferClassifier,
        FACTOR,
        {"trust": st.sampled_from(["auto", 0.0, 1.0, 1e300])},
    ),
    "blend": (
        BlendClassifier,
        {"item": "item"},
        {
            "weights": st.sampled_from(["auto", None]),
            "n_folds": st.just(2),
            "random_state": st.just(0),
        },
    ),
}
MEMBERS = [("mean", MeanClassifier()), ("own", MeanClassifier(by="student"))]


@st.composite
def tracers(draw, family):
    """Draw an estimator, and the roles of the columns that it reads."""
    class_, further, parameters = FAMILIES[family]
    changed = draw(st.sets(st.sampled_from(sorted(parameters)), max_size=2))
    params = {
        name: draw(values)
        for name, values in parameters.items()
        if name in changed or name in ALWAYS
    }
    read = {name: role for name, role in further.items() if not draw(st.integers(0, 2))}
    if params.get("by") == "item" or family == "Rasch":
        read["item"] = "item"
    if family == "blend":
        params["estimators"] = MEMBERS
    skill = () if family == "Rasch" and draw(st.booleans()) else ("skill",)
    roles = {"student", "order", "correct", *skill, *read.values()}
    if draw(st.integers(0, 9)) == 0:
        roles -= {"order"}
    return class_, params, read, roles


ALWAYS = {
    *("hidden_size", "embedding_size", "max_epochs", "random_state", "n_restarts"),
    *("max_iter", "n_folds"),
}


def name_columns(params, read, roles, names):
    """Return an estimator's parameters, with the names of its columns."""
    base = {role: names[role] if role in roles else None for role in BASE}
    return {**params, **base, **{name: names[role] for name, role in read.items()}}
