"""scikit-learn on counts, as one writes it in pandas: no sequence, no student.

The skill, and how many attempts, right and wrong ones, the student has made on it so
far, and on anything; one-hot and in logarithms for the logistic regression, as they are
for gradient boosting. Counts are over rows above, which is what `cumsum` does; where
rows tie, a row is counted by the other rows of its own question. Items, where the log
has them, are one-hot for the one and target-encoded for the other, which takes no more
than 255 categories.
"""

import numpy as np
from runner import run
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    StandardScaler,
    TargetEncoder,
)

# user code
COUNTS = ["right", "wrong", "right_on_skill", "wrong_on_skill"]


def add_counts(log):
    """Return the rows with counts of earlier answers, in the same order."""
    log = log.sort_values(["user_id", "order_id"], kind="stable")
    log = log.assign(answer_wrong=1 - log["correct"])
    for suffix, by in {"": ["user_id"], "_on_skill": ["user_id", "skill_name"]}.items():
        groups = log.groupby(by)
        for name, column in {"right": "correct", "wrong": "answer_wrong"}.items():
            log[name + suffix] = groups[column].cumsum() - log[column]
    return log.sort_index()


# end of user code


def fit(train, names, options):
    # user code
    train = add_counts(train)
    categories = [c for c in ("skill_name", "item_id") if c in train]
    # end of user code
    if options.model == "logistic":
        # user code: logistic
        logarithms = make_pipeline(FunctionTransformer(np.log1p), StandardScaler())
        model = make_pipeline(
            make_column_transformer(
                (OneHotEncoder(handle_unknown="ignore"), categories),
                (logarithms, COUNTS),
            ),
            LogisticRegression(max_iter=1000),
        )
        # end of user code
    else:
        # user code: boosting
        model = make_pipeline(
            make_column_transformer(
                ("passthrough", ["skill_name", *COUNTS]),
                (TargetEncoder(cv=KFold(shuffle=True, random_state=0)), categories[1:]),
            ),
            HistGradientBoostingClassifier(categorical_features=[0], random_state=0),
        )
        # end of user code
    # user code
    return model.fit(train, train["correct"])
    # end of user code


def predict(fitted, test, options):
    # user code
    return fitted.predict_proba(add_counts(test))[:, 1]
    # end of user code


if __name__ == "__main__":
    run(fit, predict, ["logistic", "boosting"])
