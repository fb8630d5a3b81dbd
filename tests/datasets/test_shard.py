"""Parts of whole students together hold what is read of the log at once."""

import gzip

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from sktrace._interactions.names import spell_name
from sktrace.datasets import (
    _shard_text,
    make_interactions,
    read_interactions,
    shard_interactions,
)
from sktrace.datasets._read_problems import ReadingError
from sktrace.datasets._shard_parts import Tally, hash_students

pa = pytest.importorskip("pyarrow", reason="pyarrow, which writes Parquet, is missing")

TRANSACTIONS = """\
Anon Student Id\tTime\tProblem Name\tStep Name\tAttempt At Step\tOutcome\tKC (A)\tCF
s1\t2008-09-22 12:20:00\tp1\ta\t1\tCORRECT\tadd\t1
s1\t2008-09-22 12:20:01\tp1\tb\t1\tHINT\tcarry\t2
s1\t2008-09-22 12:20:02\tp1\tb\t2\tINCORRECT\tcarry\t3
s1\t2008-09-22 12:20:03\tp1\tb\t3\tCORRECT\tcarry\t4
s2\t2008-09-22 12:20:00\tp1\ta\t1\tINCORRECT\t\t5
s2\t2008-09-22 12:20:09\tp1\ta\t2\tCORRECT\tadd\t6
"""


@pytest.fixture(autouse=True)
def _few_rows_at_once(monkeypatch):
    monkeypatch.setattr(_shard_text, "CELLS_AT_ONCE", 1)
    monkeypatch.setattr(_shard_text, "FEWEST_ROWS", 3)


@pytest.fixture
def shard(tmp_path):
    """Write a log, shard it, and return the parts; nobody is in two of them."""

    def shard(text, name="log.csv", **options):
        data = text.encode(options.get("encoding") or "utf-8")
        path = tmp_path / name
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return read_parts(shard_interactions(path, tmp_path / "parts", **options))

    return shard


def read_parts(shards):
    """Read the parts; check that each student is in one, and what is told of them."""
    parts = [pd.read_parquet(path) for path in sorted(shards.folder.iterdir())]
    students = [student for part in parts for student in part[shards.student].unique()]
    assert len(students) == len(set(students)) == shards.n_students
    sizes = list(map(len, parts))
    assert sum(sizes) == shards.n_rows
    assert (min(sizes), max(sizes)) == (shards.fewest_rows, shards.most_rows)
    assert len(parts) == shards.n_parts
    n_bytes = sum(path.stat().st_size for path in shards.folder.iterdir())
    assert shards.n_bytes == n_bytes
    return parts


def check_same(parts, X, student="user_id"):
    """Check that parts hold the rows of a frame, each student's in their order."""
    by_student = pd.concat(parts).sort_values(student, kind="stable", ignore_index=True)
    expected = X.sort_values(student, kind="stable", ignore_index=True)
    assert_frame_equal(by_student[list(X)], expected)


def make_log(n_students=5):
    X, _ = make_interactions(
        n_students, 3, n_attempts=5, n_items=9, times=True, random_state=0
    )
    return X.sample(frac=1, random_state=0)  # students stand mixed


# Text is read as at once


@pytest.mark.parametrize("n_parts", [1, 3, 250])  # the last takes bundles of parts
def test_parts_together_are_the_log_read_at_once(shard, tmp_path, n_parts):
    parts = shard(make_log().to_csv(index=False), n_parts=n_parts)
    check_same(parts, read_interactions(tmp_path / "log.csv"))
    assert len(list((tmp_path / "parts").iterdir())) == len(parts) <= n_parts


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"sep": "|", "encoding": "cp1252"}, "log.txt.gz"),
        ({"sep": ";", "decimal": ","}, "log.csv"),
        ({"sep": "\t", "encoding": "utf-16"}, "log.tsv"),
    ],
)
def test_separators_decimals_encodings_and_gzip(shard, tmp_path, options, name):
    log = make_log().rename(columns={"user_id": "Schüler", "order_id": "wann"})
    log["skill_name"] = log["skill_name"].astype(str) + "é"
    log["dur"] = log["time"] / 8
    text = log.to_csv(
        index=False, sep=options["sep"], decimal=options.get("decimal", ".")
    )
    options["columns"] = {"user_id": "Schüler", "order_id": "wann"}
    parts = shard(text, name, n_parts=2, **options)
    X = read_interactions(tmp_path / name, keep=["dur"], **options)
    assert X["dur"].dtype == float
    check_same(parts, X)


