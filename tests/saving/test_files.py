"""A file that is not what `save` wrote is refused, runs nothing, and says why."""

import io
import json
import os
import re
import runpy
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import sktrace
from sktrace import DKTClassifier, MeanClassifier, load, save
from sktrace._plain.archive import find_members, join_members
from sktrace._plain.models import dump, undump

from ..conftest import SMALL
from ._models import LOG

HERE = Path(__file__).parent
MUTATED = HERE.parents[1] / "benchmarks" / "mutated_files.py"


@pytest.fixture(scope="module")
def content():
    return dump(MeanClassifier().fit(LOG, LOG["correct"]))


def members_of(content):
    members = {name: bytes(own) for name, own in find_members(content).items()}
    del members["sha256"]
    return members


def edit(content, name, old, new):
    """Return a file with a member changed, under the right checksum."""
    members = members_of(content)
    assert old in members[name]
    return join_members(members | {name: members[name].replace(old, new, 1)})


def assert_refused(content, says):
    with pytest.raises(ValueError, match=says) as told:
        undump(content, "'model.sktrace'")
    text = str(told.value)
    assert text.startswith("'model.sktrace' is no model that sktrace ")
    assert "Expected a file that sktrace.save wrote" in text
    assert re.search("Copy it once more|pip install", text)


def test_files_of_format_1_are_read_by_every_later_version():
    tracer = load(HERE / "format_1.sktrace")
    assert repr(tracer) == "MeanClassifier(by='item', item='item')"
    assert tracer.items_.index.tolist() == ["x", "y"]
    X = pd.DataFrame(
        {"user_id": [1, 1], "order_id": [1, 2], "skill_name": ["skill 01", "new"]}
    ).assign(correct=np.nan, item=["x", "new"])
    p = tracer.predict_proba(X)[:, 1]
    np.testing.assert_array_equal(p, [tracer.items_.loc["x", "mean"], tracer.mean_])


def test_a_newer_format_says_which_version_reads_it(content):
    assert sktrace.__version__ != "9.1.0"
    version = sktrace.__version__.encode()
    newer = edit(content, "about.json", version, b"9.1.0")
    undump(newer, "it")  # of a format that is known, whoever wrote it
    newer = edit(newer, "about.json", b'"format":1', b'"format":2')
    assert_refused(newer, r'its format is 2, and 1 .* pip install "sktrace==9\.1\.0"')
    odd = edit(newer, "about.json", b"9.1.0", b"9; rm -rf ~")
    assert_refused(odd, "by sktrace of an unknown version")
    for name in (b'"x"', b"0", b"true"):
        odd = edit(content, "about.json", b'"format":1', b'"format":' + name)
        assert_refused(odd, "it names no format")


