"""Made-up files with the quirks of the real exports; what comes back is exact."""

import gzip

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal

from sktrace import MeanClassifier
from sktrace.datasets import make_interactions, read_interactions

NAN = np.nan
SECOND = 1_000_000  # dates become microseconds
T0 = 1_222_086_000 * SECOND  # 2008-09-22 12:20:00

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
    }
)

KDD_CUP = """\
Row\tAnon Student Id\tFirst Transaction Time\tCorrect First Attempt\tKC(SubSkills)\t\
Opportunity(SubSkills)\tKC(Rules)\tOpportunity(Rules)
1\t0BrbPbwCMz\t2008-09-22 12:20:00.0\t1\t[SkillRule: {a; b}]~~Sum\t1~~1\tr1\t1
2\t0BrbPbwCMz\t2008-09-22 12:20:01.0\t0\t\t\tr2\t1
"""

SKILL_BUILDER = """\
order_id,assignment_id,user_id,assistment_id,problem_id,original,correct,skill_id,\
skill_name,answer_text
35278766,9,70363,1,51424,1,1,277,"Order of Operations +,-,/,* ()",3
33022537,9,64525,1,33139,1,1,1,Café,"a, b"
33022537,9,64525,1,33139,1,1,2,Median,“x”
33022709,9,64525,1,33150,0,0,,,
33022800,9,64525,1,33150,1,0,42,,
"""
SKILL_BUILDER_FRAME = pd.DataFrame(
    {
        "user_id": [70363, 64525, 64525, 64525, 64525],
        "order_id": [35278766, 33022537, 33022537, 33022709, 33022800],
        "skill_name": ["Order of Operations +,-,/,* ()", "Café", "Median", NAN, "42"],
        "correct": [1, 1, 1, 0, 0],
    }
)


@pytest.fixture
def read(tmp_path):
    """Write a text, or bytes, to a file and read it as a log."""

    def read(text, *args, name="log.csv", **options):
        data = text if isinstance(text, bytes) else text.encode()
        path = tmp_path / name
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return read_interactions(path, *args, **options)

    return read


def assert_log(got, expected):
    """Compare exactly, but for the kind of text, which depends on pandas."""
    assert_frame_equal(got.astype({"skill_name": object}), expected, check_dtype=False)
    assert got["correct"].dtype == expected["correct"].dtype
    MeanClassifier().fit(got[got["correct"].notna()], got["correct"].dropna())


def shuffled(text):
    """The same table with its lines in another order."""
    header, *lines = text.splitlines(keepends=True)
    return header + "".join(np.random.default_rng(0).permutation(lines))


def same_rows(got, expected):
    order = list(expected)
    got, expected = (
        frame.astype({"skill_name": str}).sort_values(order, ignore_index=True)
        for frame in (got, expected)
    )
    assert_frame_equal(got, expected)


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
        "at position 0); expected 0, 1, nothing or one of the words ['correct', "
        "'right', 'true', 'yes', 'incorrect', 'wrong', 'false', 'no', 'hint']. Say "
        "what others mean: answers={'JIT': ...}, 1, 0 or None."
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


# ASSISTments


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_skill_builder_in_every_encoding(read, encoding):
    text = SKILL_BUILDER.encode(encoding)
    X = read(text, keep=["answer_text", "original"])
    assert_log(X.iloc[:, :4], SKILL_BUILDER_FRAME)
    assert_array_equal(X["original"], [1, 1, 1, 0, 1])
    assert X["answer_text"].iloc[:3].tolist() == ["3", "a, b", "“x”"]
    assert X["answer_text"].iloc[3:].isna().all()
    given = read(text, keep=["answer_text", "original"], encoding=encoding)
    assert_frame_equal(given, X)


def test_bytes_that_only_latin_1_can_read(read):
    text = SKILL_BUILDER.replace("“", "\x81").replace("”", "")
    X = read(text.encode("latin-1"), keep=["answer_text"])
    assert_log(X.iloc[:, :4], SKILL_BUILDER_FRAME)
    assert X["answer_text"][2] == "\x81x"


def test_an_encoding_that_does_not_fit_is_refused(read):
    message = (
        r"^log\.csv is not written in 'utf-8', the encoding given; encoding=None finds "
        r"one that fits\.$"
    )
    with pytest.raises(ValueError, match=message):
        read(SKILL_BUILDER.encode("latin-1", "replace"), encoding="utf-8")


