"""What is saved and loaded is the same, to the last bit, wherever it is read."""

import copy
import datetime
import io
import json
import os
import pickle
import re
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import sklearn
import torch
from sklearn.base import clone
from skorch.callbacks import EpochTimer

import sktrace
from sktrace import DKTClassifier, MeanClassifier, PFAClassifier, load, save
from sktrace._plain.archive import find_members
from sktrace._plain.models import dump, undump
from sktrace.saving import stored

from ..conftest import SMALL
from ..plain._same import assert_same
from ._models import LOG, TRACERS, ask


def reload(estimator):
    return undump(dump(estimator), "it")


def words(estimator):
    return re.sub(r" at 0x\w+", "", repr(estimator))


def attributes_of(estimator):
    """Return all that an estimator has, but for its net, which is compared by parts."""
    return {name: v for name, v in vars(estimator).items() if name != "net_"}


def test_a_loaded_estimator_is_the_same_to_the_last_bit(fitted):
    for name, (estimator, X) in fitted.items():
        again = reload(estimator)
        assert type(again) is type(estimator), name
        np.testing.assert_array_equal(ask(again, X), ask(estimator, X), name)
        assert [*vars(again)] == [*vars(estimator)], name
        assert words(again) == words(estimator), name
        assert dump(again) == dump(estimator), name
        if "net_" in vars(estimator):
            assert_same(attributes_of(again), attributes_of(estimator))
            for part in ("module_", "criterion_", "optimizer_"):
                one, other = (
                    getattr(e.net_, part).state_dict() for e in (again, estimator)
                )
                assert_same(plain(one), plain(other))
            assert again.net_.history == estimator.net_.history


def plain(state):
    """Return a state with arrays for tensors."""
    if isinstance(state, torch.Tensor):
        return state.numpy()
    if isinstance(state, dict):
        return {name: plain(each) for name, each in state.items()}
    return [plain(each) for each in state] if isinstance(state, list) else state


def test_a_loaded_tracer_goes_on_learning_and_is_traced_the_same(fitted):
    for name, (tracer, X) in fitted.items():
        again = reload(tracer)
        if hasattr(tracer, "tracer"):
            p = [live_answers(each) for each in (again, tracer)]
            np.testing.assert_array_equal(*p, err_msg=name)
        if not hasattr(tracer, "partial_fit"):
            continue
        both = again, copy.deepcopy(tracer)
        for each in both:
            each.partial_fit(X, X["correct"])
        np.testing.assert_array_equal(*(ask(each, X) for each in both), name)
        losses = [each.history_["train_loss"].tolist() for each in both]
        assert losses[0] == losses[1], name


def live_answers(tracer):
    live = tracer.tracer()
    known = {"item": "1", "time": 0.0, "features": 0.5}
    read = {role: v for role, v in known.items() if getattr(tracer, role, None)}
    after = {"past_features": [[0.1]]} if getattr(tracer, "past_features", None) else {}
    for answer in (1, 0, 1):
        live.update("ann", tracer.skills_[0], answer, **read, **after)
    return live.predict_proba("ann").to_numpy()


def test_unfitted_estimators_are_kept_as_blends_keep_their_members():
    for tracer in TRACERS.values():
        again = reload(tracer)
        assert words(again) == words(tracer)
        assert vars(again).keys() == vars(tracer).keys()


def test_what_an_interrupted_fit_has_taught_is_kept(fitted):
    tracer = copy.copy(fitted["DKT"][0])
    tracer.interrupted_ = fitted["DKT with columns"][0]
    again = reload(tracer).interrupted_
    np.testing.assert_array_equal(ask(again, LOG), ask(tracer.interrupted_, LOG))


def test_one_model_is_one_file_which_other_tools_can_look_into(fitted, tmp_path):
    path = tmp_path / "pfa.sktrace"
    save(fitted["PFA with columns"][0], path)
    assert path.read_bytes() == dump(fitted["PFA with columns"][0])
    assert [*tmp_path.iterdir()] == [path]
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        about = json.loads(archive.read("about.json"))
        json.loads(archive.read("model.json"))
    assert about["format"] == 1
    assert (about["sktrace"], about["holds"]) == (sktrace.__version__, "PFAClassifier")
    assert about["versions"].keys() == {"numpy", "pandas", "sklearn"}
    arrays = np.load(path, allow_pickle=False)  # reads the archive as it reads its own
    assert arrays["arrays/0"].tolist() == [0, 1]
    np.testing.assert_array_equal(ask(load(path), LOG), ask(load(str(path)), LOG))


