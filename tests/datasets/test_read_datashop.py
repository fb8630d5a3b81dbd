"""Made-up files with the quirks of DataShop and the KDD Cup are read exactly."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from ._logs import NAN, SECOND, T0, assert_log, same_rows

# Skills of model "Geo" in two columns of one name, as DataShop writes them; the time
# with and without fractions; a mark of inches that opens no quotation.
TRANSACTIONS = """\
Row\tAnon Student Id\tTime\tTime Zone\tProblem Name\tStep Name\tAttempt At Step\t\
Outcome\tInput\tKC (Geo)\tKC Category (Geo)\tKC (Geo)\tKC Category (Geo)\t\
KC (Single-KC)\tKC (Unique-step)
1\tStu_a\t2008-09-22 12:20:01.0\tUS/Eastern\tp1\ts1\t1\tINCORRECT\t5"\tarea\t\tsum\t\t\
Single-KC\tU1
2\tStu_a\t2008-09-22 12:20:02.5\tUS/Eastern\tp1\ts1\t2\tCORRECT\t6\tarea\t\tsum\t\t\
Single-KC\tU1
3\tStu_a\t2008-09-22 12:20:02.5\tUS/Eastern\tp1\ts2\t1\tcorrect\t6\t\t\tsum\t\t\
Single-KC\tU2
4\tStu_a\t2008-09-22 12:20:09\tUS/Eastern\tp1\ts3\t1\tHINT\t\t\t\t\t\tSingle-KC\tU3
5\tStu_a\t2008-09-22 12:20:10\tUS/Eastern\tp1\t\t\t\tplay\t\t\t\t\t\t
6\tStu_b\t2008-09-22 12:20:00\tUS/Eastern\tp1\ts1\t1\tCorrect\t7"\tarea\t\t\t\t\
Single-KC\tU1
"""
FIRST_ATTEMPTS = pd.DataFrame(
    {
        "user_id": ["Stu_a", "Stu_a", "Stu_a", "Stu_b"],
        "order_id": T0 + np.array([1_000_000, 2_500_000, 9_000_000, 0]),
        "skill_name": ["area~~sum", "sum", NAN, "area"],
        "correct": [0, 1, 0, 1],
        "item_id": ["p1 / s1", "p1 / s2", "p1 / s3", "p1 / s1"],
        "time": T0 / SECOND + np.array([1, 2.5, 9, 0]),
    }
)

STEPS = """\
Row\tSample\tAnon Student Id\tProblem Hierarchy\tProblem Name\tProblem View\tStep Name\
\tStep Start Time\tFirst Transaction Time\tFirst Attempt\tKC (Geo)\tOpportunity (Geo)
1\tAll Data\tStu_a\tUnit 1\tp1\t1\ts1\t.\t2008-09-22 12:20:01\tincorrect\tarea~~sum\t\
1~~1
2\tAll Data\tStu_a\tUnit 1\tp1\t1\ts2\t.\t2008-09-22 12:20:01\thint\tarea\t2
3\tAll Data\tStu_b\tUnit 1\tp1\t1\ts1\t.\t2008-09-22 12:20:00\tcorrect\t\t
"""
STEPS_FRAME = pd.DataFrame(
    {
        "user_id": ["Stu_a", "Stu_a", "Stu_b"],
        "order_id": T0 + np.array([1_000_000, 1_000_000, 0]),
        "skill_name": ["area~~sum", "area", NAN],
        "correct": [0, 0, 1],
        "item_id": ["p1 / s1", "p1 / s2", "p1 / s1"],
        "time": T0 / SECOND + np.array([1.0, 1, 0]),
    }
)

KDD_CUP = """\
Row\tAnon Student Id\tProblem Hierarchy\tProblem Name\tProblem View\tStep Name\t\
First Transaction Time\tCorrect First Attempt\tKC(SubSkills)\t\
Opportunity(SubSkills)\tKC(Rules)\tOpportunity(Rules)
1\t0BrbPbwCMz\tUnit ES_04\tEG4\t1\t3(x+2) = 15\t2008-09-22 12:20:00.0\t1\t\
[SkillRule: {a; b}]~~Sum\t1~~1\tr1\t1
2\t0BrbPbwCMz\tUnit ES_04\tEG4\t1\tx+2 = 5\t2008-09-22 12:20:01.0\t0\t\t\tr2\t1
"""


def shuffled(text):
    """The same table with its lines in another order."""
    header, *lines = text.splitlines(keepends=True)
    return header + "".join(np.random.default_rng(0).permutation(lines))


# DataShop, by transaction


def test_transactions_are_first_attempts_with_joined_skills(read):
    assert_log(read(TRANSACTIONS), FIRST_ATTEMPTS)
    assert_log(read(TRANSACTIONS, "datashop-transaction"), FIRST_ATTEMPTS)


def test_every_transaction_can_be_read(read):
    X = read(TRANSACTIONS, first_attempts=False, keep=["Row", "Input"])
    assert_array_equal(X["correct"], [0, 1, 1, 0, NAN, 1])
    assert_array_equal(X["Row"], [1, 2, 3, 4, 5, 6])
    assert X["Input"].tolist() == ['5"', "6", "6", NAN, "play", '7"']
    assert X["order_id"].is_monotonic_increasing is False
    assert X["order_id"][1] == X["order_id"][2]  # a tie: one moment


def test_a_hint_may_be_no_answer(read):
    X = read(TRANSACTIONS, answers={"hint": None})
    assert_array_equal(X["correct"], [0, 1, NAN, 1])


def test_models_of_datashop_itself_are_chosen_by_name(read):
    X = read(TRANSACTIONS, skill_model="Unique-step")
    assert X["skill_name"].tolist() == ["U1", "U2", "U3", "U1"]
    X = read(TRANSACTIONS, skill_model="Single-KC")
    assert set(X["skill_name"]) == {"Single-KC"}


def test_an_export_saved_again_with_quotes_or_commas_is_the_same(read):
    names, *rows = [line.split("\t") for line in TRANSACTIONS.splitlines()]
    assert_log(read(to_csv(names, rows)), FIRST_ATTEMPTS)
    assert_log(read(to_csv(names, rows, sep="\t", quoting=1)), FIRST_ATTEMPTS)
    pandas_names = [*names]
    pandas_names[names.index("KC (Geo)") + 2] = "KC (Geo).1"
    assert_log(read(to_csv(pandas_names, rows)), FIRST_ATTEMPTS)


def to_csv(names, rows, **options):
    return pd.DataFrame(rows).to_csv(header=names, index=False, **options)


@pytest.mark.parametrize("sep", ["\n", "\r\n"])
def test_shuffled_lines_give_the_same_rows(read, sep):
    for text in (TRANSACTIONS, STEPS, KDD_CUP):
        options = {"skill_model": "Rules"} if text is KDD_CUP else {}
        expected = read(text, **options)
        same_rows(read(shuffled(text).replace("\n", sep), **options), expected)


def test_unknown_outcomes_are_shown_and_can_be_given_a_meaning(read):
    text = TRANSACTIONS.replace("INCORRECT", "JIT").replace("HINT", "INITIAL_HINT")
    with pytest.raises(ValueError, match="Column 'Outcome'") as error:
        read(text)
    assert str(error.value) == (
        "Column 'Outcome' (correct) holds 'JIT', 'INITIAL_HINT' in 2 rows (the first "
        "at position 0); expected 0, 1, nothing or words such as 'correct', 'wrong', "
        "'yes', 'no'. Say what each means, right, wrong or no answer, such as "
        "answers={'JIT': 0, 'INITIAL_HINT': 0}, which is but a guess."
    )
    X = read(text, answers={"jit": 0, "Initial_Hint": 0})
    assert_log(X, FIRST_ATTEMPTS)


def test_attempts_must_count_from_one(read):
    without = TRANSACTIONS.replace("Attempt At Step", "Attempt")
    with pytest.raises(ValueError, match=r"'Attempt At Step'; .*first_attempts=False"):
        read(without)
    assert len(read(without, first_attempts=False)) == 6
    from_zero = TRANSACTIONS.replace("\ts2\t1\t", "\ts2\t0\t")
    with pytest.raises(ValueError, match=r"'Attempt At Step' holds '1', '2', '0'"):
        read(from_zero)


# DataShop, by student-step, and the KDD Cup


def test_student_steps(read):
    assert_log(read(STEPS), STEPS_FRAME)
    answers = STEPS.replace("First Attempt", "Correct First Attempt")
    assert_log(read(answers, "datashop-student-step"), STEPS_FRAME)


def test_kdd_cup(read):
    X = read(KDD_CUP, skill_model="SubSkills", keep=["Row"])
    assert_log(
        X,
        pd.DataFrame(
            {
                "user_id": ["0BrbPbwCMz"] * 2,
                "order_id": [T0, T0 + SECOND],
                "skill_name": ["[SkillRule: {a; b}]~~Sum", NAN],
                "correct": [1, 0],
                "item_id": ["EG4 / 3(x+2) = 15", "EG4 / x+2 = 5"],
                "time": [T0 / SECOND, T0 / SECOND + 1],
                "Row": [1, 2],
            }
        ),
    )


def test_several_models_are_to_be_chosen_from(read):
    message = (
        r"^skill_model=None, and the file names the skills of the models "
        r"\['SubSkills', 'Rules'\]; expected one of these, as in "
        r"skill_model='SubSkills'\.$"
    )
    with pytest.raises(ValueError, match=message):
        read(KDD_CUP)
    with pytest.raises(ValueError, match=r"skill_model='Rule', .*skill_model='SubSk"):
        read(KDD_CUP, skill_model="Rule")
    with pytest.raises(ValueError, match=r"no column KC \(...\)"):
        read(STEPS.replace("KC (Geo)", "Skill"))


def test_steps_without_a_time_are_refused_or_left_out(read):
    text = STEPS.replace("2008-09-22 12:20:01\thint", "\thint")
    message = (
        r"^Column 'First Transaction Time' \(order\) is missing in 1 row \(the first "
        r"at position 1\); expected one in every row\. Leave such rows out: "
        r"drop_missing=True\.$"
    )
    with pytest.raises(ValueError, match=message):
        read(text)
    assert_log(
        read(text, drop_missing=True), STEPS_FRAME.drop(1).reset_index(drop=True)
    )
