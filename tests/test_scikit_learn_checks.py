"""The whole battery of scikit-learn, on the estimators whose X may be an array.

Under many-to-one, an array of shape (n, n_steps) holds sequences of one number per
step. Checks that are expected to fail stand below, each with its reason.
"""

from sklearn.utils.estimator_checks import parametrize_with_checks

from sktrace import DKTClassifier, SequenceRegressor

ANY_LENGTH = (
    "columns are steps, and a sequence may be longer or shorter than those of fit"
)
NO_FRAME = "a DataFrame is a long table of steps, not an array: it is refused by advice"
BATCHES = "a repeated sequence is met twice in an epoch, in other batches, with dropout"
# Up to 2e-7 on some processors; what is asked to 1e-6 stands in
# neural/test_sequence_regressor_invariances.py.
ROUNDING = "batches of other sizes are multiplied in another order, in float32"
EXPECTED_FAILURES = {
    "check_n_features_in": ANY_LENGTH,
    "check_n_features_in_after_fitting": ANY_LENGTH,
    "check_sample_weights_pandas_series": NO_FRAME,
    "check_regressor_data_not_an_array": NO_FRAME,
    "check_classifier_data_not_an_array": NO_FRAME,
    "check_sample_weight_equivalence_on_dense_data": BATCHES,
    "check_methods_subset_invariance": ROUNDING,
}
EXPECTED_FAILURES_OF_CLASSIFIER = EXPECTED_FAILURES | {
    "check_classifiers_train": f"its last line: {ANY_LENGTH}",
}
WELL_TRAINED = {
    "task": "many-to-one",
    "hidden_size": 16,
    "dropout": 0,
    "lr": 2e-2,
    "batch_size": 32,
}


def expected_failures(estimator):
    if isinstance(estimator, DKTClassifier):
        return EXPECTED_FAILURES_OF_CLASSIFIER
    return EXPECTED_FAILURES


@parametrize_with_checks(
    [
        DKTClassifier(max_epochs=15, **WELL_TRAINED),
        SequenceRegressor(max_epochs=30, **WELL_TRAINED),
    ],
    expected_failed_checks=expected_failures,
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)
