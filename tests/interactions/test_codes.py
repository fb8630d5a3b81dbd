"""Names are codes from 0; what fit did not see has codes that differ."""

import numpy as np
import pandas as pd

from sktrace._interactions.codes import Categories, check_categories, recode
from sktrace._interactions.log import Log
from sktrace._interactions.practice import number_questions
from sktrace._interactions.timeline import Timeline
from sktrace._interactions.vocabulary import Vocabulary

KNOWN = np.array(["a", "c"], dtype=object)


def code(*names):
    return recode(check_categories(pd.Series(names, dtype=object), "i", "item"), KNOWN)


def test_known_names_have_their_codes_and_others_differ_from_each_other():
    assert code("c", "b", None, "a", "d", "b", np.nan).tolist() == [
        1, -2, -1, 0, -3, -2, -1,
    ]  # fmt: skip
    assert code().tolist() == []


def test_names_that_do_not_occur_take_no_code():
    names = np.array(["a", "b", "x"], dtype=object)
    assert recode(Categories(np.array([2, -1]), names), KNOWN).tolist() == [-2, -1]


def test_numbers_are_known_whatever_their_type():
    categories = check_categories(pd.Series([7.0, np.nan, 5.0]), "i", "item")
    assert recode(categories, np.array([5, 7])).tolist() == [1, -1, 0]
    large = pd.Series([2**60 + 1, None], dtype="Int64")
    categories = check_categories(large, "i", "item")
    assert recode(categories, np.array([2**60, 2**60 + 1])).tolist() == [1, -1]


def make_log(item, skill, order, student=None):
    n = len(item)
    names = [f"skill {k}" for k in range(9)]
    return Log(
        student=np.zeros(n, np.int64) if student is None else np.array(student),
        students=np.arange(2),
        order=np.array(order),
        skill=np.array(skill),
        skills=np.array(names, dtype=object),
        correct=np.zeros(n),
        known_before={"item": np.array(item)},
    )


def questions(log):
    return number_questions(log, Timeline.of(log)).tolist()


def test_tied_rows_of_one_item_are_one_question():
    log = make_log([4, 4, 4, -1, -1, -2, -2, -3], range(8), [0, 0, 1, 1, 1, 1, 1, 1])
    first, second, later, none, other, unseen, again, third = questions(log)
    assert first == second
    assert unseen == again
    assert len({first, later, none, other, unseen, third}) == 6


def test_students_do_not_share_questions():
    assert len(set(questions(make_log([4, 4], [0, 1], [0, 0], [0, 1])))) == 2


def test_without_items_rows_are_questions_and_their_skills_are_not():
    log = make_log([-1, -1], [0, 1], [0, 0])
    log = log._replace(skills=np.array(["a~~b", "b"], dtype=object))
    coded = Vocabulary(["a", "b"], "prior", "~~").encode_log(log)
    assert questions(coded) == [0, 0, 1]
    assert questions(coded._replace(known_before={})) == [0, 0, 1]
    both = coded._replace(known_before={"item": np.array([3, 3, 3])})
    assert questions(both) == [0, 0, 0]
