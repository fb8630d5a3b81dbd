"""The checks of scikit-learn that need no data."""

# The rest of the battery feeds plain arrays, which have no students; what it asks of
# data (pickling, weights, idempotence, read-only input ...) is asked of frames
# by test_contract.py.
DATA_FREE_CHECKS = [
    "check_decision_proba_consistency",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_estimators_unfitted",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_param_validation",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_valid_tag_types",
]