def test_one_bit_anywhere_in_what_is_read_is_noticed(content):
    for member in find_members(content).values():
        start = content.index(bytes(member))
        for place in {start, start + len(member) // 2, start + len(member) - 1}:
            changed = bytearray(content)
            changed[place] ^= 1
            assert_refused(bytes(changed), ".")


def test_what_is_no_archive_is_told_from_one_that_is_cut(content, tmp_path):
    for other in (b"", b"\x80\x04K\x01.", content[:-40], content[9:], content * 2):
        assert_refused(other, "it is no zip archive|its members|is not stored plainly")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.sktrace")
    with pytest.raises(OSError, match=r"."):
        load(tmp_path)
    with pytest.raises(OSError, match="is no file"):
        load("/dev/null")


def pack(members, **how):
    """Return an archive of members as zip tools write them."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", **how) as writer:
        for name, own in members:
            writer.writestr(name, own)
    return archive.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_archives_that_zip_tools_would_read_otherwise_are_refused(content):
    members = [(name, bytes(own)) for name, own in find_members(content).items()]
    assert_refused(pack(members, compression=zipfile.ZIP_DEFLATED), "stored plainly")
    assert_refused(pack([*members, members[1]]), "its members are")
    assert_refused(pack([*members, ("../../evil.py", b"1")]), "its members are")
    assert_refused(pack([("/etc/passwd", b""), *members]), "its members are")
    assert_refused(b"#!/bin/sh\n" + content, "is not stored plainly|no zip")
    bomb = pack([(n, bytes(10**6)) for n, _ in members], compression=zipfile.ZIP_LZMA)
    assert_refused(bomb, "stored plainly")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b'{"MeanClassifier":', b'{"os.system":', "'os.system' is nothing"),
        (b'{"MeanClassifier":', b'{"__import__":', "'__import__' is nothing"),
        (b'{"MeanClassifier":', b'{"show_versions":', "'show_versions' is nothing"),
        (b'{"MeanClassifier":', b'{"BKTClassifier":', "has no attribute 'by'"),
        (b'"_further_":', b'"predict_proba":', "no attribute 'predict_proba'"),
        (b'"_further_":', b'"__class__":', "no attribute '__class__'"),
        (b'"_further_":', b'"later":', "no attribute 'later'"),
        (b'"strength":5.0', b'"strength":"much"', "'strength' parameter"),
        (b'"strength":5.0', b'"strength":NaN', "is no JSON"),
        (b'{"array":0}', b'{"array":1}', "is named twice"),
        (b'{"array":0}', b'{"array":99}', "array 99 of"),
        (b'{"array":0}', b'{"RangeIndex":[0,1000000000000,1,null]}', "a range of"),
        (b'{"array":0}', b"[" * 10**5 + b"]" * 10**5, "deep"),
        (b'{"array":0}', b'{"bytes":"zz"}', "non-hexadecimal"),
        (b'{"array":0}', b'{"slice":[1]}', "expected a list of 3"),
    ],
)
def test_trees_that_say_something_else_are_refused(content, old, new, says):
    assert_refused(edit(content, "model.json", old, new), says)


@pytest.mark.parametrize(
    "header",
    [
        b"{'descr': '|O', 'fortran_order': False, 'shape': (2,), }",
        b"{'descr': '<i8', 'fortran_order': False, 'shape': (2000000000000,), }",
        b"{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }",
        b"{'descr': [('a', '<i8')], 'fortran_order': False, 'shape': (2,), }",
        b"{'descr': '<i8', 'fortran_order': False, 'shape': (__import__('os'),), }",
        b"{'descr': '<M8[0s]', 'fortran_order': False, 'shape': (2,), }",
    ],
)
def test_arrays_that_do_not_fit_their_headers_are_refused(content, header):
    members = members_of(content)
    data = members["arrays/0.npy"][-16:]
    header += b" " * (117 - len(header)) + b"\n"
    own = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + data
    assert_refused(join_members(members | {"arrays/0.npy": own}), "array|dtype")


def test_a_network_is_not_made_larger_than_its_weights(fitted):
    content = dump(fitted["DKT"][0])
    for old, new in [
        (b'"hidden_size":6', b'"hidden_size":6000000'),
        (b'"hidden_size":6', b'"hidden_size":%d' % 10**18),
        (b'"embedding_size":4', b'"embedding_size":40000000'),
        (b'"num_layers":2', b'"num_layers":900'),
        (b'"device":"cpu"', b'"device":"hpu"'),
        (b'"callbacks":null', b'"callbacks":[1]'),
        (b'"checkpoint":null', b'"checkpoint":"/tmp"'),
        (b'"net_params":null', b'"net_params":{"dict":[["compile"],[true]]}'),
        (b'"net_params":null', b'"net_params":{"dict":[["module__n"],[9]]}'),
        (b"torch.nn.BCEWithLogitsLoss", b"torch.nn.Linear"),
    ]:
        assert_refused(edit(content, "model.json", old, new), ".")


@pytest.mark.parametrize("shape", [(1,), ()])
def test_a_fused_optimizer_remembers_as_much_as_its_weights_have(shape):
    """It does not compare sizes, and would write beyond the end of its memory."""
    fused = {"net_params": {"optimizer__fused": True}, "max_epochs": 1}
    tracer = DKTClassifier(**SMALL | fused).fit(LOG, LOG["correct"])
    undump(dump(tracer), "it").partial_fit(LOG, LOG["correct"])
    for memory in tracer.net_.optimizer_.state.values():
        memory["exp_avg"] = torch.zeros(shape)
    assert_refused(dump(tracer), r"an optimizer remembers \(1?,?\) of weights of")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no names here")
def test_nobody_waits_for_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="is no file"):
        load(tmp_path / "pipe")


def test_some_hundred_changed_files_run_nothing_and_crash_nothing():
    done = subprocess.run(
        [
            sys.executable,
            MUTATED,
            "--watched",
            "--files=250",
            "--first=7",
            "--memory=64",
        ],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # where errors that are no ValueError are told
    said = json.loads(done.stdout.splitlines()[-1])
    outcomes = {outcome for outcome, _, _ in said["found"]}
    assert outcomes == {"loaded", "refused"}
    assert said["noted"] == {}
    kinds = {kind for _, kind, _ in said["found"]}
    assert kinds == {each.__name__ for each in runpy.run_path(MUTATED)["KINDS"]}


def test_a_file_is_written_whole_or_stays_as_it_was(tmp_path):
    path = tmp_path / "model.sktrace"
    save(MeanClassifier(), path)
    before = path.read_bytes()
    with pytest.raises(TypeError):
        save(MeanClassifier(item=object()), path)
    assert path.read_bytes() == before
    with pytest.raises(OSError, match=r"."):
        save(MeanClassifier(), tmp_path / "no such folder" / "model.sktrace")
