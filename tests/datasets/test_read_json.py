"""JSON: an object in each line, or a list of objects."""

import gzip
import json
import pathlib

import pandas as pd
import pytest

from sktrace.datasets import _read_source, read_interactions
from sktrace.datasets._read_open import open_table
from sktrace.datasets._read_problems import ReadingError

ROWS = [
    {"user_id": "ann", "order_id": 1, "skill_name": "add", "correct": 1},
    {"user_id": "ann", "order_id": 2, "skill_name": "cut", "correct": 0},
    {"user_id": "ben", "order_id": 1, "skill_name": "add", "correct": 1},
]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)
SAME = {
    "lines": LINES,
    "no end of the last line": LINES.rstrip(),
    "empty lines": LINES.replace("\n", "\n\n"),
    "line ends of Windows": LINES.replace("\n", "\r\n"),
    "a list": json.dumps(ROWS),
    "a list with indents": json.dumps(ROWS, indent=4),
    "objects with indents": "\n".join(json.dumps(row, indent=2) for row in ROWS),
    "objects in a line": LINES.replace("\n", " "),
    "blanks before": "\n  " + LINES,
    "a mark of UTF-8": "\ufeff" + LINES,
    "true and false": LINES.replace('t": 1', 't": true').replace('t": 0', 't": false'),
    "words": LINES.replace('t": 1', 't": "yes"').replace('t": 0', 't": "no"'),
    "floats": LINES.replace('t": 1', 't": 1.0').replace('t": 0', 't": 0.0'),
    "texts": LINES.replace('t": 1', 't": "1"').replace('t": 0', 't": "0"'),
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_objects_are_rows(read, text):
    X = read(text, name="log.jsonl")
    pd.testing.assert_frame_equal(X, pd.DataFrame(ROWS), check_dtype=False)
    assert read(text, name="log.json.gz").equals(X)


def test_what_is_missing_is_missing(read):
    lines = LINES.replace(', "correct": 0', "").replace('"cut"', "null")
    X = read(lines)
    assert X["correct"].isna().tolist() == [False, True, False]
    assert X["skill_name"].isna().tolist() == [False, True, False]
    with pytest.raises(ReadingError, match=r"missing in 1 row .* drop_missing=True"):
        read(LINES.replace('"ben"', '"NA"'))


def test_whole_numbers_stay_exact(read):
    large = 2**53 + 1
    X = read(LINES.replace('": 2', f'": {large}').replace('"ann"', str(large)))
    assert X["order_id"].tolist()[1] == large
    assert X["user_id"].tolist()[:2] == [str(large)] * 2  # beside a text
    X = read(LINES.replace('"ann"', str(2**70)).replace('"ben"', "7"))
    assert X["user_id"].tolist() == [str(2**70)] * 2 + ["7"]


def test_dates_in_texts_are_read(read):
    text = LINES.replace('": 2', '": "2024-01-01T10:00:00Z"')
    text = text.replace('id": 1', 'id": "2024-01-01T09:00:00Z"')
    assert read(text)["order_id"].diff()[1] == 3_600_000_000


def test_lists_are_sequences_if_some_are_answers(read):
    text = (
        '{"uid": 1, "kcs": [4, 5, 5], "responses": [1, 0, 1]}\n'
        '{"uid": 2, "kcs": [5, 4], "responses": [0, null]}\n'
    )
    X = read(
        text, columns={"user_id": "uid", "skill_name": "kcs", "correct": "responses"}
    )
    assert X["skill_name"].tolist() == [4, 5, 5, 5, 4]
    assert X["correct"].tolist()[:4] == [1, 0, 1, 0]
    with pytest.raises(ReadingError, match="'kcs' has 3 values and 'responses' has 2"):
        read(text.replace("[1, 0, 1]", "[1, 0]"), columns={})


def test_other_lists_are_joined_as_skills_are(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text(LINES.replace('"add"', '["add", "cut"]').replace(': "cut"', ": []"))
    X = read_interactions(path)
    assert X["skill_name"].tolist()[::2] == ["add~~cut"] * 2
    assert X["skill_name"].isna().tolist() == [False, True, False]
    with open_table(path, None, None) as table:
        assert table.notes == [
            "Lists in column 'skill_name' are joined by ~~, as skills."
        ]


BROKEN = {
    "cut short": (LINES[:-20], "in line 3: it ends too early; expected an object"),
    "cut in a list": (json.dumps(ROWS)[:-1], "in line 1: it ends too early"),
    "a word": (LINES + "oops\n", "in line 4: it is no JSON there"),
    "a number": (LINES + "7\n", "with 7 in the place of a row"),
    "lists": ('[["user_id"], ["ann"]]', 'with ["user_id"] in the place of a row'),
    "an empty list": ("[]", "without a row in it"),
    "lists too deep": ('{"a": ' + "[" * 100_000, "go too deep|ends too early"),
    "a single quote": (
        LINES.replace('{"', "{'", 1),
        "has no header: its first line is",
    ),
    "a very long number": ('{"a": ' + "9" * 5000 + "}", "no JSON there"),
    "NUL": (LINES.replace("ben", "b\0n"), "NUL characters"),
    "half of an odd letter": (
        LINES.replace("ben", "\\ud800"),
        "writes halves of letters, such as",
    ),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_refused(read, text, message):
    with pytest.raises(ReadingError) as error:
        read(text, name="log.json")
    said = str(error.value)
    assert any(part in said for part in message.split("|")), said
    assert "expected" in said
    assert len(said) < 1_000


NESTED = {
    "an object": ('{"user": {"id": "ann"}, "correct": 1}\n', "user.id"),
    "a list of objects": ('[{"user": {"id": "ann"}, "correct": 1}]', "user.id"),
    "rows in an object": ('{"rows": [{"user": "ann", "correct": 1}], "n": 1}', "user"),
    "columns": ('{"user": {"0": "ann"}, "correct": {"0": 1}}', "user"),
    "lists in columns": ('{"user": ["ann"], "correct": [1]}', "user"),
}


@pytest.mark.parametrize("gzipped", [False, True])
@pytest.mark.parametrize(("text", "user"), NESTED.values(), ids=NESTED)
def test_what_is_nested_is_refused_with_code_that_repairs_it(
    tmp_path, monkeypatch, text, user, gzipped
):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "log.json"
    path.write_bytes(gzip.compress(text.encode()) if gzipped else text.encode())
    with pytest.raises(ReadingError, match="read that file: ") as error:
        read_interactions("log.json")
    code = str(error.value).partition("read that file: ")[2].rstrip(".")
    exec(code, {"pandas": pd, "json": json, "gzip": gzip, "pathlib": pathlib})
    columns = {"user_id": user, "order_id": None, "skill_name": None}
    X = read_interactions("log.csv", columns=columns)
    assert X[["user_id", "correct"]].to_numpy().tolist() == [["ann", 1]]


def test_a_bomb_is_refused(read, monkeypatch):
    monkeypatch.setattr(_read_source, "UNPACKED_FREELY", 10_000)
    with pytest.raises(ReadingError, match="come out of it; expected no more than"):
        read(LINES * 5_000, name="log.jsonl.gz")
