"""What factor models have learnt, as tables to be read."""

import pandas as pd

__all__ = ["average_table", "feature_table", "item_table", "student_table"]


def item_table(regression, index):
    """Return difficulty, standard error and answers of each item."""
    # Hard is what is answered wrong, whichever of the classes that is.
    harder = 1.0 if regression.direction < 0 else -1.0
    return pd.DataFrame(
        {
            "difficulty": harder * regression.block["items"],
            "se": regression.sds["items"],
            "n_answers": regression.n_answers["items"],
        },
        index=index,
    )


def student_table(regression, index):
    """Return the ability of each student of the training log."""
    return pd.DataFrame(
        {
            "effect": regression.block["students"],
            "sd": regression.sds["students"],
            "n_answers": regression.n_answers["students"],
        },
        index=index,
    )


def feature_table(effects, scaling, roles):
    """Return the effect of each feature, and of each past one."""
    names = [*roles.columns_of("features"), *roles.columns_of("past_features")]
    effect, missing = effects.reshape(2, -1)
    mean, spread = scaling
    return pd.DataFrame(
        {"effect": effect, "missing": missing, "mean": mean, "spread": spread},
        index=pd.Index(names, name="feature", tupleize_cols=False),
    )


def average_table(effects, decays):
    """Return what each average counts, by decay."""
    return pd.DataFrame(
        effects.reshape(2, -1).T,
        index=pd.Index(decays, name="decay"),
        columns=["all_answers", "same_skill"],
    )