ELSEWHERE = """
import pickle, sys
from importlib.machinery import PathFinder

BLOCKED, find = set(sys.argv[1].split(",")), PathFinder.find_spec
PathFinder.find_spec = lambda name, *where: (
    None if name.partition(".")[0] in BLOCKED else find(name, *where)
)
import numpy as np
import pandas as pd
import sktrace

columns, *parts = pickle.load(sys.stdin.buffer)
X = pd.DataFrame(columns)
for asked in parts:
    for path, p in asked.items():
        np.testing.assert_array_equal(sktrace.load(path).predict_proba(X), p, path)
    print(*sorted({"torch", "skorch", *BLOCKED} & set(sys.modules)))
"""
EXTRAS = (
    "matplotlib,pyarrow,dask,distributed,accelerate,onnx,onnxruntime,pooch,skops,"
    "openpyxl,fastapi,uvicorn,jinja2"
)


def test_models_are_read_where_neither_extras_nor_unneeded_torch_are(fitted, tmp_path):
    parts = {}, {}  # without networks, and with them
    for name in TRACERS:
        path = str(tmp_path / f"{name}.sktrace")
        save(fitted[name][0], path)
        has_network = name.startswith("DKT") or name == "blend"
        parts[has_network][path] = ask(fitted[name][0], LOG)
    columns = {name: column.tolist() for name, column in LOG.items()}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ELSEWHERE, EXTRAS],
        input=pickle.dumps((columns, *parts)),
        capture_output=True,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.stdout == b"\nskorch torch\n", done.stderr.decode()


def test_parameters_that_run_code_are_refused_with_a_call_that_helps(fitted):
    small = SMALL | {"max_epochs": 1}

    class Own(torch.optim.SGD):
        pass

    fit = {"X": LOG, "y": LOG["correct"]}
    asked = {
        "callbacks": DKTClassifier(callbacks=[EpochTimer()], **small),
        "optimizer": DKTClassifier(optimizer=Own, **small),
        "net_params": DKTClassifier(net_params={"verbose": 0}, **small),
    }
    for name, tracer in asked.items():
        p = ask(tracer.fit(**fit), LOG)
        with pytest.raises(
            TypeError, match=rf"DKTClassifier\.{name} cannot be kept"
        ) as told:
            dump(tracer)
        call = str(told.value).partition("Call ")[2].partition(";")[0]
        eval(f"tracer.{call}", {"tracer": tracer})
        np.testing.assert_array_equal(ask(reload(tracer), LOG), p)
    tracer.note = "for myself"
    with pytest.raises(TypeError, match="Delete note"):
        dump(tracer)
    del tracer.note
    tracer.set_params(device="hpu")
    with pytest.raises(TypeError, match=r'Call set_params\(device="auto"\)'):
        dump(tracer)


def test_members_of_a_blend_are_named_where_they_cannot_be_kept():
    member = DKTClassifier(callbacks=[EpochTimer()])
    with pytest.raises(TypeError, match="of whatever stands in estimators;"):
        dump(sktrace.BlendClassifier([("dkt", member)]))
    own = type("Own", (PFAClassifier,), {})()
    with pytest.raises(TypeError, match=r"estimators cannot .* Mark a class"):
        dump(sktrace.BlendClassifier([("own", own)]))
    member.set_params(callbacks=None)
    dump(sktrace.BlendClassifier([("dkt", member)]))


def test_what_is_no_estimator_of_ours_is_refused():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    for other in (LogisticRegression(), make_pipeline(PFAClassifier())):
        with pytest.raises(TypeError, match=r"skops\.io\.dump"):
            dump(other)
    with pytest.raises(TypeError, match="is no estimator"):
        dump({"a": 1})


def test_a_tracer_of_ones_own_is_kept_if_its_class_is_marked():
    @stored
    class Halved(MeanClassifier):
        pass

    tracer = Halved().fit(LOG, LOG["correct"])
    content = dump(tracer)
    assert isinstance(undump(content, "it"), Halved)

    class Unmarked(MeanClassifier):
        pass

    with pytest.raises(TypeError, match=r"sktrace\.saving\.stored"):
        dump(Unmarked())
    with pytest.raises(ValueError, match="import the module that defines it"):
        undump(content.replace(b"Halved", b"Halvet"), "it")