def test_collapsed_skills_are_taken_apart_by_their_numbers(read):
    text = """\
order_id,user_id,correct,skill_id,skill_name
1,7,1,277,"Order of Operations +,-,/,* ()"
2,7,0,277_9,"Order of Operations +,-,/,* (),Median"
3,7,1,9,Median
4,7,1,9_15,"Median,Mode, or not"
5,7,1,,
"""
    X = read(text)
    order = "Order of Operations +,-,/,* ()"
    assert X["skill_name"].iloc[:4].tolist() == [
        order, f"{order}~~Median", "Median", "Median~~15",
    ]  # fmt: skip
    assert X["skill_name"].isna().tolist() == [False] * 4 + [True]


def test_2012_has_dates_and_partial_credit(read):
    text = """\
"problem_log_id","skill","problem_id","user_id","start_time","end_time","correct",\
"skill_id"
"1","Median","8","2","2008-09-22 12:20:00.25","2008-09-22 12:21:00","0.7","9"
"2","","8","2","2008-09-22 12:20:00","2008-09-22 12:21:00","1","15"
"3","","8","3","2008-09-22 12:20:00","2008-09-22 12:21:00","0.3",""
"""
    with pytest.raises(ValueError, match="'correct'") as error:
        read(text)
    assert str(error.value) == (
        "Column 'correct' (correct) holds '0.7', '0.3' in 2 rows (the first at "
        "position 0); expected 0, 1, nothing or one of the words ['correct', 'right', "
        "'true', 'yes', 'incorrect', 'wrong', 'false', 'no', 'hint']. Partial credit "
        "needs a threshold: if 1 is full credit, threshold=1 counts only that as "
        "correct, threshold=0.5 half of it as well. Codes need a meaning: "
        "answers={'0.7': ...}, 1, 0 or None."
    )
    expected = pd.DataFrame(
        {
            "user_id": [2, 2, 3],
            "order_id": T0 + np.array([SECOND // 4, 0, 0]),
            "skill_name": ["Median", "15", NAN],
            "correct": [1, 1, 0],
        }
    )
    assert_log(read(text, threshold=0.5), expected)
    assert_log(read(text, threshold=0.7), expected)
    assert read(text, threshold=1)["correct"].tolist() == [0, 1, 0]
    dropped = read(text, answers={0.7: None, "0.3": None})
    assert_array_equal(dropped["correct"], [NAN, 1, NAN])


def test_2015_has_sequences_for_skills(read):
    text = "user_id,log_id,sequence_id,correct\n50121,167478035,7014,0.0\n9,1,7014,1\n"
    X = read(text)
    assert X.to_dict("list") == {
        "user_id": [50121, 9],
        "order_id": [167478035, 1],
        "skill_name": [7014, 7014],
        "correct": [0, 1],
    }
    assert (X.dtypes == "int64").all()


def test_2017_has_seconds(read):
    text = "studentId,AveKnow,skill,startTime,correct\n8,.5,noskill,1096470301,0\n"
    X = read(text, "assistments", keep=["AveKnow"])
    assert X.to_dict("list") == {
        "user_id": [8],
        "order_id": [1096470301],
        "skill_name": ["noskill"],
        "correct": [0],
        "AveKnow": [0.5],
    }


def test_other_columns_are_no_assistments(read):
    message = r"\['user_id', 'log_id', 'sequence_id', 'correct'\] \(2014-15\).*\['a'\]"
    with pytest.raises(ValueError, match=message):
        read("a\n1\n", "assistments")


# Any table

COLUMNS = {
    "user_id": "pupil",
    "order_id": "when",
    "skill_name": "topic",
    "correct": "right",
}
SHEET = """\
pupil;when;topic;right;minutes
ann;2;add;TRUE;1.5
007;1.5;"carry; borrow";no;
ann;1;;;2
"""


def test_a_table_with_named_columns(read):
    expected = pd.DataFrame(
        {
            "user_id": ["ann", "007", "ann"],
            "order_id": [2, 1.5, 1],
            "skill_name": ["add", "carry; borrow", NAN],
            "correct": [1, 0, NAN],
            "minutes": [1.5, NAN, 2],
        }
    )
    X = read(SHEET, columns=COLUMNS, keep=["minutes"])
    assert_log(X, expected)
    assert list(X) == [*COLUMNS, "minutes"]
    for text, name in [
        (SHEET.replace("\n", "\r\n"), "log.CSV"),
        (SHEET.replace(";", "\t"), "log.tsv"),
        (SHEET.replace(";", "|"), "log.txt"),
        (SHEET.replace("\n", "\n\n"), "log.csv.gz"),
    ]:
        X = read(text, columns=COLUMNS, keep=["minutes"], name=name)
        X["skill_name"] = X["skill_name"].str.replace("[|\t]", ";", regex=True)
        assert_log(X, expected)


def test_rows_in_time_order_of_one_skill(read):
    columns = {"user_id": "pupil", "order_id": None, "skill_name": None}
    X = read(SHEET, "table", columns={**columns, "correct": "right"}, sep=";")
    assert_log(
        X,
        pd.DataFrame(
            {
                "user_id": ["ann", "007", "ann"],
                "order_id": [0, 0, 1],
                "skill_name": ["all"] * 3,
                "correct": [1, 0, NAN],
            }
        ),
    )


def test_a_log_made_up_comes_back_as_it_was(tmp_path):
    X, _ = make_interactions(20, random_state=0)
    X = X.astype({"skill_name": object, "correct": float})
    X.loc[3, "correct"] = np.nan
    path = tmp_path / "log.csv"
    X.to_csv(path, index=False)
    assert_log(read_interactions(path), X)
    X.sample(frac=1, random_state=0).to_csv(str(path), sep=";")
    same_rows(read_interactions(str(path)), X)


def test_dates_become_microseconds(read):
    text = "user_id,order_id,skill_name,correct\nann,{},add,1\nann,{},add,0\n"
    X = read(text.format("2008-09-22", "2008-09-22T12:20:00.5Z"))
    day = T0 - (12 * 60 + 20) * 60 * SECOND
    assert X["order_id"].tolist() == [day, T0 + SECOND // 2]
    X = read(text.format("2008/9/22 12:20", "2008-09-22 12:20:00-04:00"))
    assert X["order_id"].tolist() == [T0, T0 + 4 * 3600 * SECOND]
    american = text.format("9/22/2008 12:20", "9/22/2008 12:20")
    with pytest.raises(ValueError, match="order_id") as error:
        read(american)
    assert str(error.value) == (
        "Column 'order_id' (order) holds '9/22/2008 12:20' in 2 rows (the first at "
        "position 0); expected numbers or dates such as '2011-09-01 12:00:00'. Say how "
        'they are written: time_format="%m/%d/%Y %H:%M".'
    )
    X = read(american, time_format="%m/%d/%Y %H:%M")
    assert X["order_id"].tolist() == [T0, T0]
    with pytest.raises(ValueError, match=r"expected times written as '%d/%m/%Y'"):
        read(american, time_format="%d/%m/%Y")


@pytest.mark.parametrize("missing", ["user_id", "order_id"])
def test_rows_without_student_or_time(read, missing):
    frame = pd.DataFrame(
        {"user_id": [1, 2, 3], "order_id": 5, "skill_name": "a", "correct": [1, 1, 0]}
    )
    text = frame.astype({missing: object}).assign(
        **{missing: lambda X: X[missing].where(X["user_id"] != 2)}
    )
    with pytest.raises(ValueError, match=r"missing in 1 row \(the first at position 1"):
        read(text.to_csv(index=False))
    X = read(text.to_csv(index=False), drop_missing=True)
    assert_log(X, frame.drop(1).reset_index(drop=True))


@pytest.mark.parametrize("suffix", [".parquet", ".pq"])
def test_parquet(tmp_path, suffix):
    pytest.importorskip("pyarrow", reason="pyarrow, which reads Parquet, is missing")
    frame = pd.DataFrame(
        {
            "pupil": ["ann", "007", "ann"],
            "when": pd.date_range("2008-09-22 12:20", periods=3),
            "topic": pd.Categorical(["add", None, "add"]),
            "right": pd.array([True, None, False], "boolean"),
            "score": [0.5, 0.25, 1],
        }
    )
    path = tmp_path / f"log{suffix}"
    frame.to_parquet(path)
    X = read_interactions(path, columns=COLUMNS, keep=["score"])
    day = 24 * 3600 * SECOND
    assert_log(
        X,
        pd.DataFrame(
            {
                "user_id": ["ann", "007", "ann"],
                "order_id": [T0, T0 + day, T0 + 2 * day],
                "skill_name": ["add", NAN, "add"],
                "correct": [1, NAN, 0],
                "score": [0.5, 0.25, 1],
            }
        ),
    )
    columns = {**COLUMNS, "correct": "score"}
    with pytest.raises(ValueError, match=r"holds 0\.5, 0\.25 in 2 rows .*threshold=1"):
        read_interactions(path, columns=columns)
    X = read_interactions(path, columns=columns, threshold=0.5)
    assert X["correct"].tolist() == [1, 0, 1]


def test_parquet_needs_pyarrow(read, monkeypatch):
    def fail(path):
        raise ImportError("Unable to find a usable engine")

    monkeypatch.setattr(pd, "read_parquet", fail)
    with pytest.raises(ImportError, match=r"^Reading log\.parquet needs pyarrow"):
        read("", name="log.parquet")


# What is refused


def test_an_unknown_header_is_shown(read):
    with pytest.raises(ValueError, match="auto") as error:
        read(SHEET)
    assert str(error.value) == (
        "format=\"auto\" knows no export with the header ['pupil', 'when', 'topic', "
        "'right', 'minutes']; expected one of DataShop or ASSISTments. Name the "
        "columns: columns={'user_id': ..., 'order_id': ..., 'skill_name': ..., "
        "'correct': ...}; None for order_id says that the rows stand in time order, "
        "None for skill_name that all are one skill."
    )


REFUSED = {
    "no column": (
        {"columns": {**COLUMNS, "correct": "wright"}},
        r"^correct is read from the column 'wright', of which the file has 0; expected "
        r"one among \['pupil', .*\]\. Name it: columns=\{'correct': \.\.\.\}\.$",
    ),
    "the name of the result, which the file has not": (
        {"columns": {"user_id": "pupil"}},
        r"order_id is read from .*=\{'order_id': \.\.\.\}, None if there is none\.$",
    ),
    "None for a student": (
        {"columns": {**COLUMNS, "user_id": None}},
        "user_id is read from the column None",
    ),
    "an unknown part": (
        {"columns": {**COLUMNS, "minutes": "minutes"}},
        r"columns= names 'minutes'; .*keep=\[\.\.\.\]",
    ),
    "columns of a known format": (
        {"format": "assistments", "columns": COLUMNS},
        "columns= was given with format='assistments'",
    ),
    "a model of skills of a table": (
        {"columns": COLUMNS, "skill_model": "Geo"},
        "skill_model='Geo' was given with format='table'",
    ),
    "a format that lacks its columns": (
        {"format": "datashop-transaction"},
        "format='datashop-transaction' needs the column 'Anon Student Id'",
    ),
    "a format that does not exist": ({"format": "excel"}, "'format' parameter"),
    "a kept column that is not there": (
        {"columns": COLUMNS, "keep": ["minute"]},
        r"^keep= names 'minute', of which the file has 0; expected columns that occur "
        r"once among \['pupil',",
    ),
    "a kept column with a name of the result": (
        {"columns": COLUMNS, "keep": ["correct"]},
        "keep= names 'correct', which the result has already",
    ),
    "a meaning that is none": (
        {"columns": COLUMNS, "answers": {"TRUE": "yes"}},
        "answers= maps 'TRUE' to 'yes'; expected 1",
    ),
    "another separator": (
        {"columns": COLUMNS, "sep": ","},
        r"expected one among \['pupil;when;topic;right;minutes'\]",
    ),
}


@pytest.mark.parametrize(("options", "message"), REFUSED.values(), ids=REFUSED)
def test_options_that_do_not_fit(read, options, message):
    with pytest.raises(ValueError, match=message):
        read(SHEET, **options)


BROKEN = {
    "too many cells": (
        SHEET.replace('"', "").replace(";no;", ";no;3"),
        r"^log\.csv has more cells than the 5 of its header in 1 row \(the first at "
        r"position 1\); expected cells with the separator ';' in them to be quoted",
    ),
    "a quotation that does not end": (
        SHEET.replace('borrow"', "borrow"),
        r"^log\.csv cannot be taken apart: .*quotation marks in pairs",
    ),
    "no rows": (
        SHEET.splitlines()[0],
        r"^log\.csv has no rows to read below",
    ),
    "nothing": ("", r"of which the file has 0; expected one among \[\]"),
    "a zip archive": (b"PK\x03\x04...", "zip archive or an Excel workbook"),
    "odd answers": (
        SHEET.replace("TRUE", "maybe"),
        r"'right' \(correct\) holds 'maybe' in 1 row \(the first at position 0\)",
    ),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_files_that_cannot_be_read(read, text, message):
    with pytest.raises(ValueError, match=message):
        read(text, columns=COLUMNS)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_interactions(tmp_path / "log.csv")