def test_exports_are_read_by_their_rules(shard, tmp_path):
    parts = shard(TRANSACTIONS, n_parts=2)
    X = read_interactions(tmp_path / "log.csv")
    assert len(X) == 3  # first attempts; the last rows read together have none
    check_same(parts, X)
    assert pd.concat(parts)["CF"].tolist() in ([1, 2, 5], [5, 1, 2])


def test_a_log_without_an_order_stands_in_time_order(shard, tmp_path):
    log = make_log()[["user_id", "skill_name", "correct"]]
    options = {"columns": {"order_id": None}}
    parts = shard(log.to_csv(index=False), n_parts=3, **options)
    check_same(parts, read_interactions(tmp_path / "log.csv", **options))


def test_an_item_may_have_one_of_its_names_only(shard, tmp_path):
    log = make_log().assign(step=None)
    log.loc[log.index[-1], "step"] = "b"  # none in the rows above
    options = {"item": ["item_id", "step"]}
    parts = shard(log.to_csv(index=False), **options)
    check_same(parts, read_interactions(tmp_path / "log.csv", **options))
    parts = shard(log.assign(step=None).to_csv(index=False), overwrite=True, **options)
    check_same(parts, read_interactions(tmp_path / "log.csv", **options))


# Types that only late rows tell


@pytest.mark.parametrize(
    ("column", "early", "late"),
    [
        ("note", 1.5, "text"),
        ("note", 1, None),
        ("note", None, None),
        ("note", -1, 2**63),
        ("item_id", 7, "007"),
        ("correct", 1, None),
        ("time", 1, None),
    ],
)
def test_types_are_those_of_the_whole_column(shard, tmp_path, column, early, late):
    log = make_log()[:11].astype(object).assign(note="0")
    log[column] = pd.Series([early] * 10 + [late], log.index, dtype=object)
    parts = shard(log.to_csv(index=False), n_parts=2)
    check_same(parts, read_interactions(tmp_path / "log.csv", keep=["note"]))
    kinds = {tuple(part.dtypes) for part in parts}
    assert len(kinds) == 1


def test_numbers_keep_how_they_are_written_beside_texts(shard):
    log = make_log()[:11].astype(object).assign(note="1.50")
    log.iloc[-1, -1] = "none of them"
    notes = pd.concat(shard(log.to_csv(index=False)))["note"]
    assert set(notes) == {"1.50", "none of them"}


@pytest.mark.parametrize(
    ("column", "early", "late", "message"),
    [
        (
            "order_id",
            5,
            "2011-09-01",
            "In the rows 3 to 5: Column 'order_id' (order) holds dates, such as "
            "'2011-09-01', and numbers above; expected one of them throughout. Mend "
            "the file, or say how it is written: time_format=....",
        ),
        (
            "time",
            5,
            "1300000000000",
            "In the rows 3 to 5: Column 'time' (time) holds numbers of ms, such as "
            "'1300000000000', and numbers above; expected one of them throughout. Mend "
            "the file, or say how it is written: time_unit='ms'.",
        ),
    ],
)
def test_times_of_two_kinds_are_refused(shard, tmp_path, column, early, late, message):
    log = make_log()[:6].astype(object)
    log[column] = [early] * 3 + [late] * 3
    with pytest.raises(ReadingError) as refused:
        shard(log.to_csv(index=False))
    assert str(refused.value) == message
    assert not (tmp_path / "parts").exists()
    if column == "time":
        shard(log.to_csv(index=False), time_unit="ms")


def test_skills_that_are_named_elsewhere_are_read_at_once(shard, tmp_path):
    text = (
        "order_id,user_id,problem_id,correct,skill_id,skill_name\n"
        "1,7,1,1,10_11,\n2,7,1,1,10,add\n3,7,1,0,11,carry\n4,8,1,0,11,carry\n"
    )
    with pytest.raises(ReadingError, match=r"joins numbers by '_'.*Read it at") as said:
        shard(text)
    call = str(said.value).partition("Read it at once: ")[2].rstrip(".")
    names = {"shard_interactions": shard_interactions, "folder": tmp_path / "parts"}
    parts = read_parts(eval(call, names | {"read_interactions": read_interactions}))
    check_same(parts, read_interactions(tmp_path / "log.csv"))


