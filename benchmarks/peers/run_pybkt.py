"""pyBKT's Model with its defaults: the best of five starts, by maximum likelihood."""

from pyBKT.models import Model
from runner import run


def fit(train, names, options):
    """Fit a model per skill; pyBKT reads each row as a step of its own."""
    train = number_rows(train)
    # user code
    model = Model(seed=0, parallel=False)
    model.fit(data=train)
    # end of user code
    return model


def predict(fitted, test, options):
    # user code
    predictions = fitted.predict(data=number_rows(test))
    return predictions.sort_index()["correct_predictions"].to_numpy()
    # end of user code


def number_rows(log):
    """Return the rows with an order_id that no two share: pyBKT shuffles ties."""
    # user code
    ordered = log.sort_values(["user_id", "order_id"], kind="stable")
    return ordered.assign(order_id=range(len(log))).sort_index()
    # end of user code


if __name__ == "__main__":
    run(fit, predict, ["bkt"])