def test_names_of_a_type_that_is_not_kept_become_texts():
    times = LOG["skill_name"].map(lambda name: datetime.time(len(name)))
    X = LOG.assign(skill_name=times.astype(object))
    with pytest.raises(
        TypeError, match=r"Make names .* texts, X\[column\]\.map\(str\)"
    ):
        dump(PFAClassifier().fit(X, X["correct"]))
    X["skill_name"] = X["skill_name"].map(str)
    reload(PFAClassifier().fit(X, X["correct"]))


def test_what_could_not_be_read_back_is_not_written(fitted):
    tracer = copy.deepcopy(fitted["mean by item"][0]).set_params(strength=-1)
    for odd in (tracer, sktrace.BlendClassifier([("mean", tracer)])):
        with pytest.raises(ValueError, match="'strength' parameter of MeanClassifier"):
            dump(odd)
    reload(tracer.set_params(strength=1))


def test_parameters_as_a_search_leaves_them_make_the_same_file():
    of_numpy = {"lr": np.float64(0.01), "hidden_size": np.int64(4)}
    tracer = DKTClassifier(**SMALL | of_numpy).fit(LOG, LOG["correct"])
    assert dump(reload(tracer)) == dump(tracer)


def test_the_precision_that_torch_is_set_to_is_no_matter(fitted):
    tracer, X = fitted["DKT with columns"]
    content = dump(tracer)
    torch.set_default_dtype(torch.float64)
    try:
        again = undump(content, "it")
        assert dump(tracer) == dump(again) == content
        np.testing.assert_array_equal(ask(again, X), ask(tracer, X))
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_what_a_search_routes_is_routed_again():
    with sklearn.config_context(enable_metadata_routing=True):
        for tracer in (PFAClassifier(), DKTClassifier()):
            tracer.set_fit_request(sample_weight="w").set_score_request(
                sample_weight=True
            )
            again = clone(reload(tracer))
            told = [each.get_metadata_routing() for each in (again, tracer)]
            assert "'w'" in repr(told[0])
            assert repr(told[0]) == repr(told[1])
            assert dump(again) == dump(tracer)
    assert dump(reload(tracer)) == dump(tracer)


def test_parameters_set_after_fit_are_noticed_before_a_file_is_written(fitted):
    tracer = copy.deepcopy(fitted["DKT"][0]).set_params(hidden_size=9)
    with pytest.raises(ValueError, match=r"weights 'rnn\.weight_ih_l0'.*parameters"):
        dump(tracer)


def test_a_model_says_nothing_of_other_files(fitted, tmp_path):
    network = tmp_path / "network.npz"
    fitted["transfer"][0].network_.save(network)
    tracer = sktrace.TransferClassifier(pretrained=str(network))
    again = reload(tracer.fit(LOG, LOG["correct"]))
    network.unlink()
    assert dump(tracer) == dump(again)  # it holds what it was fitted with
    p = ask(tracer, LOG)
    np.testing.assert_array_equal(ask(again, LOG), p)
    np.testing.assert_array_equal(ask(clone(again).fit(LOG, LOG["correct"]), LOG), p)
    kept = DKTClassifier(checkpoint=tmp_path / "epochs")
    assert reload(kept).checkpoint is None
    tracer.set_params(pretrained=fitted["transfer"][0].network_)
    assert str(tmp_path).encode() not in dump(kept) + dump(tracer)


def test_a_device_that_is_not_here_is_replaced_and_told(fitted):
    tracer = copy.deepcopy(fitted["DKT"][0]).set_params(device="cuda:99")
    with pytest.warns(
        UserWarning, match="device='cuda:99' of this DKTClassifier is not"
    ):
        again = reload(tracer)
    assert again.device == "auto"
    np.testing.assert_array_equal(ask(again, LOG), ask(tracer, LOG))
    again.partial_fit(LOG, LOG["correct"])


def test_reading_takes_little_more_than_the_file(fitted):
    """Weights are held once beside the content, not once more for each step."""
    import tracemalloc

    content = dump(fitted["DKT with columns"][0])
    undump(content, "it")
    tracemalloc.start()
    members = find_members(content)
    assert sum(map(len, members.values())) < len(content)
    assert tracemalloc.get_traced_memory()[1] < len(content)
    tracemalloc.stop()


def test_zip_tools_that_pack_anew_are_noticed(fitted):
    content = dump(fitted["BKT"][0])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {info: archive.read(info) for info in archive.infolist()}
    anew = io.BytesIO()
    with zipfile.ZipFile(anew, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, own in members.items():
            archive.writestr(info.filename, own)
    with pytest.raises(ValueError, match="is not stored plainly"):
        undump(anew.getvalue(), "it")
