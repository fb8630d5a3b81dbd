"""Files of other layouts, dealt out to parts: the rows that are read, none else."""

import json

import pandas as pd
import pytest

from sktrace.__main__ import main
from sktrace.datasets import read_interactions, shard_interactions
from sktrace.datasets._read_problems import ReadingError

pytest.importorskip("pyarrow", reason="parts are Parquet files")

JSON = [
    {"user_id": "ann", "order_id": at, "skill_name": "add", "correct": at % 2, "x": at}
    for at in range(4)
]
FILES = {
    "lines": ("log.txt", "3\n4,5,5\n1,0,1\n2\n5,4\n0,1\n", {}),
    "JSON": ("log.jsonl", "\n".join(map(json.dumps, JSON)), {"keep": ["x"]}),
    "a matrix": ("log.csv", "user_id,Q1,Q2,Q3\nann,1,0,1\nben,0,,1\n", {}),
    "sequences": (
        "log.csv",
        'user_id,skill_name,correct\nann,"4,5,5","1,0,1"\nben,"5,4","0,1"\n',
        {},
    ),
}


@pytest.mark.parametrize(("name", "text", "options"), FILES.values(), ids=FILES)
def test_parts_hold_what_is_read(tmp_path, name, text, options):
    path, folder = tmp_path / name, tmp_path / "parts"
    path.write_text(text)
    X = read_interactions(path, **options)
    shards = shard_interactions(path, folder, n_parts=3)
    assert (shards.n_rows, shards.n_students) == (len(X), X["user_id"].nunique())
    parts = pd.concat(map(pd.read_parquet, sorted(folder.iterdir())))
    order = ["user_id", "order_id"]
    got, expected = (
        frame.sort_values(order).reset_index(drop=True) for frame in (parts, X)
    )
    pd.testing.assert_frame_equal(got, expected, check_dtype=False)


def test_a_workbook_is_dealt_out_on_the_command_line(tmp_path, monkeypatch, capsys):
    pytest.importorskip("openpyxl", reason="openpyxl reads Excel")
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame(JSON).drop(columns="x")
    frame.rename(columns={"user_id": "pupil"}).to_excel("log.xlsx", index=False)
    main(["shard", "log.xlsx"])
    assert "4 rows of 1 students in 1 file" in capsys.readouterr().out
    X = pd.read_parquet("log-parts")
    assert X["correct"].tolist() == [0, 1, 0, 1]


def test_a_format_leaves_a_matrix_as_it_stands(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(FILES["a matrix"][1])
    with pytest.raises(ReadingError, match="correct is read from the column 'correct'"):
        shard_interactions(path, tmp_path / "parts", format="table")
