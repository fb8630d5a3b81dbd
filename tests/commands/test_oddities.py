"""What is odd about a log is said with the rows in question."""

import pandas as pd
import pytest

from sktrace.commands._page.templates import render_part
from sktrace.commands._reading.log_summary import summarise
from sktrace.commands._reading.oddities import MOST_ROWS, Remark

from ._found import regular


def remark(X, beginning, **more):
    """Return the remark of a log that holds some text."""
    return next(one for one in summarise(X, **more).warnings if beginning in one)


def test_a_remark_is_its_text_and_keeps_few_rows():
    said = Remark("It is odd.", regular(100, 40))
    assert said == "It is odd."
    assert f"{said}" == str(said) == "It is odd."
    assert len(said.rows) == MOST_ROWS
    assert Remark("It is odd.").rows is None


def test_what_was_done_to_the_log_stands_first():
    said = summarise(regular(100, 40), notes=["3 rows are left out."]).warnings
    assert said == ["3 rows are left out."]
    assert said[0].rows is None


def test_rows_that_repeat_another_stand_beside_it():
    X = pd.concat([regular(100, 40), regular().iloc[[7, 3]]], ignore_index=True)
    assert remark(X, "repeat another").rows.index.tolist() == [3, 4001, 7, 4000]


def test_rows_that_tie_stand_together():
    X = regular(100, 40)
    X["order_id"] = X["order_id"] // 2
    X = X.iloc[::-1].reset_index(drop=True)
    rows = remark(X, "rows tie in order").rows
    assert rows["order_id"].tolist() == [19, 19, 18, 18, 17, 17, 16, 16, 15, 15]


@pytest.mark.parametrize("column", ["skill_name", "item_id"])
def test_rows_that_name_nothing_are_those(column):
    X = regular(100, 40).assign(item_id=lambda X: X["order_id"] % 5)
    X[column] = X[column].astype(object).where(~X.index.isin([9, 30]))
    what = column.removesuffix("_id").removesuffix("_name")
    assert remark(X, f"rows name no {what}").rows.index.tolist() == [9, 30]


def test_the_rows_of_a_rare_skill_are_found_among_joined_ones():
    X = regular(100, 40)
    X.loc[[5, 17], "skill_name"] = ["cut~~rare", "rare"]
    assert remark(X, "such as 'rare'").rows.index.tolist() == [5, 17]


def test_a_student_written_in_two_ways_has_a_row_of_each():
    X = regular(100, 40).astype({"user_id": str})
    X["user_id"] = X["user_id"].where(X.index != 3, "0.0")
    rows = remark(X, "written in several ways").rows
    assert rows["user_id"].tolist() == ["0", "0.0"]


def test_an_order_that_is_doubted_is_shown():
    X = regular(100, 40).sample(frac=1, random_state=0).reset_index(drop=True)
    rows = remark(X, "The order goes down").rows
    assert rows["user_id"].nunique() == 1


def test_too_few_students_are_said_once():
    X = regular(100, 40)
    said = summarise(X[X["user_id"] < 5]).warnings
    assert len([text for text in said if "student" in text]) == 1


def test_rows_stand_in_the_page_and_their_names_are_text():
    X = regular(100, 40).astype({"user_id": str})
    X = pd.concat([X, X.iloc[[7]]], ignore_index=True)
    X.loc[[7, 4000], "user_id"] = "<b>Ann"
    log = type("Log", (), {"columns": {}, "format": "table"})
    page = render_part("log.html", summary=summarise(X), log=log)
    assert "<details><summary>Such rows</summary>" in page
    assert "&lt;b&gt;Ann" in page
    assert "<td>4000</td>" in page


JOINED = {
    ";": ["a;b", "a", "b;c", "c"],
    ",": ["1,2", "2,3", "3,1", "1"],
    "|": ["[a|b]", "[b|c]", "[c|a]", "[a]"],
}


@pytest.mark.parametrize("joint", JOINED)
def test_cells_that_may_hold_several_skills_are_remarked_on(joint):
    X = regular(100, 40)
    X["skill_name"] = [JOINED[joint][row % 4] for row in range(len(X))]
    said = remark(X, "may be several in a cell")
    assert f"--skill-sep {joint!r}." in said
    assert said.rows["skill_name"].str.contains(joint, regex=False).all()


@pytest.mark.parametrize("names", [["Shapes, solid", "Lines, curved"], ["a, b", "c"]])
def test_names_with_commas_are_one_skill_each(names):
    X = regular(100, 40)
    X["skill_name"] = [names[row % 2] for row in range(len(X))]
    assert not any("several in a cell" in said for said in summarise(X).warnings)


def test_a_skill_that_may_stand_for_none_is_remarked_on():
    X = regular(100, 40)
    X["skill_name"] = [[-1, 4, 5][row % 3] for row in range(len(X))]
    assert "'-1', which may stand for none" in remark(X, "name the skill")


def test_students_that_a_spreadsheet_rounded_are_remarked_on():
    X = regular(100, 40)
    X["user_id"] = X["user_id"].map("9.0072E+1{}".format)
    assert "'9.0072E+1" in remark(X, "a spreadsheet rounded")
