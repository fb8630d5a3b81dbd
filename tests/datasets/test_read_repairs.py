"""What a message advises repairs the very input that it refuses."""

import numpy as np
import pytest

from sktrace.datasets._read_problems import Argument, ReadingError

HEADER = "user_id,order_id,skill_name,correct\n"


def advised(error):
    """Return the arguments that a message advises, the first where several are."""
    options = {}
    for part in error.value.parts:
        if isinstance(part, Argument):
            options.setdefault(part.name, part.value)
    return options


REPAIRED = {
    "a code": ("ann,1,add,1\nann,2,add,-1\n", [1, 0]),
    "two codes": ("ann,1,add,2\nann,2,add,-1\nben,1,add,0\n", [1, np.nan, 0]),
    "partial credit": ("ann,1,add,0.5\nann,2,add,1\n", [0, 1]),
    "a word": ("ann,1,add,OK\nann,2,add,no\n", [1, 0]),
    "an infinite answer": ("ann,1,add,-1e400\nann,2,add,1\n", [np.nan, 1]),
    "no student": ("ann,1,add,1\n,2,add,1\n", [1]),
    "no time": ("ann,1,add,1\nann,,add,0\nann,2,add,0\n", [1, 0]),
    "no times": ("ann,,add,1\nann,,add,0\n", [1, 0]),
    "a date with the day or the month first": ("ann,9/2/2008 12:20,add,1\n", [1]),
    "a code of nines": ("ann,1,add,1\nann,2,add,99\nben,1,add,0\n", [1, np.nan, 0]),
    "numbers without an end": ("ann,1e400,add,1\nann,2,add,0\n", [1, 0]),
    "large numbers": (f"ann,{10**20},add,1\nann,{10**20 + 1},add,0\n", [1, 0]),
    "the year 99999": ("ann,99999-01-01,add,1\n", [1]),
}


@pytest.mark.parametrize(("rows", "correct"), REPAIRED.values(), ids=REPAIRED)
def test_what_is_advised_reads_the_file(read, rows, correct):
    with pytest.raises(ReadingError) as error:
        read(HEADER + rows)
    options = advised(error)
    if "threshold" in options:  # the other way
        first = next(p.name for p in error.value.parts if isinstance(p, Argument))
        options = {first: options[first]}
    if options.get("columns") == {"order_id": ...}:
        options["columns"] = {"order_id": None}
    assert options
    X = read(HEADER + rows, **options)
    np.testing.assert_array_equal(X["correct"], correct)


def test_a_code_below_zero_is_no_credit_that_a_threshold_could_count(read):
    rows = "ann,1,add,1\nann,2,add,-1\nann,3,add,0\n"
    with pytest.raises(ReadingError, match="holds '-1' in 1 row") as error:
        read(HEADER + rows, threshold=0.5)
    assert advised(error) == {"answers": {"-1": None}}
    X = read(HEADER + rows, threshold=0.5, **advised(error))
    assert X.equals(read(HEADER + rows))


def test_decimal_commas_that_are_named_are_read(read):
    text = "user_id;order_id;skill_name;correct;score\nann;0,5;1,2;1,0;7,5\n"
    text += "ann;1,5;2,1;0,0;8\n"
    X = read(text, decimal=",", keep=["score"])
    assert X.equals(read(text, keep=["score"]))
    assert X["order_id"].tolist() == [0.5, 1.5]
    assert X["correct"].tolist() == [1, 0]
    assert X["score"].tolist() == [7.5, 8]
    assert X["skill_name"].tolist() == ["1,2", "2,1"]  # a name, not a number
    with pytest.raises(ReadingError, match="2 things are to be mended") as error:
        read(text, decimal=".")
    assert advised(error) == {"decimal": ","}
    with pytest.raises(ReadingError, match=r"holds '1\.500' in 1 row .*, with a point"):
        read(text.replace("1,5", "1.500"), decimal=",")
    dates = text.replace("0,5", "2020-01-01 10:00:00.5").replace("1,5", "2020-01-02")
    assert read(dates, decimal=",")["order_id"].is_monotonic_increasing


def test_all_that_is_wrong_with_a_file_is_said_at_once(read):
    with pytest.raises(ReadingError) as error:
        read(HEADER + "ann,x,add,maybe\n,1,add,1\n")
    said = str(error.value)
    assert said.startswith("3 things are to be mended:\n- ")
    for column in ("'user_id' (student) is missing", "'order_id' (order) holds 'x'"):
        assert f"\n- Column {column}" in said
    assert "\n- Column 'correct' (correct) holds 'maybe'" in said
    with pytest.raises(ReadingError, match="4 things are to be mended"):
        read("a;b\n1;2\n", columns={"correct": "c"})


# Columns that are named beside a format that is known

TRANSACTIONS = """\
Anon Student Id\tTime\tProblem Name\tAttempt At Step\tOutcome\tKC (Default)\tTopic
ann\t2024-01-01 10:00:00\tp1\t1\tINCORRECT\tadd\tx
ann\t2024-01-01 10:00:01\tp1\t2\tCORRECT\tadd\tx
ann\t2024-01-01 10:00:02\tp2\t1\tCORRECT\tcut\ty
"""
OWN = {
    "user_id": "Anon Student Id",
    "order_id": "Time",
    "skill_name": "KC (Default)",
    "correct": "Outcome",
}


@pytest.mark.parametrize("part", OWN)
def test_naming_one_column_keeps_the_rules_of_the_format(read, part):
    expected = read(TRANSACTIONS)
    assert expected["correct"].tolist() == [0, 1]
    assert read(TRANSACTIONS, columns={part: OWN[part]}).equals(expected)
    assert read(TRANSACTIONS, columns=OWN).equals(expected)
    X = read(TRANSACTIONS, columns={"skill_name": "Topic"})
    assert X["skill_name"].tolist() == ["x", "y"]
    assert len(read(TRANSACTIONS, columns=OWN, first_attempts=False)) == 3
    assert len(read(TRANSACTIONS, "table", columns=OWN)) == 3  # a table has no rules


def test_a_transaction_log_without_skills_is_read_by_another_column(read):
    text = TRANSACTIONS.replace("KC (Default)", "Step Name")
    with pytest.raises(ReadingError, match=r"no column KC \(\.\.\.\)") as error:
        read(text)
    assert Argument("columns", {"skill_name": None}) in error.value.parts
    assert (
        read(text, columns={"skill_name": None})["skill_name"].tolist() == ["all"] * 2
    )
    X = read(text, columns={"skill_name": "Problem Name"})
    assert X["skill_name"].tolist() == ["p1", "p2"]


def test_another_skill_is_not_called_by_the_numbers_of_the_format(read):
    text = "user_id,order_id,skill_name,skill_id,problem_id,correct,topic\n"
    text += "1,1,add,7,9,1,\n1,2,add,7,9,0,x\n"
    assert read(text, columns={"skill_name": "topic"})["skill_name"].isna()[0]
