"""Any transformer of scikit-learn, applied to the steps of sequences."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils.validation import check_is_fitted

from .._plain.versions import VersionedPickle
from .._sequences.container import Sequences
from .._sequences.forms import check_sequences
from .._sklearn import (
    HasMethods,
    check_feature_names,
    check_n_features,
    judged_around_another,
    set_output_of,
)

__all__ = ["PerStep"]


class PerStep(
    VersionedPickle, TransformerMixin, BaseEstimator, auto_wrap_output_keys=None
):
    """Apply a transformer to the steps of whole sequences.

    The steps of all sequences, without padding, are the rows of one table; the
    transformer is fitted on it, and transforms it. In a pipeline, cross-validation
    fits it on the training fold's sequences only.

    Parameters
    ----------
    transformer : transformer of scikit-learn
        Returns a row for each row, such as `StandardScaler`, `SimpleImputer` or a
        `ColumnTransformer`. It is cloned.

    Attributes
    ----------
    transformer_ : transformer
        The fitted clone.

    Examples
    --------
    Fill weeks in which a student did not take the quiz:

    >>> import numpy as np
    >>> from sklearn.impute import SimpleImputer
    >>> from sktrace.preprocessing import PerStep
    >>> X = np.array([[[4.0, 9.0], [3.0, np.nan]], [[5.0, 7.0], [np.nan, np.nan]]])
    >>> fill = PerStep(SimpleImputer(add_indicator=True))
    >>> fill.fit_transform(X).to_padded().tolist()
    [[[4.0, 9.0, 0.0], [3.0, 8.0, 1.0]], [[5.0, 7.0, 0.0], [nan, nan, nan]]]
    """

    _parameter_constraints = {"transformer": [HasMethods(["fit", "transform"])]}

    def __init__(self, transformer):
        self.transformer = transformer

    @judged_around_another
    def fit(self, X, y=None):
        """Fit the transformer on all steps.

        Parameters
        ----------
        X : sequences
            In any form that `DKTClassifier` reads with ``task="many-to-one"``; single
            numbers may be missing.
        y : array of shape (n_sequences,), optional
            Given to the transformer as the target of each of a sequence's steps.

        Returns
        -------
        PerStep
            Itself, fitted.
        """
        X = check_sequences(X)
        if y is not None:
            y = np.asarray(y)
            if len(y) != len(X):
                raise ValueError(
                    f"X holds {len(X)} sequences but y has {len(y)} entries; expected "
                    "one target per sequence."
                )
            y = np.repeat(y, X.lengths, axis=0)
        check_feature_names(self, X.steps, reset=True)
        check_n_features(self, X.steps, reset=True)
        self.transformer_ = clone(self.transformer).fit(X.steps, y)
        return self

    def transform(self, X):
        """Transform all steps.

        Parameters
        ----------
        X : sequences

        Returns
        -------
        Sequences
            As long as they were, with the same ids.
        """
        check_is_fitted(self)
        X = check_sequences(X)
        steps = self.transformer_.transform(X.steps)
        if hasattr(steps, "toarray"):  # sparse, as of a one-hot encoder
            steps = steps.toarray()
        if len(steps) != len(X.steps):
            raise ValueError(
                f"{self.transformer!r} made {len(steps)} rows of {len(X.steps)} steps; "
                "expected a transformer that returns a row for each."
            )
        if isinstance(steps, pd.DataFrame) and isinstance(X.steps, pd.DataFrame):
            steps = steps.set_axis(X.steps.index)
        return Sequences(steps, X.offsets, X.ids)

    def get_feature_names_out(self, input_features=None):
        """Return the transformer's names of its columns.

        Parameters
        ----------
        input_features : array of str, optional

        Returns
        -------
        ndarray of str
        """
        check_is_fitted(self)
        return self.transformer_.get_feature_names_out(input_features)

    def set_output(self, *, transform=None):
        """Say whether steps become a DataFrame ("pandas") or an array ("default").

        Parameters
        ----------
        transform : {"default", "pandas"}, optional

        Returns
        -------
        PerStep
            Itself.
        """
        set_output_of(self.transformer, transform=transform)
        if hasattr(self, "transformer_"):
            set_output_of(self.transformer_, transform=transform)
        return self

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        return tags
