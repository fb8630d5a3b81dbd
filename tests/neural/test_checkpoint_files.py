"""Which file a training has, and what is done about files that are none."""

import os

import numpy as np
import pytest
import torch
from joblib import parallel_config
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from skorch.callbacks import EarlyStopping

from sktrace import BlendClassifier, MeanClassifier
from sktrace._neural import checkpoints
from sktrace._neural.fingerprints import fingerprint
from sktrace._plain import pack, unpack
from sktrace.model_selection import StudentKFold

from ..conftest import proba, small_dkt
from ._courses import make_sequences
from ._kills import LONG, answers, assert_same, files_in


@pytest.mark.parametrize(
    "change",
    [
        {"lr": 0.06},
        {"max_epochs": 3},
        {"random_state": 1},
        {"hidden_size": 7},
        {"early_stopping": True},
        {"callbacks": [EarlyStopping("train_loss")]},
        {"net_params": {"optimizer__betas": (0.8, 0.9)}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_training_has_another_file(change, tmp_path):
    log, y = answers()
    tracer = small_dkt(checkpoint=tmp_path, skill_numbers=False).fit(log, y)
    before = {name: (tmp_path / name).read_bytes() for name in files_in(tmp_path)}
    other = clone(tracer).set_params(**change).fit(log, y)
    assert len(files_in(tmp_path)) == 2
    assert all((tmp_path / name).read_bytes() == before[name] for name in before)
    expected = clone(other).set_params(checkpoint=None).fit(log, y)
    np.testing.assert_array_equal(proba(other, log), proba(expected, log))


def test_other_data_have_another_file_and_the_same_data_in_other_rows_do_not(tmp_path):
    log, y = answers()
    tracer = small_dkt(max_epochs=1, skill_numbers=False, checkpoint=tmp_path)
    for X in (log, log.sample(frac=1, random_state=0), log.assign(comment="none")):
        tracer.fit(X, X["correct"])
    tracer.set_params(verbose=1).fit(log, y)
    assert len(files_in(tmp_path)) == 1
    flipped = log.assign(correct=y.where(log.index > 0, 1 - y))
    some = log[log["user_id"] != log["user_id"].iloc[0]]
    for X in (flipped, some):
        tracer.fit(X, X["correct"])
    tracer.fit(log, y, sample_weight=np.arange(len(log)) % 2 + 1)
    assert len(files_in(tmp_path)) == 4
    torch.set_default_dtype(torch.float64)
    try:
        tracer.fit(log, y)
    finally:
        torch.set_default_dtype(torch.float32)
    assert len(files_in(tmp_path)) == 5


def test_a_search_keeps_each_fit_and_reads_them_all(tmp_path):
    log, y = answers()
    tracer = small_dkt(max_epochs=1, skill_numbers=False, checkpoint=tmp_path)
    search = GridSearchCV(tracer, {"lr": [0.01, 0.1]}, cv=StudentKFold(2), n_jobs=2)
    plain = clone(search).set_params(estimator__checkpoint=None, n_jobs=None)
    plain.fit(log, y)
    written = []
    for _ in range(2):
        with parallel_config("threading"):  # processes would take seconds to start
            search.fit(log, y)
        np.testing.assert_array_equal(
            search.cv_results_["mean_test_score"], plain.cv_results_["mean_test_score"]
        )
        names = files_in(tmp_path)
        assert len(names) == 2 * 2 + 1
        written.append([os.stat(tmp_path / name).st_mtime_ns for name in names])
    assert written[0] == written[1]


def test_members_of_a_blend_have_files_of_their_own(tmp_path):
    log, y = answers()
    members = [("dkt", small_dkt(checkpoint=tmp_path)), ("mean", MeanClassifier())]
    blend = BlendClassifier(members, n_folds=2, random_state=0).fit(log, y)
    plain = clone(blend).set_params(dkt__checkpoint=None).fit(log, y)
    np.testing.assert_array_equal(proba(blend, log), proba(plain, log))
    assert len(files_in(tmp_path)) == 3


def test_partial_fit_keeps_no_checkpoint(tmp_path):
    log, y = answers()
    tracer = small_dkt(checkpoint=tmp_path).partial_fit(log, y)
    assert files_in(tmp_path) == []
    plain = small_dkt().partial_fit(log, y)
    np.testing.assert_array_equal(proba(tracer, log), proba(plain, log))


# --- Ctrl-C, disks that are full, files that are none --------------------------------


def test_ctrl_c_leaves_an_estimator_and_a_file(tmp_path):
    log, y = answers()

    class CtrlC(EarlyStopping):
        at = 2

        def on_batch_end(self, net, **kwargs):
            if len(net.history) == type(self).at:
                raise KeyboardInterrupt

    tracer = small_dkt(
        callbacks=[CtrlC("train_loss", patience=99)], checkpoint=tmp_path, **LONG
    )
    for at in (2, 4):
        CtrlC.at = at
        with pytest.raises(KeyboardInterrupt, match=f"after {at - 1} of 4 epoch"):
            tracer.fit(log, y)
        assert tracer.interrupted_.n_iter_ == at - 1
    CtrlC.at = 3
    tracer.fit(log, y)  # two and a half of them were done before
    assert not hasattr(tracer, "interrupted_")
    plain = small_dkt(**LONG).fit(log, y)
    np.testing.assert_array_equal(proba(tracer, log), proba(plain, log))


def test_a_full_disk_is_told_and_ends_no_training(tmp_path, monkeypatch):
    log, y = answers()

    def fail(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints, "write_whole", fail)
    tracer = small_dkt(checkpoint=tmp_path / "new")
    with pytest.warns(UserWarning, match="after epoch 1, .*No space left") as warned:
        tracer.fit(log, y)
    assert [each.filename for each in warned] == [__file__]  # once a fit
    assert_same(tracer, small_dkt().fit(log, y), log)
    assert files_in(tmp_path / "new") == []


def test_what_takes_no_files_is_refused_before_training(tmp_path):
    log, y = answers()
    (tmp_path / "file").touch()
    tracer = small_dkt(checkpoint=tmp_path / "file")
    with pytest.raises(OSError, match=r"takes no files .*pass checkpoint=None"):
        tracer.fit(log, y)
    assert not hasattr(tracer, "net_")
    tracer.set_params(checkpoint=None).fit(log, y)
    with pytest.raises(ValueError, match="'checkpoint' parameter"):
        tracer.set_params(checkpoint=3).fit(log, y)


def test_a_file_that_is_none_is_refused_until_it_is_removed(tmp_path):
    log, y = answers()
    tracer = small_dkt(checkpoint=tmp_path).fit(log, y)
    (name,) = files_in(tmp_path)
    path = tmp_path / name
    whole, expected = path.read_bytes(), proba(tracer, log)
    state = unpack(whole)
    rng = np.random.default_rng(0)
    place = rng.integers(len(whole))
    net, batches = state["net"], state["net"]["batches"].get_state(legacy=False)
    odd = [
        b"",
        whole[:-1],
        whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :],
        pack([1]),
        pack(state | {"name": "other"}),
        pack(state | {"start": "0"}),
        pack(state | {"net": net | {"trained": {}}}),
        pack(state | {"net": net | {"batches": {}}}),
        pack(state | {"net": net | {"batches": batches}}),  # C looks at no position
    ]
    for content in odd:
        path.write_bytes(content)
        with pytest.raises(ValueError, match="Remove the file, and fit again"):
            clone(tracer).fit(log, y)
        assert path.read_bytes() == content
    path.unlink()
    np.testing.assert_array_equal(proba(clone(tracer).fit(log, y), log), expected)


def test_fingerprints_are_of_values():
    one, other = make_sequences(), make_sequences()
    assert fingerprint(one) == fingerprint(other)
    other[0][0, 0, 0] += 1e-12
    assert fingerprint(one) != fingerprint(other)
    assert fingerprint(np.float64(1)) == fingerprint(1.0) != fingerprint(1)
    assert fingerprint([1, 2]) != fingerprint([[1], 2])
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    lambdas = [lambda x: x + 1, lambda x: x + 2, lambda x: x + 1]
    prints = [fingerprint(each) for each in lambdas]
    assert prints[1] not in (prints[0], prints[2])
    around = []
    around += [around, around]
    assert fingerprint(around)