# Who is where


def test_a_student_is_in_the_same_part_whatever_holds_the_name(tmp_path):
    X = make_log()
    kinds = {"int": "int32", "float": float, "text": str, "category": "category"}
    found = []
    for name, kind in kinds.items():
        frame = X.assign(user_id=X["user_id"].astype(kind))
        shards = shard_interactions([frame], tmp_path / name, n_parts=4)
        found.append([part["user_id"].astype(float) for part in read_parts(shards)])
    for others in found[1:]:
        for part, other in zip(found[0], others, strict=True):
            assert part.tolist() == other.tolist()


def test_hashes_are_those_of_the_names_that_tracers_know():
    names = [7, -3, 2.5, 1e300, "ann", "007", "émile"]
    for name in names:
        (of_name,), (of_text,) = (
            hash_students(pa.array([each])) for each in (name, spell_name(name))
        )
        assert of_name == of_text
    # This number is a promise: logs that are sharded in other years agree.
    assert hash_students(pa.array(["ann"])).tolist() == [15203920426015911114]


def test_rows_of_a_student_are_counted_through_all_portions():
    students = np.random.default_rng(0).integers(0, 20, 300).astype(np.uint64)
    students[students == 19] = 2**64 - 1
    tally = Tally()
    before = np.concatenate([tally.add(few) for few in np.array_split(students, 7)])
    seen = dict.fromkeys(students.tolist(), 0)
    for student, n in zip(students.tolist(), before.tolist(), strict=True):
        # Rows of one portion do not see each other.
        assert n <= seen[student]
        seen[student] += 1
    assert dict(zip(tally.names.tolist(), tally.counts.tolist(), strict=True)) == seen


def test_about_a_million_rows_are_a_part(shard, monkeypatch, tmp_path):
    monkeypatch.setattr("sktrace.datasets._shard.ROWS_A_PART", 20)
    monkeypatch.setattr(_shard_text, "FEWEST_ROWS", 1000)
    X = make_log(40)
    parts = shard(X.to_csv(index=False))  # read to its end before this is decided
    expected = round(len(X) / 20)
    assert 0.6 * expected <= len(parts) <= expected
    shards = shard_interactions([X], tmp_path / "of frames")
    assert len(read_parts(shards)) == len(parts)


# Rows of nobody


def test_rows_without_a_student_are_counted_and_can_be_left_out(shard, tmp_path):
    log = make_log().astype(object)[:20]
    log.iloc[[4, 17], 0] = None
    text = log.to_csv(index=False)
    with pytest.raises(ReadingError) as refused:
        shard(text)
    assert str(refused.value) == (
        "Column 'user_id' (student) is missing in 2 of 20 rows (the first at position "
        "4); expected one in every row. Leave such rows out: drop_missing=True."
    )
    check_same(
        shard(text, drop_missing=True),
        read_interactions(tmp_path / "log.csv", drop_missing=True),
    )


def test_all_that_is_wrong_is_said_at_once(shard):
    text = "user_id,order_id,skill_name,correct\n,1,add,1\nann,x,add,1\n"
    with pytest.raises(ReadingError, match="2 things are to be mended") as refused:
        shard(text)
    assert "holds 'x' in 1 row" in str(refused.value)
    text = "user_id,order_id,skill_name,correct\nann,,add,1\nann,,add,1\n"
    with pytest.raises(ReadingError, match=r"none has one.*'order_id': None"):
        shard(text)
    shard(text, columns={"order_id": None})


@pytest.mark.parametrize("body", ["", "ann,,add,1\n"])
def test_a_log_without_rows_is_refused(shard, body, tmp_path):
    with pytest.raises(ReadingError, match="has no rows to read below its header"):
        shard("user_id,order_id,skill_name,correct\n" + body, drop_missing=True)
    assert [path.name for path in tmp_path.iterdir()] == ["log.csv"]
